"""Whether the pairs of a plan may be introduced, by the plain predicate: when a plan is made, published and checked."""

from collections.abc import Iterator
from itertools import islice

from ygs.domain.match_weeks import BrokenPair
from ygs.domain.matching.eligibility import objections
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import PlannedPair, RoundPlan
from ygs.domain.matching.policy import Policy


def first_broken(plan: RoundPlan, market: Market, policy: Policy) -> tuple[BrokenPair, ...]:
    """The first five pairs of a plan that, by the plain predicate, may not be introduced in this market."""
    return tuple(
        BrokenPair(a=pair.a, b=pair.b, reason=reason.partition(" ")[0], attribute=reason.partition(" ")[2])
        for reason, pair in islice(violations(plan, market, policy), 5)
    )


def violations(plan: RoundPlan, market: Market, policy: Policy) -> Iterator[tuple[str, PlannedPair]]:
    """Every pair of a plan that may not be introduced in this market, with the reason.

    Reads the market one candidate at a time and shares nothing with the scorers, so that it can catch them.
    """
    places = market.places()
    people = len(market)
    used = dict[str, int]()
    barred = {*market.met, *market.blocked}
    for pair in plan.pairs:
        if pair.a not in places or pair.b not in places:
            yield "not_enrolled", pair
            continue
        a = places[pair.a]
        b = places[pair.b]
        if a * people + b in barred:
            yield "met_or_blocked", pair
        for one, other in ((pair.a, market.capacity[a]), (pair.b, market.capacity[b])):
            used[one] = used.get(one, 0) + 1
            if used[one] > other:
                yield "over_capacity", pair
        for reason, attribute in objections(market.person(a), market.person(b), policy):
            yield f"{reason} {attribute}".strip(), pair
