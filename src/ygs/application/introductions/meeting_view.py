"""A meeting as one of the two members sees it, and the requests by which they arrange it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from ygs.application.request_fields import CheckedText
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.introductions import Introduction
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.meeting_districts import DISTRICTS, district_of
from ygs.domain.meetings import (
    DAYS_AHEAD,
    LASTS,
    LEAST_HALF_DAYS,
    MOST_TIMES_ASKED,
    MOST_TIMES_GIVEN,
    ContactRule,
    DayPart,
    HalfDay,
    Meeting,
    MeetingProposal,
    MeetingSide,
    MeetingState,
    NextStep,
)
from ygs.domain.text import NOTE_LENGTH
from ygs.domain.users import User

MOST_HALF_DAYS = DAYS_AHEAD * len(DayPart)
_LONGEST_CODE = 40


class HalfDayFields(BaseModel):
    """A part of a day."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    day: date = Field(description="The date, in the service's time zone.")
    part: DayPart = Field(description="Meetings begin at 11:00 in the morning, 14:00 or 19:00.")


class MeetingTimes(BaseModel):
    """When and where a member could meet. The other never sees it, only what is proposed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    half_days: list[HalfDayFields] = Field(
        min_length=LEAST_HALF_DAYS,
        max_length=MOST_HALF_DAYS,
        description="At least three half-days from tomorrow to two weeks ahead. They replace those given before.",
    )
    district: str = Field(
        max_length=_LONGEST_CODE,
        description="Where the member comes from: a code of GET /vocabulary/meeting-districts.",
        examples=["seoul_mapo"],
    )

    def given(self) -> frozenset[HalfDay]:
        """The half-days, each once."""
        return frozenset(HalfDay(each.day, each.part) for each in self.half_days)


class MeetingAnswer(BaseModel):
    """Which proposal a member answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: StrictInt = Field(ge=1, le=1_000_000, description="`proposal.number` as it was read.")


class NoShowReport(BaseModel):
    """A report that the other did not come. Only staff read it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[str, CheckedText("words", NOTE_LENGTH)] = ""


class MeetingDistrictView(BaseModel):
    """A district in which people meet."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    code: str = Field(description="The district's code.")
    ko: str
    en: str

    @classmethod
    def of(cls, code: str) -> Self:
        """The view of the district of that code."""
        return cls.model_validate(DISTRICTS[code])


def meeting_districts() -> list[MeetingDistrictView]:
    """Every district that members may name."""
    return [MeetingDistrictView.of(code) for code in DISTRICTS]


class MeetingProposalView(BaseModel):
    """When and where the two are to meet."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(ge=1, description="Send it with the answer: it grows with each proposal.")
    starts_at: datetime = Field(description="UTC.")
    ends_at: datetime = Field(description="Two hours later, UTC.")
    district: MeetingDistrictView = Field(description="Midway between the two, or as staff arranged it.")
    place: str = Field(description="Where exactly, in staff's words; empty if the two choose the place themselves.")
    accepted: bool = Field(description="Whether I accepted it. Whether the other has shows once both have.")

    @classmethod
    def of(cls, proposal: MeetingProposal, number: int, *, accepted: bool) -> Self:
        """The view of a proposal."""
        return cls(
            number=number,
            starts_at=proposal.starts_at,
            ends_at=proposal.starts_at + LASTS,
            district=MeetingDistrictView.of(proposal.district),
            place=proposal.place,
            accepted=accepted,
        )


class MeetingView(BaseModel):
    """A meeting as one of the two sees it. Of what the other gave, only the proposal shows."""

    model_config = ConfigDict(frozen=True)

    introduction_id: IntroductionId = Field(description="The introduction that both accepted.")
    state: MeetingState = Field(description="How far it is arranged; the same for both.")
    next_step: NextStep = Field(
        description="What I have to do. `give_times` after I gave some: no time suits both, or a proposal lapsed."
    )
    my_times: MeetingTimes | None = Field(description="What I gave last; null before.")
    suggested_district: str | None = Field(description="My district by my profile, to begin with; null if unknown.")
    proposal: MeetingProposalView | None = Field(description="Proposed or fixed; null when nothing is.")
    times_left: int = Field(ge=0, le=MOST_TIMES_GIVEN, description="How often I may still give times.")
    asks_left: int = Field(ge=0, le=MOST_TIMES_ASKED, description="How often I may still ask for another time.")
    contact_opens_at: datetime | None = Field(
        description="From when GET /users/{id} shows the other's phone, UTC; null while that is not certain."
    )
    no_show_reported: bool = Field(description="Whether I reported that the other did not come.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSources:
    """What the view of a meeting is built from. `apart`: whether one left, is suspended or blocks the other."""

    introduction: Introduction
    stored: Meeting | None
    users: Sequence[User]
    apart: bool

    def meeting(self, at: datetime) -> Meeting:
        """The meeting as it is now: not begun to be arranged, or ended by what parted the two."""
        meeting = self.stored or Meeting.of(self.introduction, at)
        return meeting.ended(at=at) if self.apart else meeting

    def view(self, meeting: Meeting, me: UserId, at: datetime, rule: ContactRule) -> MeetingView:
        """The meeting as `me` may see it."""
        side = meeting.side(me)
        state = meeting.state_at(at)
        there = meeting.proposal if state in (MeetingState.PROPOSED, MeetingState.FIXED) else None
        closed = self.apart or state is MeetingState.CANCELLED
        return MeetingView(
            introduction_id=meeting.id,
            state=state,
            next_step=meeting.next_step(me, at),
            my_times=times_view(side),
            suggested_district=self._suggested(me),
            proposal=MeetingProposalView.of(there, meeting.proposals, accepted=side.accepted) if there else None,
            times_left=max(0, MOST_TIMES_GIVEN - side.times_given),
            asks_left=max(0, MOST_TIMES_ASKED - side.times_asked),
            contact_opens_at=None if closed else rule.opens_at(self.introduction, meeting),
            no_show_reported=side.no_show_at is not None,
        )

    def _suggested(self, me: UserId) -> str | None:
        user = next((each for each in self.users if each.id == me), None)
        if user is None:  # they have left since the request began
            return None
        code = user.facts.get("region")
        return district_of(str(VOCABULARY["region"].value_of(code)) if code else None, user.profile.district)


def times_view(side: MeetingSide) -> MeetingTimes | None:
    """What one side gave, in the order of time; None before."""
    if not side.half_days:
        return None
    parts = list(DayPart)
    ordered = sorted(side.half_days, key=lambda each: (each.day, parts.index(each.part)))
    half_days = [HalfDayFields.model_validate(each) for each in ordered]
    return MeetingTimes(half_days=half_days, district=side.district)
