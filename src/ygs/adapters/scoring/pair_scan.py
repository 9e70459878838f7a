"""The kernel that looks at pairs one by one, where earlier scans and deal-breakers leave few.

For each person a vector comparison flags, 64 partners at a time, those with whom no proof and no deal-breaker rules out
a passing pair. For each flagged pair the satisfaction one way is summed. What remains waits until it is sorted by the
other person, whose table is then read once and not once a pair: the satisfaction the other way is summed, and the exact
integers of the specification decide. Pairs that earlier scans returned are not bound by the proofs: they are judged
apart, once each.
"""

from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.proven_bounds import ReturnedPairs, Screen
from ygs.adapters.scoring.pruning_limits import sum_rounded_down
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.simd_loop import LANES, first_one, pass_masks, pass_proof
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.tile_scan import satisfaction, set_terms
from ygs.adapters.scoring.top_partners import (
    BEATS,
    BLOCKS,
    EXAMINED,
    SCORED,
    SUMMED,
    PairQuery,
    TopPartners,
    offer_pair,
    passes,
)
from ygs.adapters.scoring.worth_tables import pair_worth, worth_less
from ygs.domain.matching.wishes import FULL

MOST_WAITING = 1 << 18


class WaitingPairs(NamedTuple):
    """Pairs that passed the first look, of one thread: 20 bytes each, of which there is room for `MOST_WAITING`."""

    held: Array  # int64[1]: how many there are
    row: Array  # int32: the first person's index in the screen's order
    partner: Array  # int32
    there: Array  # int32: the most that the partner weighs with the first person
    start: Array  # int32[partners of a task + 1]: where each partner's pairs start once they are sorted
    sorted_row: Array  # int32
    sorted_there: Array  # int32


def new_waiting(partners: int) -> WaitingPairs:
    """Room for the waiting pairs of tasks with at most so many partners."""
    row, partner, there, sorted_row, sorted_there = (np.zeros(MOST_WAITING, np.int32) for _ in range(5))
    start = np.zeros(partners + 1, np.int32)
    return WaitingPairs(np.zeros(1, np.int64), row, partner, there, start, sorted_row, sorted_there)


