"""The use cases: one module per conversation."""
