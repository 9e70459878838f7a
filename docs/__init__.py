"""The documentation, and `docs.generate`, which writes those of its pages that are made from the code."""
