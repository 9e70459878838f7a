"""Key rotation: re-encrypts in batches, while the service runs, every value that an older key encrypted."""

from collections.abc import Sequence

from sqlalchemy import Column, Table, func, select

from ygs.adapters.sql.statements.bulk import update_all
from ygs.adapters.sql.statements.encryption import sealed_name, sealed_with
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import sealed_columns
from ygs.ports.scoring_and_solving import Progress, silent

# Other writers wait for one batch: a few milliseconds.
BATCH = 500


async def reseal(storage: SqlStorage, progress: Progress = silent) -> int:
    """Re-encrypt with the current key every value of another key, and return how many there were.

    Each batch is one transaction, so an interrupted run continues when it is started again. `progress` is called after
    each batch with the column, the finished values and all values. Remove an old key from the keyring once a run
    returns 0 and no backup needs that key.
    """
    count = 0
    for column in sealed_columns():
        count += await _reseal_column(storage, column, progress)
    return count


async def _reseal_column(storage: SqlStorage, column: Column[bytes], progress: Progress) -> int:
    total = await _count(storage, column)
    count = 0
    after = ""
    while True:
        async with storage.transaction() as tx:
            rows = await tx.rows(tx.for_update(_of_other_keys(tx, column, after).limit(BATCH)))
            if not rows:
                return count
            await _reseal_rows(tx, column, rows)
        count += len(rows)
        after = rows[-1].id
        # A service that still runs with the old key may have added values meanwhile.
        progress(sealed_name(column), count, max(count, total))


async def _count(storage: SqlStorage, column: Column[bytes]) -> int:
    async with storage.transaction() as tx:
        await tx.long_timeout()
        return int(await tx.scalar(select(func.count()).select_from(_of_other_keys(tx, column, "").subquery())))


def _of_other_keys(tx: SqlTransaction, column: Column[bytes], after: str) -> Query:
    table = column.table
    query = select(table.c.id, column.label("sealed"))
    query = query.where(column.is_not(None), sealed_with(column) != tx.keyring.prefix)
    return query.where(table.c.id > after).order_by(table.c.id)


async def _reseal_rows(tx: SqlTransaction, column: Column[bytes], rows: Sequence[Found]) -> None:
    changes = []
    for row in rows:
        text = tx.keyring.open(column, row.id, row.sealed)
        changes.append({"id": row.id, column.name: tx.keyring.seal(column, row.id, text)})
    assert isinstance(column.table, Table)  # noqa: S101 - columns of `metadata` have no other kind
    await update_all(tx, column.table, changes)
