"""The two strategies others use, made exact over the whole market so that a comparison is fair.

Neither looks at promises, waits or the total: `greedy` takes the best mutual score still free, `stable` lets one side
propose until no two people would rather have each other (Gale and Shapley 1962, with capacities). Both work on the
pairs held, search the market for pairs they would have taken or that block them, and start over with those added.
"""

from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ygs.application.rounds.pair_pool import PairPool
from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.constraints import Terms
from ygs.domain.matching.market import Column, Pairs, type_mask
from ygs.domain.matching.plan import Certificate
from ygs.domain.matching.plan_statistics import NEVER, NOBODY
from ygs.domain.matching.reference_matching import two_sides
from ygs.ports.scoring_and_solving import Progress, Scores, Test

FOUND_AT_ONCE = 4  # pairs per person that one search may add

# Chooses among the pairs held: their positions, and per person the score a further pair must exceed to be looked at.
_Way: TypeAlias = Callable[[PairPool, Terms], tuple[list[int], Column]]


@dataclass(frozen=True, slots=True)
class ChosenPairs:
    """The pairs chosen besides the pinned, and what is proven about them (nothing, for strategies but `optimal`)."""

    pairs: Pairs
    certificate: Certificate | None = None
    prices: Sequence[int] = ()
    scale: int = 1


def greedy(terms: Terms, held: PairPool, scores: Scores, progress: Progress) -> ChosenPairs:
    """Take the pairs by mutual score, ties by place, as long as both have room."""
    return _until_complete(_take_best, Test.BEATS, terms, held, scores, progress)


def stable(terms: Terms, held: PairPool, scores: Scores, progress: Progress) -> ChosenPairs:
    """Let the first side propose; no two people then strictly prefer each other to what they got.

    `RoundRefused` in a market without two sides, where there may be no such plan.
    """
    return _until_complete(_propose, Test.BLOCKS, terms, held, scores, progress)


def _until_complete(
    way: _Way, test: Test, terms: Terms, held: PairPool, scores: Scores, progress: Progress
) -> ChosenPairs:
    most = FOUND_AT_ONCE
    searches = 0
    while True:
        positions, above = way(held, terms)
        found = scores.beyond(test, above, most, progress=progress)
        searches += 1
        progress("complete", searches, searches + 1)
        if not held.add(found.pairs, terms.barred):
            if found.count == len(found.pairs):
                return ChosenPairs(held.at(positions))
            most *= 4  # those found are all known: look past them


def _take_best(held: PairPool, terms: Terms) -> tuple[list[int], Column]:
    pairs = held.pairs
    room = list(terms.capacity)
    above = array(type_mask, (NOBODY if most else NEVER for most in room))
    taken = []
    for at in sorted(range(len(held)), key=lambda at: (-pairs.mutual[at], pairs.a[at], pairs.b[at])):
        a = pairs.a[at]
        b = pairs.b[at]
        if room[a] and room[b] and not held.is_in(at, terms.barred):
            taken.append(at)
            for person in (a, b):
                room[person] -= 1
                if not room[person]:
                    above[person] = pairs.mutual[at] - 1  # one less: a tie may come first by place
    return taken, above


def _propose(held: PairPool, terms: Terms) -> tuple[list[int], Column]:
    """Deferred acceptance: everybody on the first side proposes down their list, the other side keeps its best."""
    lists = _lists(held, terms)
    people = len(terms.capacity)
    partners: list[list[tuple[int, int, int]]] = [[] for _ in range(people)]  # (liked, -place of the other, position)
    free = deque(person for person in range(people) if lists[person])
    while free:
        person = free.popleft()
        while lists[person] and len(partners[person]) < terms.capacity[person]:
            liked, minus_other, at = lists[person].pop()
            lost = _proposed(held, terms, partners, -minus_other, person, at)
            if lost != at:
                partners[person].append((liked, minus_other, at))
            if lost is not None and lost != at:
                rejected = held.partner(lost, -minus_other)
                partners[rejected] = [kept for kept in partners[rejected] if kept[2] != lost]
                free.append(rejected)
    positions = sorted({at for kept in partners for _, _, at in kept})
    return positions, _content(partners, terms)


def _lists(held: PairPool, terms: Terms) -> list[list[tuple[int, int, int]]]:
    """The proposals of the first side, each person's best last; empty for the other side."""
    people = len(terms.capacity)
    pairs = held.pairs
    sides = two_sides(people, list(zip(pairs.a, pairs.b, strict=True)))
    if sides is None:
        raise RoundRefused(
            N_(
                "the stable strategy needs a market of two sides, and here a pair's candidates are each other's "
                "too: use the optimal or the greedy strategy"
            )
        )
    lists: list[list[tuple[int, int, int]]] = [[] for _ in range(people)]
    for at, (a, b) in enumerate(zip(pairs.a, pairs.b, strict=True)):
        if terms.capacity[a] and terms.capacity[b] and not held.is_in(at, terms.barred):
            proposer, other, liked = (b, a, pairs.b_to_a[at]) if sides[a] else (a, b, pairs.a_to_b[at])
            lists[proposer].append((liked, -other, at))
    for each in lists:
        each.sort()
    return lists


def _proposed(
    held: PairPool, terms: Terms, partners: list[list[tuple[int, int, int]]], to: int, by: int, at: int
) -> int | None:
    """Let a person weigh a proposal; the position of the pair they turn down, None when there was room."""
    partners[to].append((held.liked(at, to), -by, at))
    if len(partners[to]) <= terms.capacity[to]:
        return None
    least = min(partners[to])
    partners[to].remove(least)
    return least[2]


def _content(partners: list[list[tuple[int, int, int]]], terms: Terms) -> Column:
    """What everybody must like a newcomer more than."""
    above = array(type_mask)
    for kept, most in zip(partners, terms.capacity, strict=True):
        above.append(NEVER if not most else NOBODY if len(kept) < most else min(kept)[0])
    return above
