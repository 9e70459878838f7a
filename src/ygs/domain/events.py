"""Events: what a member, staff or another system must hear of, stored in the transaction of the change.

An event holds a type and ids, never a name or an answer: before an introduction is decided, no event differs by what
either side answered. Its key is the same whenever the same event is stored or delivered again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter

from ygs.domain.consultations import Consultation
from ygs.domain.exports import SheetExport
from ygs.domain.files import Document, DocumentState
from ygs.domain.ids import (
    ConsultationId,
    IntroductionId,
    JobId,
    MembershipId,
    PhotoId,
    ReportId,
    UserId,
    WebhookId,
    WeekId,
)
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.match_weeks import IsoWeek, MatchWeek
from ygs.domain.meetings import Meeting
from ygs.domain.memberships import Membership
from ygs.domain.reports import Report
from ygs.domain.users import Status, User


class EventType(StrEnum):
    """What happened."""

    INTRODUCTION_PROPOSED = "introduction.proposed"
    INTRODUCTION_REMINDER = "introduction.reminder"
    INTRODUCTION_DECIDED = "introduction.decided"
    INTRODUCTION_EXPIRED = "introduction.expired"
    INTRODUCTION_CANCELLED = "introduction.cancelled"
    MEETING_PROPOSED = "meeting.proposed"
    MEETING_TIMES_NEEDED = "meeting.times_needed"
    MEETING_FIXED = "meeting.fixed"
    MEETING_CANCELLED = "meeting.cancelled"
    MEETING_REMINDER = "meeting.reminder"
    MEETING_FOLLOW_UP = "meeting.follow_up"
    CONSULTATION_BOOKED = "consultation.booked"
    CONSULTATION_MOVED = "consultation.moved"
    CONSULTATION_CANCELLED = "consultation.cancelled"
    CONSULTATION_REMINDER = "consultation.reminder"
    WEEK_LOCKED = "week.locked"
    WEEK_NOT_LOCKED = "week.not_locked"
    WEEK_PROPOSED = "week.proposed"
    WEEK_PUBLISHED = "week.published"
    MEMBER_SUBMITTED = "member.submitted"
    MEMBER_APPROVED = "member.approved"
    MEMBER_REJECTED = "member.rejected"
    MEMBER_SUSPENDED = "member.suspended"
    MEMBER_RESTORED = "member.restored"
    PHOTO_REFUSED = "photo.refused"
    DOCUMENT_VERIFIED = "document.verified"
    DOCUMENT_REFUSED = "document.refused"
    REPORT_FILED = "report.filed"
    REPORT_RESOLVED = "report.resolved"
    MEMBERSHIP_DUE = "membership.due"
    READING_WARNED = "reading.warned"
    READING_STOPPED = "reading.stopped"
    READING_FAST = "reading.fast"
    READING_AT_NIGHT = "reading.at_night"
    READING_NEW_ADDRESS = "reading.new_address"
    CANARY_IMPORTED = "canary.imported"
    EXPORT_REQUESTED = "export.requested"
    EXPORT_REFUSED = "export.refused"
    EXPORT_WRITTEN = "export.written"
    JOB_FAILED = "job.failed"
    STAFF_JOB_FAILED = "staff_job.failed"
    ADMIN_JOB_FAILED = "admin_job.failed"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TEST = "webhook.test"


# What staff hear of; everything else goes to the member whom it is about.
STAFF_EVENTS = frozenset(
    {
        EventType.WEEK_LOCKED,
        EventType.WEEK_NOT_LOCKED,
        EventType.WEEK_PROPOSED,
        EventType.WEEK_PUBLISHED,
        EventType.MEMBER_SUBMITTED,
        EventType.REPORT_FILED,
        EventType.MEMBERSHIP_DUE,
        EventType.STAFF_JOB_FAILED,
        EventType.WEBHOOK_DISABLED,
    }
)
# What administrators hear of: how other staff read, what another one wants to export, where their sheets turn up, and
# which upkeep failed.
ADMIN_EVENTS = frozenset(
    {
        EventType.READING_WARNED,
        EventType.READING_STOPPED,
        EventType.READING_FAST,
        EventType.READING_AT_NIGHT,
        EventType.READING_NEW_ADDRESS,
        EventType.CANARY_IMPORTED,
        EventType.EXPORT_REQUESTED,
        EventType.ADMIN_JOB_FAILED,
    }
)
STAFF_EVENTS |= ADMIN_EVENTS
_IDS = (
    "user_id",
    "introduction_id",
    "week_id",
    "report_id",
    "membership_id",
    "webhook_id",
    "consultation_id",
    "job_id",
)
_ids_of = attrgetter(*_IDS)
_ENDED_BY = {
    IntroductionState.MUTUAL: EventType.INTRODUCTION_DECIDED,
    IntroductionState.NOT_MUTUAL: EventType.INTRODUCTION_DECIDED,
    IntroductionState.EXPIRED: EventType.INTRODUCTION_EXPIRED,
    IntroductionState.CANCELLED: EventType.INTRODUCTION_CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at a moment (UTC). `key`: unique, so that a repeated event is recognised. `user_id`: the
    member whom it is about, or the account of staff."""

    type: EventType
    key: str
    at: datetime
    user_id: UserId | None = None
    introduction_id: IntroductionId | None = None
    week_id: WeekId | None = None
    report_id: ReportId | None = None
    membership_id: MembershipId | None = None
    webhook_id: WebhookId | None = None
    consultation_id: ConsultationId | None = None
    job_id: JobId | None = None

    @property
    def ids(self) -> Mapping[str, str]:
        """The ids of what it is about, by name."""
        return {name: value for name, value in zip(_IDS, _ids_of(self), strict=True) if value is not None}

    @property
    def for_staff(self) -> bool:
        """Whether staff are notified, and not the member."""
        return self.type in STAFF_EVENTS


