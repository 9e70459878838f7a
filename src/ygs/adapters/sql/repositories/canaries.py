"""Canaries in exported sheets: rows to entities and back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.canaries import export_canaries
from ygs.domain.canaries import Canary
from ygs.domain.ids import UserId


def to_row(canary: Canary, keyring: Keyring) -> dict[str, Any]:
    """A canary as a row of `export_canaries`."""
    phone = export_canaries.c.phone
    return {
        "id": canary.id,
        "account": canary.account,
        "phone": keyring.seal_if(phone, canary.id, canary.phone),
        "phone_index": keyring.index(phone, canary.phone) if canary.phone else None,
        "seed": canary.seed,
        "made_at": canary.made_at,
        "used_at": canary.used_at,
    }


def to_canary(row: Found, keyring: Keyring) -> Canary:
    """The canary that `to_row` wrote."""
    return Canary(
        id=UserId(row.id),
        account=UserId(row.account),
        phone=keyring.open_if(export_canaries.c.phone, row.id, row.phone),
        seed=row.seed,
        made_at=row.made_at,
        used_at=row.used_at,
    )


class SqlCanaryReader:
    """Canaries, to be read."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def find(self, account: UserId) -> Canary | None:
        await self.tx.lock("ygs.export_canaries")
        row = await self.tx.row(select(export_canaries).where(export_canaries.c.account == account))
        return to_canary(row, self.tx.keyring) if row else None

    async def all(self) -> Sequence[Canary]:
        rows = await self.tx.rows(select(export_canaries).order_by(export_canaries.c.id))
        return [to_canary(row, self.tx.keyring) for row in rows]


class SqlCanaryRepository(SqlCanaryReader):
    """Canaries, to be changed."""

    async def add(self, canary: Canary) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, export_canaries, [to_row(canary, self.tx.keyring)])

    async def mark_used(self, account: UserId, at: datetime) -> None:
        await self.tx.run(update(export_canaries).where(export_canaries.c.account == account).values(used_at=at))
