"""Notes in memory."""

from collections.abc import Sequence
from dataclasses import replace

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict, NotFound, StaleWrite
from ygs.domain.ids import NoteId, UserId
from ygs.domain.notes import Note
from ygs.ports.repositories import MOST_PAGE


class MemoryNoteReader:
    """Notes by staff about users."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: NoteId) -> Note:
        found = (await self._tx.step()).notes.get(id)
        if found is None:
            raise NotFound("note")
        return found

    async def about(self, subject: UserId, *, after: NoteId | None = None, limit: int = MOST_PAGE) -> Sequence[Note]:
        notes = (await self._tx.step()).notes.values()
        found = (each for each in notes if each.subject == subject and each.id > (after or ""))
        return sorted(found, key=lambda each: each.id)[:limit]


class MemoryNoteRepository(MemoryNoteReader):
    """Notes, to be changed."""

    async def add(self, note: Note) -> None:
        tables = await self._tx.step()
        if note.id in tables.notes or not (note.subject in tables.users or note.subject in tables.gone):
            raise Conflict(N_("a note has an id of its own, and is about a user"))
        tables.notes.put({note.id: note})

    async def save(self, note: Note) -> Note:
        tables = await self._tx.step()
        if note.id not in tables.notes or tables.notes[note.id].version != note.version:
            raise StaleWrite(N_("this note changed since it was read: read it again and repeat the edit"))
        saved = replace(note, version=note.version + 1)
        tables.notes.put({note.id: saved})
        return saved

    async def remove(self, id: NoteId) -> None:
        (await self._tx.step()).notes.drop([id])
