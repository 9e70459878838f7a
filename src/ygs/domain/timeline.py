"""The timeline of a member: what happened to them, newest first. It holds no answer and names no reporter."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.ids import UserId

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class TimelineEvent(StrEnum):
    """What happened to a member."""

    JOINED = "member.joined"
    EDITED = "member.edited"
    CORRECTED = "member.corrected"
    APPROVED = "member.approved"
    REJECTED = "member.rejected"
    SUSPENDED = "member.suspended"
    RESTORED = "member.restored"
    RESUMED = "member.resumed"
    ASSIGNED = "member.assigned"
    ROLE_CHANGED = "account.role_changed"
    EMAIL_CHANGED = "account.email_changed"
    PHONE_CHANGED = "account.phone_changed"
    FILE_ADDED = "file.added"
    PHOTO_APPROVED = "photo.approved"
    PHOTO_REFUSED = "photo.refused"
    PHOTO_DELETED = "photo.deleted"
    DOCUMENT_VERIFIED = "document.verified"
    DOCUMENT_REFUSED = "document.refused"
    DOCUMENT_EXPIRED = "document.expired"
    DOCUMENT_REMOVED = "document.removed"
    MEMBERSHIP_STARTED = "membership.started"
    MEMBERSHIP_PAID = "membership.paid"
    MEMBERSHIP_GRANTED = "membership.granted"
    MEMBERSHIP_PAUSED = "membership.paused"
    MEMBERSHIP_RESUMED = "membership.resumed"
    MEMBERSHIP_DATE_FIXED = "membership.date_fixed"
    MEMBERSHIP_ENDED = "membership.ended"
    REFUND_ASSESSED = "refund.assessed"
    CONSULTATION_BOOKED = "consultation.booked"
    CONSULTATION_MOVED = "consultation.moved"
    CONSULTATION_DONE = "consultation.done"
    CONSULTATION_NO_SHOW = "consultation.no_show"
    CONSULTATION_CANCELLED = "consultation.cancelled"
    INTRODUCED = "introduction.made"
    DECIDED = "introduction.decided"
    REPORTED = "report.received"
    REPORT_MADE = "report.made"
    REPORT_RESOLVED = "report.resolved"
    BLOCK_ADDED = "block.added"
    BLOCK_REMOVED = "block.removed"
    DATA_EXPORTED = "data_export.exported"
    SHEET_EXPORTED = "members.exported"


REPORT_EVENTS = frozenset({TimelineEvent.REPORTED, TimelineEvent.REPORT_MADE, TimelineEvent.REPORT_RESOLVED})
BLOCK_EVENTS = frozenset({TimelineEvent.BLOCK_ADDED, TimelineEvent.BLOCK_REMOVED})
# What happened according to a member's own row, to introductions and to reports. Everything else is read from the
# audit log, whose actions are spelled alike and which keeps two years.
STORED_EVENTS = REPORT_EVENTS | {TimelineEvent.JOINED, TimelineEvent.INTRODUCED, TimelineEvent.DECIDED}
AUDITED_EVENTS = frozenset(TimelineEvent) - STORED_EVENTS


@dataclass(frozen=True, slots=True, order=True)
class TimelineKey:
    """The place of an item in timelines. `number`: of the audit entry, 0 for none."""

    at: datetime
    number: int
    event: str
    what: str

    @classmethod
    def parse(cls, cursor: str) -> Self:
        """The key that `cursor` gave."""
        micros, number, event, what = cursor.split("~")
        return cls(_EPOCH + int(micros) * _MICROSECOND, int(number), event, what)

    @property
    def cursor(self) -> str:
        """The key as text."""
        return f"{(self.at - _EPOCH) // _MICROSECOND}~{self.number}~{self.event}~{self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem:
    """One thing that happened to a member.

    `what`: the id of what it is about, or codes of what changed. `outcome`: how an introduction or a report ended.
    `actor` and `role`: who did it, as in the audit log; empty for what the system did or does not tell. `other`: the
    person introduced. `met`: of a mutual introduction, as either reported.
    """

    at: datetime
    event: TimelineEvent
    number: int = 0
    what: str = ""
    outcome: str = ""
    actor: str = ""
    role: str = ""
    reason: str = ""
    other: UserId | None = None
    met: bool | None = None

    @property
    def key(self) -> TimelineKey:
        """Its place among the items of its member."""
        return TimelineKey(self.at, self.number, self.event, self.what)
