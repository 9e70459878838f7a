# ruff: noqa: S608 - the names in these statements are our own tables' and columns'; every value is a parameter
"""Bulk inserts and updates: thousands of rows in a few statements.

Values are converted column by column and sent in lots. SQLAlchemy would build a dictionary of parameters for each row,
and PostgreSQL would run one insert after another. Large lots are converted in a thread: those of a week that is
published would keep the event loop from everybody else for seconds.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Column, Dialect, Table

from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.tables.column_types import Json

# Rows in a statement: few enough to end well within the statement timeout on the widest table.
LOT = 5_000
# From so many rows on a lot is converted in a thread; for fewer the thread would cost more.
MANY = 500
# Up to so many rows of a small insert are sent value by value.
FEW = 8

Item = TypeVar("Item")
Row = Mapping[str, Any]
Rows = Sequence[Row]
# A statement, and what the driver is given for one lot.
Command: TypeAlias = tuple[str, Any]
Columns: TypeAlias = tuple[Column[Any], ...]


async def insert_all(tx: SqlTransaction, table: Table, rows: Rows, *, skip_known: bool = False) -> None:
    """Insert rows of the same columns. `skip_known` skips rows whose key exists."""
    await insert_each(tx, table, rows, lambda row: row, skip_known=skip_known)


async def insert_each(
    tx: SqlTransaction,
    table: Table,
    items: Sequence[Item],
    to_row: Callable[[Item], Row],
    *,
    skip_known: bool = False,
) -> None:
    """Insert the rows that `to_row` makes of items, a lot at a time."""
    after = " ON CONFLICT DO NOTHING" if skip_known else ""

    def command(lot: Sequence[Item]) -> Command:
        rows = [to_row(item) for item in lot]
        columns = tuple(table.c[name] for name in rows[0])
        return _insert(table, columns, tx.dialect) + after, _parameters(columns, rows, tx.dialect)

    await _send_lots(tx, items, command)


async def update_each(tx: SqlTransaction, table: Table, items: Sequence[Item], to_row: Callable[[Item], Row]) -> None:
    """Update the rows that `to_row` makes of items, each found by its `id`, a lot at a time."""

    def command(lot: Sequence[Item]) -> Command:
        rows = [to_row(item) for item in lot]
        columns = _id_last(table, rows[0])
        return _update(table, columns, tx.dialect), _parameters(columns, rows, tx.dialect)

    await _send_lots(tx, items, command)


async def update_all(tx: SqlTransaction, table: Table, rows: Rows) -> None:
    """Update rows of the same columns, each found by its `id`."""
    await update_each(tx, table, rows, lambda row: row)


async def insert_and_update(tx: SqlTransaction, inserts: Mapping[Table, Rows], changed: Table, row: Row) -> None:
    """Insert rows into some tables and update a row of another, found by its `id`. On PostgreSQL by one statement,
    unless they are many."""
    inserts = {table: new for table, new in inserts.items() if new}
    if not tx.postgresql or any(len(each) > MANY for each in inserts.values()):
        for table, new in inserts.items():
            await insert_all(tx, table, new)
        await update_all(tx, changed, [row])
        return
    shapes = [(table, tuple(table.c[name] for name in new[0]), _few(new)) for table, new in inserts.items()]
    last = _id_last(changed, row)
    values = [
        _in_a_row(columns, inserts[table], tx.dialect) if few else _parameters(columns, inserts[table], tx.dialect)
        for table, columns, few in shapes
    ]
    values.append(_in_a_row(last, [row], tx.dialect))
    await tx.send(_inserts_and_update(tuple(shapes), changed, last, tx.dialect), tuple(chain(*values)))


def _few(rows: Rows) -> int:
    """The number of rows, when each value of them is a parameter of its own; 0 for arrays. The driver takes as long to
    look at an array as to pass ten values."""
    return len(rows) if len(rows) <= FEW else 0


def _in_a_row(columns: Columns, rows: Rows, dialect: Dialect) -> Iterator[Any]:
    """The values of the rows, row by row."""
    processors = [(column.name, _processor(column, dialect)) for column in columns]
    return (process(row[name]) if process else row[name] for row in rows for name, process in processors)


async def _send_lots(tx: SqlTransaction, items: Sequence[Item], command: Callable[[Sequence[Item]], Command]) -> None:
    """Send the command of each lot. While the database works on one, a thread converts the next."""
    if len(items) < MANY:
        for lot in lots(items):
            await tx.send(*command(lot))
        return
    first, *others = lots(items)
    coming = _in_thread(command, first)
    try:
        for lot in others:
            converted = await coming
            coming = _in_thread(command, lot)
            await tx.send(*converted)
        await tx.send(*await coming)
    finally:
        coming.cancel()


def _in_thread(command: Callable[[Sequence[Item]], Command], lot: Sequence[Item]) -> asyncio.Future[Command]:
    return asyncio.get_running_loop().run_in_executor(None, command, lot)


def _id_last(table: Table, row: Row) -> Columns:
    """The columns of a row to update; the id goes last, where SQLite's statement needs it."""
    return (*(table.c[name] for name in row if name != "id"), table.c.id)