def introduction_event(
    type: EventType, introduction: Introduction, user_id: UserId, at: datetime, *, number: int | None = None
) -> Event:
    """What one side of an introduction is notified of: once, or once for each number."""
    key = f"{type}:{user_id}:{introduction.id}"
    return Event(
        type=type,
        key=key if number is None else f"{key}:{number}",
        at=at,
        user_id=user_id,
        introduction_id=introduction.id,
        week_id=introduction.week_id,
    )


def proposed(introduction: Introduction) -> tuple[Event, Event]:
    """The events of a new introduction, one for each side."""
    return _of_both(EventType.INTRODUCTION_PROPOSED, introduction, introduction.created_at)


def ended(introduction: Introduction, at: datetime) -> tuple[Event, Event]:
    """The events of an introduction that no longer waits, one for each side, alike whatever was answered."""
    return _of_both(_ENDED_BY[introduction.state], introduction, at)


def ended_for(introduction: Introduction, user_id: UserId, at: datetime) -> Event:
    """The event of an introduction that no longer waits, for one side."""
    return introduction_event(_ENDED_BY[introduction.state], introduction, user_id, at)


def _of_both(type: EventType, introduction: Introduction, at: datetime) -> tuple[Event, Event]:
    return (
        introduction_event(type, introduction, introduction.a, at),
        introduction_event(type, introduction, introduction.b, at),
    )


def reminder(introduction: Introduction, user_id: UserId, number: int, at: datetime) -> Event:
    """The first or second reminder of an answer that is still missing."""
    return introduction_event(EventType.INTRODUCTION_REMINDER, introduction, user_id, at, number=number)


def meeting_event(type: EventType, meeting: Meeting, user_id: UserId, at: datetime, *, once_for: str = "") -> Event:
    """What one side of a meeting is notified of: once for each change of it, or once for `once_for`."""
    key = f"{type}:{user_id}:{meeting.id}:{once_for or meeting.version}"
    return Event(type=type, key=key, at=at, user_id=user_id, introduction_id=meeting.id)


def consultation_event(
    type: EventType, consultation: Consultation, user_id: UserId, at: datetime, *, once_for: str = ""
) -> Event:
    """What the member or the consultant is notified of: once for each change of it, or once for `once_for`."""
    key = f"{type}:{user_id}:{consultation.id}:{once_for or consultation.version}"
    return Event(type=type, key=key, at=at, user_id=user_id, consultation_id=consultation.id)


def week_locked(week: MatchWeek, at: datetime) -> Event:
    """The schedule locked a week, which waits for staff to plan it; once for the same inputs."""
    kind = EventType.WEEK_LOCKED
    return Event(type=kind, key=f"{kind}:{week.id}:{week.input_hash}", at=at, week_id=week.id)


def week_proposed(week: MatchWeek, at: datetime) -> Event:
    """A locked week is planned, and waits for staff to publish it; once for the same inputs."""
    kind = EventType.WEEK_PROPOSED
    return Event(type=kind, key=f"{kind}:{week.id}:{week.input_hash}", at=at, week_id=week.id)


