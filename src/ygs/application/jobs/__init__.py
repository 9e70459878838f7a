"""Jobs: queueing work, the worker that runs it, and what runs at its hour by itself."""
