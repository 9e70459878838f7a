"""Staff's use case about meetings: read, fix and cancel them for members, and see who did not come; all audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.changes import begin_change
from ygs.application.introductions.meeting_view import MeetingProposalView, MeetingSources, MeetingTimes, times_view
from ygs.application.introductions.meetings import MeetingChange, lock_meeting, meeting_sources
from ygs.application.members.meeting_changes import save_meeting
from ygs.application.own_members import own_page
from ygs.application.person_views import masked_name
from ygs.application.request_fields import CheckedText, Moment
from ygs.domain.errors import N_, WrongStatus
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.meetings import Meeting, MeetingProposal, MeetingState
from ygs.domain.read_budgets import ReadKind
from ygs.domain.text import LINE_LENGTH
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing

_LONGEST_CODE = 40


class MeetingFix(BaseModel):
    """When and where two members meet, as staff arranged it with both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    starts_at: Moment = Field(description="With its offset from UTC; within the next 90 days.")
    district: str = Field(max_length=_LONGEST_CODE, description="A code of GET /vocabulary/meeting-districts.")
    place: Annotated[str, CheckedText("place", LINE_LENGTH)] = Field(
        default="", description="Where exactly. Both members read it."
    )

    def proposal(self) -> MeetingProposal:
        """What both are to accept at once."""
        return MeetingProposal(self.starts_at, self.district, self.place)


class MeetingCancellation(BaseModel):
    """Why staff cancel a meeting; only staff read it, in the audit log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)] = Field(description="Why.")


class MeetingSideView(BaseModel):
    """What one of the two gave and did."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str = Field(description='Masked; "?" once they left.')
    times: MeetingTimes | None = Field(description="What they gave last; null before.")
    accepted: bool = Field(description="Whether they accepted what is proposed.")
    times_asked: int = Field(ge=0, description="How often they asked for another time.")
    no_show_reported_at: datetime | None = Field(
        description="When they reported that the other did not come, UTC: they came themselves, as they say."
    )
    no_show_words: str = Field(description="What they wrote with it; empty without.")

    @classmethod
    def of(cls, id: UserId, meeting: Meeting, names: dict[UserId, str]) -> Self:
        """The view of one side."""
        side = meeting.side(id)
        return cls(
            id=id,
            name=names.get(id, "?"),
            times=times_view(side),
            accepted=side.accepted,
            times_asked=side.times_asked,
            no_show_reported_at=side.no_show_at,
            no_show_words=side.no_show_words,
        )


class StaffMeetingView(BaseModel):
    """A meeting as staff see it, with what both gave."""

    model_config = ConfigDict(frozen=True)

    introduction_id: IntroductionId = Field(description="The introduction that both accepted.")
    state: MeetingState = Field(description="How far it is arranged.")
    proposal: MeetingProposalView | None = Field(description="Proposed or fixed; null when nothing is.")
    fixed_at: datetime | None = Field(description="When it was fixed, UTC; null before.")
    met: bool | None = Field(description="Whether they met, as either said in their feedback; null before.")
    sides: list[MeetingSideView] = Field(min_length=2, max_length=2, description="Both members, by id.")

    @classmethod
    def of(cls, sources: MeetingSources, meeting: Meeting, at: datetime) -> Self:
        """The view of a meeting."""
        names = {user.id: masked_name(user.name) for user in sources.users}
        accepted = meeting.state is MeetingState.FIXED
        there = meeting.proposal
        return cls(
            introduction_id=meeting.id,
            state=meeting.state_at(at),
            proposal=MeetingProposalView.of(there, meeting.proposals, accepted=accepted) if there else None,
            fixed_at=meeting.fixed_at,
            met=sources.introduction.met,
            sides=[MeetingSideView.of(side, meeting, names) for side in (meeting.a, meeting.b)],
        )


class MissedMeetingLine(BaseModel):
    """A meeting to which somebody did not come, without what was written about it."""

    model_config = ConfigDict(frozen=True)

    introduction_id: IntroductionId = Field(description="The introduction that both accepted.")
    starts_at: datetime | None = Field(description="UTC; null if it was cancelled since.")
    reported_by: list[UserId] = Field(min_length=1, max_length=2, description="Who say that they came.")

    @classmethod
    def of(cls, meeting: Meeting) -> Self:
        """The line of a meeting."""
        return cls(
            introduction_id=meeting.id,
            starts_at=meeting.proposal.starts_at if meeting.proposal else None,
            reported_by=[side for side in (meeting.a, meeting.b) if meeting.side(side).no_show_at],
        )


