"""Whether the pairs of a plan may be introduced, by the plain predicate: when a plan is made, published and checked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ygs.application.rounds.pair_fits import PairFits, SideFit
from ygs.domain.introductions import Condition
from ygs.domain.match_weeks import BrokenPair
from ygs.domain.matching.eligibility import objections
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import PlannedPair, RoundPlan
from ygs.domain.matching.policy import Policy

# The first few tell staff where to look.
MOST_NAMED = 5
# Pairs that are compared at once, and progress reported after each: enough for a pass over each column to pay.
LOT = 1_000


def first_broken(plan: RoundPlan, market: Market, policy: Policy) -> tuple[BrokenPair, ...]:
    """The first five pairs of a plan that, by the plain predicate, may not be introduced in this market."""
    broken = (broken for each in checked_pairs(plan, market, policy) for broken in each.broken)
    return tuple(islice(broken, MOST_NAMED))


def violations(plan: RoundPlan, market: Market, policy: Policy) -> Iterator[tuple[str, PlannedPair]]:
    """Every pair of a plan that may not be introduced in this market, with the reason."""
    for each in checked_pairs(plan, market, policy):
        yield from ((reason, each.pair) for reason in each.violations)


@dataclass(frozen=True, slots=True)
class CheckedPair:
    """A planned pair, why the two may not be introduced, and each one's own conditions (none when not enrolled)."""

    pair: PlannedPair
    violations: Sequence[str]
    proof_of_a: tuple[Condition, ...] = ()
    proof_of_b: tuple[Condition, ...] = ()

    @property
    def broken(self) -> Iterator[BrokenPair]:
        """The pair with each of the reasons."""
        for violation in self.violations:
            reason, _, attribute = violation.partition(" ")
            yield BrokenPair(a=self.pair.a, b=self.pair.b, reason=reason, attribute=attribute)


def checked_pairs(plan: RoundPlan, market: Market, policy: Policy) -> Iterator[CheckedPair]:
    """Check the pairs of a plan one after another. It shares nothing with the scorers, so that it can catch them."""
    check = _PlanCheck(market, policy)
    for start in range(0, len(plan.pairs), LOT):
        yield from check.of(plan.pairs[start : start + LOT])


class _PlanCheck:
    """What of a market the check of a plan needs, and who was in how many of the pairs that were checked."""

    def __init__(self, market: Market, policy: Policy) -> None:
        self._market = market
        self._policy = policy
        self._places = market.places()
        self._barred = {*market.met, *market.blocked}
        self._fits = PairFits(market, policy)
        self._used = Counter[int]()

    def of(self, pairs: Sequence[PlannedPair]) -> Iterator[CheckedPair]:
        """Check these pairs, after those before them."""
        places = [(self._places.get(pair.a), self._places.get(pair.b)) for pair in pairs]
        fits = iter(self._fits.of([(a, b) for a, b in places if a is not None and b is not None]))
        for pair, both in zip(pairs, places, strict=True):
            yield CheckedPair(pair, ["not_enrolled"]) if None in both else self._checked(pair, *next(fits))

    def _checked(self, pair: PlannedPair, one: SideFit, other: SideFit) -> CheckedPair:
        found = ["met_or_blocked"] if one.me * len(self._market) + other.me in self._barred else []
        for place in (one.me, other.me):
            self._used[place] += 1
        found += ["over_capacity" for place in (one.me, other.me) if self._used[place] > self._market.capacity[place]]
        if not self._fits.allow(one, other):
            found += self._objections(one.me, other.me)
        return CheckedPair(pair, found, tuple(one.conditions), tuple(other.conditions))

    def _objections(self, a: int, b: int) -> Iterator[str]:
        people = self._market.person(a), self._market.person(b)
        return (f"{reason} {attribute}".strip() for reason, attribute in objections(*people, self._policy))
