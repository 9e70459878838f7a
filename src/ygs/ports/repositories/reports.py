"""Reports of a member by a member."""

from collections.abc import Sequence
from typing import Protocol

from ygs.domain.ids import ReportId, UserId
from ygs.domain.reports import Report
from ygs.ports.repositories import MOST_PAGE


class ReportReader(Protocol):
    """Reports of a member by a member."""

    async def get(self, id: ReportId) -> Report:
        """The report, or `NotFound`."""
        ...

    async def waiting(
        self, *, not_about: UserId | None = None, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Report]:
        """Open ones, ascending by id, those after `after`; those about one user left out."""
        ...

    async def about(
        self, subject: UserId, *, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Report]:
        """Those about one user, open or resolved, ascending by id, those after `after`."""
        ...

    async def told_by(self, reporter: UserId) -> Sequence[Report]:
        """Everything one user reported, ascending by id."""
        ...


class ReportRepository(ReportReader, Protocol):
    """Reports, to be changed."""

    async def add(self, report: Report) -> None:
        """Store a new report; `AlreadyReported` while an earlier one of the same two, in that order, is open.
        `Conflict` unless there are both users."""
        ...

    async def save(self, report: Report) -> None:
        """Store a changed report, which this transaction has got."""
        ...
