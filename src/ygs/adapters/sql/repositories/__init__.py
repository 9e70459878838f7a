"""Repositories over SQLAlchemy Core, one file per aggregate, with the mapping to rows beside the statements."""
