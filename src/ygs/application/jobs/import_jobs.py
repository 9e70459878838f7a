"""Imports as jobs: a sheet is uploaded, its rows are judged by a mapping, and the accepted ones become members.

The sheet lies in the blob store. It is removed, as its mapping and the verdicts on its rows are, seven days after the
import began; a sheet whose members are stored is removed at once.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.bilingual import Bilingual
from ygs.application.changes import begin_change
from ygs.application.drafts.column_drafts import ColumnDrafts
from ygs.application.importing.import_members import ImportOutcome, ImportReport, MemberImport, RecordImport
from ygs.application.importing.mapping import parse_mapping
from ygs.application.importing.outline import MappingOutline
from ygs.application.importing.rejections import Rejection, RejectionReason, detail_in_words
from ygs.application.importing.suggestion import OpenColumns, require_column_items
from ygs.application.jobs.file_removals import FileRemovals
from ygs.application.jobs.queue import JobView
from ygs.application.jobs.worker import JobRun
from ygs.domain.advice import DraftKind
from ygs.domain.errors import N_, BadFile, LimitReached, NotFound, NotUploaded, Unavailable, WrongStatus
from ygs.domain.ids import ImportId, JobId, UserId, import_id
from ygs.domain.imports import (
    MOST_MAPPING,
    MOST_SHEET_BYTES,
    ImportState,
    ImportVerdict,
    SheetImport,
    SheetType,
)
from ygs.domain.jobs import OPERATOR, Job, JobKind, Values
from ygs.domain.matching.attribute import Language
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.spreadsheets import MOST_COLUMNS, MOST_ROWS
from ygs.ports.storage import Storage, Writing

MOST_ADMITTED = 1_000
MOST_COLUMN_NAME = 200
_MEMBER = re.compile(r"\busr_[0-9A-Z]{26}\b")
_TYPES: Mapping[SheetType, str] = {
    SheetType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    SheetType.CSV: "text/csv",
    SheetType.ZIP: "application/zip",
}


class NewImport(BaseModel):
    """The type of the sheet to import."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: SheetType = Field(default=SheetType.XLSX, description="The type of the sheet; a ZIP holds one CSV file.")


class ImportUpload(BaseModel):
    """How to send the sheet: POST `fields` in this order, then ``file``, to `url` as ``multipart/form-data`` before
    `expires_at`. A `url` without a host is the service's own."""

    model_config = ConfigDict(frozen=True)

    id: ImportId
    url: str
    fields: dict[str, str]
    most_bytes: int
    expires_at: datetime
    removed_at: datetime = Field(description="From when on the sheet and the verdicts are no longer there, UTC.")


class ImportRun(BaseModel):
    """What to do with an uploaded sheet.

    Without `mapping`, one is suggested from the headers, or from what `columns` says. With it every row is judged, and
    with `commit` the accepted ones become members.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mapping: Annotated[str, Field(max_length=MOST_MAPPING)] = Field(
        default="", description="TOML that says what the columns and values mean. Empty: suggest one."
    )
    columns: dict[Annotated[str, Field(max_length=MOST_COLUMN_NAME)], Annotated[str, Field(max_length=40)]] = Field(
        default_factory=dict,
        max_length=MOST_COLUMNS,
        description="What each column is, by its name: the code of an item, such as `name`, `height_cm` or "
        "`wishes.region`; empty to leave it out. A mapping is then made from it.",
    )
    commit: StrictBool = Field(default=False, description="Whether to store the accepted rows, all or none.")
    admit: list[Annotated[int, Field(ge=1, le=MOST_ROWS * 10)]] = Field(
        default_factory=list,
        max_length=MOST_ADMITTED,
        description="Numbers of rows that are other people in spite of a member's name, gender and birth year.",
    )
    language: Language = Field(default=Language.KO, description="The language of rules in the verdicts.")
    ask_model: StrictBool = Field(
        default=False,
        description="Whether a language model is asked about columns whose names are not known, where that is on: it "
        "gets their names and the kinds of their values, never a value.",
    )


class ImportMapping(BaseModel):
    """The latest mapping of an import: the one that was given, or suggested."""

    model_config = ConfigDict(frozen=True)

    mapping: str


class ImportDraft(BaseModel):
    """An import that is not stored yet. `outline`: None for a mapping that cannot be read."""

    model_config = ConfigDict(frozen=True)

    mapping: str
    outline: MappingOutline | None
    admitted: Sequence[int]


class ImportView(BaseModel):
    """An import and where it stands."""

    model_config = ConfigDict(frozen=True)

    id: ImportId
    requested_by: str = Field(description="The id of who began it, or `operator`.")
    format: SheetType | None = Field(description="The type of its sheet; null when it was read at the machine.")
    state: ImportState
    job_id: JobId | None = Field(description="Its latest job; null before one was queued.")
    members: int = Field(ge=0, description="How many members it added.")
    created_at: datetime
    removed_at: datetime = Field(description="From when on its sheet and its verdicts are no longer there, UTC.")
    stored_at: datetime | None
    undone_at: datetime | None

    @classmethod
    def of(cls, made: SheetImport) -> Self:
        """The view of an import."""
        values = {name: getattr(made, name) for name in cls.model_fields if name != "format"}
        return cls(**values, format=made.sheet_type)


class ImportRowVerdict(BaseModel):
    """One reason why a row is not imported. Rows without a verdict are accepted."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(ge=1, description="Its place among the verdicts, which are in order of rows.")
    row: int = Field(ge=1, description="The number of the row, as a spreadsheet shows it.")
    column: str
    reason: RejectionReason
    words: Bilingual = Field(description="The reason in words, with what to do about it.")
    detail: Bilingual = Field(description="Which item of a person, which cell, or which rule.")
    shown: str = Field(description="The text of the cell, shortened.")
    twin: str = Field(description="The id of the member, or the number of the row, that it duplicates; or empty.")

    @classmethod
    def of(cls, number: int, rejection: Rejection) -> Self:
        """The view of a rejection."""
        return cls(
            number=number,
            row=rejection.row,
            column=rejection.column,
            reason=rejection.why,
            words=Bilingual.by(lambda language: [rejection.why.label(language)]),
            detail=Bilingual.by(lambda language: [detail_in_words(rejection.detail, language)]),
            shown=rejection.shown,
            twin=rejection.twin,
        )


