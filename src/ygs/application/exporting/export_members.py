"""Taking members, and what was done with them, out into a sheet, with a reason that stays on record."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.exporting import columns
from ygs.application.exporting.canaries import Canaries
from ygs.application.exporting.canary_entries import CanaryPerson, introduction_of, rows_with, with_entry
from ygs.application.exporting.cover import cover, maker
from ygs.application.exporting.dated_sheets import DATED_SHEETS, PAGE, DatedSheet, Period, Wording, names_of, pages
from ygs.application.exporting.streaming import Item, Rows, write_streamed
from ygs.application.labels import label
from ygs.domain.exports import ExportedData
from ygs.domain.ids import UserId
from ygs.domain.introductions import Introduction
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.matching.attribute import Language
from ygs.domain.read_budgets import ReadKind
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH, required_text
from ygs.domain.users import Role
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories.directory import EVERYBODY, MemberFilter, SheetLine
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.spreadsheets import Cell, Cover, Sheets
from ygs.ports.storage import Reading, Storage

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
    is written. Its rows show one moment of the storage: they are read page by page in one transaction, and written
    meanwhile, so that a sheet of any length takes little memory. A workbook has a cover: who made it, when,
    why, and how many rows.
    """

    storage: Storage
    sheets: Sheets
    clock: Clock
    audit_writer: AuditWriter
    zone: ZoneInfo
    canaries: Canaries

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
        audit log. An account's sheet has its canary, which is no member. `InvalidText` without a reason,
        `ReadBudgetSpent` when they are more people than the actor may export today.
        """
        actor.require(Permission.EXPORT)
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        what = f"{request} contacts" if contacts else request
        sheet = columns.MemberColumns(language, self.zone, contacts=contacts)
        canary = await self.canaries.line(actor.id, contacts=contacts)
        async with self.storage.read() as tx:
            people = await tx.directory.ids(only_members(wanted))
            await self._shown(actor, "members.exported", people, what.strip(), reason)
            rows = len(people) + bool(people and canary)
            return await self._write(
                file,
                sheet.header(),
                _with_canary(_lines_of(tx, people, contacts, progress), canary),
                sheet.row,
                title=label("exported_data", ExportedData.MEMBERS, language),
                about=self._cover(await maker(tx, actor, language), reason, request, rows, language),
            )

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
        canary = await self.canaries.person(actor.id)
        async with self.storage.read() as tx:
            weeks = await _weeks(tx, since, until)
            count, sides = await _counted(tx, weeks)
            await self._shown(actor, "introductions.exported", sides, request, reason)
            rows = rows_with(canary, count)
            return await self._write(
                file,
                columns.introduction_header(language),
                _lines(tx, weeks, canary, progress),
                lambda line: columns.introduction(*line, language, self.zone),
                title=label("exported_data", ExportedData.INTRODUCTIONS, language),
                about=self._cover(await maker(tx, actor, language), reason, request, rows, language),
            )

    async def dated(
        self,
        actor: Actor,
        file: str,
        data: ExportedData,
        *,
        reason: str,
        request: str = "",
        since: date | None = None,
        until: date | None = None,
        language: Language = Language.KO,
        progress: Progress = silent,
    ) -> ExportReport:
        """Write the memberships, consultations or reports from `since` on and before `until` to `file` (.csv or .xlsx),
        by id; a report about the actor is left out.

        Names of people who have left are empty. `request`, `InvalidText` and `ReadBudgetSpent` as for `members`.
        """
        actor.require(Permission.EXPORT)
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        sheet = DATED_SHEETS[data]
        canary = await self.canaries.person(actor.id)
        period = self._period(actor, since, until)
        wording = Wording(language=language, zone=self.zone, today=date_at(self.clock.now(), self.zone))
        async with self.storage.read() as tx:
            count, people = await _counted_entries(tx, sheet, period)
            await self._shown(actor, f"{data}.exported", people, request, reason)
            rows = rows_with(canary, count)
            return await self._write(
                file,
                names_of(sheet, language),
                _named(tx, sheet, period, canary, rows, progress),
                lambda line: sheet.row(*line, wording),
                title=label("exported_data", data, language),
                about=self._cover(await maker(tx, actor, language), reason, request, rows, language),
            )

    async def count_people(
        self,
        actor: Actor,
        data: ExportedData,
        *,
        wanted: MemberFilter = EVERYBODY,
        since: date | None = None,
        until: date | None = None,
    ) -> int:
        """How many people a sheet would be about: the members who are `wanted`, or those of the days."""
        actor.require(Permission.EXPORT)
        async with self.storage.read() as tx:
            if data is ExportedData.MEMBERS:
                return await tx.directory.count(only_members(wanted))
            if data is ExportedData.INTRODUCTIONS:
                weeks = await _weeks(tx, since, until)
                return len(await tx.introductions.people_of([week.id for week in weeks]))
            _, people = await _counted_entries(tx, DATED_SHEETS[data], self._period(actor, since, until))
            return len(people)

    def _period(self, actor: Actor, since: date | None, until: date | None) -> Period:
        return Period(since=since, until=until, zone=self.zone, reader=actor.id)

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
        pages: AsyncIterator[Sequence[Item]],
        row: Callable[[Item], Sequence[Cell]],
        *,
        title: str,
        about: Cover,
    ) -> ExportReport:
        written = 0

        def counted(item: Item) -> Sequence[Cell]:
            nonlocal written
            written += 1
            return row(item)

        def write(rows: Rows) -> int:
            return self.sheets.write(file, header, rows, title=title, cover=about)

        cut = await write_streamed(write, pages, counted)
        return ExportReport(file=file, rows=written, cut=cut)


def only_members(wanted: MemberFilter) -> MemberFilter:
    """Those wanted without staff, whom no export holds."""
    return replace(wanted, roles=frozenset({Role.MEMBER}))


async def _lines_of(
    tx: Reading, ids: Sequence[UserId], contacts: bool, progress: Progress
) -> AsyncIterator[Sequence[SheetLine]]:
    """These members, page by page."""
    for start in range(0, len(ids), PAGE):
        page = ids[start : start + PAGE]
        yield await tx.directory.sheet_lines(page, contacts=contacts)
        progress("writing", start + len(page), len(ids))


async def _with_canary(
    pages: AsyncIterator[Sequence[SheetLine]], canary: SheetLine | None
) -> AsyncIterator[Sequence[SheetLine]]:
    """The pages with the canary where its id belongs; an empty sheet stays empty."""
    is_empty = True
    async for page in pages:
        is_empty = False
        if canary and canary.id < page[-1].id:
            yield sorted([*page, canary], key=lambda line: line.id)
            canary = None
        else:
            yield page
    if canary and not is_empty:
        yield [canary]


async def _weeks(tx: Reading, since: date | None, until: date | None) -> Sequence[MatchWeek]:
    within = (week for week in await tx.weeks.latest(_WEEKS) if _within(week.week.monday, since, until))
    return sorted(within, key=lambda week: (week.week, week.created_at))


async def _introductions(tx: Reading, weeks: Sequence[MatchWeek]) -> AsyncIterator[Sequence[Introduction]]:
    """The introductions of these weeks, page by page, by week and id."""
    for week in weeks:
        after = None
        while page := await tx.introductions.of_week(week.id, after=after, limit=PAGE):
            yield page
            after = page[-1].id


async def _counted(tx: Reading, weeks: Sequence[MatchWeek]) -> tuple[int, frozenset[UserId]]:
    """How many introductions there are, and whom they are of."""
    ids = [week.id for week in weeks]
    counts = (await tx.introductions.count_by_week(ids)).values()
    return sum(each.introduced + each.cancelled for each in counts), await tx.introductions.people_of(ids)


async def _counted_entries(tx: Reading, sheet: DatedSheet[Any], period: Period) -> tuple[int, set[UserId]]:
    """How many entries there are, and whom they are about."""
    count = 0
    people: set[UserId] = set()
    async for page in pages(tx, sheet, period):
        count += len(page)
        people.update(*(sheet.people(each) for each in page))
    return count, people


async def _named(
    tx: Reading, sheet: DatedSheet[Any], period: Period, canary: CanaryPerson | None, count: int, progress: Progress
) -> AsyncIterator[Sequence[tuple[Any, Mapping[UserId, str]]]]:
    """Entries with the names that stand in them."""
    done = 0
    async for page in with_entry(pages(tx, sheet, period), canary, sheet.made_up):
        named = {one for each in page for one in (*sheet.people(each), *sheet.staff(each))}
        names = await _names_of(tx, named, canary)
        yield [(each, names) for each in page]
        done += len(page)
        progress("writing", done, count)


async def _names_of(tx: Reading, people: Collection[UserId], canary: CanaryPerson | None) -> Mapping[UserId, str]:
    names = await tx.directory.names(people)
    return {**names, canary.user.id: canary.user.name} if canary else names


async def _lines(
    tx: Reading, weeks: Sequence[MatchWeek], canary: CanaryPerson | None, progress: Progress
) -> AsyncIterator[Sequence[tuple[Introduction, MatchWeek, Mapping[UserId, str]]]]:
    """Introductions with all that a line says of them."""
    by_id = {week.id: (done, week) for done, week in enumerate(weeks, start=1)}
    async for page in with_entry(_introductions(tx, weeks), canary, introduction_of):
        names = await _names_of(tx, {side for each in page for side in (each.a, each.b)}, canary)
        done, week = by_id[page[0].week_id]
        yield [(each, week, names) for each in page]
        progress("writing", done, len(weeks))


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since) and (until is None or day < until)
