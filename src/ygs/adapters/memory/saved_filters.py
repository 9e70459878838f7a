"""Filters of the directory that staff keep under a name, in memory."""

from collections.abc import Sequence

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict
from ygs.domain.ids import SavedFilterId, UserId
from ygs.domain.saved_filters import FILTER_NAME_TAKEN, MOST_SAVED_FILTERS, TOO_MANY_FILTERS, SavedFilter


class MemorySavedFilterReader:
    """Saved filters."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def visible_to(self, account: UserId | None) -> Sequence[SavedFilter]:
        found = [each for each in (await self._tx.step()).saved_filters.values() if each.owner in (None, account)]
        return sorted(found, key=lambda each: (each.owner is not None, each.name, each.id))


class MemorySavedFilterRepository(MemorySavedFilterReader):
    """Saved filters, to be changed."""

    async def add(self, saved: SavedFilter) -> None:
        tables = await self._tx.step()
        if saved.owner is not None and saved.owner not in tables.users and saved.owner not in tables.gone:
            raise Conflict(N_("there is no such user"))
        if len(_others(tables, saved)) >= MOST_SAVED_FILTERS:
            raise Conflict(TOO_MANY_FILTERS)
        _put(tables, saved)

    async def rename(self, saved: SavedFilter) -> None:
        tables = await self._tx.step()
        if saved.id in tables.saved_filters:
            _put(tables, saved)

    async def remove(self, owner: UserId | None, id: SavedFilterId) -> bool:
        tables = await self._tx.step()
        there = id in tables.saved_filters and tables.saved_filters[id].owner == owner
        tables.saved_filters.drop([id] if there else [])
        return there


def _others(tables: SnapshotTables, saved: SavedFilter) -> Sequence[SavedFilter]:
    """The other filters of the owner."""
    return [each for each in tables.saved_filters.values() if each.owner == saved.owner and each.id != saved.id]


def _put(tables: SnapshotTables, saved: SavedFilter) -> None:
    if any(each.name == saved.name for each in _others(tables, saved)):
        raise Conflict(FILTER_NAME_TAKEN)
    tables.saved_filters.put({saved.id: saved})
