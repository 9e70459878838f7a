"""Imports of members from a sheet: who made them, how far each is, and how many members it added."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, DeadlinePassed, WrongStatus
from ygs.domain.files import UPLOAD_FOR, Bucket, ObjectKey
from ygs.domain.ids import ImportId, JobId

# The sheet, its mapping and the verdicts on its rows hold data of people who may never become members.
SHEET_KEPT_FOR = timedelta(days=7)
MOST_SHEET_BYTES = 32 << 20
MOST_MAPPING = 50_000


class SheetType(StrEnum):
    """The type of an uploaded sheet."""

    XLSX = "xlsx"
    CSV = "csv"
    ZIP = "zip"


class ImportState(StrEnum):
    """Where an import stands."""

    OPEN = "open"
    STORED = "stored"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetImport:
    """One import of one sheet. Times are UTC.

    `requested_by`: a user's id, or the operator. `sheet_type`: None when the sheet was read at the machine and not
    uploaded. `mapping`: the latest TOML mapping, empty before one was given and once the members are stored. `job_id`:
    the latest job. `members`: how many members it added.
    """

    id: ImportId
    requested_by: str
    created_at: datetime
    sheet_type: SheetType | None = None
    mapping: str = ""
    job_id: JobId | None = None
    state: ImportState = ImportState.OPEN
    members: int = 0
    stored_at: datetime | None = None
    undone_at: datetime | None = None
    version: int = 0

    @property
    def upload_expires_at(self) -> datetime:
        """When the form that sends its sheet expires."""
        return self.created_at + UPLOAD_FOR

    @property
    def removed_at(self) -> datetime:
        """From when on its sheet, its mapping and the verdicts are no longer there."""
        return self.created_at + SHEET_KEPT_FOR

    @property
    def sheet_key(self) -> ObjectKey:
        """The key of its sheet."""
        return ObjectKey(Bucket.DOCUMENTS, f"imports/{self.id.partition('_')[2]}")

    def queued(self, job: JobId, *, at: datetime, mapping: str | None = None) -> Self:
        """The import with a new job, and another mapping if one is given.

        `WrongStatus` once its members are stored, `DeadlinePassed` once its sheet is removed.
        """
        self._require_open()
        if at >= self.removed_at:
            raise DeadlinePassed(N_("the sheet of this import was removed: begin another import"))
        return replace(self, job_id=job, mapping=self.mapping if mapping is None else mapping)

    def suggested(self, mapping: str) -> Self:
        """The import with a mapping that was suggested for its sheet."""
        self._require_open()
        return replace(self, mapping=mapping)

    def stored(self, members: int, *, at: datetime) -> Self:
        """The import after its accepted rows became members. `WrongStatus` the second time."""
        self._require_open()
        return replace(self, state=ImportState.STORED, members=members, stored_at=at, mapping="")

    def undone(self, *, at: datetime) -> Self:
        """The import after the members that it added have left. `WrongStatus` unless it is stored."""
        if self.state is ImportState.OPEN:
            raise WrongStatus(N_("this import has stored nothing yet, so there is nothing to undo"))
        if self.state is ImportState.UNDONE:
            raise WrongStatus(N_("this import was undone already"))
        return replace(self, state=ImportState.UNDONE, undone_at=at)

    def _require_open(self) -> None:
        if self.state is not ImportState.OPEN:
            raise WrongStatus(N_("the members of this import are stored already: begin another import for more"))


@dataclass(frozen=True, slots=True)
class ImportVerdict:
    """One line of what came of judging a sheet, as JSON: the report is number 0, reasons for rejections follow."""

    number: int
    text: str
