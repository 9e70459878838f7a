"""Imports of members, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.optimistic_locking import require_version
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict, NotFound
from ygs.domain.ids import ImportId, UserId
from ygs.domain.imports import ImportState, ImportVerdict, SheetImport
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.imports import ImportedInUse


class MemoryImportReader:
    """Imports of members."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: ImportId) -> SheetImport:
        tables = await self._tx.step()
        if id not in tables.imports:
            raise NotFound("import", id)
        return tables.imports[id]

    async def page(self, *, after: ImportId | None = None, limit: int = MOST_PAGE) -> Sequence[SheetImport]:
        tables = await self._tx.step()
        newest = sorted((each for each in tables.imports if after is None or each < after), reverse=True)
        return [tables.imports[each] for each in newest[:limit]]

    async def members(self, id: ImportId, *, after: UserId | None = None, limit: int = MOST_PAGE) -> Sequence[UserId]:
        tables = await self._tx.step()
        live = (each for each in _members(tables, id) if each in tables.users)
        return [each for each in live if after is None or each > after][:limit]

    async def verdicts(self, id: ImportId, *, after: int = -1, limit: int = MOST_PAGE) -> Sequence[ImportVerdict]:
        tables = await self._tx.step()
        return [each for each in tables.import_verdicts.get(id, ()) if each.number > after][:limit]

    async def in_use(self, id: ImportId) -> ImportedInUse:
        tables = await self._tx.step()
        members = frozenset(_members(tables, id))
        attended = {note.subject for note in tables.notes.values()}
        attended |= {consultation.member for consultation in tables.consultations.values()}
        attended |= {membership.user_id for membership in tables.memberships.values()}
        live = [tables.users[each] for each in members if each in tables.users]
        return ImportedInUse(
            introduced=sum(bool(tables.of_user.get(each)) for each in members),
            signed_in=len(members & tables.accounts.keys()),
            attended=len(members & attended),
            changed=sum(user.updated_at != user.created_at for user in live),
        )


class MemoryImportRepository(MemoryImportReader):
    """Imports of members, to be changed."""

    async def add(self, made: SheetImport) -> SheetImport:
        tables = await self._tx.step()
        if made.id in tables.imports:
            raise Conflict(N_("an import with this id is there already"))
        return self._put(tables, made)

    async def save(self, made: SheetImport) -> SheetImport:
        tables = await self._tx.step()
        require_version(tables.imports, made.id, made.version)
        return self._put(tables, made)

    def _put(self, tables: SnapshotTables, made: SheetImport) -> SheetImport:
        storable_text("requested_by", made.requested_by)
        storable_text("mapping", made.mapping)
        saved = replace(made, version=made.version + 1)
        tables.imports.put({saved.id: saved})
        return saved

    async def add_members(self, id: ImportId, members: Sequence[UserId]) -> None:
        tables = await self._tx.step()
        known = tables.users.keys() | tables.gone.keys()
        if id not in tables.imports or not known.issuperset(members):
            raise Conflict(N_("there is no such import, or no such user"))
        tables.imported.put(dict.fromkeys(members, id))

    async def replace_verdicts(self, id: ImportId, verdicts: Sequence[ImportVerdict]) -> None:
        tables = await self._tx.step()
        if id not in tables.imports:
            raise Conflict(N_("there is no such import, or no such user"))
        for verdict in verdicts:
            storable_text("verdict", verdict.text)
        tables.import_verdicts.put({id: sorted(verdicts, key=lambda each: each.number)})

    async def purge_verdicts(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = [each for each in tables.import_verdicts if tables.imports[each].created_at < before]
        count = sum(len(tables.import_verdicts[each]) for each in old)
        tables.import_verdicts.drop(old)
        return count

    async def purge(self, before: datetime, *, only_open: bool = False) -> int:
        tables = await self._tx.step()
        old = (each for each in tables.imports.values() if each.created_at < before)
        ids = {each.id for each in old if not only_open or each.state is ImportState.OPEN}
        tables.imported.drop([member for member, each in tables.imported.items() if each in ids])
        tables.import_verdicts.drop(ids)
        tables.imports.drop(ids)
        return len(ids)


def _members(tables: SnapshotTables, id: ImportId) -> Sequence[UserId]:
    return sorted(member for member, each in tables.imported.items() if each == id)
