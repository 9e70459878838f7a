"""Exports of many people's data into a sheet: one account requests it with a reason, and another one approves it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, DeadlinePassed, Forbidden, NotFound, WrongStatus
from ygs.domain.ids import ExportId, JobId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.text import LINE_LENGTH, checked_text, required_text

# A request that nobody decided on: the reason may no longer be true.
REQUEST_OPEN_FOR = timedelta(days=3)
SHEET_OPEN_FOR = timedelta(days=1)


class ExportedData(StrEnum):
    """What can be exported."""

    MEMBERS = "members"
    INTRODUCTIONS = "introductions"
    MEMBERSHIPS = "memberships"
    CONSULTATIONS = "consultations"
    REPORTS = "reports"


class ExportState(StrEnum):
    """Where an export stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetExport:
    """One export. Times are UTC.

    `filters`: whom the sheet holds, as JSON. `people`: how many that were when it was requested, None where it was not
    counted. `decided_by`: a user's id, or the operator. `refusal`: why it was refused. `job_id`: the job that writes
    the sheet. `rows`: how many rows the sheet has, None before it is written.
    """

    id: ExportId
    data: ExportedData
    requested_by: UserId
    requested_at: datetime
    reason: str
    filters: str = "{}"
    contacts: bool = False
    language: Language = Language.KO
    people: int | None = None
    state: ExportState = ExportState.REQUESTED
    decided_by: str = ""
    decided_at: datetime | None = None
    refusal: str = ""
    job_id: JobId | None = None
    rows: int | None = None
    version: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", required_text("reason", self.reason, at_most=LINE_LENGTH))
        object.__setattr__(self, "refusal", checked_text("reason", self.refusal, at_most=LINE_LENGTH))

    @property
    def closes_at(self) -> datetime:
        """Until when it can be decided on; once it is approved, until when the sheet can be downloaded."""
        if self.state is ExportState.APPROVED and self.decided_at:
            return self.decided_at + SHEET_OPEN_FOR
        return self.requested_at + REQUEST_OPEN_FOR

    def approved(self, job: JobId, *, by: str, at: datetime) -> Self:
        """The export with its approval and the job that writes it."""
        return replace(self._decided(by, at), state=ExportState.APPROVED, job_id=job)

    def refused(self, reason: str, *, by: str, at: datetime) -> Self:
        """The export, refused with a reason."""
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        return replace(self._decided(by, at), state=ExportState.REFUSED, refusal=reason)

    def _decided(self, by: str, at: datetime) -> Self:
        if by == self.requested_by:
            raise Forbidden(N_("somebody else must decide on what you requested"))
        if self.state is not ExportState.REQUESTED:
            raise WrongStatus(N_("somebody decided on this export already"))
        if at >= self.closes_at:
            raise DeadlinePassed(N_("this export was requested three days ago: request it again if it is still needed"))
        return replace(self, decided_by=by, decided_at=at)

    def written(self, rows: int) -> Self:
        """The export, once its sheet is in the blob store."""
        return replace(self, rows=rows)

    def require_writable(self, at: datetime) -> None:
        """`DeadlinePassed` unless its sheet may still be written."""
        if self.state is not ExportState.APPROVED or at >= self.closes_at:
            raise DeadlinePassed(N_("this export was approved a day ago: request it again"))

    def require_readable(self, by: UserId, at: datetime) -> None:
        """`NotFound` for anybody but the requester, and when the sheet is removed; `WrongStatus` until it is there."""
        if by != self.requested_by or (self.state is ExportState.APPROVED and at >= self.closes_at):
            raise NotFound("export", self.id)
        if self.state is not ExportState.APPROVED:
            raise WrongStatus(N_("nobody has approved this export"))
        if self.rows is None:
            raise WrongStatus(N_("this export is not written: see its job for how far it is, or why it failed"))
