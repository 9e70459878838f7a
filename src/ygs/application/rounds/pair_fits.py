"""How far the people of many planned pairs meet each other's wishes, read column by column.

It says of each pair what `objections` and `proof` say of two candidates, and a test compares the two. A published week
has a hundred thousand sides with ten wishes each: building two candidates for a pair takes five times as long.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from ygs.application.rounds.proofs import condition_of
from ygs.domain.introductions import Condition
from ygs.domain.matching.fit import affinity_fit, refuses
from ygs.domain.matching.market import Column, Market, WishColumns
from ygs.domain.matching.policy import Affinity, Policy
from ygs.domain.matching.wishes import FULL, Importance, Wish

# The two places of a pair in the market.
Places: TypeAlias = tuple[int, int]
# From a wish as its columns hold it (importance, low, high, accepts) and the other's value: the condition, what it adds
# to the weighted sum of fits and to the weights, and whether it refuses the other.
_Judge: TypeAlias = Callable[[int, int, int, int, int], tuple[Condition, int, int, bool]]


@dataclass(slots=True)
class SideFit:
    """How far one person of a pair is met by the other: own conditions, and the fits with their weights."""

    me: int
    them: int
    conditions: list[Condition] = field(default_factory=list)
    points: int = 0
    weights: int = 0
    refuses: bool = False

    @property
    def satisfaction(self) -> int:
        """As `scoring.satisfaction`."""
        return self.points // self.weights if self.weights else FULL


class PairFits:
    """Compares pairs of one market under one policy."""

    def __init__(self, market: Market, policy: Policy) -> None:
        self._market = market
        self._policy = policy
        wished = ((code, columns) for code, columns in market.wishes.items() if any(columns.importance))
        self._wishes = [(columns, _values(market, code), _judge(code, policy)) for code, columns in wished]
        self._affinities = [(each, _values(market, each.attribute)) for each in policy.affinities]

    def of(self, pairs: Sequence[Places]) -> Sequence[tuple[SideFit, SideFit]]:
        """Both sides of each pair, in order."""
        fits = [(SideFit(a, b), SideFit(b, a)) for a, b in pairs]
        sides = [side for both in fits for side in both]
        for columns, values, judge in self._wishes:
            _add_wishes(sides, columns, values, judge)
        for affinity, values in self._affinities:
            self._add_affinity(fits, affinity, values)
        return fits

    def allow(self, one: SideFit, other: SideFit) -> bool:
        """Whether the facts and wishes of a pair allow an introduction, as `eligibility.compatible`."""
        return self._accepts(one) and self._accepts(other)

    def _accepts(self, side: SideFit) -> bool:
        sought = self._market.seeks[side.me] & self._market.genders[side.them] and side.me != side.them
        return bool(sought) and not side.refuses and side.satisfaction >= self._policy.floor

    def _add_affinity(self, fits: Sequence[tuple[SideFit, SideFit]], affinity: Affinity, values: Column) -> None:
        for one, other in fits:
            points = affinity.weight * affinity_fit(affinity, values[one.me], values[other.me], self._policy)
            one.points += points
            other.points += points
            one.weights += affinity.weight
            other.weights += affinity.weight


def _values(market: Market, code: str) -> Column:
    return market.facts[code] if code in market.facts else market.sets[code]


def _add_wishes(sides: Sequence[SideFit], columns: WishColumns, values: Column, judge: _Judge) -> None:
    for side in sides:
        me = side.me
        importance = columns.importance[me]
        # Ignored wishes weigh nothing and are in no proof.
        if importance:
            condition, points, weight, refused = judge(
                importance, columns.low[me], columns.high[me], columns.accepts[me], values[side.them]
            )
            side.conditions.append(condition)
            side.points += points
            side.weights += weight
            side.refuses |= refused


def _judge(code: str, policy: Policy) -> _Judge:
    # Kept, since the same wishes meet the same values again and again: a large week has a million conditions.
    @cache
    def judge(importance: int, low: int, high: int, accepts: int, value: int) -> tuple[Condition, int, int, bool]:
        wish = Wish(attribute=code, importance=Importance(importance), low=low, high=high, accepts=accepts)
        met = condition_of(wish, value, policy)
        weight = wish.importance.weight
        return met, weight * met.fit, weight, refuses(wish, value, policy)

    return judge
