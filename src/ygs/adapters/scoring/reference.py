"""The reference scorer: runs the specification on every pair. For small markets, and to test faster scorers against."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import nsmallest
from typing import NamedTuple

from ygs.domain.matching.eligibility import compatible, deal_breakers
from ygs.domain.matching.market import Candidate, Column, Market, Pairs, type_fact, type_flag, type_mask, type_place
from ygs.domain.matching.pair_worth import PairWorth
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.relaxations import Change
from ygs.domain.matching.scoring import combined, satisfaction
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.ports.scoring_and_solving import EligibleCounts, Found, OneToAllScores, Progress, Test, silent

_BITS = {code: 1 << bit for bit, code in enumerate(VOCABULARY)}


class PlainScorer:
    """A `Scorer` without dependencies: about 50 microseconds a pair, once per market."""

    def scores(self, market: Market, policy: Policy) -> "PlainScores":
        """Prepare a market: its people as candidates."""
        return PlainScores(market, policy)


class _Pair(NamedTuple):
    """An eligible pair: places `a` < `b`, both satisfactions, the mutual score and the worth."""

    a: int
    b: int
    a_to_b: int
    b_to_a: int
    mutual: int
    worth: int


class _Choice(NamedTuple):
    """A pair in the ranking of one of its people; the least is the best."""

    minus_value: int
    partner: int
    pair: _Pair


class PlainScores:
    """The scores of one market under one policy. The first call finds the eligible pairs and keeps them."""

    def __init__(self, market: Market, policy: Policy) -> None:
        self._market = market
        self._policy = policy
        self._worth = PairWorth.of(market, policy)
        self._people = [market.person(place) for place in range(len(market))]
        self._places = market.places()
        self._met = frozenset(market.met)
        self._blocked = frozenset(market.blocked)
        self._eligible: list[_Pair] | None = None

    def best(self, most: int, offsets: Column, progress: Progress = silent) -> Pairs:
        pairs = self._pairs(progress)
        return self._strongest(pairs, most, lambda pair, partner: pair.worth + offsets[partner])

    def beyond(
        self,
        test: Test,
        thresholds: Column,
        most: int,
        *,
        scale: int = 1,
        counted: bool = True,
        progress: Progress = silent,
    ) -> Found:
        passing = [pair for pair in self._pairs(progress) if _passes(pair, test, thresholds, scale)]
        strongest = self._strongest(passing, most, lambda pair, _: _excess(pair, test, thresholds, scale))
        return Found(strongest, len(passing), sum(1 for _ in self._sought()))

    def against(self, candidate: Candidate) -> OneToAllScores:
        rows = [self._row(candidate, them) for them in self._people]
        kinds = (type_flag, type_mask, type_mask, type_fact, type_fact, type_fact, type_flag, type_flag)
        return OneToAllScores(*(array(kind, (row[k] for row in rows)) for k, kind in enumerate(kinds)))

    def reach(
        self, candidate: Candidate, changes: Sequence[Change], free: Column, together: Sequence[tuple[int, int]] = ()
    ) -> EligibleCounts:
        copies = [change.applied(candidate) for change in changes]
        copies += [changes[second].applied(copies[first]) for first, second in together]
        eligible = [self._eligible_for(copy) for copy in copies]
        return EligibleCounts(
            array(type_place, map(len, eligible)),
            array(type_place, (sum(1 for place in places if free[place]) for places in eligible)),
        )

    def _eligible_for(self, me: Candidate) -> list[int]:
        """The places of the people who are eligible for a candidate."""
        apart = self._met | self._blocked
        return [
            place
            for place, them in enumerate(self._people)
            if self._key_of(me, them) not in apart and compatible(me, them, self._policy)
        ]

    def _key_of(self, me: Candidate, them: Candidate) -> int:
        """The key of a pair; -1 when `me` is not in the market or the two are one person."""
        if me.id not in self._places or me.id == them.id:
            return -1
        return self._key(*sorted((self._places[me.id], self._places[them.id])))

    def _row(self, me: Candidate, them: Candidate) -> tuple[int, ...]:
        mine = satisfaction(me, them, self._policy)
        theirs = satisfaction(them, me, self._policy)
        key = self._key_of(me, them)
        return (
            _sought(me, them) and me.id != them.id,
            sum(_BITS[code] for code in deal_breakers(me, them, self._policy)),
            sum(_BITS[code] for code in deal_breakers(them, me, self._policy)),
            mine,
            theirs,
            combined(mine, theirs),
            key in self._met,
            key in self._blocked,
        )

    def _pairs(self, progress: Progress) -> list[_Pair]:
        if self._eligible is None:
            self._eligible = list(self._find_eligible(progress))
        return self._eligible

    def _find_eligible(self, progress: Progress) -> Iterator[_Pair]:
        last = -1
        for a, b in self._sought():
            if a != last:
                progress("scoring", a, len(self._people))
                last = a
            one = self._people[a]
            other = self._people[b]
            key = self._key(a, b)
            if key not in self._met and key not in self._blocked and compatible(one, other, self._policy):
                there = satisfaction(one, other, self._policy)
                back = satisfaction(other, one, self._policy)
                yield _Pair(a, b, there, back, combined(there, back), self._worth.pair(a, b, there, back))
        progress("scoring", len(self._people), len(self._people))

    def _sought(self) -> Iterator[tuple[int, int]]:
        for a, one in enumerate(self._people):
            yield from ((a, b) for b in range(a + 1, len(self._people)) if _sought(one, self._people[b]))

    def _key(self, a: int, b: int) -> int:
        return a * len(self._people) + b

    def _strongest(self, pairs: Iterable[_Pair], most: int, value: Callable[[_Pair, int], int]) -> Pairs:
        choices: list[list[_Choice]] = [[] for _ in self._people]
        for pair in pairs:
            choices[pair.a].append(_Choice(-value(pair, pair.b), pair.b, pair))
            choices[pair.b].append(_Choice(-value(pair, pair.a), pair.a, pair))
        chosen = Pairs.none()
        for pair in sorted({choice.pair for ranking in choices for choice in nsmallest(most, ranking)}):
            chosen.add(*pair)
        return chosen


def _sought(one: Candidate, other: Candidate) -> bool:
    return bool(one.seeks & other.gender and other.seeks & one.gender)


def _passes(pair: _Pair, test: Test, thresholds: Column, scale: int) -> bool:
    a = thresholds[pair.a]
    b = thresholds[pair.b]
    if test is Test.IMPROVES:
        return scale * pair.worth > a + b
    if test is Test.BLOCKS:
        return pair.a_to_b > a and pair.b_to_a > b
    return pair.worth > a and pair.worth > b


def _excess(pair: _Pair, test: Test, thresholds: Column, scale: int) -> int:
    sums = {
        Test.IMPROVES: scale * pair.worth,
        Test.BLOCKS: pair.a_to_b + pair.b_to_a,
        Test.BEATS: 2 * pair.worth,
    }
    return sums[test] - thresholds[pair.a] - thresholds[pair.b]
