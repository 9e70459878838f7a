"""Forecasts: what a contract can be expected to bring somebody who is not a member yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from ygs.domain.errors import N_, InvalidFact
from ygs.domain.ids import ForecastId, MembershipId, UserId

# Of fewer people than this, no forecast says how many they are: a narrow wish could point to one person.
FEW = 10
MOST_FORECAST_WEEKS = 104
MOST_PROMISED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastTerms:
    """The contract that a forecast is about: how many weeks it lasts, and how many introductions it promises."""

    weeks: int
    promised: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.weeks <= MOST_FORECAST_WEEKS:
            raise InvalidFact("weeks", N_("must be 1..{most}"), most=MOST_FORECAST_WEEKS)
        if not 0 <= self.promised <= MOST_PROMISED:
            raise InvalidFact("promised", N_("must be 0..{most}"), most=MOST_PROMISED)

    def owed_by(self, week: int) -> int:
        """How many introductions are owed when so many weeks are over: the promise falls due evenly."""
        return self.promised * week // self.weeks


@dataclass(frozen=True, slots=True)
class ExpectedCount:
    """The mean of a count, in tenths, and its 90 % prediction interval: nine of ten such people get `low`..`high`."""

    tenths: int
    low: int
    high: int

    @classmethod
    def of(cls, draws: Sequence[int]) -> Self:
        """Summarise simulated counts.

        A further draw falls between the k-th lowest and the k-th highest of n with a probability of 1 - 2k / (n + 1) or
        more, so k is chosen by n + 1.
        """
        ordered = sorted(draws)
        outside = max((len(ordered) + 1) // 20, 1)
        tenths = (20 * sum(ordered) + len(ordered)) // (2 * len(ordered))
        return cls(tenths, ordered[outside - 1], ordered[-outside])


@dataclass(frozen=True, slots=True, kw_only=True)
class MutualTally:
    """People who had the same outcome in the closed weeks of a club's record: `people` of them were in `introductions`
    each, of which `mutual` were accepted by both."""

    introductions: int
    mutual: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClubRecord:
    """What a forecast knows of a club's recent past, as counts that name nobody.

    `tallies`: outcomes of the closed weeks it covers, cancelled introductions apart. Of the people introduced in the
    earliest of these weeks, which was published `weeks` weeks ago, `present` are enrolled today and `gone` are not;
    `joined` of today's members were activated since.
    """

    tallies: tuple[MutualTally, ...] = ()
    weeks: int = 0
    present: int = 0
    gone: int = 0
    joined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The figures of a forecast.

    `candidates`: how many members of today's club suit the person and are suited by them; None for fewer than `FEW`.
    `kept_percent`: in how many of a hundred simulated contracts the promised introductions were made; None without a
    promise. `seed`: the same inputs and seed give the same figures.
    """

    terms: ForecastTerms
    candidates: int | None
    introductions: ExpectedCount
    mutual: ExpectedCount
    kept_percent: int | None
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForecast:
    """A forecast that was kept: what it said, signed, and the contract that was made after it, if one was.

    `statement`: the figures as they were signed, as text; it holds nothing of a profile. `signature`: a keyed hash of
    id and statement. `made_by`: None for the operator.
    """

    id: ForecastId
    statement: str
    signature: str
    made_at: datetime
    made_by: UserId | None
    membership_id: MembershipId | None = None

    @property
    def signed_text(self) -> str:
        """What the signature is of."""
        return f"{self.id}|{self.statement}"


def weeks_between(first: datetime, at: datetime) -> int:
    """How many weeks lie between two moments, rounded; at least one."""
    return max(round((at - first) / timedelta(weeks=1)), 1)


def told_count(count: int) -> int | None:
    """The count as a forecast tells it: None for fewer than `FEW`."""
    return count if count >= FEW else None
