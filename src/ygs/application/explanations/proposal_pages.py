"""Keyset paging of a week's proposal: its pairs and unmatched people in an order, each page after a cursor.

A plan is stored whole, so a page is selected in memory. A cursor is the sort key of one item and depends on no other
item, so the next page is right even when the week was planned again in between.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import nsmallest
from operator import itemgetter
from typing import TypeAlias, TypeVar

from ygs.domain.errors import InvalidId
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.matching.plan import PairOrder, PlannedPair, RoundPlan
from ygs.domain.matching.scoring import uncertainty

Item = TypeVar("Item")

# A sort key: a number, then ids.
_Key: TypeAlias = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed plan and the market it was made from. `changed`: the ids that `changed_since` gives."""

    week: MatchWeek
    plan: RoundPlan
    market: Market
    places: Mapping[str, int]
    changed: frozenset[str]

    @classmethod
    def of(cls, week: MatchWeek, plan: RoundPlan, locked: Market, current: Market) -> "Proposal":
        """Compare the locked market with the current one; slow for a large market, so run it in a thread."""
        return cls(week, plan, locked, locked.places(), frozenset(changed_since(locked, current)))

    def person(self, id: str) -> Candidate:
        """A person as they were when the week was locked."""
        return self.market.person(self.places[id])

    def weeks_waited(self, *people: str) -> int:
        """The longest wait among these people."""
        return max(self.market.weeks_waited[self.places[each]] for each in people)

    def uncertainty(self, pair: PlannedPair) -> int:
        """The part of a pair's scores that rests on unknown facts, basis points."""
        return uncertainty(self.person(pair.a), self.person(pair.b), self.week.policy)

    def has_changed(self, *people: str) -> bool:
        """Whether the facts or wishes of one of these people have changed since the lock."""
        return not self.changed.isdisjoint(people)

    def pairs(self, order: PairOrder, after: str, limit: int, *, changed: bool) -> list[tuple[str, PlannedPair]]:
        """At most `limit` pairs after a cursor, each with its cursor. `changed`: only pairs with a changed person."""
        rank = _RANKS[order]
        pairs = (pair for pair in self.plan.pairs if not changed or self.has_changed(pair.a, pair.b))
        return _page((((rank(self, pair), pair.a, pair.b), pair) for pair in pairs), after, limit)

    def unmatched(self, after: str, limit: int, *, changed: bool) -> list[tuple[str, str]]:
        """At most `limit` unmatched people after a cursor, each with its cursor; the longest waiting first."""
        people = (person for person in self.plan.unmatched if not changed or self.has_changed(person))
        return _page((((-self.weeks_waited(person), person), person) for person in people), after, limit)


# The number that each order sorts by, ascending.
_RANKS: Mapping[PairOrder, Callable[[Proposal, PlannedPair], int]] = {
    PairOrder.BEST: lambda _, pair: -pair.mutual,
    PairOrder.LOWEST: lambda _, pair: pair.mutual,
    PairOrder.LEAST_CERTAIN: lambda proposal, pair: -proposal.uncertainty(pair),
    PairOrder.LONGEST_WAITING: lambda proposal, pair: -proposal.weeks_waited(pair.a, pair.b),
}


def _page(items: Iterable[tuple[_Key, Item]], after: str, limit: int) -> list[tuple[str, Item]]:
    start = _key_of(after)
    page = nsmallest(limit, (item for item in items if item[0] > start), key=itemgetter(0))
    return [(".".join(map(str, key)), item) for key, item in page]


def _key_of(cursor: str) -> _Key:
    """The sort key that a cursor stands for; () for ""."""
    if not cursor:
        return ()
    number, *ids = cursor.split(".")
    try:
        return int(number), *ids
    except ValueError as error:
        raise InvalidId("cursor") from error


def changed_since(locked: Market, current: Market) -> Iterator[str]:
    """The ids of people in the locked market whose facts or wishes have changed, or who no longer take part.

    Waits and counts of introductions do not count as a change: each publication changes them for everybody.
    """
    if locked.input_hash() == current.input_hash():
        return
    places = current.places()
    for place, person in enumerate(locked.ids):
        if person not in places or _by_facts(locked.person(place)) != _by_facts(current.person(places[person])):
            yield person


def _by_facts(candidate: Candidate) -> Candidate:
    return replace(candidate, weeks_waited=0, due=False, introduced=0)
