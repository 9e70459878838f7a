"""The round's inputs in memory."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from ygs.adapters.memory.blocks import standing
from ygs.adapters.memory.introductions import introduced
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.users import Status, User


class MemoryMarketReader:
    """Markets."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def enrolled(self, *, capacity: int) -> Market:
        tables = await self._tx.step()
        published = sorted(week.published_at for week in tables.weeks.values() if week.published_at is not None)
        active = [user for user in tables.users.values() if user.status is Status.ACTIVE]
        candidates = (_candidate(tables, user, published, capacity) for user in active)
        return Market.of(candidates, met=introduced(tables, active), blocked=standing(tables, active))


def _candidate(tables: SnapshotTables, user: User, published: Sequence[datetime], capacity: int) -> Candidate:
    return user.candidate(
        capacity=capacity,
        weeks_waited=len(published) - bisect_right(published, _waiting_since(tables, user)),
        introduced=len(tables.of_user.get(user.id, ())),
    )


def _waiting_since(tables: SnapshotTables, user: User) -> datetime:
    """When the week of the latest introduction was published, or else when the user became active."""
    weeks = {tables.introductions[each].week_id for each in tables.of_user.get(user.id, ())}
    published = (tables.weeks[week].published_at for week in weeks)
    latest = max((moment for moment in published if moment is not None), default=None)
    return latest or user.activated_at or user.created_at
