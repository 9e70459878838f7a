"""Imports of members: rows to entities and back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update

from ygs.adapters.sql.statements.bulk import insert_all, insert_each
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.accounts import accounts
from ygs.adapters.sql.tables.consultations import consultations
from ygs.adapters.sql.tables.imports import import_verdicts, imported_members, imports
from ygs.adapters.sql.tables.memberships import memberships
from ygs.adapters.sql.tables.moderation import notes
from ygs.adapters.sql.tables.rounds import participants
from ygs.adapters.sql.tables.users import LIVE, users
from ygs.domain.errors import NotFound, StaleWrite
from ygs.domain.ids import ImportId, JobId, UserId
from ygs.domain.imports import ImportState, ImportVerdict, SheetImport, SheetType
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.imports import ImportedInUse

_AS_THEY_ARE = ("requested_by", "members", "created_at", "stored_at", "undone_at", "version")


def to_row(made: SheetImport, keyring: Keyring) -> dict[str, Any]:
    """An import as a row of `imports`."""
    return {
        "id": made.id,
        "sheet_type": made.sheet_type.value if made.sheet_type else None,
        "mapping": keyring.seal_if(imports.c.mapping, made.id, made.mapping or None),
        "job_id": made.job_id,
        "state": made.state.value,
        **{name: getattr(made, name) for name in _AS_THEY_ARE},
    }


def to_import(row: Found, keyring: Keyring) -> SheetImport:
    """The import that `to_row` wrote."""
    return SheetImport(
        id=ImportId(row.id),
        sheet_type=SheetType(row.sheet_type) if row.sheet_type else None,
        mapping=keyring.open_if(imports.c.mapping, row.id, row.mapping) or "",
        job_id=JobId(row.job_id) if row.job_id else None,
        state=ImportState(row.state),
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )


def _with(*columns: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether one of these columns names the member of an import."""
    return or_(*(exists().where(column == imported_members.c.user_id) for column in columns))


_IN_USE = select(
    func.count().filter(_with(participants.c.user_id)),
    func.count().filter(_with(accounts.c.id)),
    func.count().filter(_with(notes.c.subject, consultations.c.member, memberships.c.user_id)),
    func.count().filter(LIVE, users.c.updated_at != users.c.created_at),
).select_from(imported_members.join(users, users.c.id == imported_members.c.user_id))


class SqlImportReader:
    """Imports of members."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: ImportId) -> SheetImport:
        row = await self.tx.row(self.tx.for_update(select(imports).where(imports.c.id == id)))
        if row is None:
            raise NotFound("import", id)
        return to_import(row, self.tx.keyring)

    async def page(self, *, after: ImportId | None = None, limit: int = MOST_PAGE) -> Sequence[SheetImport]:
        query = select(imports).order_by(imports.c.id.desc()).limit(limit)
        rows = await self.tx.rows(query if after is None else query.where(imports.c.id < after))
        return [to_import(row, self.tx.keyring) for row in rows]

    async def members(self, id: ImportId, *, after: UserId | None = None, limit: int = MOST_PAGE) -> Sequence[UserId]:
        live = imported_members.join(users, users.c.id == imported_members.c.user_id)
        query = select(users.c.id).select_from(live).where(LIVE, imported_members.c.import_id == id)
        if after is not None:
            query = query.where(imported_members.c.user_id > after)
        rows = await self.tx.rows(query.order_by(imported_members.c.user_id).limit(limit))
        return [UserId(row.id) for row in rows]

    async def verdicts(self, id: ImportId, *, after: int = -1, limit: int = MOST_PAGE) -> Sequence[ImportVerdict]:
        number = import_verdicts.c.number
        query = select(import_verdicts).where(import_verdicts.c.import_id == id, number > after)
        rows = await self.tx.rows(query.order_by(number).limit(limit))
        open_ = self.tx.keyring.open
        return [ImportVerdict(row.number, open_(import_verdicts.c.text, row.id, row.text)) for row in rows]

    async def in_use(self, id: ImportId) -> ImportedInUse:
        rows = await self.tx.rows(_IN_USE.where(imported_members.c.import_id == id))
        return ImportedInUse(*rows[0])


class SqlImportRepository(SqlImportReader):
    """Imports of members, to be changed."""

    async def add(self, made: SheetImport) -> SheetImport:
        new = replace(made, version=made.version + 1)
        async with self.tx.savepoint():
            await insert_all(self.tx, imports, [to_row(new, self.tx.keyring)])
        return new

    async def save(self, made: SheetImport) -> SheetImport:
        saved = replace(made, version=made.version + 1)
        found = update(imports).where(imports.c.id == made.id, imports.c.version == made.version)
        if not await self.tx.run(found.values(to_row(saved, self.tx.keyring))):
            raise StaleWrite(STALE)
        return saved

    async def add_members(self, id: ImportId, members: Sequence[UserId]) -> None:
        rows = [{"user_id": member, "import_id": id} for member in members]
        async with self.tx.savepoint():
            await insert_all(self.tx, imported_members, rows)

    async def replace_verdicts(self, id: ImportId, verdicts: Sequence[ImportVerdict]) -> None:
        async with self.tx.savepoint():
            await self.tx.run(delete(import_verdicts).where(import_verdicts.c.import_id == id))
            await insert_each(self.tx, import_verdicts, verdicts, lambda each: self._verdict_row(id, each))

    def _verdict_row(self, id: ImportId, verdict: ImportVerdict) -> dict[str, Any]:
        key = f"{id}.{verdict.number}"
        text = self.tx.keyring.seal(import_verdicts.c.text, key, storable_text("verdict", verdict.text))
        return {"id": key, "import_id": id, "number": verdict.number, "text": text}

    async def purge_verdicts(self, before: datetime) -> int:
        old = select(imports.c.id).where(imports.c.created_at < before)
        return await self.tx.run(delete(import_verdicts).where(import_verdicts.c.import_id.in_(old)))

    async def purge(self, before: datetime, *, only_open: bool = False) -> int:
        old = delete(imports).where(imports.c.created_at < before)
        return await self.tx.run(old.where(imports.c.state == ImportState.OPEN.value) if only_open else old)
