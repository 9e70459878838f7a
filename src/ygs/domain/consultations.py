"""Consultations: a consultant opens slots, and a member books one of them.

A slot holds one consultation that is not cancelled, and the slots of a consultant never overlap. Both are rules of the
storage too, since many may book at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, DeadlinePassed, InvalidFact, LimitReached, WrongStatus
from ygs.domain.ids import ConsultationId, SlotId, UserId
from ygs.domain.text import NOTE_LENGTH, checked_text

# Slots begin and end on these quarters of an hour: two that overlap share one, and the storage holds each once.
QUARTER = timedelta(minutes=15)
SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(hours=4)
# Coming consultations that a member may have at once, and how many they may book within a day.
MOST_BOOKED = 2
MOST_BOOKED_A_DAY = 5
# How often a member may move one consultation.
MOST_MOVES = 3
DAY = timedelta(days=1)


class ConsultationState(StrEnum):
    """What became of a booked consultation."""

    BOOKED = "booked"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time at which a consultant receives a member, UTC. `closed`: it was taken back, and cannot be booked."""

    id: SlotId
    consultant: UserId
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    closed: bool = False

    def __post_init__(self) -> None:
        for at in (self.starts_at, self.ends_at):
            if at.minute % 15 or at.second or at.microsecond:
                raise InvalidFact("starts_at", N_("must be on a quarter of an hour, and so must the end"))
        if not SHORTEST <= self.ends_at - self.starts_at <= LONGEST:
            raise InvalidFact("minutes", N_("must be a quarter of an hour to four hours"))

    @property
    def quarters(self) -> Sequence[datetime]:
        """The beginnings of the quarters of an hour that it takes."""
        count = (self.ends_at - self.starts_at) // QUARTER
        return [self.starts_at + number * QUARTER for number in range(count)]

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it takes any of that time."""
        return self.starts_at < ends_at and starts_at < self.ends_at

    def require_bookable(self, at: datetime) -> None:
        """`WrongStatus` when it was taken back; `DeadlinePassed` once it has begun."""
        if self.closed:
            raise WrongStatus(N_("this time is no longer offered: choose another"))
        if self.starts_at <= at:
            raise DeadlinePassed(N_("this time is over: choose another"))


@dataclass(frozen=True, slots=True)
class CancellationRule:
    """Until how many hours before it a member may cancel or move a consultation; staff always may."""

    hours: int = 24

    def require_open(self, consultation: "Consultation", at: datetime) -> None:
        """`DeadlinePassed` when it is too late for the member."""
        if at > consultation.starts_at - timedelta(hours=self.hours):
            raise DeadlinePassed(
                N_("a consultation can be changed until {hours} hours before: call us"), hours=self.hours
            )


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A fact to ask the member for: `answer`, a code of the attribute, would open so many more candidates to them."""

    attribute: str
    answer: int
    opens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """A member's consultation. Its times and consultant are those of its slot.

    `changed_at`: when it was booked, moved or ended. `moves`: how often the member moved it. `notes`: staff's.
    `questions_at`: when the questions to ask were prepared.
    """

    id: ConsultationId
    slot_id: SlotId
    consultant: UserId
    member: UserId
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    changed_at: datetime
    state: ConsultationState = ConsultationState.BOOKED
    moves: int = 0
    notes: str = ""
    questions: tuple[KeptQuestion, ...] = ()
    questions_at: datetime | None = None
    version: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", checked_text("notes", self.notes, at_most=NOTE_LENGTH))

    @classmethod
    def booked(cls, id: ConsultationId, slot: Slot, member: UserId, *, at: datetime) -> Self:
        """Book a slot for a member; `WrongStatus` or `DeadlinePassed` when it cannot be booked."""
        slot.require_bookable(at)
        return cls(
            id=id,
            slot_id=slot.id,
            consultant=slot.consultant,
            member=member,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            booked_at=at,
            changed_at=at,
        )

    def move(self, slot: Slot, *, at: datetime, by_member: bool) -> Self:
        """The consultation at another slot, also of another consultant; `LimitReached` for a member's fourth move. A
        move to where it is already, such as one that is sent again, changes nothing."""
        self._require_booked()
        if slot.id == self.slot_id:
            return self
        slot.require_bookable(at)
        if by_member and self.moves >= MOST_MOVES:
            raise LimitReached(N_("you moved this consultation often enough: call us"))
        return replace(
            self,
            slot_id=slot.id,
            consultant=slot.consultant,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            changed_at=at,
            moves=self.moves + by_member,
        )

    def cancel(self, *, at: datetime) -> Self:
        """The consultation when it does not take place; `WrongStatus` unless it is booked."""
        self._require_booked()
        return replace(self, state=ConsultationState.CANCELLED, changed_at=at)

    def held(self, state: ConsultationState, *, at: datetime) -> Self:
        """The consultation once its time has come: done, or the member did not come. One may be corrected to the
        other."""
        if self.state is ConsultationState.CANCELLED:
            raise WrongStatus(N_("this consultation was cancelled"))
        if self.starts_at > at:
            raise WrongStatus(N_("this consultation has not begun"))
        return replace(self, state=state, changed_at=at)

    def with_notes(self, notes: str) -> Self:
        """The consultation with other notes."""
        return replace(self, notes=notes)

    def with_questions(self, questions: Sequence[KeptQuestion], *, at: datetime) -> Self:
        """The consultation with the questions that were prepared at that moment; `WrongStatus` unless it is booked."""
        self._require_booked()
        return replace(self, questions=tuple(questions), questions_at=at)

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it takes any of that time."""
        return self.starts_at < ends_at and starts_at < self.ends_at

    def _require_booked(self) -> None:
        if self.state is not ConsultationState.BOOKED:
            raise WrongStatus(N_("this consultation is over, or was cancelled"))


def require_room(slot: Slot, booked: Sequence[Consultation], *, but: ConsultationId | None = None) -> None:
    """`WrongStatus` when one of the member's booked consultations is at the same time; `but`: the one that moves."""
    if any(each.overlaps(slot.starts_at, slot.ends_at) for each in booked if each.id != but):
        raise WrongStatus(N_("the member has another consultation at that time"))


def require_few(booked: Sequence[Consultation], latest: Sequence[Consultation], at: datetime) -> None:
    """`LimitReached` when a member has enough coming consultations, or booked enough of them within a day.

    `latest`: the consultations that they booked last.
    """
    if len(booked) >= MOST_BOOKED:
        raise LimitReached(N_("you have {most} consultations ahead: move or cancel one of them"), most=MOST_BOOKED)
    if sum(each.booked_at > at - DAY for each in latest) >= MOST_BOOKED_A_DAY:
        raise LimitReached(N_("you booked often enough today: try again tomorrow, or call us"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """A slot in a consultant's calendar, and the consultation that takes it."""

    slot: Slot
    consultation: Consultation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeed:
    """The address by which a consultant's own calendar program reads their consultations. Of its secret only a digest
    is kept."""

    consultant: UserId
    digest: str
    created_at: datetime
