"""Walls between people."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, delete, or_, select

from ygs.adapters.sql.bulk import insert_all
from ygs.adapters.sql.tables.users import walls
from ygs.adapters.sql.transaction import Transaction
from ygs.domain.ids import UserId


class SqlWallReader:
    """Walls, seen from either side."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    async def of(self, id: UserId) -> Sequence[UserId]:
        """The other side of every wall, whoever asked."""
        other = case((walls.c.asked_by == id, walls.c.other), else_=walls.c.asked_by).label("them")
        query = select(other).where(or_(walls.c.asked_by == id, walls.c.other == id)).distinct().order_by(other)
        return [UserId(row.them) for row in await self.tx.rows(query)]


class SqlWalls(SqlWallReader):
    """Walls, to be changed."""

    async def add(self, asked_by: UserId, other: UserId, at: datetime) -> None:
        """Once; the first time counts."""
        row = {"asked_by": asked_by, "other": other, "at": at}
        async with self.tx.whole():
            await insert_all(self.tx, walls, [row], skip_known=True)

    async def remove(self, asked_by: UserId, other: UserId) -> None:
        """Only what this user asked for."""
        await self.tx.run(delete(walls).where(walls.c.asked_by == asked_by, walls.c.other == other))
