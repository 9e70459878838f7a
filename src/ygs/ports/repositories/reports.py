"""Reports of a member by a member."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import ReportId, UserId
from ygs.domain.reports import Report
from ygs.ports.repositories import MOST_PAGE


class ReportReader(Protocol):
    """Reports, to be read."""

    async def get(self, id: ReportId) -> Report:
        """The report, or `NotFound`."""
        ...

    async def waiting(
        self, *, not_about: UserId | None = None, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Report]:
        """At most `limit` open reports with ids after `after`, ascending by id, without those about `not_about`."""
        ...

    async def about(
        self, subject: UserId, *, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Report]:
        """At most `limit` reports about a user, open or resolved, with ids after `after`, ascending by id."""
        ...

    async def between(
        self,
        since: datetime | None,
        until: datetime | None,
        *,
        not_about: UserId | None = None,
        after: ReportId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Report]:
        """At most `limit` reports, open or resolved, made from `since` on and before `until` (None: no bound), with ids
        after `after`, ascending by id, without those about `not_about`."""
        ...

    async def by_reporter(self, reporter: UserId) -> Sequence[Report]:
        """All reports by a user, ascending by id."""
        ...


class ReportRepository(ReportReader, Protocol):
    """Reports, to be changed."""

    async def add(self, report: Report) -> None:
        """Store a new report; `Conflict` when one of the users does not exist.

        `AlreadyReported` while an earlier report by the same reporter about the same subject is open.
        """
        ...

    async def save(self, report: Report) -> None:
        """Store a changed report that this transaction has read."""
        ...