@lru_cache(256)
def _inserts_and_update(
    inserts: tuple[tuple[Table, Columns, int], ...], changed: Table, columns: Columns, dialect: Dialect
) -> str:
    """The update, with the inserts before it in WITH. None of them sees what another does."""
    first = 1
    before = []
    for table, inserted, few in inserts:
        source = ", ".join(_values(inserted, dialect, first + each * len(inserted)) for each in range(few))
        into = f"INSERT INTO {table.name} ({_names(inserted)}) VALUES {source}"
        before.append(f"into_{table.name} AS ({into if few else _insert(table, inserted, dialect, first)})")
        first += len(inserted) * max(few, 1)
    *changes, key = _casts(columns, dialect, first)
    sets = ", ".join(f"{column.name} = {value}" for column, value in zip(columns, changes, strict=False))
    return f"{'WITH ' if before else ''}{', '.join(before)} UPDATE {changed.name} SET {sets} WHERE id = {key}"


def _values(columns: Columns, dialect: Dialect, first: int) -> str:
    return f"({', '.join(_casts(columns, dialect, first))})"


def _casts(columns: Columns, dialect: Dialect, first: int) -> list[str]:
    """A parameter for each column, of the column's type."""
    types = (column.type.compile(dialect).partition(" COLLATE")[0] for column in columns)
    return [f"CAST(${place} AS {each})" for place, each in enumerate(types, start=first)]


@lru_cache(256)
def _insert(table: Table, columns: Columns, dialect: Dialect, first: int = 1) -> str:
    into = f"INSERT INTO {table.name} ({_names(columns)})"
    if dialect.name == "postgresql":
        return f"{into} SELECT * FROM {_unnested(columns, dialect, first)}"
    return f"{into} VALUES ({', '.join('?' * len(columns))})"


@lru_cache(256)
def _update(table: Table, columns: Columns, dialect: Dialect) -> str:
    if dialect.name == "postgresql":
        new = f"{_unnested(columns, dialect)} AS new ({_names(columns)})"
        sets = ", ".join(f"{column.name} = new.{column.name}" for column in columns[:-1])
        return f"UPDATE {table.name} SET {sets} FROM {new} WHERE {table.name}.id = new.id"
    sets = ", ".join(f"{column.name} = ?" for column in columns[:-1])
    return f"UPDATE {table.name} SET {sets} WHERE id = ?"


def _parameters(columns: Sequence[Column[Any]], rows: Rows, dialect: Dialect) -> Any:
    """A tuple of arrays for PostgreSQL, a list of tuples for SQLite."""
    values = [_in_driver_terms(column, rows, dialect) for column in columns]
    return tuple(values) if dialect.name == "postgresql" else list(zip(*values, strict=True))


def _in_driver_terms(column: Column[Any], rows: Rows, dialect: Dialect) -> list[Any]:
    """The values of one column of the rows, as its type converts them for the driver."""
    name = column.name
    values = [row[name] for row in rows]
    process = _processor(column, dialect)
    if process is None:
        return values
    if len(values) == 1 or isinstance(column.type, Json):
        return [process(value) for value in values]
    # Each different value once: in many columns the rows of a lot hold the same few.
    converted = {value: process(value) for value in set(values)}
    return [converted[value] for value in values]


@lru_cache(1024)
def _processor(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def lots(items: Sequence[Item], size: int = LOT) -> Iterator[Sequence[Item]]:
    """Consecutive runs of at most `size` items."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _names(columns: Sequence[Column[Any]]) -> str:
    return ", ".join(column.name for column in columns)


def _unnested(columns: Sequence[Column[Any]], dialect: Dialect, first: int = 1) -> str:
    """The SQL that turns one array parameter for each column into rows; `first`: the place of the first parameter."""
    types = (column.type.compile(dialect).partition(" COLLATE")[0] for column in columns)
    return f"unnest({', '.join(f'CAST(${place} AS {each}[])' for place, each in enumerate(types, start=first))})"
