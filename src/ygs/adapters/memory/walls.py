"""Walls in memory."""

from collections.abc import Sequence
from datetime import datetime

from ygs.adapters.memory.transaction import Transaction
from ygs.domain.errors import Conflict
from ygs.domain.ids import UserId


class MemoryWallReader:
    """Walls, seen from either side."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def of(self, id: UserId) -> Sequence[UserId]:
        """Whom this user is kept apart from, ascending."""
        walls = (await self._tx.step()).walls
        return sorted({other if asked_by == id else asked_by for asked_by, other in walls if id in (asked_by, other)})


class MemoryWalls(MemoryWallReader):
    """Walls, to be changed."""

    async def add(self, asked_by: UserId, other: UserId, at: datetime) -> None:
        """Once; the first time counts."""
        tables = await self._tx.step()
        if any(user not in tables.users and user not in tables.gone for user in (asked_by, other)):
            raise Conflict("a wall stands between two users: store them first")
        if (asked_by, other) not in tables.walls:
            tables.walls.put({(asked_by, other): at})

    async def remove(self, asked_by: UserId, other: UserId) -> None:
        """Only what this user asked for."""
        tables = await self._tx.step()
        tables.walls.drop([(asked_by, other)])
