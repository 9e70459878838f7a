"""A season of a simulated club: weeks of introductions and their outcomes."""

from array import array
from collections.abc import Set as AbstractSet
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import fmean

from ygs.application.simulation.behaviour import BELIEVING, Behaviour, Population
from ygs.application.simulation.club import club
from ygs.domain.introductions import Choice
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.matching.market import Candidate, Column, Genders, Market, type_mask
from ygs.domain.matching.plan import PairOfIds, RoundPlan

# Any Monday would do; it is fixed so that a season follows from its seed alone.
_OPENED = datetime(2026, 1, 5, tzinfo=UTC)
_DEADLINE = _OPENED + timedelta(days=6)
_FIRST_WEEK = 202_601


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """The figures of one club's weeks under one policy.

    `expected_mutual`: sum over introductions of the probability that both accept; exact, not sampled. `mutual`: the
    number that did, in one sample. `never_introduced`: people without any introduction; `overlooked`: those of them for
    whom the first week held an eligible partner. `gini`: of introductions over everybody, basis points. `mean_wait`,
    `longest_wait`: weeks in a row without an introduction, over the people who had an eligible partner, at the end of
    each week. `expected_by_week`: cumulative. `introduced_by_week`: people introduced at least once by then.
    """

    seed: int
    introductions: int
    expected_mutual: float
    mutual: int
    never_introduced: int
    overlooked: int
    gini: int
    mean_wait: float
    longest_wait: int
    expected_by_week: tuple[float, ...]
    introduced_by_week: tuple[int, ...]


class SimulatedClub:
    """The people of one seed. The behaviour of two people does not depend on the policy, so it is computed once."""

    def __init__(self, *, men: int, women: int, seed: int, population: Population = BELIEVING) -> None:
        self.seed = seed
        # Members who wait for review or pause take part too, because the scenario gives the number of people.
        self._members = list(club(men + women, seed=seed, at=_OPENED, men=men))
        self._people: dict[str, Candidate] = {member.id: member.candidate(capacity=1) for member in self._members}
        self._behaviour = Behaviour(seed, population)
        self._couples: dict[PairOfIds, tuple[float, tuple[Said, Said]]] = {}

    def market(self, *, capacity: int) -> Market:
        """Everybody before the first week, under a policy's capacity."""
        return Market.of(member.candidate(capacity=capacity) for member in self._members)

    def genders(self) -> dict[str, Genders]:
        """Everybody's gender."""
        return {member.id: member.gender for member in self._members}

    def couple(self, pair: PairOfIds) -> tuple[float, tuple[Said, Said]]:
        """The probability that both accept, and what each says in this sample."""
        if pair not in self._couples:
            one, other = (self._people[person] for person in pair)
            said = self._says(one, other), self._says(other, one)
            self._couples[pair] = self._behaviour.mutual_yes(one, other), said
        return self._couples[pair]

    def _says(self, me: Candidate, them: Candidate) -> Said:
        answer = self._behaviour.answer(me, them, opened=_OPENED, deadline=_DEADLINE)
        if answer is None:
            return Said.NOTHING
        return Said.YES if answer.choice is Choice.ACCEPT else Said.NO


class RunningSeason:
    """A season in progress; `market` is the market of the next round."""

    def __init__(self, club: SimulatedClub, *, capacity: int) -> None:
        self.market = club.market(capacity=capacity)
        self._club = club
        self._places = self.market.places()
        self._expected: list[float] = []
        self._mutual: list[bool] = []
        self._introduced: list[int] = []
        self._waits: list[Column] = []
        self._sides: list[Side] = []
        self._gini = 0

    def introduce(self, plan: RoundPlan) -> None:
        """Carry out a week's plan."""
        week = _FIRST_WEEK + len(self._waits)
        waited = array("H", (weeks + 1 for weeks in self.market.weeks_waited))
        introduced = self.market.introduced[:]
        met = list(self.market.met)
        expected = self.expected_mutual
        for pair in plan.pairs:
            probability, said = self._club.couple((pair.a, pair.b))
            expected += probability
            self._mutual.append(said == (Said.YES, Said.YES))
            self._sides.append(Side(week, pair.a, pair.b, pair.a_to_b, said[0]))
            self._sides.append(Side(week, pair.b, pair.a, pair.b_to_a, said[1]))
            a = self._places[pair.a]
            b = self._places[pair.b]
            met.append(a * len(self.market) + b)
            for place in (a, b):
                waited[place] = 0
                introduced[place] += 1
        self.market = replace(
            self.market, weeks_waited=waited, introduced=introduced, met=array(type_mask, sorted(met))
        )
        self._expected.append(expected)
        self._introduced.append(sum(count > 0 for count in introduced))
        self._waits.append(waited)
        self._gini = plan.report.gini

    def fork(self) -> "RunningSeason":
        """The same season, to be continued in another way."""
        other = copy(self)
        for name in ("_expected", "_mutual", "_introduced", "_waits", "_sides"):
            setattr(other, name, list(getattr(self, name)))
        return other

    @property
    def expected_mutual(self) -> float:
        """The expected number of mutual yeses so far."""
        return self._expected[-1] if self._expected else 0.0

    def answers(self) -> AnswerHistory:
        """The answers of the weeks so far, which are all closed."""
        return AnswerHistory.of(self._sides, self._club.genders())

    def ended(self, hopeful: AbstractSet[int]) -> Season:
        """The season's figures; `hopeful`: places of the people who had an eligible partner in the first week."""
        never = {place for place, count in enumerate(self.market.introduced) if not count}
        waits = [waited[place] for waited in self._waits for place in hopeful]
        return Season(
            seed=self._club.seed,
            introductions=len(self._mutual),
            expected_mutual=self._expected[-1],
            mutual=sum(self._mutual),
            never_introduced=len(never),
            overlooked=len(never & hopeful),
            gini=self._gini,
            mean_wait=fmean(waits) if waits else 0.0,
            longest_wait=max(waits, default=0),
            expected_by_week=tuple(self._expected),
            introduced_by_week=tuple(self._introduced),
        )
