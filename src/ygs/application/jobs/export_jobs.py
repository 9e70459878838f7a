"""Exports as jobs: a sheet is written to the blob store, fetched by a signed URL, and removed a day later."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.exporting.export_members import ExportReport, MemberExport
from ygs.application.jobs.file_removals import FileRemovals
from ygs.application.jobs.queue import JobView
from ygs.application.jobs.worker import JobRun
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import N_, DeadlinePassed, NotFound, WrongStatus
from ygs.domain.files import export_object_key
from ygs.domain.ids import JobId
from ygs.domain.jobs import OPERATOR, Job, JobKind, JobState, Values
from ygs.domain.matching.attribute import Language
from ygs.domain.text import LINE_LENGTH
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Storage

KEPT_FOR = timedelta(days=1)


class ExportedData(StrEnum):
    """What can be exported."""

    MEMBERS = "members"
    INTRODUCTIONS = "introductions"


class SheetFormat(StrEnum):
    """The format of a sheet; also the ending of its name."""

    XLSX = "xlsx"
    CSV = "csv"


_TYPES: Mapping[str, str] = {
    SheetFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    SheetFormat.CSV: "text/csv",
}


class ExportRequest(BaseModel):
    """What to export, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: ExportedData = Field(description="What to export.")
    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)] = Field(
        description="Why you need it; it stays on record. At most 120 characters."
    )
    contacts: StrictBool = Field(default=False, description="Whether members' phones and e-mail addresses too.")
    format: SheetFormat = Field(default=SheetFormat.XLSX, description="The format of the sheet.")
    language: Language = Field(default=Language.KO, description="The language of its words.")


class OpenedExport(BaseModel):
    """The signed URL at which a finished export is read for 60 s."""

    model_config = ConfigDict(frozen=True)

    url: str = Field(description="A signed URL; good for 60 seconds.")
    rows: int = Field(ge=0, description="Its rows, without the header.")
    removed_at: datetime = Field(description="From when on the sheet is no longer there, UTC.")


@dataclass(frozen=True, slots=True)
class ExportJobs:
    """Queues and runs exports, and hands out what they wrote to whoever asked for it."""

    storage: Storage
    clock: Clock
    ids: Ids
    member_export: MemberExport
    store: BlobStore
    file_removals: FileRemovals

    async def export(self, actor: Actor, request: ExportRequest) -> JobView:
        """Queue an export, and its removal a day later. The reason is on record before anything is read."""
        actor.require(Permission.EXPORT)
        now = self.clock.now()
        asked = {"data": request.data.value, "contacts": request.contacts, "format": request.format.value}
        arguments = {**asked, "language": request.language.value}
        job = Job.new(JobId(self.ids.make("job")), JobKind.EXPORT, at=now, by=actor.id, arguments=arguments)
        removal = self.file_removals.job(export_object_key(job.id), now + KEPT_FOR)
        what = "contacts" if request.contacts and request.data is ExportedData.MEMBERS else ""
        async with self.storage.write() as tx:
            queued = await tx.jobs.add(job)
            await tx.jobs.add(removal)
            await tx.audit.add(audit_entry(actor, f"{request.data}.exported", at=now, what=what, reason=request.reason))
        return JobView.of(queued)

    async def open(self, actor: Actor, id: JobId) -> OpenedExport:
        """A signed URL of the sheet that a job of the actor's wrote; others' are `NotFound`, and so is one that was
        removed. `WrongStatus` until it is written. Each opening is on record."""
        actor.require(Permission.EXPORT)
        now = self.clock.now()
        async with self.storage.write() as tx:
            job = await tx.jobs.get(id)
            self._require_readable(job, actor, now)
            await tx.audit.add(audit_entry(actor, "export.opened", at=now, what=f"{job.arguments['data']} {id}"))
        ending = str(job.arguments["format"])
        name = f"ygs-{job.arguments['data']}.{ending}"
        url = await self.store.presign_read(export_object_key(id), _TYPES[ending], attachment=name)
        return OpenedExport(url=url, rows=int(job.result["rows"]), removed_at=job.created_at + KEPT_FOR)

    def _require_readable(self, job: Job, actor: Actor, now: datetime) -> None:
        if job.kind != JobKind.EXPORT or job.requested_by != (actor.id or OPERATOR) or _over(job, now):
            raise NotFound("export")
        if job.state is not JobState.DONE:
            raise WrongStatus(N_("this export is not written: see its job for how far it is, or why it failed"))

    async def run_export(self, run: JobRun) -> Values:
        """Write the sheet of a job, and keep it in the blob store."""
        if _over(run.job, self.clock.now()):
            raise DeadlinePassed(N_("this export was asked for a day ago: ask for it again"))
        with TemporaryDirectory() as folder:
            file = f"{folder}/sheet.{run.job.arguments['format']}"
            report = await self._write(await run.actor(), run, file)
            data = await asyncio.to_thread(Path(file).read_bytes)
        await self.store.put(export_object_key(run.job.id), data, _TYPES[str(run.job.arguments["format"])])
        return {"rows": report.rows, "cut": report.cut, "bytes": len(data)}

    async def _write(self, actor: Actor, run: JobRun, file: str) -> ExportReport:
        arguments = run.job.arguments
        language = Language(str(arguments["language"]))
        if arguments["data"] == ExportedData.INTRODUCTIONS:
            return await self.member_export.write_introductions(actor, file, language=language, progress=run.progress)
        contacts = bool(arguments["contacts"])
        return await self.member_export.write_members(
            actor, file, contacts=contacts, language=language, progress=run.progress
        )


def _over(job: Job, now: datetime) -> bool:
    return now >= job.created_at + KEPT_FOR
