"""Notes by staff about users."""

from collections.abc import Sequence
from typing import Protocol

from ygs.domain.ids import NoteId, UserId
from ygs.domain.notes import Note
from ygs.ports.repositories import MOST_PAGE


class NoteReader(Protocol):
    """Notes by staff about users."""

    async def get(self, id: NoteId) -> Note:
        """The note, or `NotFound`."""
        ...

    async def about(self, subject: UserId, *, after: NoteId | None = None, limit: int = MOST_PAGE) -> Sequence[Note]:
        """Those about one user, ascending by id, those after `after`."""
        ...


class NoteRepository(NoteReader, Protocol):
    """Notes, to be changed."""

    async def add(self, note: Note) -> None:
        """Store a new note; `Conflict` unless there is the user it is about."""
        ...

    async def save(self, note: Note) -> Note:
        """Store a changed note and return it with its new version; `StaleWrite` if it changed, or went, since it was
        read."""
        ...

    async def remove(self, id: NoteId) -> None:
        """Forget a note; nothing there is fine."""
        ...
