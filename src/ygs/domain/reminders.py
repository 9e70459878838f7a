"""When a member is reminded of an introduction that they have not answered.

A member is reminded twice at most, never after they answered, and never at night. Whether somebody was reminded tells
whether they had answered, so reminders are no events of the outbox: webhooks and staff learn nothing of them.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo

from ygs.domain.ids import UserId
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.service_dates import date_at

# How long before the deadline the reminders go.
REMINDERS = (timedelta(hours=48), timedelta(hours=12))
# Nobody is reminded from the one to the other, in the service's time zone.
QUIET_FROM = time(21, 0)
QUIET_UNTIL = time(8, 0)


def is_quiet(at: datetime, zone: tzinfo) -> bool:
    """Whether it is a time of the night at which nobody is reminded."""
    local = at.astimezone(zone).time()
    return local >= QUIET_FROM or local < QUIET_UNTIL


def quiet_until(at: datetime, zone: tzinfo) -> datetime:
    """When the night ends in which that moment is, UTC."""
    morning = datetime.combine(date_at(at, zone), QUIET_UNTIL, zone)
    return (morning if at < morning else morning + timedelta(days=1)).astimezone(UTC)


def reminder_number(opened: datetime, deadline: datetime, at: datetime) -> int | None:
    """Which reminder is due: 1 or 2, None for none. One whose time was before the answers opened is left out."""
    due = [number for number, before in enumerate(REMINDERS, 1) if opened <= deadline - before <= at < deadline]
    return due[-1] if due else None


def may_remind(introduction: Introduction, user_id: UserId, at: datetime, zone: tzinfo) -> bool:
    """Whether this member may be reminded of the introduction now."""
    return is_unanswered(introduction, user_id, at) and not is_quiet(at, zone)


def is_unanswered(introduction: Introduction, user_id: UserId, at: datetime) -> bool:
    """Whether the introduction still waits for an answer of this member."""
    return introduction.state_at(at) is IntroductionState.WAITING and introduction.answer_of(user_id) is None
