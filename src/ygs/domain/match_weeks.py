"""Match weeks: the week's round from opening to closing.

::

    open ──lock──▶ locked ──propose──▶ proposed ──publish──▶ published ──close──▶ closed
     │ ▲             │                    │  ▲
     │ └──discard────┴────────discard─────┘  └ propose again (overrides)
     └─cancel──▶ cancelled        any broken invariant while locked or proposed: failed, nothing published;
                                  a failed week can only be cancelled, which leaves room to hold it again
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from ygs.domain.errors import N_, DeadlinePassed, DomainError, LeaseLost, Listed, WrongStatus
from ygs.domain.ids import WeekId
from ygs.domain.matching.plan import Overrides
from ygs.domain.matching.policy import Policy
from ygs.domain.service_dates import date_at


class WeekState(StrEnum):
    """The state of a match week."""

    OPEN = "open"
    LOCKED = "locked"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    CLOSED = "closed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE_STATES = frozenset({WeekState.OPEN, WeekState.LOCKED, WeekState.PROPOSED, WeekState.PUBLISHED})


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """An ISO 8601 week, written ``2026-W48``."""

    year: int
    week: int

    def __post_init__(self) -> None:
        try:
            date.fromisocalendar(self.year, self.week, 1)
        except ValueError as wrong:
            raise DomainError(N_("not a week of the ISO calendar; write it like 2026-W48")) from wrong

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.week:02}"

    @classmethod
    def parse(cls, text: str) -> "IsoWeek":
        """Read ``2026-W48``; `DomainError` for anything else."""
        year, middle, week = text.partition("-W")
        if not (middle and len(year) == 4 and len(week) == 2 and (year + week).isascii() and (year + week).isdigit()):
            raise DomainError(N_("not a week; write it like 2026-W48"))
        return cls(int(year), int(week))

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> "IsoWeek":
        """The week of a moment, in the time zone of the service."""
        return cls(*date_at(moment, zone).isocalendar()[:2])

    @property
    def number(self) -> int:
        """The week as a number, year * 100 + week, so that weeks sort by time."""
        return self.year * 100 + self.week

    @property
    def monday(self) -> date:
        """The Monday of the week."""
        return date.fromisocalendar(self.year, self.week, 1)

    def following(self, weeks: int = 1) -> "IsoWeek":
        """Return the week that many weeks later."""
        return IsoWeek(*(self.monday + timedelta(weeks=weeks)).isocalendar()[:2])

    def moment(self, day: int, hour: int, zone: ZoneInfo) -> datetime:
        """Return a full hour of a day (0 is Monday) in the service's time zone, as UTC."""
        return datetime.combine(self.monday + timedelta(days=day), time(hour), tzinfo=zone).astimezone(UTC)

    def answer_deadline(self, zone: ZoneInfo) -> datetime:
        """Sunday 21:00 in the service's time zone, as UTC."""
        return self.moment(6, 21, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekOutline:
    """A match week without its policy and overrides, for calendars. Times are UTC."""

    id: WeekId
    week: IsoWeek
    state: WeekState
    deadline: datetime
    published_at: datetime | None

    @property
    def held(self) -> bool:
        """Whether its round was published."""
        return self.published_at is not None and self.state in (WeekState.PUBLISHED, WeekState.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPair:
    """A pair of a plan that may not be introduced: two ids, the code of the reason, and the attribute it is about (or
    "")."""

    a: str
    b: str
    reason: str
    attribute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchWeek:
    """One week's round.

    `deadline`: answers count before it. `fence`: fencing token of the latest lease; `lease_until`: when that
    lease ends. `input_hash`: of the snapshot taken at locking. `failure`: the first pairs that made it fail. Times are
    UTC.
    """

    id: WeekId
    week: IsoWeek
    deadline: datetime
    created_at: datetime
    updated_at: datetime
    policy: Policy = field(default_factory=Policy)
    seed: int = 0
    state: WeekState = WeekState.OPEN
    overrides: Overrides = field(default_factory=Overrides)
    input_hash: str = ""
    fence: int = 0
    lease_until: datetime | None = None
    failure: tuple[BrokenPair, ...] = ()
    published_at: datetime | None = None
    version: int = 0

    def leased(self, *, at: datetime, seconds: int) -> Self:
        """Lease the round to one worker; `fence` is its fencing token. `LeaseLost` while another lease lasts."""
        if self.lease_until is not None and at < self.lease_until:
            raise LeaseLost(N_("another worker is busy with this week; try again in a minute"))
        return replace(self, fence=self.fence + 1, lease_until=at + timedelta(seconds=seconds))

    def renewed(self, *, fence: int, at: datetime, seconds: int) -> Self:
        """Renew the lease; `LeaseLost` when it ended or another worker has one."""
        self.require_lease(fence, at)
        return replace(self, lease_until=at + timedelta(seconds=seconds))

    def released(self, *, fence: int) -> Self:
        """End the lease, if it is still this worker's."""
        return replace(self, lease_until=None) if fence == self.fence else self

    def require_lease(self, fence: int, at: datetime) -> None:
        """`LeaseLost` unless `fence` is the latest token and its lease lasts."""
        if fence != self.fence or self.lease_until is None or at >= self.lease_until:
            raise LeaseLost(N_("this worker's lease on the week is over; nothing was written, run it again"))

    def require_open(self) -> None:
        """`WrongStatus`, which says what to do first, unless the week can be locked."""
        self._require({WeekState.OPEN}, WeekState.LOCKED)

    def require_locked(self) -> None:
        """`WrongStatus`, which says what to do first, unless the week can be planned."""
        self._require({WeekState.LOCKED, WeekState.PROPOSED}, WeekState.PROPOSED)

    def require_proposed(self) -> None:
        """`WrongStatus`, which says what to do first, unless a plan of the week is under review."""
        self._require({WeekState.PROPOSED}, WeekState.PUBLISHED)

    def lock(self, *, at: datetime, input_hash: str) -> Self:
        """Freeze the inputs: from now on the plan is a function of the snapshot, the policy and the seed."""
        return replace(self._moved({WeekState.OPEN}, WeekState.LOCKED, at), input_hash=input_hash)

    def require_advisable(self) -> None:
        """`WrongStatus` unless the week is locked and not planned yet."""
        if self.state is WeekState.PROPOSED:
            raise WrongStatus(_ADVICE_COMES_FIRST, week=self.week, state=self.state)
        self._require({WeekState.LOCKED}, WeekState.LOCKED)

    def advised(self, *, at: datetime, input_hash: str) -> Self:
        """The frozen inputs hold advice from now on."""
        return replace(self._moved({WeekState.LOCKED}, WeekState.LOCKED, at), input_hash=input_hash)

    def propose(self, *, at: datetime, overrides: Overrides) -> Self:
        """A plan made under `overrides` waits for review."""
        moved = self._moved({WeekState.LOCKED, WeekState.PROPOSED}, WeekState.PROPOSED, at)
        return replace(moved, overrides=overrides)

    def discard(self, *, at: datetime) -> Self:
        """Drop the snapshot, plan and overrides, and open the week again."""
        moved = self._moved({WeekState.LOCKED, WeekState.PROPOSED}, WeekState.OPEN, at)
        return replace(moved, overrides=Overrides(), input_hash="", lease_until=None)

    def publish(self, *, at: datetime) -> Self:
        """Publish the week: members see their introductions."""
        moved = self._moved({WeekState.PROPOSED}, WeekState.PUBLISHED, at)
        if at >= self.deadline:
            raise DeadlinePassed(
                N_("the answer deadline of this week has passed; nobody could answer: discard or cancel it")
            )
        return replace(moved, published_at=at)

    def close(self, *, at: datetime) -> Self:
        """Close the week after its deadline; nobody can answer any more."""
        moved = self._moved({WeekState.PUBLISHED}, WeekState.CLOSED, at)
        if at < self.deadline:
            raise WrongStatus(N_("answers are open until the deadline; close the week after it"))
        return moved

    def cancel(self, *, at: datetime) -> Self:
        """Cancel the week, also a failed one; its ISO week is free again."""
        return self._moved({WeekState.OPEN, WeekState.FAILED}, WeekState.CANCELLED, at)

    def fail(self, *, at: datetime, why: tuple[BrokenPair, ...]) -> Self:
        """Mark the week as failed after a broken invariant; nothing of it is published."""
        moved = self._moved({WeekState.LOCKED, WeekState.PROPOSED}, WeekState.FAILED, at)
        return replace(moved, failure=why, lease_until=None)

    def _moved(self, allowed: set[WeekState], to: WeekState, at: datetime) -> Self:
        self._require(allowed, to)
        return replace(self, state=to, updated_at=at)

    def _require(self, allowed: set[WeekState], to: WeekState) -> None:
        if self.state not in allowed:
            raise WrongStatus(
                _WHAT_FIRST.get((self.state, to), _WRONG_STATE),
                week=self.week,
                state=self.state,
                needed=Listed(sorted(allowed)),
            )


_WRONG_STATE = N_("week {week} is {state}; this needs one of: {needed}")
_LOCK_FIRST = N_("week {week} is {state}: lock it first, then plan it")
_PLAN_FIRST = N_("week {week} is {state}: plan it first")
_PUBLISH_FIRST = N_("week {week} is {state}: publish it first, and close it after its answer deadline")
_LOCKED_ALREADY = N_("week {week} is {state} and needs no lock: plan it, or discard it first to lock it anew")
_ADVICE_COMES_FIRST = N_(
    "week {week} is {state}, and advice comes before the plan: discard the plan, lock the week, and ask then"
)
_PUBLISHED_ALREADY = N_("week {week} is {state}: its introductions have been made")
_DISCARD_FIRST = N_("week {week} is {state}: discard it first, then cancel it")

# What to do first, by the state that a week is in and the state that it should reach.
_WHAT_FIRST: Mapping[tuple[WeekState, WeekState], str] = {
    (WeekState.LOCKED, WeekState.LOCKED): _LOCKED_ALREADY,
    (WeekState.PROPOSED, WeekState.LOCKED): _LOCKED_ALREADY,
    (WeekState.OPEN, WeekState.PROPOSED): _LOCK_FIRST,
    (WeekState.OPEN, WeekState.PUBLISHED): _LOCK_FIRST,
    (WeekState.LOCKED, WeekState.PUBLISHED): _PLAN_FIRST,
    (WeekState.PROPOSED, WeekState.CLOSED): _PUBLISH_FIRST,
    (WeekState.LOCKED, WeekState.CANCELLED): _DISCARD_FIRST,
    (WeekState.PROPOSED, WeekState.CANCELLED): _DISCARD_FIRST,
} | {
    (done, step): _PUBLISHED_ALREADY
    for done in (WeekState.PUBLISHED, WeekState.CLOSED)
    for step in (WeekState.LOCKED, WeekState.PROPOSED, WeekState.PUBLISHED)
}