@dataclass(frozen=True, slots=True)
class ImportJobs:
    """Begins imports, queues and runs their jobs, and shows what came of them. One job of an import runs at a time."""

    storage: Storage
    clock: Clock
    ids: Ids
    member_import: MemberImport
    store: BlobStore
    audit_writer: AuditWriter
    file_removals: FileRemovals
    column_drafts: ColumnDrafts

    async def begin(self, actor: Actor, request: NewImport) -> ImportUpload:
        """Begin an import: return a signed form that takes the sheet within five minutes."""
        actor.require(Permission.IMPORT)
        made = await self._begin(actor, request)
        form = await self.store.presign_upload(made.sheet_key, _TYPES[request.format], MOST_SHEET_BYTES)
        return ImportUpload(
            id=made.id,
            url=form.url,
            fields=dict(form.fields),
            most_bytes=MOST_SHEET_BYTES,
            expires_at=made.upload_expires_at,
            removed_at=made.removed_at,
        )

    async def _begin(self, actor: Actor, request: NewImport) -> SheetImport:
        now = self.clock.now()
        made = SheetImport(
            id=ImportId(self.ids.make("imp")),
            requested_by=actor.id or OPERATOR,
            created_at=now,
            sheet_type=request.format,
        )
        async with begin_change(self.storage, actor, Permission.IMPORT) as tx:
            await tx.imports.add(made)
            await tx.jobs.add(self.file_removals.job(made.sheet_key, made.removed_at))
            await tx.audit.add(audit_entry(actor, "import.begun", at=now, what=made.id))
        return made

    async def take(self, actor: Actor, request: NewImport, sheet: bytes, *, ask_model: bool = False) -> ImportView:
        """Begin an import of a sheet that is here already, and queue the job that suggests a mapping for it.

        `BadFile` for an empty sheet, or one of more than 32 MiB.
        """
        actor.require(Permission.IMPORT)
        if not 0 < len(sheet) <= MOST_SHEET_BYTES:
            raise BadFile(N_("send a sheet of at most {most} MiB, and not an empty one"), most=MOST_SHEET_BYTES >> 20)
        made = await self._begin(actor, request)
        await self.store.put(made.sheet_key, sheet, _TYPES[request.format])
        await self.run(actor, made.id, ImportRun(ask_model=ask_model))
        return await self.get(actor, made.id)

    async def draft(self, actor: Actor, id: ImportId) -> ImportDraft:
        """Return an import's latest mapping, what it makes of the columns, and the rows that it lets in after all."""
        actor.require(Permission.IMPORT)
        async with self.storage.read(latest=True) as reading:
            made = await reading.imports.get(id)
            admitted = _admitted(await reading.jobs.get(made.job_id)) if made.job_id else []
        return ImportDraft(mapping=made.mapping, outline=_outline(made.mapping), admitted=admitted)

    async def run(self, actor: Actor, id: ImportId, request: ImportRun) -> JobView:
        """Queue a job that suggests a mapping, judges the rows, or stores the accepted ones.

        `NotSetUp` to ask a model that writes no `columns` here, `BadFile` when the mapping is wrong, `WrongStatus`
        while another job of the import runs and once its members are stored.
        """
        actor.require(Permission.IMPORT)
        if request.ask_model:
            self.column_drafts.drafter.require(DraftKind.COLUMNS)
        if request.columns:
            require_column_items(request.columns)
        if request.mapping:
            parse_mapping(request.mapping.encode())
        elif request.commit:
            raise WrongStatus(N_("give the mapping by which rows are stored; it is checked by a dry run first"))
        now = self.clock.now()
        job = self._job(actor, id, request, now)
        async with begin_change(self.storage, actor, Permission.IMPORT) as tx:
            made = await tx.imports.get(id)
            changed = made.queued(job.id, at=now, mapping=request.mapping)
            await _require_idle(tx, made)
            await tx.imports.save(changed)
            await tx.imports.replace_verdicts(id, [])
            queued = await tx.jobs.add(job)
            what = f"{id} {'commit' if request.commit else 'dry run'}"
            await tx.audit.add(audit_entry(actor, "import.queued", at=now, what=what))
        return JobView.of(queued)

    def _job(self, actor: Actor, id: ImportId, request: ImportRun, at: datetime) -> Job:
        arguments: Values = {
            "import": id,
            "commit": request.commit,
            "admit": ",".join(map(str, request.admit)),
            "language": request.language.value,
            "ask_model": request.ask_model,
            "columns": json.dumps(request.columns, ensure_ascii=False),
        }
        return Job.new(JobId(self.ids.make("job")), JobKind.IMPORT, at=at, by=actor.id, arguments=arguments)

    async def list(
        self, actor: Actor, *, after: ImportId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ImportView]:
        """List imports, the newest first, at most `limit` (1..100)."""
        actor.require(Permission.IMPORT)
        async with self.storage.read() as reading:
            return [
                ImportView.of(made) for made in await reading.imports.page(after=after, limit=min(limit, MOST_PAGE))
            ]

    async def get(self, actor: Actor, id: ImportId) -> ImportView:
        """Return one import."""
        return ImportView.of(await self._import(actor, id))

    async def mapping(self, actor: Actor, id: ImportId) -> ImportMapping:
        """Return the latest mapping of an import, given or suggested; `NotFound` before, and once it is stored."""
        made = await self._import(actor, id)
        if not made.mapping:
            raise NotFound("mapping")
        return ImportMapping(mapping=made.mapping)

    async def report(self, actor: Actor, id: ImportId) -> ImportReport:
        """Return the report of the latest mapping; `NotFound` until the rows are judged, and once it is removed."""
        for report in await self._verdicts(actor, id, after=-1, limit=1):
            return ImportReport.model_validate_json(report.text)
        raise NotFound("import report")

    async def verdicts(
        self, actor: Actor, id: ImportId, *, after: int = 0, limit: int = MOST_PAGE
    ) -> Sequence[ImportRowVerdict]:
        """Return the verdicts by the latest mapping numbered above `after`, by row; at most `limit` (1..100)."""
        found = await self._verdicts(actor, id, after=after, limit=min(limit, MOST_PAGE))
        return [ImportRowVerdict.of(each.number, _rejection(each.text)) for each in found]

    async def _import(self, actor: Actor, id: ImportId) -> SheetImport:
        actor.require(Permission.IMPORT)
        async with self.storage.read(latest=True) as reading:
            return await reading.imports.get(id)

    async def _verdicts(self, actor: Actor, id: ImportId, *, after: int, limit: int) -> Sequence[ImportVerdict]:
        """A page of what the latest judgement stored. Reading it is on record, with the members that rows duplicate."""
        await self._import(actor, id)
        async with self.storage.read(latest=True) as reading:
            found = await reading.imports.verdicts(id, after=after, limit=limit)
        twins = sorted({twin for each in found for twin in _MEMBER.findall(each.text)})
        entry = audit_entry(actor, "import.read", at=self.clock.now(), what=id, subjects=twins)
        await self.audit_writer.add(entry)
        return found

    async def run_import(self, run: JobRun) -> Values:
        """Suggest a mapping for the sheet of a job, or judge its rows by one and store the accepted ones."""
        async with self.storage.read(latest=True) as reading:
            made = await reading.imports.get(import_id(str(run.job.arguments["import"])))
        actor = await run.actor()
        async with self._sheet(made) as file:
            if not made.mapping:
                return await self._suggest(actor, run, made, file)
            return await self._judge(actor, run, made, file)

    @asynccontextmanager
    async def _sheet(self, made: SheetImport) -> AsyncIterator[str]:
        """The uploaded sheet as a file."""
        try:
            data = await self.store.read(made.sheet_key, MOST_SHEET_BYTES)
        except NotFound as error:
            raise NotUploaded(N_("nothing has been sent yet: send the sheet to the import's url first")) from error
        with TemporaryDirectory() as folder:
            path = Path(folder, f"sheet.{made.sheet_type}")
            await asyncio.to_thread(path.write_bytes, data)
            yield str(path)

    async def _suggest(self, actor: Actor, run: JobRun, made: SheetImport, file: str) -> Values:
        run.progress("reading", 0, 1)
        propose = self._propose if run.job.arguments.get("ask_model") else None
        chosen = json.loads(str(run.job.arguments.get("columns", "{}")))
        mapping = await self.member_import.suggest(actor, file, propose=propose, chosen=chosen)
        async with begin_change(self.storage, actor, Permission.IMPORT) as tx:
            await tx.imports.save((await tx.imports.get(made.id)).suggested(mapping[:MOST_MAPPING]))
            await run.finish(tx, {"suggested": True})
            await tx.audit.add(audit_entry(actor, "import.suggested", at=self.clock.now(), what=made.id))
        return {}

    async def _propose(self, actor: Actor, found: OpenColumns) -> Mapping[str, str]:
        """What a model takes unknown columns for; nothing where it does not answer, so that the suggestion comes."""
        try:
            return await self.column_drafts.propose(actor, found)
        except (Unavailable, LimitReached):
            return {}

    async def _judge(self, actor: Actor, run: JobRun, made: SheetImport, file: str) -> Values:
        arguments = run.job.arguments
        outcome = await self.member_import.judge(
            actor,
            file,
            parse_mapping(made.mapping.encode()),
            admit=frozenset(_admitted(run.job)),
            language=Language(str(arguments["language"])),
            progress=run.progress,
            record=self._recording(run, made.id) if arguments["commit"] else None,
        )
        if not run.finished:
            async with begin_change(self.storage, actor, Permission.IMPORT) as tx:
                await self._finish(tx, run, made.id, outcome)
                await tx.audit.add(audit_entry(actor, "import.judged", at=self.clock.now(), what=made.id))
        return {}

    def _recording(self, run: JobRun, id: ImportId) -> RecordImport:
        """Finish the job and the import in the transaction that stores the members, so that a worker that takes over
        stores them once."""

        async def record(tx: Writing, outcome: ImportOutcome, added: Sequence[UserId]) -> None:
            made = await tx.imports.get(id)
            await tx.imports.save(made.stored(len(added), at=self.clock.now()))
            await tx.imports.add_members(id, added)
            await tx.files.schedule_deletion([made.sheet_key])
            await self._finish(tx, run, id, outcome)

        return record

    async def _finish(self, tx: Writing, run: JobRun, id: ImportId, outcome: ImportOutcome) -> None:
        lines = [outcome.report.model_dump_json(), *map(_line, outcome.rejected)]
        await tx.imports.replace_verdicts(id, [ImportVerdict(number, line) for number, line in enumerate(lines)])
        await run.finish(tx, _counts(outcome.report))


def _outline(mapping: str) -> MappingOutline | None:
    try:
        return MappingOutline.of(parse_mapping(mapping.encode()))
    except BadFile:
        return None


def _admitted(job: Job) -> Sequence[int]:
    return [int(row) for row in str(job.arguments["admit"]).split(",") if row]


async def _require_idle(tx: Writing, made: SheetImport) -> None:
    """`WrongStatus` while a job of the import is queued or runs: two would judge by each other's mapping."""
    if made.job_id and not (await tx.jobs.get(made.job_id)).over:
        raise WrongStatus(N_("a job of this import is not over yet: wait for it, or cancel it"))


def _counts(report: ImportReport) -> Values:
    names = ("rows", "accepted", "refused", "duplicates", "committed", "known_again", "without_phone")
    return {name: getattr(report, name) for name in names}


def _line(rejection: Rejection) -> str:
    return json.dumps(asdict(rejection), ensure_ascii=False)


def _rejection(line: str) -> Rejection:
    fields = json.loads(line)
    return Rejection(**{**fields, "why": RejectionReason(fields["why"])})
