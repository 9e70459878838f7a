"""Notes by staff about users."""

from collections.abc import Sequence
from typing import Protocol

from ygs.domain.ids import NoteId, UserId
from ygs.domain.notes import Note
from ygs.ports.repositories import MOST_PAGE


class NoteReader(Protocol):
    """Notes, to be read."""

    async def get(self, id: NoteId) -> Note:
        """The note, or `NotFound`."""
        ...

    async def about(self, subject: UserId, *, after: NoteId | None = None, limit: int = MOST_PAGE) -> Sequence[Note]:
        """At most `limit` notes about a user with ids after `after`, ascending by id."""
        ...


class NoteRepository(NoteReader, Protocol):
    """Notes, to be changed."""

    async def add(self, note: Note) -> None:
        """Store a new note; `Conflict` when its subject does not exist."""
        ...

    async def save(self, note: Note) -> Note:
        """Store a changed note and return it with its new version, or raise `StaleWrite`, also when it was removed."""
        ...

    async def remove(self, id: NoteId) -> None:
        """Delete a note, if there is one."""
        ...
