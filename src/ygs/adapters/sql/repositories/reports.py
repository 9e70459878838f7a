"""Reports: rows to entities and back, and their queries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update

from ygs.adapters.sql.statements.bounds import within
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.moderation import reports
from ygs.domain.errors import NotFound
from ygs.domain.ids import ReportId, UserId
from ygs.domain.reports import Category, Report, Resolution
from ygs.ports.repositories import MOST_PAGE


def to_row(report: Report, keyring: Keyring) -> dict[str, Any]:
    """A report as a row of `reports`."""
    return {
        "id": report.id,
        "reporter": report.reporter,
        "subject": report.subject,
        "category": report.category.value,
        "words": keyring.seal_if(reports.c.words, report.id, report.words),
        "created_at": report.created_at,
        "resolution": report.resolution.value if report.resolution else None,
        "staff_words": keyring.seal_if(reports.c.staff_words, report.id, report.staff_words),
        "resolved_by": report.resolved_by,
        "resolved_at": report.resolved_at,
    }


def to_report(row: Found, keyring: Keyring) -> Report:
    """The report that `to_row` wrote."""
    return Report(
        id=ReportId(row.id),
        reporter=UserId(row.reporter),
        subject=UserId(row.subject),
        category=Category(row.category),
        words=keyring.open_if(reports.c.words, row.id, row.words) or "",
        created_at=row.created_at,
        resolution=Resolution(row.resolution) if row.resolution else None,
        staff_words=keyring.open_if(reports.c.staff_words, row.id, row.staff_words) or "",
        resolved_by=UserId(row.resolved_by) if row.resolved_by else None,
        resolved_at=row.resolved_at,
    )


class SqlReportReader:
    """Reports of a member by a member."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: ReportId) -> Report:
        row = await self.tx.row(self.tx.for_update(select(reports).where(reports.c.id == id)))
        if row is None:
            raise NotFound("report")
        return to_report(row, self.tx.keyring)

    async def waiting(
        self, *, not_about: UserId | None = None, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Report]:
        waiting = reports.c.resolution.is_(None) & (reports.c.subject != (not_about or ""))
        return await self._those(waiting & (reports.c.id > (after or "")), limit)

    async def about(
        self, subject: UserId, *, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Report]:
        return await self._those((reports.c.subject == subject) & (reports.c.id > (after or "")), limit)

    async def between(
        self,
        since: datetime | None,
        until: datetime | None,
        *,
        not_about: UserId | None = None,
        after: ReportId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[Report]:
        others = (reports.c.subject != (not_about or "")) & (reports.c.id > (after or ""))
        return await self._those(and_(others, *within(reports.c.created_at, since, until)), limit)

    async def by_reporter(self, reporter: UserId) -> Sequence[Report]:
        return await self._those(reports.c.reporter == reporter, None)

    async def _those(self, condition: ColumnElement[bool], limit: int | None) -> list[Report]:
        rows = await self.tx.rows(select(reports).where(condition).order_by(reports.c.id).limit(limit))
        return [to_report(row, self.tx.keyring) for row in rows]


class SqlReportRepository(SqlReportReader):
    """Reports, to be changed."""

    async def add(self, report: Report) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, reports, [to_row(report, self.tx.keyring)])

    async def save(self, report: Report) -> None:
        row = to_row(report, self.tx.keyring)
        await self.tx.run(update(reports).where(reports.c.id == report.id).values(row))
