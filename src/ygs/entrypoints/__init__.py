"""Ways in: HTTP, the command line, and what tests are built from."""
