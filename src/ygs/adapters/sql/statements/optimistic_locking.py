"""Optimistic locking of bulk saves: checks every version first, under lock, so that all are stored or none."""

from collections.abc import Mapping

from sqlalchemy import Table, select

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.domain.errors import N_, StaleWrite

STALE = N_("this changed since it was read: read it again and repeat the edit")


async def require_versions(tx: SqlTransaction, table: Table, versions: Mapping[str, int]) -> None:
    """`StaleWrite` unless exactly these versions are stored; they stay locked, in the order of their ids.

    It needs a query of its own, because drivers do not count the rows of a bulk update.
    """
    query = select(table.c.id, table.c.version).where(among(table.c.id, sorted(versions))).order_by(table.c.id)
    if {row.id: row.version for row in await tx.rows(tx.for_update(query))} != versions:
        raise StaleWrite(STALE)
