"""The pages of a week's proposal: pairs and people in an order, each page beginning after a key.

A plan is stored whole, so a page is chosen from it in memory. The key of an item is what it is ordered by, and does not
depend on other items: a page stays right when the week was planned again in between.
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

# What an item is ordered by: a number, then ids.
_Key: TypeAlias = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed plan and the market it was made from. `changed`: see `changed_since`."""

    week: MatchWeek
    plan: RoundPlan
    market: Market
    places: Mapping[str, int]
    changed: frozenset[str]

    @classmethod
    def of(cls, week: MatchWeek, plan: RoundPlan, locked: Market, current: Market) -> "Proposal":
        """Compare the locked market with the current one, which takes a moment for a city."""
        return cls(week, plan, locked, locked.places(), frozenset(changed_since(locked, current)))

    def person(self, id: str) -> Candidate:
        """Somebody as they were when the week was locked."""
        return self.market.person(self.places[id])

    def weeks_waited(self, *people: str) -> int:
        """The longest wait among these people."""
        return max(self.market.weeks_waited[self.places[each]] for each in people)

    def uncertainty(self, pair: PlannedPair) -> int:
        """How much of a pair's scores rests on unknown facts, basis points."""
        return uncertainty(self.person(pair.a), self.person(pair.b), self.week.policy)

    def has_changed(self, *people: str) -> bool:
        """Whether something about one of these people has changed since the lock."""
        return not self.changed.isdisjoint(people)

    def pairs(self, order: PairOrder, after: str, limit: int, *, changed: bool) -> list[tuple[str, PlannedPair]]:
        """At most `limit` pairs after a cursor, each with its own; `changed`: only pairs in which somebody changed."""
        number = _NUMBERS[order]
        every = (pair for pair in self.plan.pairs if not changed or self.has_changed(pair.a, pair.b))
        return _page((((number(self, pair), pair.a, pair.b), pair) for pair in every), after, limit)

    def unmatched(self, after: str, limit: int, *, changed: bool) -> list[tuple[str, str]]:
        """At most `limit` people without an introduction after a cursor, who waited longest first."""
        every = (person for person in self.plan.unmatched if not changed or self.has_changed(person))
        return _page((((-self.weeks_waited(person), person), person) for person in every), after, limit)


# The number that each order goes by, least first.
_NUMBERS: Mapping[PairOrder, Callable[[Proposal, PlannedPair], int]] = {
    PairOrder.BEST: lambda _, pair: -pair.mutual,
    PairOrder.LOWEST: lambda _, pair: pair.mutual,
    PairOrder.LEAST_CERTAIN: lambda proposal, pair: -proposal.uncertainty(pair),
    PairOrder.LONGEST_WAITING: lambda proposal, pair: -proposal.weeks_waited(pair.a, pair.b),
}


def _page(found: Iterable[tuple[_Key, Item]], after: str, limit: int) -> list[tuple[str, Item]]:
    start = _key_of(after)
    page = nsmallest(limit, (each for each in found if each[0] > start), key=itemgetter(0))
    return [(".".join(map(str, key)), item) for key, item in page]


def _key_of(cursor: str) -> _Key:
    """The key that a cursor was made from; () for ""."""
    if not cursor:
        return ()
    number, *ids = cursor.split(".")
    try:
        return int(number), *ids
    except ValueError as error:
        raise InvalidId("cursor") from error


def changed_since(locked: Market, current: Market) -> Iterator[str]:
    """Ids of people in the locked market whose facts or wishes are different now, or who take part no more.

    Waits and counts of introductions are left out: every publication changes them, for everybody.
    """
    if locked.input_hash() == current.input_hash():
        return
    places = current.places()
    for place, person in enumerate(locked.ids):
        if person not in places or _by_facts(locked.person(place)) != _by_facts(current.person(places[person])):
            yield person


def _by_facts(candidate: Candidate) -> Candidate:
    return replace(candidate, weeks_waited=0, due=False, introduced=0)
