"""Defects that were once planted by hand, each with the tests that have to catch it (``make mutants``)."""
