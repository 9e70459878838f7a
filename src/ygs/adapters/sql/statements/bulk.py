# ruff: noqa: S608 - the names in these statements are our own tables' and columns'; every value is a parameter
"""Bulk inserts and updates: thousands of rows in a few statements.

Values are converted column by column and sent in lots. SQLAlchemy would build a dictionary of parameters for each row,
and PostgreSQL would run one insert after another.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Column, Dialect, Table

from ygs.adapters.sql.statements.transaction import SqlTransaction

# Rows in a statement: few enough to end well within the statement timeout on the widest table.
LOT = 5_000

Item = TypeVar("Item")
Rows = Sequence[Mapping[str, Any]]


async def insert_all(tx: SqlTransaction, table: Table, rows: Rows, *, skip_known: bool = False) -> None:
    """Insert rows of the same columns. `skip_known` skips rows whose key exists."""
    after = " ON CONFLICT DO NOTHING" if skip_known else ""
    for lot in lots(rows):
        columns = tuple(table.c[name] for name in lot[0])
        await _send(tx, columns, lot, _insert(table, columns, tx.dialect) + after)


async def update_all(tx: SqlTransaction, table: Table, rows: Rows) -> None:
    """Update rows of the same columns, each found by its `id`."""
    for lot in lots(rows):
        # The id goes last, where SQLite's statement needs it.
        columns = (*(table.c[name] for name in lot[0] if name != "id"), table.c.id)
        await _send(tx, columns, lot, _update(table, columns, tx.dialect))


@lru_cache(256)
def _insert(table: Table, columns: tuple[Column[Any], ...], dialect: Dialect) -> str:
    into = f"INSERT INTO {table.name} ({_names(columns)})"
    if dialect.name == "postgresql":
        return f"{into} SELECT * FROM {_unnested(columns, dialect)}"
    return f"{into} VALUES ({', '.join('?' * len(columns))})"


@lru_cache(256)
def _update(table: Table, columns: tuple[Column[Any], ...], dialect: Dialect) -> str:
    if dialect.name == "postgresql":
        new = f"{_unnested(columns, dialect)} AS new ({_names(columns)})"
        sets = ", ".join(f"{column.name} = new.{column.name}" for column in columns[:-1])
        return f"UPDATE {table.name} SET {sets} FROM {new} WHERE {table.name}.id = new.id"
    sets = ", ".join(f"{column.name} = ?" for column in columns[:-1])
    return f"UPDATE {table.name} SET {sets} WHERE id = ?"


async def _send(tx: SqlTransaction, columns: Sequence[Column[Any]], rows: Rows, statement: str) -> None:
    values = [in_driver_terms(column, rows, tx.dialect) for column in columns]
    await tx.send(statement, tuple(values) if tx.postgresql else list(zip(*values, strict=True)))


def in_driver_terms(column: Column[Any], rows: Rows, dialect: Dialect) -> list[Any]:
    """The values of one column of the rows, as its type converts them for the driver."""
    values = [row[column.name] for row in rows]
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    return values if process is None else [process(value) for value in values]


def lots(items: Sequence[Item], size: int = LOT) -> Iterator[Sequence[Item]]:
    """Consecutive runs of at most `size` items."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _names(columns: Sequence[Column[Any]]) -> str:
    return ", ".join(column.name for column in columns)


def _unnested(columns: Sequence[Column[Any]], dialect: Dialect) -> str:
    """The SQL that turns one array parameter for each column into rows."""
    types = (column.type.compile(dialect).partition(" COLLATE")[0] for column in columns)
    return f"unnest({', '.join(f'CAST(${place} AS {each}[])' for place, each in enumerate(types, start=1))})"
