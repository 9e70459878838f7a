"""The OpenAPI document: descriptions, examples, and what FastAPI leaves out."""