@dataclass(frozen=True, slots=True)
class StaffMeetings:
    """Meetings of members, as staff arrange them. `Forbidden` for staff about their own."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    audit_writer: AuditWriter

    async def read(self, actor: Actor, id: IntroductionId) -> StaffMeetingView:
        """Return a meeting with what both gave; `WrongStatus` unless both accepted the introduction."""
        introduction = await self._introduction(actor, id)
        now = self.clock.now()
        async with self.storage.read(latest=True) as reading:
            sources = await meeting_sources(reading, introduction)
        meeting = sources.meeting(now)
        await self.audit_writer.shown(actor, "meeting.read", (meeting.a, meeting.b), at=now, what=meeting.id)
        return StaffMeetingView.of(sources, meeting, now)

    async def fix(self, actor: Actor, id: IntroductionId, fix: MeetingFix) -> StaffMeetingView:
        """Fix a meeting for both, also after one was cancelled. `WrongStatus` when one left, is suspended or blocks the
        other: it does not tell staff which."""
        return await self._change(
            actor, id, lambda meeting, at: meeting.fix(fix.proposal(), at=at), "meeting.fixed", parted=False
        )

    async def cancel(self, actor: Actor, id: IntroductionId, cancellation: MeetingCancellation) -> StaffMeetingView:
        """Cancel a meeting for both; `WrongStatus` once it has begun or is cancelled."""
        return await self._change(
            actor,
            id,
            lambda meeting, at: meeting.cancel(meeting.a, at=at),
            "meeting.cancelled",
            reason=cancellation.reason,
        )

    async def list_missed(
        self, actor: Actor, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[MissedMeetingLine]:
        """List the meetings of which somebody reported a no-show, oldest first; audited for both sides."""
        actor.require(Permission.MANAGE_MEETINGS)
        async with self.storage.read(latest=True) as reading:

            async def read(after: IntroductionId | None, limit: int) -> Sequence[Meeting]:
                return await reading.meetings.with_no_show(after=after, limit=limit)

            found = await own_page(
                actor,
                read,
                key=lambda each: each.id,
                people=lambda each: [each.a, each.b],
                after=after,
                limit=min(limit, MOST_PAGE),
            )
        others = [each for each in found if actor.id not in (each.a, each.b)]
        people = {person for each in others for person in (each.a, each.b)}
        await self.audit_writer.shown(actor, "meetings.listed", people, at=self.clock.now(), kind=ReadKind.MASKED)
        return [MissedMeetingLine.of(each) for each in others]

    async def _change(
        self,
        actor: Actor,
        id: IntroductionId,
        change: MeetingChange,
        action: str,
        *,
        reason: str = "",
        parted: bool = True,
    ) -> StaffMeetingView:
        introduction = await self._introduction(actor, id)
        async with begin_change(self.storage, actor, Permission.MANAGE_MEETINGS) as tx:
            sources = await lock_meeting(tx, introduction)
            if sources.apart and not parted:
                raise WrongStatus(N_("these two cannot meet any more"))
            now = await tx.now(self.clock)
            after = change(sources.meeting(now), now)
            saved = await save_meeting(tx, sources.introduction, sources.stored, after, at=now, zone=self.zone)
            await self._audit(tx, actor, action, saved, now, reason)
        return StaffMeetingView.of(sources, saved, now)

    async def _introduction(self, actor: Actor, id: IntroductionId) -> Introduction:
        actor.require(Permission.MANAGE_MEETINGS)
        async with self.storage.read(latest=True) as reading:
            introduction = await reading.introductions.get(id)
        actor.require_another(introduction.a, introduction.b)
        if introduction.state is not IntroductionState.MUTUAL:
            raise WrongStatus(N_("only people who both accepted can meet"))
        return introduction

    async def _audit(
        self, tx: Writing, actor: Actor, action: str, meeting: Meeting, at: datetime, reason: str = ""
    ) -> None:
        both = (meeting.a, meeting.b)
        await tx.audit.add(audit_entry(actor, action, at=at, subjects=both, what=meeting.id, reason=reason))