@kernel
def scan_screened(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    counts: Array,
    waiting: WaitingPairs,
    screen: Screen,
    first: int,
    last: int,
    low: int,
    high: int,
) -> None:
    """As `scan`, for blocks in the screen's order: `first`..`last` against `low`..`high` (ends not included)."""
    for row in range(first * LANES, last * LANES):
        for other in range(max(low, row // LANES) if first == low else low, high):
            if screen.order[row] >= 0 and not block_is_ruled_out(screen, row, other):
                if waiting.held[0] > MOST_WAITING - LANES:
                    look_back(tables, query, top, counts, waiting, screen, low)
                scan_block(tables, query, counts, waiting, screen, row, other)
    look_back(tables, query, top, counts, waiting, screen, low)


@kernel
def block_is_ruled_out(screen: Screen, row: int, other: int) -> bool:
    """Whether some proof rules out every pair of the person at `row` and one of a block."""
    people = len(screen.order)
    for proof in range(screen.proofs):
        at = proof * (people // LANES) + other
        if screen.x[proof * people + row] <= screen.least_y[at] or screen.most_x[at] <= screen.y[proof * people + row]:
            return True
    return False


@kernel
def scan_block(
    tables: ScoreTables, query: PairQuery, counts: Array, waiting: WaitingPairs, screen: Screen, row: int, other: int
) -> None:
    """Scan the pairs of the person at `row` and the people of a block, which may be their own."""
    for at in range(other * LANES, (other + 1) * LANES, 64):
        flags = possible_partners(screen, row, at)
        if row // LANES == other and row >= at:
            flags &= -2 << (row - at) if row - at < 63 else 0  # each pair of one block once, and nobody alone
        while flags != 0:
            look(tables, query, counts, waiting, screen, row, at + first_one(flags))
            flags &= flags - 1


@kernel
def possible_partners(screen: Screen, row: int, at: int) -> int:
    """A bit for each of the 64 people from `at` on whom nothing rules out for the person at `row`."""
    if screen.refuses[row] & screen.all_hold[at // 64] or screen.holds[row] & screen.all_refuse[at // 64]:
        return 0
    people = len(screen.order)
    flags = -1
    for proof in range(screen.proofs - 1, -1, -1):
        flags &= pass_proof(screen.x, screen.y, proof * people + row, proof * people + at)
        if flags == 0:
            return 0
    return flags & pass_masks(screen.holds, screen.refuses, row, at)


@kernel
def look(
    tables: ScoreTables, query: PairQuery, counts: Array, waiting: WaitingPairs, screen: Screen, row: int, partner: int
) -> None:
    """Look at one pair from the side of the person at `row`; if they may suit, it waits for the other side."""
    counts[SUMMED] += 1
    me = screen.order[row]
    there = most_terms(tables, screen, me, partner)
    if too_weak(tables, query, me, screen.order[partner], there / tables.weight[me] + 1e-6, float(FULL)):
        return
    at = waiting.held[0]
    waiting.row[at] = row
    waiting.partner[at] = partner
    waiting.there[at] = there
    waiting.held[0] = at + 1


@kernel
def look_back(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    counts: Array,
    waiting: WaitingPairs,
    screen: Screen,
    low: int,
) -> None:
    """Look at the waiting pairs from the other side, partner by partner, and leave none."""
    sort_waiting(waiting, low * LANES)
    at = 0
    for k in range(len(waiting.start) - 1):
        while at < waiting.start[k]:
            decide(
                tables, query, top, counts, screen, waiting.sorted_row[at], low * LANES + k, waiting.sorted_there[at]
            )
            at += 1
    waiting.held[0] = 0


@kernel
def sort_waiting(waiting: WaitingPairs, base: int) -> None:
    """Sort by partner, by counting; then ``start[k]`` is the end of the pairs of partner ``base + k``."""
    for k in range(len(waiting.start)):
        waiting.start[k] = 0
    for at in range(waiting.held[0]):
        waiting.start[waiting.partner[at] - base + 1] += 1
    for k in range(1, len(waiting.start)):
        waiting.start[k] += waiting.start[k - 1]
    for at in range(waiting.held[0]):
        k = waiting.partner[at] - base
        waiting.sorted_row[waiting.start[k]] = waiting.row[at]
        waiting.sorted_there[waiting.start[k]] = waiting.there[at]
        waiting.start[k] += 1


@kernel
def decide(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    counts: Array,
    screen: Screen,
    row: int,
    partner: int,
    there: int,
) -> None:
    """Look at one pair from the other side, and offer it to both lists if it passes and was never returned."""
    me = screen.order[row]
    them = screen.order[partner]
    back = most_terms(tables, screen, them, row)
    if too_weak(tables, query, me, them, there / tables.weight[me] + 1e-6, back / tables.weight[them] + 1e-6):
        return
    counts[EXAMINED] += 1
    mine = set_terms(tables.sets, me, them)
    theirs = set_terms(tables.sets, them, me)
    if mine < 0 or theirs < 0:
        return
    counts[SCORED] += 1
    one_way = satisfaction(tables, me, them, mine)
    other_way = satisfaction(tables, them, me, theirs)
    if min(one_way, other_way) >= tables.floor:
        offer_new(tables, query, top, counts, screen, me, them, one_way, other_way)


@kernel
def most_terms(tables: ScoreTables, screen: Screen, me: int, partner: int) -> int:
    """The most that the partner at an index could weigh with me: exact but for the sets; below 0 when I refuse them."""
    mine = me * tables.facts.height
    total = 0
    for k in range(partner * screen.width, (partner + 1) * screen.width):
        total += tables.facts.exact[mine + screen.rows[k]]
    return total


@kernel
def too_weak(tables: ScoreTables, query: PairQuery, one: int, other: int, there: float, back: float) -> bool:
    """Whether a pair with at most these satisfactions cannot pass the query."""
    mine = float(query.number[one])
    theirs = float(query.number[other])
    if min(there, back) < tables.floor:
        return True
    if query.test == BLOCKS:
        return there <= mine or back <= theirs
    if query.test == BEATS:
        return worth_less(tables.worth, one, other, there, back, max(mine, theirs))
    return worth_less(tables.worth, one, other, there, back, sum_rounded_down(mine, theirs) / query.scale)


@kernel
def offer_new(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    counts: Array,
    screen: Screen,
    one: int,
    other: int,
    there: int,
    back: int,
) -> None:
    """Offer a compatible pair, unless an earlier scan returned it."""
    worth = pair_worth(tables.worth, one, other, there, back)
    if not passes(query, query.number[one], query.number[other], there, back, worth):
        return
    low = min(tables.place[one], tables.place[other])
    if not is_returned(screen.returned, low * screen.many + max(tables.place[one], tables.place[other])):
        offer_pair(tables, query, top, counts, one, other, there, back)


@kernel
def is_returned(keys: Array, key: int) -> bool:
    """Whether a key is among the keys, ascending."""
    first = 0
    last = len(keys)
    while first < last:
        middle = (first + last) // 2
        if keys[middle] < key:
            first = middle + 1
        else:
            last = middle
    return first < len(keys) and keys[first] == key


@kernel
def offer_returned(
    tables: ScoreTables, query: PairQuery, top: TopPartners, counts: Array, returned: ReturnedPairs, rank: Array
) -> None:
    """Offer the pairs that earlier scans returned; `rank`: each place's position in the tables."""
    many = len(rank)
    for k in range(len(returned.key)):
        one = rank[returned.key[k] // many]
        other = rank[returned.key[k] % many]
        offer_pair(tables, query, top, counts, one, other, int(returned.there[k]), int(returned.back[k]))