def week_published(week: MatchWeek, at: datetime) -> Event:
    """A week is published."""
    return Event(type=EventType.WEEK_PUBLISHED, key=f"{EventType.WEEK_PUBLISHED}:{week.id}", at=at, week_id=week.id)


def member_submitted(user: User, at: datetime) -> Event:
    """A profile waits for review. It may be sent in more than once."""
    return _about(EventType.MEMBER_SUBMITTED, user, at)


def member_decided(user: User, *, restored: bool, at: datetime) -> Event:
    """Staff decided about a member, whose status it now is. `restored`: from a suspension."""
    if restored:
        return _about(EventType.MEMBER_RESTORED, user, at)
    return _about(_BY_STATUS[user.status], user, at)


_BY_STATUS = {
    Status.ACTIVE: EventType.MEMBER_APPROVED,
    Status.REJECTED: EventType.MEMBER_REJECTED,
    Status.SUSPENDED: EventType.MEMBER_SUSPENDED,
}


def _about(type: EventType, user: User, at: datetime) -> Event:
    return Event(type=type, key=f"{type}:{user.id}:{at.isoformat()}", at=at, user_id=user.id)


def photo_refused(owner: UserId, id: PhotoId, at: datetime) -> Event:
    """Staff refused a photo."""
    return Event(type=EventType.PHOTO_REFUSED, key=f"{EventType.PHOTO_REFUSED}:{id}", at=at, user_id=owner)


def document_decided(document: Document, at: datetime) -> Event:
    """Staff decided on a document, whose state it now is."""
    verified = document.state is DocumentState.VERIFIED
    kind = EventType.DOCUMENT_VERIFIED if verified else EventType.DOCUMENT_REFUSED
    return Event(type=kind, key=f"{kind}:{document.id}", at=at, user_id=document.user_id)


def report_resolved(report: Report, at: datetime) -> Event:
    """Staff decided on a report: the member who made it hears that, not what was decided about another."""
    kind = EventType.REPORT_RESOLVED
    return Event(type=kind, key=f"{kind}:{report.id}", at=at, user_id=report.reporter)


def report_filed(report: Report) -> Event:
    """A member reported another. It names neither: staff read the report, on record."""
    kind = EventType.REPORT_FILED
    return Event(type=kind, key=f"{kind}:{report.id}", at=report.created_at, report_id=report.id)


def membership_due(membership: Membership, week: IsoWeek, at: datetime) -> Event:
    """A membership is due an introduction, or nears three months without a meeting; once for each week. Its member is
    not named: staff read the ledger, on record."""
    kind = EventType.MEMBERSHIP_DUE
    return Event(type=kind, key=f"{kind}:{membership.id}:{week}", at=at, membership_id=membership.id)


def reading_event(type: EventType, account: UserId, once_for: str, at: datetime) -> Event:
    """Administrators hear how an account of staff reads: once for each of `once_for`."""
    return Event(type=type, key=f"{type}:{account}:{once_for}", at=at, user_id=account)


def canary_imported(account: UserId, importer: str, on: date, at: datetime) -> Event:
    """Administrators hear that somebody else imports a sheet that an account exported: once a day."""
    return reading_event(EventType.CANARY_IMPORTED, account, f"{importer}:{on}", at)


def export_event(type: EventType, export: SheetExport, at: datetime) -> Event:
    """Administrators hear that an account requested an export, and the account what became of it."""
    return Event(type=type, key=f"{type}:{export.id}", at=at, user_id=export.requested_by)


def job_failed(type: EventType, id: JobId, at: datetime, *, asked_by: UserId | None = None) -> Event:
    """A job failed for good: once for each job, however often it is tried again. `asked_by`: who hears of it, where
    that is not staff or administrators."""
    return Event(type=type, key=f"{type}:{id}", at=at, job_id=id, user_id=asked_by)


def webhook_disabled(id: WebhookId, at: datetime) -> Event:
    """A webhook endpoint gets nothing more, since it is gone or takes nothing."""
    return _about_webhook(EventType.WEBHOOK_DISABLED, id, at)


def webhook_test(id: WebhookId, at: datetime) -> Event:
    """Staff try a webhook endpoint. It goes to that endpoint alone, and through no outbox."""
    return _about_webhook(EventType.WEBHOOK_TEST, id, at)


def _about_webhook(type: EventType, id: WebhookId, at: datetime) -> Event:
    return Event(type=type, key=f"{type}:{id}:{at.isoformat()}", at=at, webhook_id=id)
