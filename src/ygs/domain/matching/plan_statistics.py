"""The figures of a plan, and its blocking pairs: two people who would both prefer each other."""

from array import array
from collections.abc import Iterable, Iterator

from ygs.domain.matching.eligibility import compatible
from ygs.domain.matching.market import Column, Market, Pairs, type_mask
from ygs.domain.matching.plan import Overrides, PlannedPair, PlanStatistics
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.scoring import satisfaction
from ygs.domain.matching.wishes import FULL

NOBODY = -1  # Below every score: a person with free capacity prefers anybody.
NEVER = FULL + 1  # Above every score: a person who is left out prefers nobody.


def statistics_of(market: Market, policy: Policy, chosen: Pairs, blocking: int) -> PlanStatistics:
    """The figures of the chosen pairs, pinned ones included; `blocking`: the number of blocking pairs."""
    times = _times(market, chosen)
    overdue = [waited >= policy.longest_wait for waited in market.weeks_waited]
    return PlanStatistics(
        people=len(market),
        introduced=sum(1 for count in times if count),
        pairs=len(chosen),
        total_mutual=sum(chosen.mutual),
        total_chance=_total_chance(market, chosen),
        distribution=_distribution(chosen.mutual),
        blocking_pairs=blocking,
        longest_wait=max(
            (waited for waited, count in zip(market.weeks_waited, times, strict=True) if not count), default=0
        ),
        gini=gini(before + now for before, now in zip(market.introduced, times, strict=True)),
        due=sum(market.due),
        due_introduced=sum(1 for due, count in zip(market.due, times, strict=True) if due and count),
        overdue=sum(overdue),
        overdue_introduced=sum(1 for late, count in zip(overdue, times, strict=True) if late and count),
    )


def planned_pairs(market: Market, chosen: Pairs) -> Iterator[PlannedPair]:
    """The chosen pairs by their ids, each with its chance where something was learned."""
    for a, b, a_to_b, b_to_a, mutual, _ in chosen.rows():
        chance = market.chances.pair(market.genders, a, b, a_to_b, b_to_a) if market.chances else None
        yield PlannedPair(market.ids[a], market.ids[b], a_to_b, b_to_a, mutual, chance)


def _total_chance(market: Market, chosen: Pairs) -> int | None:
    chances = [pair.chance for pair in planned_pairs(market, chosen) if pair.chance is not None]
    return sum(chances) if market.chances else None


def gini(counts: Iterable[int]) -> int:
    """The Gini coefficient, basis points: 0 when all have the same, near 10,000 when one has everything."""
    ordered = sorted(counts)
    total = sum(ordered)
    if not total:
        return 0
    weighted = sum(rank * count for rank, count in enumerate(ordered, start=1))
    n = len(ordered)
    return FULL * (2 * weighted - (n + 1) * total) // (n * total)


def least_content(market: Market, chosen: Pairs, overrides: Overrides) -> Column:
    """Per person, the satisfaction that another partner must exceed to be preferred.

    It is the lowest with their present partners; `NOBODY` with free capacity, `NEVER` for people who are left out.
    """
    times = _times(market, chosen)
    least = array(type_mask, [NEVER]) * len(market)
    for person, liked in _sides(chosen):
        least[person] = min(least[person], liked)
    for person, most in enumerate(market.capacity):
        if times[person] < most:
            least[person] = NOBODY
    places = market.places() if overrides.left_out else {}
    for left_out in overrides.left_out:
        least[places[left_out]] = NEVER
    return least


def not_counted(market: Market, policy: Policy, chosen: Pairs, overrides: Overrides, least: Column) -> int:
    """How many pairs a scan for blocking pairs counts wrongly: chosen already, or forbidden by staff."""
    known = zip(chosen.a, chosen.b, chosen.a_to_b, chosen.b_to_a, strict=True)
    chosen_anyway = sum(1 for a, b, liked, liked_back in known if liked > least[a] and liked_back > least[b])
    return chosen_anyway + sum(1 for _ in _forbidden_wishes(market, policy, overrides, least))


def _forbidden_wishes(market: Market, policy: Policy, overrides: Overrides, least: Column) -> Iterator[tuple[int, int]]:
    if not overrides.forbids:
        return
    places = market.places()
    apart = {*market.met, *market.blocked}
    for pair in overrides.forbids:
        a = places[pair[0]]
        b = places[pair[1]]
        one = market.person(a)
        other = market.person(b)
        if a * len(market) + b in apart or not compatible(one, other, policy):
            continue
        if satisfaction(one, other, policy) > least[a] and satisfaction(other, one, policy) > least[b]:
            yield a, b


def _times(market: Market, chosen: Pairs) -> list[int]:
    times = [0] * len(market)
    for person, _ in _sides(chosen):
        times[person] += 1
    return times


def _sides(chosen: Pairs) -> Iterator[tuple[int, int]]:
    yield from zip(chosen.a, chosen.a_to_b, strict=True)
    yield from zip(chosen.b, chosen.b_to_a, strict=True)


def _distribution(mutual: Iterable[int]) -> tuple[int, ...]:
    counts = [0] * 10
    for score in mutual:
        counts[min(score // 1_000, 9)] += 1
    return tuple(counts)
