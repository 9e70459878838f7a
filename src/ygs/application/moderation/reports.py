"""Reports: members report people they were introduced to, and staff resolve them. Reporters stay anonymous."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, StrictBool

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.changes import begin_change, require_current
from ygs.application.members.blocks import add_block, require_introduced
from ygs.application.members.review import masked
from ygs.application.own_members import own_page
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, NotFound, WrongStatus
from ygs.domain.events import report_filed, report_resolved
from ygs.domain.ids import ReportId, UserId
from ygs.domain.read_budgets import ReadKind
from ygs.domain.reports import Category, Report, ReportState, Resolution
from ygs.domain.text import NOTE_LENGTH
from ygs.domain.users import Status
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage, Writing

# Returns the name of a user to show in a list.
Names: TypeAlias = Callable[[UserId], str]


class ReportRequest(BaseModel):
    """A report of a member; the category `other` needs words.

    `keep_apart` also blocks the member: the two are never introduced again, and their open introduction ends.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Category
    words: Annotated[str, CheckedText("words", NOTE_LENGTH)] = ""
    keep_apart: StrictBool = False


class ReportResolution(BaseModel):
    """The resolution of a report by staff. `words`: the reason; only staff read them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    resolution: Resolution
    words: Annotated[str, CheckedText("words", NOTE_LENGTH, required=True)]


class ReportedView(BaseModel):
    """A stored report, as its reporter sees it.

    `kept_apart`: whether the reporter blocks the reported person. If not, offer them the block
    (`PUT /users/me/blocks/{id}`): a report alone ends no introduction.
    """

    model_config = ConfigDict(frozen=True)

    id: ReportId
    category: Category
    state: ReportState
    kept_apart: bool
    created_at: datetime

    @classmethod
    def of(cls, report: Report, *, kept_apart: bool) -> "ReportedView":
        """Build the view of a report."""
        return cls(
            id=report.id,
            category=report.category,
            state=report.state,
            kept_apart=kept_apart,
            created_at=report.created_at,
        )


class ReportLine(BaseModel):
    """A report in staff's lists, without its words. Names are masked; people who have left are called "?"."""

    model_config = ConfigDict(frozen=True)

    id: ReportId
    reporter: str
    reporter_name: str
    subject: str
    subject_name: str
    category: Category
    state: ReportState
    resolution: Resolution | None
    created_at: datetime

    @classmethod
    def of(cls, report: Report, names: Names) -> "ReportLine":
        """Build the line of a report."""
        return cls(**_line(report, names))


class ReportView(ReportLine):
    """A whole report, for staff. `words` are the reporter's. `resolved_by`: null for an open report, and for one that
    the operator resolved."""

    words: str
    staff_words: str
    resolved_by: str | None
    resolved_at: datetime | None

    @classmethod
    def of(cls, report: Report, names: Names) -> "ReportView":
        """Build the view of a report."""
        details = {name: getattr(report, name) for name in ("words", "staff_words", "resolved_by", "resolved_at")}
        return cls(**_line(report, names), **details)


def _line(report: Report, names: Names) -> dict[str, Any]:
    shown = ("id", "reporter", "subject", "category", "state", "resolution", "created_at")
    shown_names = {"reporter_name": names(report.reporter), "subject_name": names(report.subject)}
    return {name: getattr(report, name) for name in shown} | shown_names


