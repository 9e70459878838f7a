"""Reporting a member one was introduced to, and what staff make of it. Whoever is reported never learns by whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, ConfigDict, StrictBool

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.members.blocks import add_block, require_introduced
from ygs.application.members.review import masked
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, NotFound, WrongStatus
from ygs.domain.ids import ReportId, UserId
from ygs.domain.reports import Category, Report, ReportState, Resolution
from ygs.domain.text import NOTE_LENGTH
from ygs.domain.users import Status
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing

# What lists call somebody.
Names: TypeAlias = Callable[[UserId], str]


class ReportRequest(BaseModel):
    """What somebody is reported for; `other` needs words. `keep_apart` blocks them as well: the two are never
    introduced again, and what stands between them ends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: Category
    words: Annotated[str, CheckedText("words", NOTE_LENGTH)] = ""
    keep_apart: StrictBool = False


class ReportResolution(BaseModel):
    """What staff make of a report, and why; only staff read the words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    resolution: Resolution
    words: Annotated[str, CheckedText("words", NOTE_LENGTH, required=True)]


class ReportedView(BaseModel):
    """A stored report, as its reporter sees it. `kept_apart`: whether the reporter blocks the person they reported. If
    not, offer them the block (`PUT /users/me/blocks/{id}`): a report alone ends nothing between the two."""

    model_config = ConfigDict(frozen=True)

    id: ReportId
    category: Category
    state: ReportState
    kept_apart: bool
    created_at: datetime

    @classmethod
    def of(cls, report: Report, *, kept_apart: bool) -> "ReportedView":
        """The view of a report."""
        return cls(
            id=report.id,
            category=report.category,
            state=report.state,
            kept_apart=kept_apart,
            created_at=report.created_at,
        )


class ReportLine(BaseModel):
    """One line of staff's lists, without what anybody wrote. Names are masked; who has left since is called "?"."""

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
        """The line of one."""
        return cls(**_line(report, names))


class ReportView(ReportLine):
    """A whole report, for staff. `words` are the reporter's. `resolved_by`: null too when the operator did."""

    words: str
    staff_words: str
    resolved_by: str | None
    resolved_at: datetime | None

    @classmethod
    def of(cls, report: Report, names: Names) -> "ReportView":
        """The view of one."""
        told = {name: getattr(report, name) for name in ("words", "staff_words", "resolved_by", "resolved_at")}
        return cls(**_line(report, names), **told)


def _line(report: Report, names: Names) -> dict[str, Any]:
    shown = ("id", "reporter", "subject", "category", "state", "resolution", "created_at")
    called = {"reporter_name": names(report.reporter), "subject_name": names(report.subject)}
    return {name: getattr(report, name) for name in shown} | called


@dataclass(frozen=True, slots=True)
class Reports:
    """What members and staff do with reports."""

    storage: Storage
    clock: Clock
    ids: Ids

    async def report(self, actor: Actor, subject: UserId, request: ReportRequest) -> ReportedView:
        """Report somebody the actor was ever introduced to; everybody else is `NotFound`, as if not there, and so is
        whoever left.

        `AlreadyReported` while an earlier report of the same person is open, so that nobody has more of them open than
        people they were introduced to.
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
            await require_introduced(tx, me, subject)
            # Both stay locked until the end, so that neither leaves meanwhile.
            if len(await tx.users.by_ids([me, subject])) < 2:
                raise NotFound("user")
            await tx.reports.add(report)
            if request.keep_apart:
                await add_block(tx, actor, subject, now)
            await tx.audit.add(audit_entry(actor, "report.made", at=now, subject=subject, what=report.id))
            # The reporter's own blocks by id alone: one by the other, or by a contact, is nothing they may learn of.
            kept_apart = subject in await tx.blocks.asked_by(me)
        return ReportedView.of(report, kept_apart=kept_apart)

    async def list_open(
        self, actor: Actor, *, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> list[ReportLine]:
        """List open reports, oldest first, without those about the actor; audited for both members of each."""
        actor.require(Permission.MANAGE_REPORTS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            found = await tx.reports.waiting(not_about=actor.id, after=after, limit=min(limit, MOST_PAGE))
            people = sorted({person for each in found for person in (each.subject, each.reporter)})
            await tx.audit.add(*(audit_entry(actor, "reports.listed", at=now, subject=person) for person in people))
        return await self._lines(found)

    async def list_about(
        self, actor: Actor, subject: UserId, *, after: ReportId | None = None, limit: int = MOST_PAGE
    ) -> list[ReportLine]:
        """Reports about one member, open or resolved, those that came first first; on record."""
        actor.require(Permission.MANAGE_REPORTS)
        actor.require_another(subject)
        async with self.storage.write() as tx:
            await tx.users.get(subject)
            found = await tx.reports.about(subject, after=after, limit=min(limit, MOST_PAGE))
            await tx.audit.add(audit_entry(actor, "reports.listed", at=self.clock.now(), subject=subject))
        return await self._lines(found)

    async def read(self, actor: Actor, id: ReportId) -> ReportView:
        """One report with all that was written, on record as read of both whom it concerns. One about the actor is
        `NotFound`: that there is one is already more than they may know."""
        actor.require(Permission.MANAGE_REPORTS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            report = await _not_about(tx, actor, id)
            both = (report.subject, report.reporter)
            await tx.audit.add(*(audit_entry(actor, "report.read", at=now, subject=each, what=id) for each in both))
        return ReportView.of(report, await self._names([report]))

    async def resolve(self, actor: Actor, id: ReportId, request: ReportResolution) -> ReportView:
        """Say, once, what was made of a report, as staff or the operator. `WrongStatus` for saying that somebody was
        suspended who is not; `Forbidden` for whoever reported it."""
        actor.require(Permission.MANAGE_REPORTS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            report = await _not_about(tx, actor, id)
            actor.require_another(report.reporter)
            resolved = report.resolve(request.resolution, request.words, by=actor.id, at=now)
            if request.resolution is Resolution.SUSPENDED:
                await _require_suspended(tx, report.subject)
            await tx.reports.save(resolved)
            what = f"{id} {request.resolution}"
            await tx.audit.add(audit_entry(actor, "report.resolved", at=now, subject=report.subject, what=what))
        return ReportView.of(resolved, await self._names([resolved]))

    async def _lines(self, reports: Sequence[Report]) -> list[ReportLine]:
        names = await self._names(reports)
        return [ReportLine.of(each, names) for each in reports]

    async def _names(self, reports: Sequence[Report]) -> Names:
        """In a transaction of their own that only reads: a list must not hold two hundred members still."""
        people = sorted({person for each in reports for person in (each.subject, each.reporter)})
        async with self.storage.read() as reading:
            known = {user.id: masked(user.name) for user in await reading.users.by_ids(people)}
        return lambda person: known.get(person, "?")


async def _not_about(tx: Writing, actor: Actor, id: ReportId) -> Report:
    report = await tx.reports.get(id)
    if report.subject == actor.id:
        raise NotFound("report")
    return report


async def _require_suspended(tx: Writing, subject: UserId) -> None:
    """Suspending is a use case of its own, with all that it ends; here it is only said that it was done."""
    if [user.status for user in await tx.users.by_ids([subject])] != [Status.SUSPENDED]:
        raise WrongStatus(N_("this member is not suspended: suspend them first, then resolve the report"))
