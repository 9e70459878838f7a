"""Writing the audit log, and what of it each reader may see."""
