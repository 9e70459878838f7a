"""The routes, one module per topic; each calls one use case."""
