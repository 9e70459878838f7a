"""Meetings: two people who both accepted agree when and where they meet.

Each gives half-days of the next two weeks and a district. The service proposes the earliest half-day that suits both,
and a district midway. The meeting is fixed once both accept that; either may ask for another time or cancel. Nobody
sees what the other gave, only what is proposed.
"""

from collections.abc import Collection, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, DeadlinePassed, InvalidFact, LimitReached, NotFound, StaleWrite, WrongStatus
from ygs.domain.ids import IntroductionId, UserId
from ygs.domain.introductions import Introduction, IntroductionState
from ygs.domain.meeting_districts import district, midway
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH, NOTE_LENGTH, checked_text

# Half-days may be given for tomorrow and the days after, so many in all.
DAYS_AHEAD = 14
# Fewer would often not suit the other, and many tries with one each would tell when the other is free.
LEAST_HALF_DAYS = 3
MOST_TIMES_GIVEN = 10
# How often each may ask for another time; afterwards staff arrange it with both.
MOST_TIMES_ASKED = 3
# A time is proposed and accepted, and a fixed one moved, only so long before.
PROPOSED_BEFORE = timedelta(hours=24)
ACCEPTED_BEFORE = timedelta(hours=6)
MOVED_BEFORE = timedelta(hours=24)
LASTS = timedelta(hours=2)
NO_SHOW_REPORTED_FOR = timedelta(days=14)
# The farthest ahead that staff fix a meeting.
FIXED_AHEAD = timedelta(days=90)

# One text for every reason, so that it tells none of them.
_CANCELLED = N_("this meeting was cancelled; ask us if you want to meet")


class DayPart(StrEnum):
    """A half of the day, or the evening."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


# When people meet, in the service's time zone: before lunch, over coffee, for dinner after work.
STARTS = {DayPart.MORNING: time(11, 0), DayPart.AFTERNOON: time(14, 0), DayPart.EVENING: time(19, 0)}


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A part of a day on which somebody could meet."""

    day: date
    part: DayPart

    def starts_at(self, zone: tzinfo) -> datetime:
        """When a meeting on it begins, UTC."""
        return datetime.combine(self.day, STARTS[self.part], tzinfo=zone).astimezone(UTC)


class MeetingState(StrEnum):
    """How far a meeting is arranged."""

    ARRANGING = "arranging"  # at least one has to give times
    PROPOSED = "proposed"  # a time waits for both to accept it
    FIXED = "fixed"
    CANCELLED = "cancelled"


class NextStep(StrEnum):
    """What a member has to do next."""

    GIVE_TIMES = "give_times"
    ANSWER_PROPOSAL = "answer_proposal"
    WAIT = "wait"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSide:
    """What one of the two gave and did. `accepted`: the time that is proposed now. `no_show_at`: when they reported
    that the other did not come."""

    half_days: frozenset[HalfDay] = frozenset()
    district: str = ""
    times_given: int = 0
    times_asked: int = 0
    accepted: bool = False
    no_show_at: datetime | None = None
    no_show_words: str = ""


