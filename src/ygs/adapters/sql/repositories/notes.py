"""Notes: rows to entities and back, and their queries."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.moderation import notes
from ygs.domain.errors import NotFound, StaleWrite
from ygs.domain.ids import NoteId, UserId
from ygs.domain.notes import Note
from ygs.ports.repositories import MOST_PAGE


def to_row(note: Note, keyring: Keyring) -> dict[str, Any]:
    """A note as a row of `notes`."""
    return {
        "id": note.id,
        "subject": note.subject,
        "author": note.author,
        "text": keyring.seal(notes.c.text, note.id, note.text),
        "created_at": note.created_at,
        "corrected_at": note.corrected_at,
        "version": note.version,
    }


def to_note(row: Found, keyring: Keyring) -> Note:
    """The note that `to_row` wrote."""
    return Note(
        id=NoteId(row.id),
        subject=UserId(row.subject),
        author=UserId(row.author),
        text=keyring.open(notes.c.text, row.id, row.text),
        created_at=row.created_at,
        corrected_at=row.corrected_at,
        version=row.version,
    )


class SqlNoteReader:
    """Notes by staff about users."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: NoteId) -> Note:
        row = await self.tx.row(self.tx.for_update(select(notes).where(notes.c.id == id)))
        if row is None:
            raise NotFound("note")
        return to_note(row, self.tx.keyring)

    async def about(self, subject: UserId, *, after: NoteId | None = None, limit: int = MOST_PAGE) -> Sequence[Note]:
        query = select(notes).where(notes.c.subject == subject, notes.c.id > (after or ""))
        rows = await self.tx.rows(query.order_by(notes.c.id).limit(limit))
        return [to_note(row, self.tx.keyring) for row in rows]


class SqlNoteRepository(SqlNoteReader):
    """Notes, to be changed."""

    async def add(self, note: Note) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, notes, [to_row(note, self.tx.keyring)])

    async def save(self, note: Note) -> Note:
        saved = replace(note, version=note.version + 1)
        query = update(notes).where(notes.c.id == note.id, notes.c.version == note.version)
        if not await self.tx.run(query.values(to_row(saved, self.tx.keyring))):
            raise StaleWrite(STALE)
        return saved

    async def remove(self, id: NoteId) -> None:
        await self.tx.run(delete(notes).where(notes.c.id == id))
