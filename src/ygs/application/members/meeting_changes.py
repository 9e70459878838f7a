"""Storing a changed meeting with the events that it causes, and ending the meetings of people who are parted."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from ygs.domain.errors import InvalidFact
from ygs.domain.events import EventType, meeting_event
from ygs.domain.ids import UserId
from ygs.domain.introductions import Introduction
from ygs.domain.meetings import Meeting, MeetingState
from ygs.domain.memberships import FixedDate, Membership
from ygs.domain.service_dates import date_at
from ygs.ports.storage import Writing


async def save_meeting(
    tx: Writing, introduction: Introduction, before: Meeting | None, after: Meeting, *, at: datetime, zone: tzinfo
) -> Meeting:
    """Store a meeting, notify both sides alike of what changed, and record a fixed date in their contracts.

    `before`: as it is stored, None for nothing.
    """
    saved = await (tx.meetings.add(after) if before is None else tx.meetings.save(after))
    event_type = _event_type(before, saved)
    if event_type is not None:
        await tx.outbox.add(meeting_event(event_type, saved, side, at) for side in (saved.a, saved.b))
    if event_type is EventType.MEETING_FIXED:
        await _record_date(tx, introduction, saved, at, zone)
    return saved


def _event_type(before: Meeting | None, after: Meeting) -> EventType | None:
    if after.state is MeetingState.CANCELLED:
        # Nothing was arranged yet: the other hears of a block or of somebody's leaving no sooner.
        return EventType.MEETING_CANCELLED if before and before.state is not after.state else None
    if after.state is MeetingState.ARRANGING:
        return EventType.MEETING_TIMES_NEEDED if after.both_gave else None
    if before and (before.state, before.proposals) == (after.state, after.proposals):
        return None
    return EventType.MEETING_FIXED if after.state is MeetingState.FIXED else EventType.MEETING_PROPOSED


async def end_meetings(tx: Writing, meetings: Sequence[Meeting], at: datetime, *, but: UserId | None = None) -> None:
    """Cancel those of these meetings that have not begun, and notify both sides; `but`: all except who leaves."""
    for each in meetings:
        ended = each.ended(at=at)
        if ended is not each:
            saved = await tx.meetings.save(ended)
            sides = [side for side in (saved.a, saved.b) if side != but]
            await tx.outbox.add(meeting_event(EventType.MEETING_CANCELLED, saved, side, at) for side in sides)


async def _record_date(tx: Writing, introduction: Introduction, meeting: Meeting, at: datetime, zone: tzinfo) -> None:
    """Record the fixed date in the contract of each side under which the introduction counts: refunds depend on it."""
    assert meeting.proposal is not None  # noqa: S101 - a fixed meeting has one
    fixed = FixedDate(date_at(at, zone), date_at(meeting.proposal.starts_at, zone), meeting.id)
    published_on = date_at(introduction.created_at, zone)
    for side in (meeting.a, meeting.b):
        for each in await tx.memberships.of_user(side):
            if each.ended_on is None and each.is_open(published_on):
                await _record_in(tx, each, fixed)


async def _record_in(tx: Writing, membership: Membership, fixed: FixedDate) -> None:
    locked = await tx.memberships.get(membership.id)
    try:
        await tx.memberships.save(locked.with_fixed_date(fixed))
    except InvalidFact:
        # A contract with two hundred dates, more than anybody makes by hand, does not keep two people from meeting.
        return
