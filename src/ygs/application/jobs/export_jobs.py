"""Exports over HTTP: one account requests a sheet with a reason, another one approves it, a job writes it, and whoever
requested it downloads it within a day.

A download is a reply to a signed-in request. There is no signed URL, so no log of addresses holds a key to the sheet.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Self, TypedDict

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from ygs.application.accounts.sessions import require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.directory.search import MemberCriteria
from ygs.application.exporting.export_members import ExportReport, MemberExport
from ygs.application.jobs.file_removals import FileRemovals
from ygs.application.jobs.worker import JobRun
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, InvalidFact
from ygs.domain.events import EventType, export_event
from ygs.domain.exports import SHEET_OPEN_FOR, ExportedData, ExportState, SheetExport
from ygs.domain.files import export_object_key
from ygs.domain.ids import ExportId, JobId, UserId, export_id
from ygs.domain.jobs import OPERATOR, Job, JobKind, Values
from ygs.domain.matching.attribute import Language
from ygs.domain.text import LINE_LENGTH
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.phone_numbers import Phones
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.audit import AuditFilter
from ygs.ports.repositories.directory import MemberFilter
from ygs.ports.scoring_and_solving import Progress
from ygs.ports.spreadsheets import MOST_BYTES
from ygs.ports.storage import Storage, Writing

# A sheet over HTTP is a workbook: it has room for who made it and why.
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_Reason = Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)]


class ExportFilters(BaseModel):
    """Whom the sheet holds: everybody without any of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    members: MemberCriteria = Field(
        default_factory=MemberCriteria, description="Of members, those who fit, as in the directory."
    )
    since: date | None = Field(
        default=None,
        description="Of everything but members, from this day on: the first day of a week, of a contract or of a "
        "consultation, and the day of a report, in the service's time zone.",
    )
    until: date | None = Field(default=None, description="Of everything but members, before this day.")

    def to_filter(self, phones: Phones, requester: UserId) -> MemberFilter:
        """The filter of members; `InvalidFact` or `InvalidText` for one that fits nobody."""
        return self.members.to_filter(phones, requester)

    def check(self, data: ExportedData) -> None:
        """`InvalidFact` for filters of other data: the sheet would hold more than the requester thinks."""
        if data is ExportedData.MEMBERS and (self.since or self.until):
            raise InvalidFact("since", N_("members are filtered by `members`, not by days"))
        if data is not ExportedData.MEMBERS and self.members.names:
            raise InvalidFact("members", N_("only an export of members is filtered by these"))
        if self.since and self.until and self.since >= self.until:
            raise InvalidFact("until", N_("must be after the beginning"))


class ExportRequest(BaseModel):
    """What to export, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: ExportedData = Field(description="What to export.")
    reason: _Reason = Field(
        description="Why you need it; whoever approves reads it, and it stays on record. At most 120 characters."
    )
    filters: ExportFilters = Field(default_factory=ExportFilters, description="Whom the sheet holds.")
    contacts: StrictBool = Field(default=False, description="Whether members' phones and e-mail addresses too.")
    language: Language = Field(default=Language.KO, description="The language of its words.")


class ExportRefusal(BaseModel):
    """Why an export is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: _Reason = Field(description="Why; the requester reads it. At most 120 characters.")


class ExportView(BaseModel):
    """An export and where it stands."""

    model_config = ConfigDict(frozen=True)

    id: ExportId
    data: ExportedData
    requested_by: UserId
    requested_at: datetime = Field(description="When it was requested, UTC.")
    reason: str = Field(description="Why it is needed.")
    filters: ExportFilters = Field(description="Whom the sheet holds.")
    contacts: bool = Field(description="Whether with phones and e-mail addresses.")
    language: Language
    people: int | None = Field(description="How many people fitted when it was requested; null if not counted.", ge=0)
    state: ExportState
    decided_by: str | None = Field(description="Who approved or refused it: an id, or `operator`; null before.")
    decided_at: datetime | None = Field(description="When, UTC; null before.")
    refusal: str = Field(description="Why it was refused; empty otherwise.")
    closes_at: datetime = Field(
        description="Until when it can be decided on; once approved, until when the sheet can be downloaded; UTC."
    )
    job_id: JobId | None = Field(description="The job that writes the sheet; null before the approval.")
    rows: int | None = Field(description="Its rows, without the header; null before the sheet is written.", ge=0)

    @classmethod
    def of(cls, export: SheetExport) -> Self:
        """The view of an export."""
        names = cls.model_fields.keys() - {"filters", "decided_by"}
        values = {name: getattr(export, name) for name in names}
        filters = ExportFilters.model_validate_json(export.filters)
        return cls(**values, filters=filters, decided_by=export.decided_by or None)


