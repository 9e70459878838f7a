"""Changing the key: everything an older key sealed is sealed anew, a few rows at a time, while the service runs."""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Column, LargeBinary, Table, func, select

from ygs.adapters.sql.bulk import update_all
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import metadata
from ygs.adapters.sql.transaction import Found, Query, Transaction

# Rows that wait for one batch; some thousandths of a second.
BATCH = 500


async def reseal(storage: SqlStorage, progress: Callable[[str, int], None] = lambda column, done: None) -> int:
    """Seal with the current key what others sealed; how many values. Stopped midway, it goes on when run again.

    Each batch is a transaction of its own. `progress` hears the column and how many of it are done. Afterwards, and
    once no backup needs it any more, the old key can leave the keyring.
    """
    return sum([await _reseal_column(storage, column, progress) for column in sealed_columns()])


def sealed_columns() -> Iterator[Column[bytes]]:
    """Every column that holds sealed values; each belongs to a table with an `id`."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if "sealed" in column.info)


async def _reseal_column(storage: SqlStorage, column: Column[bytes], progress: Callable[[str, int], None]) -> int:
    done, after = 0, ""
    while True:
        async with storage.transaction() as tx:
            rows = await tx.rows(tx.to_change(_sealed_before(tx, column, after)))
            if not rows:
                return done
            await _seal_anew(tx, column, rows)
        done, after = done + len(rows), rows[-1].id
        progress(column.info["sealed"], done)


def _sealed_before(tx: Transaction, column: Column[bytes], after: str) -> Query:
    table, version = column.table, func.substr(column, 1, len(tx.keyring.prefix), type_=LargeBinary)
    older = select(table.c.id, column.label("sealed")).where(column.is_not(None), version != tx.keyring.prefix)
    return older.where(table.c.id > after).order_by(table.c.id).limit(BATCH)


async def _seal_anew(tx: Transaction, column: Column[bytes], rows: Sequence[Found]) -> None:
    place, keyring = column.info["sealed"], tx.keyring
    opened = ((row.id, keyring.open(place, row.id, row.sealed)) for row in rows)
    changes = [{"id": id_, column.name: keyring.seal(place, id_, text)} for id_, text in opened]
    assert isinstance(column.table, Table)  # noqa: S101 - columns of `metadata` have no other kind
    await update_all(tx, column.table, changes)