@dataclass(frozen=True, slots=True)
class MeetingProposal:
    """When and where to meet. `starts_at`: UTC; `place`: staff's words, such as the name of a café; mostly empty."""

    starts_at: datetime
    district: str
    place: str = ""

    def __post_init__(self) -> None:
        district(self.district)
        object.__setattr__(self, "place", checked_text("place", self.place, at_most=LINE_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """The meeting of the two people of an introduction, whose id it has.

    `proposals`: how many were made so far, the number of the present one. `refused`: the beginnings of proposals that
    somebody could not make; none of them is proposed again.
    """

    id: IntroductionId
    a: UserId
    b: UserId
    created_at: datetime
    side_a: MeetingSide = field(default_factory=MeetingSide)
    side_b: MeetingSide = field(default_factory=MeetingSide)
    state: MeetingState = MeetingState.ARRANGING
    proposal: MeetingProposal | None = None
    proposals: int = 0
    refused: frozenset[datetime] = frozenset()
    fixed_at: datetime | None = None
    version: int = 0

    @classmethod
    def of(cls, introduction: Introduction, at: datetime) -> Self:
        """Begin to arrange the meeting after an introduction; `WrongStatus` unless both accepted."""
        if introduction.state is not IntroductionState.MUTUAL:
            raise WrongStatus(N_("only people who both accepted can meet"))
        return cls(id=introduction.id, a=introduction.a, b=introduction.b, created_at=at)

    def side(self, me: UserId) -> MeetingSide:
        """What `me` gave and did; `NotFound` when `me` is neither of the two."""
        if me not in (self.a, self.b):
            raise NotFound("meeting")
        return self.side_a if me == self.a else self.side_b

    @property
    def both_gave(self) -> bool:
        """Whether both gave times."""
        return bool(self.side_a.half_days and self.side_b.half_days)

    def has_begun(self, at: datetime) -> bool:
        """Whether it is fixed, and its time has come."""
        return self.state is MeetingState.FIXED and self.proposal is not None and self.proposal.starts_at <= at

    def state_at(self, at: datetime) -> MeetingState:
        """The state as members see it: a proposal that can no longer be accepted is none."""
        return MeetingState.ARRANGING if self._lapsed(at) else self.state

    def next_step(self, me: UserId, at: datetime) -> NextStep:
        """What `me` has to do next."""
        state = self.state_at(at)
        side = self.side(me)
        if state is MeetingState.ARRANGING:
            return NextStep.WAIT if side.half_days and not self.both_gave else NextStep.GIVE_TIMES
        if state is MeetingState.PROPOSED:
            return NextStep.WAIT if side.accepted else NextStep.ANSWER_PROPOSAL
        return NextStep.NONE

    def with_times(
        self, me: UserId, half_days: Collection[HalfDay], at_district: str, *, at: datetime, zone: tzinfo
    ) -> Self:
        """Replace what `me` gave, and propose a time when both have given some.

        A proposal that still suits both stays. `InvalidFact` for fewer than three half-days, or for one that is not
        within the two weeks from tomorrow; `LimitReached` for the eleventh time, and `WrongStatus` once the meeting is
        fixed. The same times in the same district once more do not count: a request that is sent twice takes no try.
        """
        self._require_open()
        if self.state is MeetingState.FIXED:
            raise WrongStatus(N_("this meeting is fixed: ask for another time first"))
        side = self.side(me)
        given = replace(side, half_days=frozenset(half_days), district=district(at_district).code)
        if given != side:
            if side.times_given >= MOST_TIMES_GIVEN:
                raise LimitReached(N_("you changed your times often enough: ask us to arrange the meeting"))
            given = replace(given, times_given=side.times_given + 1)
        _require_ahead(half_days, date_at(at, zone))
        return self._with(me, given)._arranged(at, zone)

    def accept(self, me: UserId, number: int, *, at: datetime) -> Self:
        """Accept the proposal of that number; when both have, the meeting is fixed.

        `StaleWrite` when another is proposed by now; `DeadlinePassed` less than six hours before.
        """
        proposal = self._proposed(me, number)
        if self.state is MeetingState.FIXED:
            return self
        if self._lapsed(at):
            raise DeadlinePassed(N_("it is too late to accept this time: give other times"))
        accepted = self._with(me, replace(self.side(me), accepted=True))
        if not (accepted.side_a.accepted and accepted.side_b.accepted):
            return accepted
        return accepted._fixed(proposal, at)

    def ask_again(self, me: UserId, number: int, *, at: datetime, zone: tzinfo) -> Self:
        """Refuse the proposal of that number, fixed or not, and propose the next time that suits both.

        `StaleWrite` when another is proposed by now; `DeadlinePassed` less than 24 hours before a fixed meeting;
        `WrongStatus` for the fourth time. What nobody can accept any more is replaced without counting.
        """
        proposal = self._proposed(me, number)
        if self.state is MeetingState.FIXED and at > proposal.starts_at - MOVED_BEFORE:
            raise DeadlinePassed(N_("a fixed meeting can be moved until 24 hours before: cancel it if you must"))
        side = self.side(me)
        lapsed = self._lapsed(at)
        if side.times_asked >= MOST_TIMES_ASKED and not lapsed:
            raise LimitReached(N_("you asked for another time often enough: ask us to arrange the meeting"))
        asked = self._with(me, replace(side, times_asked=side.times_asked + (not lapsed)))
        return replace(asked, refused=self.refused | {proposal.starts_at})._proposing(at, zone)

    def cancel(self, me: UserId, *, at: datetime) -> Self:
        """Cancel the meeting. It tells nobody who did. `WrongStatus` once it has begun."""
        self.side(me)
        self._require_open()
        if self.has_begun(at):
            raise WrongStatus(N_("this meeting has begun: tell us how it went"))
        return self.ended(at=at)

    def ended(self, *, at: datetime) -> Self:
        """The meeting when it cannot take place, whatever the reason; one that has begun stays as it is."""
        if self.state is MeetingState.CANCELLED or self.has_begun(at):
            return self
        return replace(self._cleared(), state=MeetingState.CANCELLED)

    def fix(self, proposal: MeetingProposal, *, at: datetime) -> Self:
        """Fix the meeting as staff arranged it with both, also after it was cancelled.

        `InvalidFact` for a time that is not in the next 90 days.
        """
        if not at < proposal.starts_at <= at + FIXED_AHEAD:
            raise InvalidFact("starts_at", N_("must be within the next {days} days"), days=FIXED_AHEAD.days)
        return replace(self._cleared(), proposals=self.proposals + 1)._fixed(proposal, at)

    def report_no_show(self, me: UserId, words: str, *, at: datetime) -> Self:
        """Report that the other did not come, once. The other never learns of it."""
        side = self.side(me)
        if not self.has_begun(at):
            raise WrongStatus(N_("only a fixed meeting whose time has come can be reported"))
        if self.proposal is not None and at > self.proposal.starts_at + NO_SHOW_REPORTED_FOR:
            raise DeadlinePassed(N_("this meeting was too long ago to report: write to us"))
        if side.no_show_at is not None:
            raise WrongStatus(N_("you have reported this meeting"))
        checked = checked_text("words", words, at_most=NOTE_LENGTH)
        return self._with(me, replace(side, no_show_at=at, no_show_words=checked))

    def _with(self, me: UserId, side: MeetingSide) -> Self:
        self.side(me)
        return replace(self, side_a=side) if me == self.a else replace(self, side_b=side)

    def _require_open(self) -> None:
        if self.state is MeetingState.CANCELLED:
            raise cancelled()

    def _proposed(self, me: UserId, number: int) -> MeetingProposal:
        self.side(me)
        self._require_open()
        if self.proposal is None or number != self.proposals:
            raise StaleWrite(N_("this time is not proposed, or not any more: read the meeting again"))
        return self.proposal

    def _lapsed(self, at: datetime) -> bool:
        if self.state is not MeetingState.PROPOSED or self.proposal is None:
            return False
        return at > self.proposal.starts_at - ACCEPTED_BEFORE

    def _arranged(self, at: datetime, zone: tzinfo) -> Self:
        """Keep a proposal that still suits both; otherwise propose anew."""
        if not self.both_gave or (self.proposal is not None and self._suits(self.proposal, at, zone)):
            return self
        return self._proposing(at, zone)

    def _suits(self, proposal: MeetingProposal, at: datetime, zone: tzinfo) -> bool:
        there = midway(self.side_a.district, self.side_b.district)
        return (
            not self._lapsed(at)
            and proposal.district == there
            and proposal.starts_at in {each.starts_at(zone) for each in self.side_a.half_days & self.side_b.half_days}
        )

    def _proposing(self, at: datetime, zone: tzinfo) -> Self:
        cleared = replace(self._cleared(), state=MeetingState.ARRANGING)
        starts_at = earliest(self.side_a.half_days, self.side_b.half_days, self.refused, at=at, zone=zone)
        if starts_at is None:
            return cleared
        proposal = MeetingProposal(starts_at, midway(self.side_a.district, self.side_b.district))
        return replace(cleared, state=MeetingState.PROPOSED, proposal=proposal, proposals=self.proposals + 1)

    def _cleared(self) -> Self:
        """The meeting without a proposal, and without what was accepted."""
        return replace(
            self,
            side_a=replace(self.side_a, accepted=False),
            side_b=replace(self.side_b, accepted=False),
            proposal=None,
            fixed_at=None,
        )

    def _fixed(self, proposal: MeetingProposal, at: datetime) -> Self:
        return replace(self, state=MeetingState.FIXED, proposal=proposal, fixed_at=at)


def cancelled() -> WrongStatus:
    """The error of every change to a cancelled meeting, which does not tell why it was cancelled."""
    return WrongStatus(_CANCELLED)


def earliest(
    one: Set[HalfDay], other: Set[HalfDay], refused: Collection[datetime], *, at: datetime, zone: tzinfo
) -> datetime | None:
    """The beginning of the earliest half-day that suits both, was not refused, and is at least 24 hours away."""
    begins = (each.starts_at(zone) for each in one & other)
    return min((each for each in begins if each >= at + PROPOSED_BEFORE and each not in refused), default=None)


@dataclass(frozen=True, slots=True)
class ContactRule:
    """When two people who both accepted may read each other's contact.

    `hours_before`: so many hours before their fixed meeting; None for as soon as both accepted.
    """

    hours_before: int | None = None

    def opens_at(self, introduction: Introduction, meeting: Meeting | None) -> datetime | None:
        """From when they may; None as long as that is not certain."""
        if introduction.state is not IntroductionState.MUTUAL:
            return None
        if self.hours_before is None:
            return introduction.decided_at
        if meeting is None or meeting.state is not MeetingState.FIXED or meeting.proposal is None:
            return None
        return meeting.proposal.starts_at - timedelta(hours=self.hours_before)

    def is_open(self, introduction: Introduction, meeting: Meeting | None, at: datetime) -> bool:
        """Whether they may now."""
        opens_at = self.opens_at(introduction, meeting)
        return opens_at is not None and opens_at <= at


def _require_ahead(half_days: Collection[HalfDay], today: date) -> None:
    if len(set(half_days)) < LEAST_HALF_DAYS:
        raise InvalidFact("half_days", N_("give at least {least} half-days"), least=LEAST_HALF_DAYS)
    first = today + timedelta(days=1)
    last = today + timedelta(days=DAYS_AHEAD)
    if not all(first <= each.day <= last for each in half_days):
        raise InvalidFact("half_days", N_("must be from tomorrow to {days} days ahead"), days=DAYS_AHEAD)
