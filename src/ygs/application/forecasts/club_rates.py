"""The rates of a club that a forecast needs, as distributions to draw from.

A young club has few closed weeks, so each rate begins with a wide prior and the record narrows it. What is drawn is the
rate of one further person or season, not the mean: people differ, and that difference does not shrink with data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Self

from ygs.domain.forecasts import ClubRecord, MutualTally

# Before anything is known, the share of introductions that both accept: a mean of 1/4, and 1 to 60 % is possible.
_MUTUAL = (1.0, 3.0)
# How alike the outcomes of one person are (intraclass correlation), and as of how many people this guess counts.
_ALIKE = 0.15
_ALIKE_PEOPLE = 30
# Weekly rates of joining and leaving, as a gamma distribution: events, and weeks of membership, seen beforehand.
_EVENTS = 1.5
_MEMBER_WEEKS = 75.0
_MOST_WEEKLY = 0.2


@dataclass(frozen=True, slots=True)
class MutualRate:
    """The share of one person's introductions that both accept: a beta distribution over people, whose mean is known
    no better than `yes` to `no`."""

    yes: float
    no: float
    alike: float

    @classmethod
    def of(cls, tallies: Sequence[MutualTally]) -> Self:
        """Learn the rate from closed weeks."""
        sides = sum(each.people * each.introductions for each in tallies)
        mutual = sum(each.people * each.mutual for each in tallies)
        alike = _alike(tallies)
        # Each introduction is in the tallies of both its people, and a person's introductions are not independent.
        weight = 1 / (2 * _design_effect(tallies, alike))
        return cls(_MUTUAL[0] + mutual * weight, _MUTUAL[1] + (sides - mutual) * weight, alike)

    def draw(self, rng: Random) -> float:
        """The rate of one person whom nothing is known of."""
        mean = min(max(rng.betavariate(self.yes, self.no), 0.001), 0.999)
        spread = 1 / self.alike - 1
        return rng.betavariate(mean * spread, (1 - mean) * spread)


def _design_effect(tallies: Sequence[MutualTally], alike: float) -> float:
    sides = sum(each.people * each.introductions for each in tallies)
    squares = sum(each.people * each.introductions**2 for each in tallies)
    return 1 + (squares / sides - 1) * alike if sides else 1.0


def _alike(tallies: Sequence[MutualTally]) -> float:
    """The intraclass correlation: how much of the variance of outcomes lies between people. Shrunk to the guess."""
    several = [each for each in tallies if each.introductions > 1]
    people = sum(each.people for each in several)
    found = _between(several) if people > 1 else _ALIKE
    shrunk = (_ALIKE * _ALIKE_PEOPLE + found * people) / (_ALIKE_PEOPLE + people)
    return min(max(shrunk, 0.02), 0.8)


def _between(tallies: Sequence[MutualTally]) -> float:
    """The estimator of the analysis of variance, for groups of different sizes."""
    people = sum(each.people for each in tallies)
    sides = sum(each.people * each.introductions for each in tallies)
    mean = sum(each.people * each.mutual for each in tallies) / sides
    between = sum(each.people * each.introductions * (each.mutual / each.introductions - mean) ** 2 for each in tallies)
    within = sum(each.people * each.mutual * (1 - each.mutual / each.introductions) for each in tallies)
    size = (sides - sum(each.people * each.introductions**2 for each in tallies) / sides) / (people - 1)
    between /= people - 1
    within /= sides - people
    total = between + (size - 1) * within
    return max((between - within) / total, 0.0) if total else 0.0


@dataclass(frozen=True, slots=True)
class WeeklyRate:
    """How often something happens to a member in a week: `events` were seen in `member_weeks`."""

    events: int
    member_weeks: float

    @classmethod
    def of_leaving(cls, record: ClubRecord) -> Self:
        """The rate at which members leave. Those who left were there about half of the time."""
        return cls(record.gone, record.weeks * (record.present + record.gone / 2))

    @classmethod
    def of_joining(cls, record: ClubRecord, members: int) -> Self:
        """The rate at which people join, for each member of a club that has so many today."""
        return cls(record.joined, record.weeks * members)

    def draw(self, rng: Random) -> float:
        """A rate that the record allows, per week."""
        rate = rng.gammavariate(_EVENTS + self.events, 1 / (_MEMBER_WEEKS + self.member_weeks))
        return min(rate, _MOST_WEEKLY)
