"""Whether the pairs of a plan may be introduced, by the plain predicate: when a plan is made, published and checked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ygs.domain.match_weeks import BrokenPair
from ygs.domain.matching.eligibility import objections
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.matching.plan import PlannedPair, RoundPlan
from ygs.domain.matching.policy import Policy

# The first few tell staff where to look.
MOST_NAMED = 5


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
    """A planned pair, its two people, and why they may not be introduced. `people`: None where one is not enrolled."""

    pair: PlannedPair
    people: tuple[Candidate, Candidate] | None
    violations: Sequence[str]

    @property
    def broken(self) -> Iterator[BrokenPair]:
        """The pair with each of the reasons."""
        for violation in self.violations:
            reason, _, attribute = violation.partition(" ")
            yield BrokenPair(a=self.pair.a, b=self.pair.b, reason=reason, attribute=attribute)


def checked_pairs(plan: RoundPlan, market: Market, policy: Policy) -> Iterator[CheckedPair]:
    """Check the pairs of a plan one after another.

    Reads the market one candidate at a time and shares nothing with the scorers, so that it can catch them.
    """
    places = market.places()
    used = Counter[str]()
    barred = {*market.met, *market.blocked}
    for pair in plan.pairs:
        if pair.a not in places or pair.b not in places:
            yield CheckedPair(pair, None, ["not_enrolled"])
            continue
        a = places[pair.a]
        b = places[pair.b]
        found = ["met_or_blocked"] if a * len(market) + b in barred else []
        used.update((pair.a, pair.b))
        found += ["over_capacity" for place in (a, b) if used[market.ids[place]] > market.capacity[place]]
        people = market.person(a), market.person(b)
        found += [f"{reason} {attribute}".strip() for reason, attribute in objections(*people, policy)]
        yield CheckedPair(pair, people, found)