@dataclass(frozen=True, slots=True)
class DownloadedSheet:
    """A sheet and the name that it is saved by."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ExportJobs:
    """Use cases of exports that two accounts agree to."""

    storage: Storage
    clock: Clock
    ids: Ids
    phones: Phones
    member_export: MemberExport
    store: BlobStore
    file_removals: FileRemovals

    async def request(self, actor: Actor, request: ExportRequest) -> ExportView:
        """Request an export: it stands for three days until another account approves or refuses it.

        `Forbidden` unless the actor signed in within the last 15 minutes, and for the operator, who exports at the
        machine.
        """
        actor.require(Permission.EXPORT)
        me = actor.require_id()
        request.filters.check(request.data)
        people = await self._count(actor, request)
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.EXPORT) as tx:
            await require_fresh(tx, actor, at=now)
            requested = SheetExport(
                id=ExportId(self.ids.make("exp")),
                data=request.data,
                requested_by=me,
                requested_at=now,
                reason=request.reason,
                filters=request.filters.model_dump_json(exclude_defaults=True),
                contacts=request.contacts and request.data is ExportedData.MEMBERS,
                language=request.language,
                people=people,
            )
            stored = await tx.exports.add(requested)
            await tx.outbox.add([export_event(EventType.EXPORT_REQUESTED, stored, now)])
            what = f"{stored.id} {stored.data} {request.filters.members.names}".strip()
            await tx.audit.add(audit_entry(actor, "export.requested", at=now, what=what, reason=stored.reason))
        return ExportView.of(stored)

    async def _count(self, actor: Actor, request: ExportRequest) -> int:
        filters = request.filters
        wanted = filters.to_filter(self.phones, actor.require_id())
        return await self.member_export.count_people(
            actor, request.data, wanted=wanted, since=filters.since, until=filters.until
        )

    async def list(
        self, actor: Actor, *, after: ExportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ExportView]:
        """List exports, the newest first, at most `limit` (1..100)."""
        actor.require(Permission.EXPORT)
        async with self.storage.read(latest=True) as reading:
            page = await reading.exports.page(after=after, limit=min(limit, MOST_PAGE))
        return [ExportView.of(each) for each in page]

    async def get(self, actor: Actor, id: ExportId) -> ExportView:
        """Return one export; `NotFound` once it was purged, thirty days after it was requested."""
        actor.require(Permission.EXPORT)
        async with self.storage.read(latest=True) as reading:
            return ExportView.of(await reading.exports.get(id))

    async def approve(self, actor: Actor, id: ExportId) -> ExportView:
        """Approve what another account requested, and queue the job that writes it and the removal a day later.

        `Forbidden` for the requester, and unless the actor signed in within the last 15 minutes. `WrongStatus` when it
        is decided, `DeadlinePassed` after three days.
        """
        now = self.clock.now()
        job_id = JobId(self.ids.make("job"))
        async with begin_change(self.storage, actor, Permission.EXPORT) as tx:
            await require_fresh(tx, actor, at=now)
            approved = (await tx.exports.get(id)).approved(job_id, by=actor.id or OPERATOR, at=now)
            stored = await tx.exports.save(approved)
            arguments = {"export": id}
            by = stored.requested_by
            await tx.jobs.add(Job.new(job_id, JobKind.EXPORT, at=now, by=by, arguments=arguments))
            await tx.jobs.add(self.file_removals.job(export_object_key(id), now + SHEET_OPEN_FOR))
            await tx.audit.add(audit_entry(actor, "export.approved", at=now, what=id, reason=stored.reason))
        return ExportView.of(stored)

    async def refuse(self, actor: Actor, id: ExportId, request: ExportRefusal) -> ExportView:
        """Refuse what another account requested, with a reason. Errors as for `approve`."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.EXPORT) as tx:
            await require_fresh(tx, actor, at=now)
            refused = (await tx.exports.get(id)).refused(request.reason, by=actor.id or OPERATOR, at=now)
            stored = await tx.exports.save(refused)
            await tx.outbox.add([export_event(EventType.EXPORT_REFUSED, stored, now)])
            await tx.audit.add(audit_entry(actor, "export.refused", at=now, what=id, reason=stored.refusal))
        return ExportView.of(stored)

    async def download(self, actor: Actor, id: ExportId) -> DownloadedSheet:
        """The sheet that the actor requested, as often as they need within a day; each time is audited with everybody
        in it.

        `NotFound` for others' and once it is removed, `WrongStatus` until it is written.
        """
        me = actor.require_id()
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.EXPORT) as tx:
            export = await tx.exports.get(id)
            export.require_readable(me, now)
            people = await _people(tx, export)
            action = f"{export.data}.downloaded"
            await tx.audit.add(audit_entry(actor, action, at=now, subjects=people, what=id, reason=export.reason))
        data = await self.store.read(export_object_key(id), MOST_BYTES)
        return DownloadedSheet(f"ygs-{export.data}.xlsx", data)

    async def run_export(self, run: JobRun) -> Values:
        """Write the sheet of an approved export, and keep it in the blob store.

        `Forbidden` when the requester has lost the right, also while it was written.
        """
        async with self.storage.read(latest=True) as reading:
            export = await reading.exports.get(export_id(str(run.job.arguments["export"])))
        export.require_writable(self.clock.now())
        with TemporaryDirectory() as folder:
            file = f"{folder}/sheet.xlsx"
            actor = await run.actor()
            report = await self._write(actor, run, export, file)
            data = await asyncio.to_thread(Path(file).read_bytes)
        await self.store.put(export_object_key(export.id), data, SHEET_TYPE)
        result: Values = {"rows": report.rows, "cut": report.cut, "bytes": len(data)}
        async with begin_change(self.storage, actor, Permission.EXPORT) as tx:
            written = (await tx.exports.get(export.id)).written(report.rows)
            await tx.exports.save(written)
            await tx.outbox.add([export_event(EventType.EXPORT_WRITTEN, written, self.clock.now())])
            await run.finish(tx, result)
        return result

    async def _write(self, actor: Actor, run: JobRun, export: SheetExport, file: str) -> ExportReport:
        filters = ExportFilters.model_validate_json(export.filters)
        common: _Options = {
            "reason": export.reason,
            "request": export.id,
            "language": export.language,
            "progress": run.progress,
        }
        if export.data is ExportedData.MEMBERS:
            wanted = filters.to_filter(self.phones, export.requested_by)
            return await self.member_export.members(actor, file, wanted=wanted, contacts=export.contacts, **common)
        days: _Days = {"since": filters.since, "until": filters.until}
        if export.data is ExportedData.INTRODUCTIONS:
            return await self.member_export.introductions(actor, file, **days, **common)
        return await self.member_export.dated(actor, file, export.data, **days, **common)


class _Options(TypedDict):
    reason: str
    request: str
    language: Language
    progress: Progress


class _Days(TypedDict):
    since: date | None
    until: date | None


async def _people(tx: Writing, export: SheetExport) -> Sequence[str]:
    """Whom the sheet is about, as the audit log holds them since it was written."""
    action = f"{export.data}.exported"
    wanted = AuditFilter(actor=export.requested_by, actions=(action,), since=export.decided_at)
    before: int | None = None
    while page := await tx.audit.search(wanted, before=before, limit=MOST_PAGE):
        for chained in page:
            if chained.entry.what.partition(" ")[0] == export.id:
                several = (await tx.audit.subjects(chained.number, chained.number)).get(chained.number, ())
                return [chained.entry.subject] if chained.entry.subject else several
        before = page[-1].number
    return ()
