"""Introductions, the blind answers to them, and feedback on the meetings.

An answer is hidden until both have answered or the deadline has passed: what one member can read is the same whether
the other has accepted, declined or not answered yet.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from ygs.domain.errors import N_, AlreadyDecided, DeadlinePassed, DomainError, InvalidFact, NotFound, WrongStatus
from ygs.domain.ids import FeedbackId, IntroductionId, UserId, WeekId
from ygs.domain.text import NOTE_LENGTH, checked_text

# How long a member is asked for feedback.
FEEDBACK_FOR = timedelta(days=30)


class IntroductionState(StrEnum):
    """The state of an introduction."""

    WAITING = "waiting"
    MUTUAL = "mutual"
    NOT_MUTUAL = "not_mutual"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class IntroductionOrigin(StrEnum):
    """Who chose an introduction: the week's round, or staff by hand beside it."""

    ROUND = "round"
    STAFF = "staff"


class Choice(StrEnum):
    """Accept or decline."""

    ACCEPT = "accept"
    DECLINE = "decline"


class DeclineReason(StrEnum):
    """Why a person declined. Staff read it; the other person never does."""

    LOOKS = "looks"
    AGE = "age"
    DISTANCE = "distance"
    JOB = "job"
    RELIGION = "religion"
    CHILDREN = "children"
    VALUES = "values"
    TIMING = "timing"
    KNOWS_THEM = "knows_them"
    OTHER = "other"


class FeedbackReason(StrEnum):
    """What made a meeting good or bad."""

    CONVERSATION = "conversation"
    LOOKS = "looks"
    MANNERS = "manners"
    VALUES = "values"
    LIFESTYLE = "lifestyle"
    DISTANCE = "distance"
    PROFILE_DIFFERED = "profile_differed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One person's answer. A decline has a reason. `words`: a remark for staff."""

    choice: Choice
    at: datetime
    reason: DeclineReason | None = None
    words: str = ""

    def __post_init__(self) -> None:
        if (self.choice is Choice.DECLINE) is (self.reason is None):
            raise InvalidFact("reason", N_("goes with a decline, and only with a decline"))
        object.__setattr__(self, "words", checked_text("words", self.words, at_most=NOTE_LENGTH))


