"""The read budget: how many people one account of staff may be shown on one day of the service, by kind of reading.

A person counts once a day and kind, however often they are shown. Beside the budget, readings that are unusual are
pointed out: many people within minutes, at night, or from an address the account never came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.ids import UserId
from ygs.domain.text import LINE_LENGTH, required_text


class ReadKind(StrEnum):
    """A kind of reading, each with a budget of its own."""

    FULL = "full"  # a person's data by name
    MASKED = "masked"  # a row of a list, with the name masked
    QUEUE = "queue"  # somebody who waits for review
    CONSULTATION = "consultation"  # somebody who booked a consultation with the reader
    PROPOSAL = "proposal"  # a week's plan under review
    EXPORT = "export"  # a row of a sheet that another account approved


DEFAULT_LIMITS: Mapping[ReadKind, int] = {
    ReadKind.FULL: 200,
    ReadKind.MASKED: 3_000,
    ReadKind.QUEUE: 300,
    ReadKind.CONSULTATION: 100,
    ReadKind.PROPOSAL: 3_000,
    ReadKind.EXPORT: 10_000,
}
FAST_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """The sizes of the budgets, from which share on administrators are warned, and which reading is unusual.

    `fast`: more people than this within ten minutes, masked rows and exports apart; `night`: from when until when, by
    the service's clock.
    """

    people: Mapping[ReadKind, int] = field(default_factory=lambda: DEFAULT_LIMITS)
    warn_percent: int = 80
    fast: int = 60
    night: tuple[time, time] = (time(22), time(6))

    def warns(self, use: "ReadUse") -> bool:
        """Whether so much of a budget is used that administrators are warned."""
        return use.used * 100 >= self.people[use.kind] * self.warn_percent

    def is_night(self, at: time) -> bool:
        """Whether that time of the day belongs to the night."""
        begins, ends = self.night
        return begins <= at < ends if begins <= ends else at >= begins or at < ends

    def is_fast(self, use: "ReadUse") -> bool:
        """Whether more people were shown within ten minutes than usual."""
        return use.kind not in (ReadKind.MASKED, ReadKind.EXPORT) and use.recent > self.fast


@dataclass(frozen=True, slots=True, order=True)
class BudgetKey:
    """One budget: that of an account, on a day of the service, for a kind of reading."""

    user_id: UserId
    day: date
    kind: ReadKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUse:
    """What one account has used of one budget on one day. `recent`: people shown for the first time since
    `recent_since`, which is ten minutes ago at most when the next is counted."""

    user_id: UserId
    day: date
    kind: ReadKind
    used: int = 0
    recent: int = 0
    recent_since: datetime

    @property
    def key(self) -> BudgetKey:
        """Which budget this is."""
        return BudgetKey(self.user_id, self.day, self.kind)

    def take(self, people: int, *, at: datetime) -> Self:
        """Count people who are shown for the first time on the day."""
        if at - self.recent_since >= FAST_WITHIN:
            return replace(self, used=self.used + people, recent=people, recent_since=at)
        return replace(self, used=self.used + people, recent=self.recent + people)


@dataclass(frozen=True, slots=True)
class LockedBudget:
    """A budget that a transaction has locked: what is used of it, and who is counted in it, of those asked about."""

    use: ReadUse
    counted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLift:
    """An administrator lets an account read beyond its budgets for the rest of one day. `lifted_by`: None for the
    operator."""

    user_id: UserId
    day: date
    lifted_by: UserId | None
    reason: str
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", required_text("reason", self.reason, at_most=LINE_LENGTH))