@dataclass(frozen=True, slots=True)
class Reports:
    """Use cases of reports, for members and staff."""

    storage: Storage
    clock: Clock
    ids: Ids
    audit_writer: AuditWriter

    async def report(self, actor: Actor, subject: UserId, request: ReportRequest) -> ReportedView:
        """Report a person the actor was ever introduced to; `NotFound` for anybody else, and for people who have left.

        `AlreadyReported` while an earlier report of the same person by the actor is open. So nobody has more open
        reports than people they were introduced to.
        """
        actor.require(Permission.ANSWER_INTRODUCTIONS)
        me = actor.require_id()
        now = self.clock.now()
        report = Report(
            id=ReportId(self.ids.make("rep")),
            reporter=me,
            subject=subject,
            category=request.category,
            words=request.words,
            created_at=now,
        )
        async with self.storage.write() as tx:
            # Both stay locked until the end, so that neither leaves meanwhile.
            both = await tx.users.by_ids([me, subject])
            await require_current(tx, actor, Permission.ANSWER_INTRODUCTIONS)
            await require_introduced(tx, me, subject)
            if len(both) < 2:
                raise NotFound("user")
            await tx.reports.add(report)
            await tx.outbox.add([report_filed(report)])
            if request.keep_apart:
                await add_block(tx, actor, subject, now)
            await tx.audit.add(audit_entry(actor, "report.made", at=now, subject=subject, what=report.id))
            # Only the reporter's own blocks by id: they must not learn of a block by the other or by a contact.
            kept_apart = subject in await tx.blocks.asked_by(me)
        return ReportedView.of(report, kept_apart=kept_apart)

    async def list_open(
        self, actor: Actor, *, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> list[ReportLine]:
        """List open reports, oldest first, without those about the actor; audited for both members of each."""
        actor.require(Permission.MANAGE_REPORTS)
        async with self.storage.read(latest=True) as reading:

            async def read(after: ReportId | None, limit: int) -> Sequence[Report]:
                return await reading.reports.waiting(not_about=actor.id, after=after, limit=limit)

            found = await own_page(
                actor,
                read,
                key=lambda each: each.id,
                people=lambda each: [each.reporter, each.subject],
                after=after,
                limit=min(limit, MOST_PAGE),
            )
        return await self._lines(actor, found)

    async def list_about(
        self, actor: Actor, subject: UserId, *, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> list[ReportLine]:
        """List all reports about one member, oldest first; audited."""
        actor.require(Permission.MANAGE_REPORTS)
        actor.require_another(subject)
        async with self.storage.read(latest=True) as reading:
            await reading.users.get(subject)
            found = await reading.reports.about(subject, after=after, limit=min(limit, MOST_PAGE))
        return await self._lines(actor, found, subject)

    async def read(self, actor: Actor, id: ReportId) -> ReportView:
        """Read a whole report; audited for both members.

        `NotFound` for a report about the actor, who must not learn that there is one.
        """
        actor.require(Permission.MANAGE_REPORTS)
        async with self.storage.read(latest=True) as reading:
            report = await _not_about(reading, actor, id)
        both = (report.subject, report.reporter)
        await self.audit_writer.shown(actor, "report.read", both, at=self.clock.now(), what=id)
        return ReportView.of(report, await self._names([report]))

    async def resolve(self, actor: Actor, id: ReportId, request: ReportResolution) -> ReportView:
        """Resolve a report, once, as staff or the operator.

        `WrongStatus` for the resolution `suspended` when the member is not suspended; `Forbidden` for the reporter.
        """
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.MANAGE_REPORTS) as tx:
            report = await _not_about(tx, actor, id)
            actor.require_another(report.reporter)
            resolved = report.resolve(request.resolution, request.words, by=actor.id, at=now)
            if request.resolution is Resolution.SUSPENDED:
                await _require_suspended(tx, report.subject)
            await tx.reports.save(resolved)
            await tx.outbox.add([report_resolved(resolved, now)])
            what = f"{id} {request.resolution}"
            both = (report.subject, report.reporter)
            await tx.audit.add(audit_entry(actor, "report.resolved", at=now, subjects=both, what=what))
        return ReportView.of(resolved, await self._names([resolved]))

    async def _lines(self, actor: Actor, reports: Sequence[Report], *about: UserId) -> list[ReportLine]:
        people = {*about, *(person for each in reports for person in (each.subject, each.reporter))}
        await self.audit_writer.shown(actor, "reports.listed", people, at=self.clock.now(), kind=ReadKind.MASKED)
        names = await self._names(reports)
        return [ReportLine.of(each, names) for each in reports]

    async def _names(self, reports: Sequence[Report]) -> Names:
        """Read the masked names, in a transaction of their own, so that a list does not lock two hundred members."""
        people = sorted({person for each in reports for person in (each.subject, each.reporter)})
        async with self.storage.read() as reading:
            known = {user.id: masked(user.name) for user in await reading.users.by_ids(people)}
        return lambda person: known.get(person, "?")


async def _not_about(tx: Reading | Writing, actor: Actor, id: ReportId) -> Report:
    report = await tx.reports.get(id)
    if report.subject == actor.id:
        raise NotFound("report")
    return report


async def _require_suspended(tx: Writing, subject: UserId) -> None:
    """`WrongStatus` unless the member is suspended. Suspending is `MemberReview`'s; this use case only resolves."""
    if [user.status for user in await tx.users.by_ids([subject])] != [Status.SUSPENDED]:
        raise WrongStatus(N_("this member is not suspended: suspend them first, then resolve the report"))
