"""Taking members and introductions out into a sheet, with a reason that stays on record."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import AuditWriter
from ygs.application.exporting import columns
from ygs.application.exporting.cover import cover, maker
from ygs.domain.ids import UserId
from ygs.domain.introductions import Introduction
from ygs.domain.matching.attribute import Language
from ygs.domain.read_budgets import ReadKind
from ygs.domain.text import LINE_LENGTH, required_text
from ygs.domain.users import Role, User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories.directory import MemberFilter
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.spreadsheets import Cell, Cover, Sheets
from ygs.ports.storage import Reading, Storage

PAGE = 1_000
EVERYBODY = MemberFilter()
# More weeks than two hundred years have.
_WEEKS = 10_000


class ExportReport(BaseModel):
    """What was written: rows, without the header, and how many cells were cut to what the format can hold."""

    model_config = ConfigDict(frozen=True)

    file: str
    rows: int
    cut: int


@dataclass(frozen=True, slots=True)
class MemberExport:
    """Exports of everything staff may take with them.

    Whom a sheet is about is counted in the read budget and stands in the audit log, with the reason, before the sheet
    is written. A sheet shows one moment of the storage: rows are gathered as text, page by page, and written once the
    reading transaction has ended. A workbook has a cover: who made it, when, why, and how many rows.
    """

    storage: Storage
    sheets: Sheets
    clock: Clock
    audit_writer: AuditWriter
    zone: ZoneInfo

    async def members(
        self,
        actor: Actor,
        file: str,
        *,
        reason: str,
        request: str = "",
        wanted: MemberFilter = EVERYBODY,
        contacts: bool = False,
        language: Language = Language.KO,
        progress: Progress = silent,
    ) -> ExportReport:
        """Write the live members who are `wanted` to `file` (.csv or .xlsx), by id; phone and e-mail only when
        `contacts` are asked for.

        Coded facts are in words of `language`, unknown ones empty. `request`: the id of the approved request, for the
        audit log. `InvalidText` without a reason, `ReadBudgetSpent` when they are more people than the actor may export
        today.
        """
        actor.require(Permission.EXPORT)
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        rows: list[Sequence[Cell]] = []
        people: list[UserId] = []
        async with self.storage.read() as tx:
            made_by = await maker(tx, actor, language)
            async for page in _members(tx, wanted, progress):
                people += [user.id for user in page]
                rows += [columns.member(user, language, self.zone, contacts=contacts) for user in page]
        what = f"{request} contacts" if contacts else request
        await self._shown(actor, "members.exported", people, what.strip(), reason)
        header = columns.member_header(language, contacts=contacts)
        title = "회원" if language is Language.KO else "Members"
        about = self._cover(made_by, reason, request, len(rows), language)
        return await self._write(file, header, rows, title, about, progress)

    async def introductions(
        self,
        actor: Actor,
        file: str,
        *,
        reason: str,
        request: str = "",
        since: date | None = None,
        until: date | None = None,
        language: Language = Language.KO,
        progress: Progress = silent,
    ) -> ExportReport:
        """Write the introductions of weeks that begin from `since` on and before `until` to `file` (.csv or .xlsx), by
        week and id; answers only once they are decided.

        Names of people who have left are empty. `request`, `InvalidText` and `ReadBudgetSpent` as for `members`.
        """
        actor.require(Permission.EXPORT)
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        rows: list[Sequence[Cell]] = []
        sides: set[UserId] = set()
        async with self.storage.read() as tx:
            made_by = await maker(tx, actor, language)
            latest = await tx.weeks.latest(_WEEKS)
            within = (week for week in latest if _within(week.week.monday, since, until))
            weeks = sorted(within, key=lambda week: (week.week, week.created_at))
            for done, week in enumerate(weeks, start=1):
                after = None
                while page := await tx.introductions.of_week(week.id, after=after, limit=PAGE):
                    people = await _people(tx, page)
                    sides |= {side for each in page for side in (each.a, each.b)}
                    rows += [columns.introduction(each, week, people, language, self.zone) for each in page]
                    after = page[-1].id
                progress("reading", done, len(weeks))
        await self._shown(actor, "introductions.exported", sides, request, reason)
        title = "소개" if language is Language.KO else "Introductions"
        about = self._cover(made_by, reason, request, len(rows), language)
        return await self._write(file, columns.introduction_header(language), rows, title, about, progress)

    async def _shown(self, actor: Actor, action: str, people: Collection[UserId], what: str, reason: str) -> None:
        at = self.clock.now()
        await self.audit_writer.shown(actor, action, people, at=at, kind=ReadKind.EXPORT, what=what, reason=reason)

    def _cover(self, made_by: str, reason: str, request: str, rows: int, language: Language) -> Cover:
        at = self.clock.now()
        return cover(made_by, at, reason=reason, request=request, rows=rows, language=language, zone=self.zone)

    async def _write(
        self,
        file: str,
        header: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        title: str,
        about: Cover,
        progress: Progress,
    ) -> ExportReport:
        progress("writing", 0, 1)
        cut = await asyncio.to_thread(self.sheets.write, file, header, rows, title=title, cover=about)
        progress("writing", 1, 1)
        return ExportReport(file=file, rows=len(rows), cut=cut)


def only_members(wanted: MemberFilter) -> MemberFilter:
    """Those wanted without staff, whom no export holds."""
    return replace(wanted, roles=frozenset({Role.MEMBER}))


async def _members(tx: Reading, wanted: MemberFilter, progress: Progress) -> AsyncIterator[Sequence[User]]:
    """The members who are wanted, by id, page by page."""
    wanted = only_members(wanted)
    found: list[UserId] = []
    after: UserId | None = None
    while page := await tx.directory.page(wanted, after=after, limit=PAGE):
        found += [line.id for line in page]
        after = page[-1].id
    found.sort()
    for start in range(0, len(found), PAGE):
        ids = found[start : start + PAGE]
        yield sorted(await tx.users.by_ids(ids), key=lambda user: user.id)
        progress("reading", start + len(ids), len(found))


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since) and (until is None or day < until)


async def _people(tx: Reading, introductions: Sequence[Introduction]) -> dict[UserId, User]:
    ids = sorted({side for each in introductions for side in (each.a, each.b)})
    return {user.id: user for user in await tx.users.by_ids(ids)}
