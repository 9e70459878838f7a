"""Taking members and introductions out into a sheet, with a reason that stays on record."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import AuditWriter, audit_entry
from ygs.application.exporting import columns
from ygs.domain.ids import UserId
from ygs.domain.introductions import Introduction
from ygs.domain.matching.attribute import Language
from ygs.domain.text import LINE_LENGTH, required_text
from ygs.domain.users import Role, User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.spreadsheets import Cell, Sheets
from ygs.ports.storage import Reading, Storage

PAGE = 1_000
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

    Who takes what, and why, is in the audit log before the first row is read. A sheet shows one moment of the
    storage: rows are gathered as text, page by page, and written once the reading transaction has ended.
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
        contacts: bool = False,
        language: Language = Language.KO,
        progress: Progress = silent,
    ) -> ExportReport:
        """Write every live user to `file` (.csv or .xlsx), by id; phone and e-mail only when `contacts` are asked for.

        Coded facts are in words of `language`, unknown ones empty. `InvalidText` without a reason.
        """
        await self._record(actor, "members.exported", "contacts" if contacts else "", reason)
        return await self.write_members(actor, file, contacts=contacts, language=language, progress=progress)

    async def write_members(
        self,
        actor: Actor,
        file: str,
        *,
        contacts: bool = False,
        language: Language = Language.KO,
        progress: Progress = silent,
    ) -> ExportReport:
        """Write `members` for whoever has put the reason on record already."""
        actor.require(Permission.EXPORT)
        rows: list[Sequence[Cell]] = []
        async with self.storage.read() as tx:
            total = sum((await tx.users.count_by_status()).values())
            after: UserId | None = None
            read = 0
            while page := await tx.users.page(after=after, limit=PAGE):
                read += len(page)
                members = [user for user in page if user.role is Role.MEMBER]
                rows += [columns.member(user, language, self.zone, contacts=contacts) for user in members]
                after = page[-1].id
                progress("reading", read, total)
        header = columns.member_header(language, contacts=contacts)
        title = "회원" if language is Language.KO else "Members"
        return await self._write(file, header, rows, title, progress)

    async def introductions(
        self,
        actor: Actor,
        file: str,
        *,
        reason: str,
        language: Language = Language.KO,
        progress: Progress = silent,
    ) -> ExportReport:
        """Write every introduction to `file` (.csv or .xlsx), by week and id; answers only once they are decided.

        Names of people who have left are empty. `InvalidText` without a reason.
        """
        await self._record(actor, "introductions.exported", "", reason)
        return await self.write_introductions(actor, file, language=language, progress=progress)

    async def write_introductions(
        self, actor: Actor, file: str, *, language: Language = Language.KO, progress: Progress = silent
    ) -> ExportReport:
        """Write `introductions` for whoever has put the reason on record already."""
        actor.require(Permission.EXPORT)
        rows: list[Sequence[Cell]] = []
        async with self.storage.read() as tx:
            weeks = sorted(await tx.weeks.latest(_WEEKS), key=lambda week: (week.week, week.created_at))
            for done, week in enumerate(weeks, start=1):
                after = None
                while page := await tx.introductions.of_week(week.id, after=after, limit=PAGE):
                    people = await _people(tx, page)
                    rows += [columns.introduction(each, week, people, language, self.zone) for each in page]
                    after = page[-1].id
                progress("reading", done, len(weeks))
        title = "소개" if language is Language.KO else "Introductions"
        return await self._write(file, columns.introduction_header(language), rows, title, progress)

    async def _record(self, actor: Actor, action: str, what: str, reason: str) -> None:
        actor.require(Permission.EXPORT)
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        await self.audit_writer.add(audit_entry(actor, action, at=self.clock.now(), what=what, reason=reason))

    async def _write(
        self, file: str, header: Sequence[str], rows: Sequence[Sequence[Cell]], title: str, progress: Progress
    ) -> ExportReport:
        progress("writing", 0, 1)
        cut = await asyncio.to_thread(self.sheets.write, file, header, rows, title=title)
        progress("writing", 1, 1)
        return ExportReport(file=file, rows=len(rows), cut=cut)


async def _people(tx: Reading, introductions: Sequence[Introduction]) -> dict[UserId, User]:
    ids = sorted({side for each in introductions for side in (each.a, each.b)})
    return {user.id: user for user in await tx.users.by_ids(ids)}
