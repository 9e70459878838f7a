"""Exports of many people's data: rows to entities and back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.exports import exports
from ygs.domain.errors import NotFound, StaleWrite
from ygs.domain.exports import ExportedData, ExportState, SheetExport
from ygs.domain.ids import ExportId, JobId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE

_AS_THEY_ARE = (
    "requested_at",
    "reason",
    "contacts",
    "people",
    "decided_by",
    "decided_at",
    "refusal",
    "rows",
    "version",
)


def to_row(export: SheetExport, keyring: Keyring) -> dict[str, Any]:
    """An export as a row of `exports`."""
    return {
        "id": export.id,
        "data": export.data.value,
        "requested_by": export.requested_by,
        "filters": keyring.seal(exports.c.filters, export.id, storable_text("filters", export.filters)),
        "language": export.language.value,
        "state": export.state.value,
        "job_id": export.job_id,
        **{name: getattr(export, name) for name in _AS_THEY_ARE},
    }


def to_export(row: Found, keyring: Keyring) -> SheetExport:
    """The export that `to_row` wrote."""
    return SheetExport(
        id=ExportId(row.id),
        data=ExportedData(row.data),
        requested_by=UserId(row.requested_by),
        filters=keyring.open(exports.c.filters, row.id, row.filters),
        language=Language(row.language),
        state=ExportState(row.state),
        job_id=JobId(row.job_id) if row.job_id else None,
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )


class SqlExportReader:
    """Exports, to be read."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: ExportId) -> SheetExport:
        row = await self.tx.row(self.tx.for_update(select(exports).where(exports.c.id == id)))
        if row is None:
            raise NotFound("export", id)
        return to_export(row, self.tx.keyring)

    async def page(self, *, after: ExportId | None = None, limit: int = MOST_PAGE) -> Sequence[SheetExport]:
        query = select(exports).order_by(exports.c.id.desc()).limit(limit)
        rows = await self.tx.rows(query if after is None else query.where(exports.c.id < after))
        return [to_export(row, self.tx.keyring) for row in rows]


class SqlExportRepository(SqlExportReader):
    """Exports, to be changed."""

    async def add(self, requested: SheetExport) -> SheetExport:
        new = replace(requested, version=requested.version + 1)
        async with self.tx.savepoint():
            await insert_all(self.tx, exports, [to_row(new, self.tx.keyring)])
        return new

    async def save(self, changed: SheetExport) -> SheetExport:
        saved = replace(changed, version=changed.version + 1)
        found = update(exports).where(exports.c.id == changed.id, exports.c.version == changed.version)
        if not await self.tx.run(found.values(to_row(saved, self.tx.keyring))):
            raise StaleWrite(STALE)
        return saved

    async def purge(self, before: datetime) -> int:
        return await self.tx.run(delete(exports).where(exports.c.requested_at < before))
