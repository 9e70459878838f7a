"""Changing the key: everything an older key sealed is sealed anew, a few rows at a time, while the service runs."""

from collections.abc import Sequence

from sqlalchemy import Column, Table, func, select

from ygs.adapters.sql.statements.bulk import update_all
from ygs.adapters.sql.statements.encryption import sealed_with
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import sealed_columns
from ygs.ports.scoring_and_solving import Progress, silent

# Rows that wait for one batch; some thousandths of a second.
BATCH = 500


async def reseal(storage: SqlStorage, progress: Progress = silent) -> int:
    """Seal with the current key what others sealed; how many values. Stopped midway, it goes on when run again.

    Each batch is a transaction of its own. `progress` hears the column, and how many of how many are done. Once it is
    run again and finds none, and no backup needs it any more, the old key can leave the keyring.
    """
    return sum([await _reseal_column(storage, column, progress) for column in sealed_columns()])


async def _reseal_column(storage: SqlStorage, column: Column[bytes], progress: Progress) -> int:
    async with storage.transaction() as tx:
        await tx.long_timeout()
        total = int(await tx.scalar(select(func.count()).select_from(_sealed_before(tx, column, "").subquery())))
    done, after = 0, ""
    while True:
        async with storage.transaction() as tx:
            rows = await tx.rows(tx.for_update(_sealed_before(tx, column, after).limit(BATCH)))
            if not rows:
                return done
            await _seal_anew(tx, column, rows)
        done, after = done + len(rows), rows[-1].id
        # More when the service, not yet restarted with the new key, sealed some with the old one meanwhile.
        progress(column.info["sealed"], done, max(done, total))


def _sealed_before(tx: SqlTransaction, column: Column[bytes], after: str) -> Query:
    table, version = column.table, sealed_with(column)
    older = select(table.c.id, column.label("sealed")).where(column.is_not(None), version != tx.keyring.prefix)
    return older.where(table.c.id > after).order_by(table.c.id)


async def _seal_anew(tx: SqlTransaction, column: Column[bytes], rows: Sequence[Found]) -> None:
    place, keyring = column.info["sealed"], tx.keyring
    opened = ((row.id, keyring.open(place, row.id, row.sealed)) for row in rows)
    changes = [{"id": id_, column.name: keyring.seal(place, id_, text)} for id_, text in opened]
    assert isinstance(column.table, Table)  # noqa: S101 - columns of `metadata` have no other kind
    await update_all(tx, column.table, changes)
