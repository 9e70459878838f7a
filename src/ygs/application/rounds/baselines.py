"""Two strategies that other services use, made exact over the whole market so that a comparison is fair.

`greedy` repeatedly takes the pair of the greatest worth. `stable` is deferred acceptance (Gale and Shapley 1962)
with capacities: no two people would rather have each other. Neither considers promises, waits or the total.

Both choose among the pairs of the pool, search the market for pairs that would have changed the choice, add these to
the pool, and choose again, until a search finds none.
"""

from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
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

# Chooses pairs of the pool. Returns their positions, and a threshold for each person: a pair outside the pool could
# change the choice only if its score exceeds the thresholds of both its people.
_Strategy: TypeAlias = Callable[[PairPool, Terms], tuple[list[int], Column]]
# A proposal as one of its two people sees it: their satisfaction, minus the place of the other in the market, and the
# position of the pair. The greatest is the best: a tie goes to the lower place.
_Proposal: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ChosenPairs:
    """The pairs chosen besides the pinned ones, with a certificate and dual prices for the strategy `optimal` only."""

    pairs: Pairs
    certificate: Certificate | None = None
    prices: Sequence[int] = ()
    scale: int = 1


def greedy(terms: Terms, pool: PairPool, scores: Scores, progress: Progress) -> ChosenPairs:
    """Take the pairs by worth, ties by place, while both people have capacity."""
    return _until_complete(_take_best, Test.BEATS, terms, pool, scores, progress)


def stable(terms: Terms, pool: PairPool, scores: Scores, progress: Progress) -> ChosenPairs:
    """Let the first side propose; in the result no two people strictly prefer each other to a partner they got.

    `RoundRefused` for a market without two sides, where such a result need not exist.
    """
    return _until_complete(_propose, Test.BLOCKS, terms, pool, scores, progress)


def _until_complete(
    strategy: _Strategy, test: Test, terms: Terms, pool: PairPool, scores: Scores, progress: Progress
) -> ChosenPairs:
    """Choose and search in turn until no pair outside the pool would change the choice."""
    most = FOUND_AT_ONCE
    searches = 0
    while True:
        positions, thresholds = strategy(pool, terms)
        found = scores.beyond(test, thresholds, most, progress=progress)
        searches += 1
        progress("complete", searches, searches + 1)
        if not pool.add(found.pairs, terms.barred):
            if found.count == len(found.pairs):
                return ChosenPairs(pool.at(positions))
            most *= 4  # all that were found are in the pool already: ask for more


def _take_best(pool: PairPool, terms: Terms) -> tuple[list[int], Column]:
    pairs = pool.pairs
    capacity = list(terms.capacity)
    thresholds = array(type_mask, (NOBODY if most else NEVER for most in capacity))
    taken = []
    for at in sorted(range(len(pool)), key=lambda at: (-pairs.worth[at], pairs.a[at], pairs.b[at])):
        a = pairs.a[at]
        b = pairs.b[at]
        if capacity[a] and capacity[b] and not pool.is_in(at, terms.barred):
            taken.append(at)
            for person in (a, b):
                capacity[person] -= 1
                if not capacity[person]:
                    thresholds[person] = pairs.worth[at] - 1  # one less: a tie may come first by place
    return taken, thresholds


def _propose(pool: PairPool, terms: Terms) -> tuple[list[int], Column]:
    """Deferred acceptance: the first side proposes, best first; the other side keeps the best proposals so far."""
    proposals = _proposals(pool, terms)
    people = len(terms.capacity)
    partners: list[list[_Proposal]] = [[] for _ in range(people)]
    free = deque(person for person in range(people) if proposals[person])
    while free:
        proposer = free.popleft()
        while proposals[proposer] and len(partners[proposer]) < terms.capacity[proposer]:
            proposal = proposals[proposer].pop()
            _, minus_place, at = proposal
            rejected = _receive(pool, terms, partners, -minus_place, proposer, at)
            if rejected != at:
                partners[proposer].append(proposal)
            if rejected is not None and rejected != at:
                loser = pool.partner(rejected, -minus_place)
                partners[loser] = [kept for kept in partners[loser] if kept[2] != rejected]
                free.append(loser)
    positions = sorted({kept[2] for kept in chain.from_iterable(partners)})
    return positions, _thresholds(partners, terms)


def _proposals(pool: PairPool, terms: Terms) -> list[list[_Proposal]]:
    """Return the proposals that each person of the first side can make, the best last; empty for the other side."""
    people = len(terms.capacity)
    pairs = pool.pairs
    sides = two_sides(people, list(zip(pairs.a, pairs.b, strict=True)))
    if sides is None:
        raise RoundRefused(
            N_(
                "the stable strategy needs a market of two sides, and here a pair's candidates are each other's "
                "too: use the optimal or the greedy strategy"
            )
        )
    proposals: list[list[_Proposal]] = [[] for _ in range(people)]
    for at, (a, b) in enumerate(zip(pairs.a, pairs.b, strict=True)):
        if terms.capacity[a] and terms.capacity[b] and not pool.is_in(at, terms.barred):
            proposer, other = (b, a) if sides[a] else (a, b)
            proposals[proposer].append((pool.satisfaction(at, proposer), -other, at))
    for each in proposals:
        each.sort()
    return proposals


def _receive(
    pool: PairPool, terms: Terms, partners: list[list[_Proposal]], receiver: int, proposer: int, at: int
) -> int | None:
    """Add a proposal to the receiver's partners. Over capacity, remove the worst and return its pair's position."""
    partners[receiver].append((pool.satisfaction(at, receiver), -proposer, at))
    if len(partners[receiver]) <= terms.capacity[receiver]:
        return None
    worst = min(partners[receiver])
    partners[receiver].remove(worst)
    return worst[2]


def _thresholds(partners: list[list[_Proposal]], terms: Terms) -> Column:
    """Return the satisfaction that a further partner must exceed for each person to prefer them."""
    thresholds = array(type_mask)
    for kept, most in zip(partners, terms.capacity, strict=True):
        thresholds.append(NEVER if not most else NOBODY if len(kept) < most else min(kept)[0])
    return thresholds
