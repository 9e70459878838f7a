"""Ids: a prefix for the kind of thing and an upper-case ULID, such as ``usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S``."""

import re
from datetime import datetime
from typing import NewType, TypeAlias

from ygs.domain.errors import InvalidId

UserId = NewType("UserId", str)
WeekId = NewType("WeekId", str)
IntroductionId = NewType("IntroductionId", str)
FeedbackId = NewType("FeedbackId", str)
SessionId = NewType("SessionId", str)
UploadId = NewType("UploadId", str)
PhotoId = NewType("PhotoId", str)
DocumentId = NewType("DocumentId", str)
ReportId = NewType("ReportId", str)
NoteId = NewType("NoteId", str)
JobId = NewType("JobId", str)
ImportId = NewType("ImportId", str)
ExportId = NewType("ExportId", str)
MembershipId = NewType("MembershipId", str)
PlanId = NewType("PlanId", str)
RefundId = NewType("RefundId", str)
ForecastId = NewType("ForecastId", str)
NoticeId = NewType("NoticeId", str)
DeliveryId = NewType("DeliveryId", str)
WebhookId = NewType("WebhookId", str)
PushDeviceId = NewType("PushDeviceId", str)
SavedFilterId = NewType("SavedFilterId", str)
SlotId = NewType("SlotId", str)
ConsultationId = NewType("ConsultationId", str)

# Two users, the lesser id first.
Pair: TypeAlias = tuple[UserId, UserId]

# The pattern of what follows the prefix of an id: Crockford base 32 (no I, L, O, U); the first digit of 128 bits is at
# most 7.
ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
_ULID = re.compile(ULID)
ULID_LENGTH = 26
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def checked_id(prefix: str, text: str) -> str:
    """Return `text` if it is ``prefix_`` and a well-formed upper-case ULID; `InvalidId` otherwise."""
    head, _, tail = text.partition("_")
    if head != prefix or not _ULID.fullmatch(tail):
        raise InvalidId(prefix)
    return text


def ulid(at: datetime, bits: int) -> str:
    """The ULID of a moment: 48 bits of milliseconds, then the 80 bits given."""
    number = int(at.timestamp() * 1000) << 80 | bits
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def user_id(text: str) -> UserId:
    """Parse a user's id."""
    return UserId(checked_id("usr", text))


def pair_of(one: UserId, other: UserId) -> Pair:
    """The pair of two users, given in either order."""
    return (one, other) if one < other else (other, one)


def week_id(text: str) -> WeekId:
    """Parse a match week's id."""
    return WeekId(checked_id("mw", text))


def introduction_id(text: str) -> IntroductionId:
    """Parse an introduction's id."""
    return IntroductionId(checked_id("mh", text))


def feedback_id(text: str) -> FeedbackId:
    """Parse a feedback's id."""
    return FeedbackId(checked_id("mf", text))


def session_id(text: str) -> SessionId:
    """Parse a session's id."""
    return SessionId(checked_id("ses", text))


def job_id(text: str) -> JobId:
    """Parse a job's id."""
    return JobId(checked_id("job", text))


def import_id(text: str) -> ImportId:
    """Parse an import's id."""
    return ImportId(checked_id("imp", text))


def export_id(text: str) -> ExportId:
    """Parse an export's id."""
    return ExportId(checked_id("exp", text))


def webhook_id(text: str) -> WebhookId:
    """Parse a webhook endpoint's id."""
    return WebhookId(checked_id("whk", text))


def delivery_id(text: str) -> DeliveryId:
    """Parse a delivery's id."""
    return DeliveryId(checked_id("dlv", text))


def membership_id(text: str) -> MembershipId:
    """Parse a membership's id."""
    return MembershipId(checked_id("mb", text))


def plan_id(text: str) -> PlanId:
    """Parse the id of a plan of memberships."""
    return PlanId(checked_id("mp", text))


def refund_id(text: str) -> RefundId:
    """Parse the id of an assessed refund."""
    return RefundId(checked_id("rf", text))


def forecast_id(text: str) -> ForecastId:
    """Parse the id of a kept forecast."""
    return ForecastId(checked_id("fc", text))


def slot_id(text: str) -> SlotId:
    """Parse the id of a consultant's slot."""
    return SlotId(checked_id("csl", text))


def consultation_id(text: str) -> ConsultationId:
    """Parse a consultation's id."""
    return ConsultationId(checked_id("cs", text))
