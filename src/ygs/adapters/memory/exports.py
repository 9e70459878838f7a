"""Exports of many people's data, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.optimistic_locking import require_version
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict, NotFound
from ygs.domain.exports import SheetExport
from ygs.domain.ids import ExportId
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryExportReader:
    """Exports, to be read."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: ExportId) -> SheetExport:
        tables = await self._tx.step()
        if id not in tables.exports:
            raise NotFound("export", id)
        return tables.exports[id]

    async def page(self, *, after: ExportId | None = None, limit: int = MOST_PAGE) -> Sequence[SheetExport]:
        tables = await self._tx.step()
        newest = sorted((each for each in tables.exports if after is None or each < after), reverse=True)
        return [tables.exports[each] for each in newest[:limit]]


class MemoryExportRepository(MemoryExportReader):
    """Exports, to be changed."""

    async def add(self, requested: SheetExport) -> SheetExport:
        tables = await self._tx.step()
        if requested.id in tables.exports:
            raise Conflict(N_("an export with this id is there already"))
        return _put(tables, requested)

    async def save(self, changed: SheetExport) -> SheetExport:
        tables = await self._tx.step()
        require_version(tables.exports, changed.id, changed.version)
        return _put(tables, changed)

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = [each.id for each in tables.exports.values() if each.requested_at < before]
        tables.exports.drop(old)
        return len(old)


def _put(tables: SnapshotTables, export: SheetExport) -> SheetExport:
    storable_text("filters", export.filters)
    saved = replace(export, version=export.version + 1)
    tables.exports.put({saved.id: saved})
    return saved
