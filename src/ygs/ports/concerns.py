"""What members report of each other, and what staff note about them."""

from collections.abc import Sequence
from typing import Protocol

from ygs.domain.ids import NoteId, ReportId, UserId
from ygs.domain.notes import Note
from ygs.domain.reports import Report


class ReportReader(Protocol):
    """Reports of a member by a member."""

    async def get(self, id: ReportId) -> Report:
        """The report, or `NotFound`."""
        ...

    async def waiting(
        self, *, not_about: UserId | None = None, after: ReportId | None = None, limit: int = 100
    ) -> Sequence[Report]:
        """Open ones, ascending by id, those after `after`; those about one user left out."""
        ...

    async def about(self, subject: UserId, *, after: ReportId | None = None, limit: int = 100) -> Sequence[Report]:
        """Those about one user, open or resolved, ascending by id, those after `after`."""
        ...

    async def told_by(self, reporter: UserId) -> Sequence[Report]:
        """Everything one user reported, ascending by id."""
        ...


class Reports(ReportReader, Protocol):
    """Reports, to be changed."""

    async def add(self, report: Report) -> None:
        """Store a new report; `AlreadyReported` while an earlier one of the same two, in that order, is open.
        `Conflict` unless there are both users."""
        ...

    async def save(self, report: Report) -> None:
        """Store a changed report, which this transaction has got."""
        ...


class NoteReader(Protocol):
    """Notes by staff about users."""

    async def get(self, id: NoteId) -> Note:
        """The note, or `NotFound`."""
        ...

    async def about(self, subject: UserId, *, after: NoteId | None = None, limit: int = 100) -> Sequence[Note]:
        """Those about one user, ascending by id, those after `after`."""
        ...


class Notes(NoteReader, Protocol):
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
