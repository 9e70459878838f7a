"""Export of the audit log by time, to be verified elsewhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.redaction import Redaction
from ygs.application.changes import begin_change
from ygs.application.request_fields import CheckedText, Moment
from ygs.domain.audit_export import ExportedRun, entry_line, withheld_line
from ygs.domain.errors import N_, InvalidFact
from ygs.domain.text import LINE_LENGTH
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage, Writing

# What one file holds. A club of a hundred thousand members writes as much in some weeks.
MOST_EXPORTED = 200_000


class AuditExportRequest(BaseModel):
    """From when to when the log is exported, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Moment = Field(description="From this moment on.")
    until: Moment = Field(description="Before this moment.")
    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)] = Field(
        description="Why; it stands in the audit log."
    )


@dataclass(frozen=True, slots=True)
class AuditExports:
    """Exports the audit log by time, for administrators and the operator; each export is audited with its reason."""

    storage: Storage
    clock: Clock

    async def export(self, actor: Actor, request: AuditExportRequest) -> AsyncIterator[str]:
        """The lines of the file, as `domain.audit_export` describes them, for the caller to iterate.

        Of an entry that is withheld from the reader only its number and digest are in it. The run has no gap, so an
        entry that was dated differently from its neighbours is in it too. `InvalidFact` for a time the wrong way round,
        or in which more than `MOST_EXPORTED` entries were written.
        """
        actor.require(Permission.READ_AUDIT)
        if request.since >= request.until:
            raise InvalidFact("until", N_("must be after the beginning"))
        redaction = await Redaction.towards(actor, self.storage)
        async with begin_change(self.storage, actor, Permission.READ_AUDIT) as tx:
            run = await _run(tx, request)
            what = f"{run.after + 1}-{run.last}"
            at = self.clock.now()
            await tx.audit.add(audit_entry(actor, "audit.exported", at=at, what=what, reason=request.reason))
        return self._lines(run, redaction)

    async def _lines(self, run: ExportedRun, redaction: Redaction) -> AsyncIterator[str]:
        yield run.first_line()
        number, digest, hidden = run.after, run.before_digest, 0
        while number < run.last:
            # A transaction for each page: whoever reads slowly holds none open.
            async with self.storage.read(latest=True) as reading:
                page = await reading.audit.page(after=number, limit=min(MOST_PAGE, run.last - number))
                if not page:
                    return
                people = await reading.audit.subjects(page[0].number, page[-1].number)
                withheld = await redaction.withheld(reading, page)
            for each in page:
                shown = each.number not in withheld
                yield entry_line(each, people.get(each.number, ())) if shown else withheld_line(each)
            hidden += len(withheld)
            number, digest = page[-1].number, page[-1].digest
        async with self.storage.read(latest=True) as reading:
            yield replace(run, last_digest=digest, withheld=hidden).last_line(reading.audit.mac)


async def _run(tx: Reading | Writing, request: AuditExportRequest) -> ExportedRun:
    """The run of the time asked for. Where nothing was written in it, it is empty and stands at the log's end."""
    head = await tx.audit.head()
    span = await tx.audit.span(request.since, request.until)
    first, last = span or (head.number + 1, head.number)
    if last - first >= MOST_EXPORTED:
        raise InvalidFact(
            "until", N_("in this time {most:,} entries or more were written: choose a shorter one"), most=MOST_EXPORTED
        )
    before = await tx.audit.page(after=first - 2, limit=1) if first - 1 > head.base_number else ()
    return ExportedRun(
        since=request.since.astimezone(UTC),
        until=request.until.astimezone(UTC),
        after=first - 1,
        before_digest=before[0].digest if before else head.base_digest,
        last=last,
    )
