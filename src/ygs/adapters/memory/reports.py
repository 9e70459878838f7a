"""Reports in memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, AlreadyReported, Conflict, NotFound
from ygs.domain.ids import ReportId, UserId
from ygs.domain.reports import Report, ReportState
from ygs.ports.repositories import MOST_PAGE


class MemoryReportReader:
    """Reports of a member by a member."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: ReportId) -> Report:
        found = (await self._tx.step()).reports.get(id)
        if found is None:
            raise NotFound("report")
        return found

    async def waiting(
        self, *, not_about: UserId | None = None, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Report]:
        reports = (await self._tx.step()).reports.values()
        waiting = (each for each in reports if each.state is ReportState.OPEN and each.subject != not_about)
        return _after(waiting, after, limit)

    async def about(
        self, subject: UserId, *, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Report]:
        reports = (await self._tx.step()).reports.values()
        return _after((each for each in reports if each.subject == subject), after, limit)

    async def between(
        self,
        since: datetime | None,
        until: datetime | None,
        *,
        not_about: UserId | None = None,
        after: ReportId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Report]:
        def then(each: Report) -> bool:
            at = each.created_at
            return (since is None or since <= at) and (until is None or at < until) and each.subject != not_about

        return _after(filter(then, (await self._tx.step()).reports.values()), after, limit)

    async def by_reporter(self, reporter: UserId) -> Sequence[Report]:
        reports = (await self._tx.step()).reports.values()
        return _after((each for each in reports if each.reporter == reporter), None, None)


class MemoryReportRepository(MemoryReportReader):
    """Reports, to be changed."""

    async def add(self, report: Report) -> None:
        tables = await self._tx.step()
        known = all(user in tables.users or user in tables.gone for user in (report.reporter, report.subject))
        if report.id in tables.reports or not known:
            raise Conflict(N_("a report has an id of its own, and is one user's about another"))
        two = report.reporter, report.subject
        if any((each.reporter, each.subject) == two for each in tables.reports.values() if each.resolution is None):
            raise AlreadyReported(N_("your earlier report of this person is still open: wait for our answer"))
        tables.reports.put({report.id: report})

    async def save(self, report: Report) -> None:
        (await self._tx.step()).reports.put({report.id: report})


def _after(reports: Iterable[Report], after: ReportId | None, limit: int | None) -> Sequence[Report]:
    return sorted((each for each in reports if each.id > (after or "")), key=lambda each: each.id)[:limit]
