"""The storage over SQLAlchemy Core: one set of tables and mappers for SQLite and for PostgreSQL.

`ygs.adapters.sql.sqlite.open_sqlite` and `ygs.adapters.sql.postgres.open_postgres` open one; `migrations` makes and
changes the schema; `sealing` keeps phones, addresses and words unreadable in a dump.
"""
