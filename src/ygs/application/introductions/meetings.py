"""The member's use case about meetings: give times, accept, ask for another time, cancel, and report a no-show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import require_current
from ygs.application.introductions.calendar_file import calendar_file
from ygs.application.introductions.meeting_view import (
    MeetingAnswer,
    MeetingSources,
    MeetingTimes,
    MeetingView,
    NoShowReport,
)
from ygs.application.members.meeting_changes import save_meeting
from ygs.domain.errors import NotFound
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.matching.attribute import Language
from ygs.domain.meetings import ContactRule, Meeting, MeetingState
from ygs.domain.users import Status, User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Reading, Storage, Writing

# Returns the meeting after a change at a moment.
MeetingChange: TypeAlias = Callable[[Meeting, datetime], Meeting]


@dataclass(frozen=True, slots=True)
class Meetings:
    """A member's own meetings. Until something is proposed, nothing in a reply depends on what the other gave."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    rule: ContactRule
    language: Language

    async def get(self, actor: Actor, id: IntroductionId) -> MeetingView:
        """Return the meeting after one of the actor's introductions; `NotFound` unless both accepted it.

        It is cancelled, whatever the reason, when one of the two cancelled it, left, was suspended or blocks the other.
        """
        me = _member(actor)
        async with self.storage.read(latest=True) as reading:
            sources = await meeting_sources(reading, await _own(reading, id, me))
        now = self.clock.now()
        return sources.view(sources.meeting(now), me, now, self.rule)

    async def give_times(self, actor: Actor, id: IntroductionId, times: MeetingTimes) -> MeetingView:
        """Replace the half-days and the district that the actor gave; see `Meeting.with_times`."""
        me = _member(actor)

        def change(meeting: Meeting, at: datetime) -> Meeting:
            return meeting.with_times(me, times.given(), times.district, at=at, zone=self.zone)

        return await self._change(actor, id, change, "meeting.times_given")

    async def accept(self, actor: Actor, id: IntroductionId, answer: MeetingAnswer) -> MeetingView:
        """Accept the proposed time; see `Meeting.accept`."""
        me = _member(actor)
        return await self._change(
            actor, id, lambda meeting, at: meeting.accept(me, answer.number, at=at), "meeting.accepted"
        )

    async def ask_again(self, actor: Actor, id: IntroductionId, answer: MeetingAnswer) -> MeetingView:
        """Ask for another time than the proposed or fixed one; see `Meeting.ask_again`."""
        me = _member(actor)

        def change(meeting: Meeting, at: datetime) -> Meeting:
            return meeting.ask_again(me, answer.number, at=at, zone=self.zone)

        return await self._change(actor, id, change, "meeting.asked_again")

    async def cancel(self, actor: Actor, id: IntroductionId) -> MeetingView:
        """Cancel the meeting for both; the other does not learn by whom or why."""
        me = _member(actor)
        return await self._change(actor, id, lambda meeting, at: meeting.cancel(me, at=at), "meeting.cancelled")

    async def report_no_show(self, actor: Actor, id: IntroductionId, report: NoShowReport) -> MeetingView:
        """Report that the other did not come. Staff read it; it changes nothing that the other reads."""
        me = _member(actor)

        def change(meeting: Meeting, at: datetime) -> Meeting:
            return meeting.report_no_show(me, report.words, at=at)

        return await self._change(actor, id, change, "meeting.no_show_reported")

    async def calendar(self, actor: Actor, id: IntroductionId) -> bytes:
        """Return a fixed meeting as an iCalendar file; `NotFound` unless it is fixed."""
        me = _member(actor)
        async with self.storage.read(latest=True) as reading:
            sources = await meeting_sources(reading, await _own(reading, id, me))
            settings = (await reading.notices.settings([me])).get(me)
        meeting = sources.meeting(self.clock.now())
        if meeting.state is not MeetingState.FIXED:
            raise NotFound("meeting")
        return calendar_file(meeting, settings.language if settings else self.language)

    async def _change(self, actor: Actor, id: IntroductionId, change: MeetingChange, action: str) -> MeetingView:
        me = actor.require_id()
        async with self.storage.read(latest=True) as reading:
            introduction = await _own(reading, id, me)
        async with self.storage.write() as tx:
            sources = await lock_meeting(tx, introduction)
            await require_current(tx, actor, Permission.ANSWER_INTRODUCTIONS)
            now = await tx.now(self.clock)
            before = sources.meeting(now)
            after = change(before, now)
            if after != before:
                after = await save_meeting(tx, sources.introduction, sources.stored, after, at=now, zone=self.zone)
                await tx.audit.add(audit_entry(actor, action, at=now, subject=me, what=id))
        return sources.view(after, me, now, self.rule)


async def lock_meeting(tx: Writing, introduction: Introduction) -> MeetingSources:
    """Lock both users, the introduction and its meeting, in this order, as whoever leaves or blocks locks them."""
    users = await tx.users.by_ids([introduction.a, introduction.b])
    return await _sources(tx, await tx.introductions.get(introduction.id), users)


async def meeting_sources(reading: Reading, introduction: Introduction) -> MeetingSources:
    """Read what the view of a meeting is built from."""
    return await _sources(reading, introduction, await reading.users.by_ids([introduction.a, introduction.b]))


async def _sources(reading: Reading | Writing, introduction: Introduction, users: Sequence[User]) -> MeetingSources:
    return MeetingSources(
        introduction=introduction,
        stored=await reading.meetings.find(introduction.id),
        users=users,
        apart=await _are_apart(reading, introduction, [user.status for user in users]),
    )


async def _are_apart(reading: Reading | Writing, introduction: Introduction, statuses: list[Status]) -> bool:
    """Whether one of the two left, is suspended, or blocks the other."""
    if len(statuses) < 2 or Status.SUSPENDED in statuses:
        return True
    return bool(await reading.blocks.between([introduction.a, introduction.b]))


def _member(actor: Actor) -> UserId:
    actor.require(Permission.ANSWER_INTRODUCTIONS)
    return actor.require_id()


async def _own(reading: Reading, id: IntroductionId, me: UserId) -> Introduction:
    """The introduction, if `me` is one of the two and both accepted; `NotFound` otherwise, whatever was answered."""
    introduction = await reading.introductions.get(id)
    introduction.other(me)
    if introduction.state is not IntroductionState.MUTUAL:
        raise NotFound("meeting")
    return introduction