class Condition(NamedTuple):
    """One person's wish at the time of the introduction, and how far the other met it.

    `low`, `high`, `accepts` as in `Wish`; `value`: the other's code or mask at that time (0 unknown); `fit`: how far it
    was met, 0 to 10,000 basis points. A tuple, since a large week hashes millions, and a dataclass takes five times as
    long.
    """

    attribute: str
    importance: int
    low: int
    high: int
    accepts: int
    value: int
    fit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """Two people introduced to each other in one week: `a` is the lesser id.

    `a_to_b`, `b_to_a`, `mutual`: satisfactions and score at planning, basis points. `proof_of_a`: a's conditions and
    how far b met them; `proof_of_b` the other way round. `origin`: the week's round, or staff by hand while the week
    ran. `met`: whether the two met, as either reported; None without a report. Times are UTC.
    """

    id: IntroductionId
    week_id: WeekId
    a: UserId
    b: UserId
    a_to_b: int
    b_to_a: int
    mutual: int
    deadline: datetime
    created_at: datetime
    proof_of_a: tuple[Condition, ...] = ()
    proof_of_b: tuple[Condition, ...] = ()
    origin: IntroductionOrigin = IntroductionOrigin.ROUND
    state: IntroductionState = IntroductionState.WAITING
    answer_of_a: Answer | None = None
    answer_of_b: Answer | None = None
    decided_at: datetime | None = None
    met: bool | None = None
    version: int = 0

    def __post_init__(self) -> None:
        if not self.a < self.b:
            raise DomainError(N_("an introduction joins two people, the lesser id first"))

    def other(self, me: UserId) -> UserId:
        """The person that `me` is introduced to; `NotFound` when `me` is neither of the two."""
        self._require_part(me)
        return self.b if me == self.a else self.a

    def answer_of(self, me: UserId) -> Answer | None:
        """The answer of `me`, or None."""
        self._require_part(me)
        return self.answer_of_a if me == self.a else self.answer_of_b

    def state_at(self, at: datetime) -> IntroductionState:
        """The state as members see it: a waiting one is expired from its deadline on, whenever its week is closed."""
        waited = self.state is IntroductionState.WAITING and at >= self.deadline
        return IntroductionState.EXPIRED if waited else self.state

    def awaits(self, at: datetime) -> bool:
        """Whether members can act on it: answer it, or give feedback, for 30 days after both accepted."""
        if self.state is IntroductionState.MUTUAL:
            return self.decided_at is not None and at < self.decided_at + FEEDBACK_FOR
        return self.state_at(at) is IntroductionState.WAITING

    def answered(self, me: UserId, answer: Answer) -> Self:
        """The introduction with the answer of `me`. It can change until the other person answers; then both are final.

        `DeadlinePassed` from the deadline on; `AlreadyDecided` once decided. The same answer again changes nothing.
        """
        mine = self.answer_of(me)
        if mine is not None and replace(answer, at=mine.at) == mine:
            return self
        if self.state is not IntroductionState.WAITING:
            raise AlreadyDecided(N_("this introduction is decided; the answer can no longer change"))
        if answer.at >= self.deadline:
            raise DeadlinePassed(N_("the time to answer is over"))
        changed = replace(self, answer_of_a=answer) if me == self.a else replace(self, answer_of_b=answer)
        return changed._decided(answer.at)

    def _decided(self, at: datetime) -> Self:
        if self.answer_of_a is None or self.answer_of_b is None:
            return self
        both = {self.answer_of_a.choice, self.answer_of_b.choice} == {Choice.ACCEPT}
        return replace(self, state=IntroductionState.MUTUAL if both else IntroductionState.NOT_MUTUAL, decided_at=at)

    def expire(self, *, at: datetime) -> Self:
        """Expire an introduction that waits after its deadline; a decided one stays as it is."""
        if self.state is not IntroductionState.WAITING:
            return self
        if at < self.deadline:
            raise WrongStatus(N_("answers are open until the deadline"))
        return replace(self, state=IntroductionState.EXPIRED, decided_at=at)

    def cancel(self, *, at: datetime) -> Self:
        """Cancel an introduction that waits, for example when one of the two leaves."""
        if self.state is not IntroductionState.WAITING:
            raise WrongStatus(N_("this introduction is decided and cannot be cancelled"))
        return replace(self, state=IntroductionState.CANCELLED, decided_at=at)

    def reported(self, *, met: bool) -> Self:
        """Record whether the two met after a mutual introduction; one report that they did is enough."""
        if self.state is not IntroductionState.MUTUAL:
            raise WrongStatus(N_("only people who both accepted can tell how it went"))
        return replace(self, met=met or bool(self.met))

    def _require_part(self, me: UserId) -> None:
        if me not in (self.a, self.b):
            raise NotFound("introduction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One person's feedback on a meeting. The other person never sees it.

    `again` (whether to meet again) and `rating` (1..5) if the two met, None otherwise.
    """

    id: FeedbackId
    introduction_id: IntroductionId
    by: UserId
    met: bool
    created_at: datetime
    again: bool | None = None
    rating: int | None = None
    reasons: frozenset[FeedbackReason] = frozenset()
    words: str = ""

    def __post_init__(self) -> None:
        if self.met is (self.rating is None) or self.met is (self.again is None):
            raise InvalidFact("rating", N_("goes with a meeting that took place, as 'again' does, and only with one"))
        if self.rating is not None and not 1 <= self.rating <= 5:
            raise InvalidFact("rating", N_("must be 1..5"))
        object.__setattr__(self, "words", checked_text("words", self.words, at_most=NOTE_LENGTH))
