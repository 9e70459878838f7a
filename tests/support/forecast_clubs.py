"""Clubs that live on after a forecast, with a behaviour of which the forecast knows nothing but its closed weeks.

Rounds are the club's own. Whether somebody accepts has nothing to do with wishes or looks: people differ in mood and in
standing, grow tired of introductions, and couples leave together. The forecast assumes none of it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import exp
from random import Random

from ygs.application.forecasts.forecast import ForecastInputs, make_forecast
from ygs.application.forecasts.pool import NOBODYS_ID
from ygs.application.rounds.solve_round import plan_round
from ygs.application.simulation.club import club
from ygs.domain.forecasts import ClubRecord, Forecast, ForecastTerms, MutualTally
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import RoundSolver, Scorer

POLICY = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How a club lives: `willing` in log-odds of accepting, weekly `joining` and `leaving`, and how many weeks it ran
    before the forecast."""

    people: int
    willing: float
    joining: float
    leaving: float
    weeks_before: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was forecast for one newcomer, and what became of it."""

    forecast: Forecast
    introductions: int
    mutual: int

    @property
    def introductions_covered(self) -> bool:
        return self.forecast.introductions.low <= self.introductions <= self.forecast.introductions.high

    @property
    def mutual_covered(self) -> bool:
        return self.forecast.mutual.low <= self.mutual <= self.forecast.mutual.high


class LivingClub:
    """A club in progress; a further seed is another club."""

    def __init__(self, life: Life, seed: int, scorer: Scorer, solver: RoundSolver) -> None:
        self.life = life
        self._rng = Random(seed)
        self._scorer = scorer
        self._solver = solver
        born = club(life.people * 4, seed=seed, at=datetime(2026, 1, 5, tzinfo=UTC))
        self._coming: Iterator[Candidate] = (member.candidate(capacity=1) for member in born)
        self._members = {each.id: each for _, each in zip(range(life.people), self._coming, strict=False)}
        self._first = set(self._members)
        self._joined: set[str] = set()
        self._mood: dict[str, tuple[float, float]] = {}
        self._met: set[tuple[str, str]] = set()
        self._waited = Counter[str]()
        self.introductions = Counter[str]()
        self.mutual = Counter[str]()
        for _ in range(life.weeks_before):
            self.week()

    def market(self) -> Market:
        """Everybody who takes part in the next round."""
        people = (replace(each, weeks_waited=self._waited[each.id]) for each in self._members.values())
        return Market.of(people, met=self._met)

    def record(self) -> ClubRecord:
        """What the service would know of the weeks so far."""
        outcomes = Counter((self.introductions[each], self.mutual[each]) for each in self.introductions)
        there = len(self._first & self._members.keys())
        return ClubRecord(
            tallies=tuple(
                MutualTally(introductions=made, mutual=mutual, people=count)
                for (made, mutual), count in sorted(outcomes.items())
            ),
            weeks=self.life.weeks_before,
            present=there,
            gone=len(self._first) - there,
            joined=len(self._joined & self._members.keys()),
        )

    def join(self) -> Candidate:
        """The next newcomer."""
        newcomer = next(self._coming)
        self._members[newcomer.id] = newcomer
        self._joined.add(newcomer.id)
        return newcomer

    def newcomers(self, count: int) -> list[Candidate]:
        """People who are about to join, and have not."""
        return [next(self._coming) for _ in range(count)]

    def add(self, newcomer: Candidate) -> None:
        """Let one of them join."""
        self._members[newcomer.id] = newcomer

    def week(self, staying: frozenset[str] = frozenset()) -> None:
        """One week: a round, answers, and people who leave and join. `staying`: who do not leave."""
        plan = plan_round(self.market(), policy=POLICY, scorer=self._scorer, solver=self._solver)
        introduced = {person for pair in plan.pairs for person in (pair.a, pair.b)}
        for each in self._members:
            self._waited[each] = 0 if each in introduced else self._waited[each] + 1
        leaving = {each for each in sorted(self._members) if self._rng.random() < self.life.leaving}
        for pair in plan.pairs:
            self._met.add((pair.a, pair.b))
            both = self._accepts(pair.a, pair.b) & self._accepts(pair.b, pair.a)
            self.introductions.update((pair.a, pair.b))
            if both:
                self.mutual.update((pair.a, pair.b))
                leaving |= {pair.a, pair.b} if self._rng.random() < 0.15 else set()
        for each in leaving - staying:
            del self._members[each]
        for _ in range(sum(self._rng.random() < self.life.joining for _ in range(self.life.people))):
            self.join()

    def _accepts(self, me: str, them: str) -> bool:
        tired = 0.05 * self.introductions[me]
        odds = self.life.willing + self._mood_of(me)[0] + self._mood_of(them)[1] - tired
        return self._rng.random() < 1 / (1 + exp(-odds))

    def _mood_of(self, person: str) -> tuple[float, float]:
        if person not in self._mood:
            self._mood[person] = (self._rng.gauss(0, 1.2), self._rng.gauss(0, 0.8))
        return self._mood[person]


def outcomes(
    life: Life, terms: ForecastTerms, newcomers: int, seed: int, scorer: Scorer, solver: RoundSolver
) -> list[Outcome]:
    """Forecast for some newcomers before they join one club, let it live through the contract, and compare."""
    living = LivingClub(life, seed, scorer, solver)
    inputs = ForecastInputs(living.market(), POLICY, living.record())
    people = living.newcomers(newcomers)
    forecasts = [
        make_forecast(replace(each, id=NOBODYS_ID), inputs, terms, seed=seed, scorer=scorer).forecast for each in people
    ]
    for each in people:
        living.add(each)
    for _ in range(terms.weeks):
        living.week(staying=frozenset(each.id for each in people))
    return [
        Outcome(forecast, living.introductions[each.id], living.mutual[each.id])
        for each, forecast in zip(people, forecasts, strict=True)
    ]
