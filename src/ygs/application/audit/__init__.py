"""The audit log: writing, reading, and redaction for each reader."""
