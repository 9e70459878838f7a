"""Who suits whom over a whole market: `plain` walks the specification, `vectorised` does the same at machine speed."""
