"""Pruning limits: the least that a bound must reach for a pair to be examined.

Each person's own limit, in 16 bits, is the least satisfaction that the query or the policy's floor asks of every pair.
What a pair must be worth depends on both people: it is the sum of a number of each, which the vectors compare with the
mutual score that two bounds allow. Every rounding is downwards: a limit may let a pair pass that fails later, never the
other way round.

Where pairs are worth their chance, that depends far more on the two people than on their satisfactions. So the pairs
whose chance would be too low even if both were fully satisfied are left out first, and the limits of satisfactions hold
only the policy's floor.
"""

from math import floor
from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.simd_loop import LANES, WORDS
from ygs.adapters.scoring.table_kernels import UNITS, Array
from ygs.adapters.scoring.top_partners import (
    BEATS,
    BEST,
    BLOCKS,
    IMPROVES,
    PairQuery,
    TopPartners,
    excess_to_beat,
)
from ygs.adapters.scoring.worth_tables import lowered, worth_less
from ygs.domain.matching.wishes import FULL

_WEAKEST = -(1 << 15)  # Every bound reaches it.
_STRONGEST = (1 << 15) - 1  # No bound reaches it.
_FAR = 20_000.0  # Above every score.
MOST_BLOCKS = 16  # In one side of a task: about ten milliseconds of work, so that progress and Ctrl-C respond.


class ThreadScratch(NamedTuple):
    """The scratch space of one thread: arrays of 2 or 4 `LANES` hold numbers of the lanes, then of the partners."""

    packed: Array  # int16[height * LANES]: a block's bounds, by 64 people, row, person
    packed_block: Array  # int64[1]: which block this is; -1 for none
    codes: Array  # int16[width * LANES]: a block's codes (see `Pieces`), by 64 people, piece, person
    coded_block: Array  # int64[1]: which block this is; -1 for none
    sums: Array  # int16[64]: of the lanes, with one partner
    backs: Array  # int16[64]: of the partner, with the lanes
    bits: Array  # int64[WORDS]: a bit for each lane
    required_of: Array  # int64[1]: the block whose people's `required` is set as lanes; -1 for none
    limits: Array  # int16[LANES]: the limits of `pass_lanes`
    required: Array  # float64[4 * LANES]: the required worth, see `set_required_worths`
    lowered: Array  # float32[4 * LANES]: the same, rounded down, for vectors
    greatest: Array  # int16[LANES]: as in `TopPartners`, of the lanes' block
    own: Array  # int64[2 * LANES]: as in `Overlap`, of the lanes and of the partners
    held: Array  # float32[2 * LANES]
    per: Array  # float32[2 * LANES]
    chances: Array  # float32[3 * LANES]: the lanes' numbers for `pass_chances`
    possible: Array  # int64[WORDS * LANES]: by 64 lanes and partner, a bit for each lane
    partners: Array  # int64[WORDS * WORDS]: by 64 lanes and 64 partners, a bit for each partner with a possible lane
    counts: Array  # int64[4]


def new_scratch(tables: ScoreTables) -> ThreadScratch:
    """Scratch space for one thread: some megabytes."""
    return ThreadScratch(
        packed=np.zeros(tables.bounds.height * LANES, np.int16),
        packed_block=np.full(1, -1, np.int64),
        codes=np.zeros(tables.bounds.pieces.width * LANES, np.int16),
        coded_block=np.full(1, -1, np.int64),
        sums=np.zeros(64, np.int16),
        backs=np.zeros(64, np.int16),
        bits=np.zeros(WORDS, np.int64),
        required_of=np.full(1, -1, np.int64),
        limits=np.zeros(LANES, np.int16),
        required=np.zeros(4 * LANES),
        lowered=np.zeros(4 * LANES, np.float32),
        greatest=np.full(LANES, -1, np.int16),
        own=np.zeros(2 * LANES, np.int64),
        held=np.zeros(2 * LANES, np.float32),
        per=np.zeros(2 * LANES, np.float32),
        chances=np.zeros(3 * LANES, np.float32),
        possible=np.zeros(WORDS * LANES, np.int64),
        partners=np.zeros(WORDS * WORDS, np.int64),
        counts=np.zeros(4, np.int64),
    )


@kernel
def set_limits(tables: ScoreTables, query: PairQuery, scratch: ThreadScratch, screen: Screen, block: int) -> None:
    """Write the limits for the people of `block` as lanes."""
    for lane in range(LANES):
        scratch.limits[lane] = own_limit(tables, query, screen.order[block * LANES + lane])


@kernel
def set_required_worths(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    way: int,
) -> None:
    """Write the worth that a pair must beat, ``required[lane] + required[LANES + partner]``, and `own`, `held`, `per`.

    The next two rows hold a second such sum. `BEST` wants a pair that beats the lane's sum, or else the partner's; so
    does a search that does not count. For the other tests both are the same. `way`: 0 for the numbers of the people of
    `block` as lanes, 1 for them as partners. Padding counts as the block's first person.
    """
    first = block * LANES
    at = way * LANES
    for k in range(LANES):
        number = float(screen.number[first + k])
        scratch.required[at + k] = -number if query.test == BEST else number / query.scale
        scratch.required[2 * LANES + at + k] = scratch.required[at + k]
        scratch.own[at + k] = screen.own[first + k]
        scratch.held[at + k] = screen.held[first + k]
        scratch.per[at + k] = screen.per[first + k]
    beaten = 3 * at  # the lane's row in the first sum, the partner's in the second
    if query.test == BEST:
        for k in range(LANES):
            scratch.required[beaten + k] = top.beat[real_person(screen, block, k)]
    elif query.test == IMPROVES and not query.counted:
        for k in range(LANES):
            scratch.required[beaten + k] += excess_to_beat(query, top, real_person(screen, block, k)) / query.scale
    for k in range(LANES):
        scratch.lowered[at + k] = lowered(scratch.required[at + k], tables.worth.by_chance)
        scratch.lowered[2 * LANES + at + k] = lowered(scratch.required[2 * LANES + at + k], tables.worth.by_chance)


@kernel
def wants_a_score(tables: ScoreTables, query: PairQuery) -> bool:
    """Whether a pair passes by its mutual score, which must beat a sum of `ThreadScratch.required`."""
    return not tables.worth.by_chance and (query.test == BEST or query.test == IMPROVES)


@kernel
def wants_a_chance(tables: ScoreTables, query: PairQuery) -> bool:
    """Whether a pair passes by its chance, which must beat such a sum."""
    return tables.worth.by_chance and (query.test == BEST or query.test == IMPROVES)


@kernel
def real_person(screen: Screen, block: int, lane: int) -> int:
    """The person at a lane; for padding, the block's first person, who is real."""
    return screen.order[block * LANES + (lane if lane < screen.people[block] else 0)]


@kernel
def own_limit(tables: ScoreTables, query: PairQuery, person: int) -> int:
    """The least satisfaction that a person requires with every partner."""
    if person < 0:
        return _STRONGEST
    least = tables.floor * UNITS
    number = float(query.number[person])
    if query.test == BLOCKS:
        return max(least, int16_limit(UNITS * number))
    if query.test == BEATS and not tables.worth.by_chance:
        return max(least, least_satisfaction(number))
    return least


@kernel
def least_satisfaction(mutual: float) -> int:
    """The least satisfaction, in 1/UNITS basis points, of a pair that scores `mutual`."""
    if mutual <= 0:
        return 0
    return int16_limit(UNITS * min(mutual, _FAR) ** 2 / FULL)


@kernel
def int16_limit(limit: float) -> int:
    """A limit in 16 bits, rounded down."""
    return floor(min(max(limit - 1e-3, float(_WEAKEST)), float(_STRONGEST)))


@kernel
def sum_rounded_down(one: float, other: float) -> float:
    """A sum, less the possible rounding error of numbers as large as folded tiers."""
    return one + other - (abs(one) + abs(other)) * 1e-15


@kernel
def required_worth(
    query: PairQuery, top: TopPartners, required: Array, one: int, other: int, lane: int, partner: int
) -> float:
    """What the pair of two people, at `lane` and `partner`, must be worth to pass the query; rounded down.

    For `BEST` by the lists as they are now: the values to beat have risen since the tile's start.
    """
    if query.test == BEST:
        return float(min(top.beat[one] - query.number[other], top.beat[other] - query.number[one]))
    if query.test == BLOCKS:
        return 0.0
    if query.test == BEATS:
        return max(required[lane], required[LANES + partner])
    first = sum_rounded_down(required[lane], required[LANES + partner])
    return min(first, sum_rounded_down(required[2 * LANES + lane], required[3 * LANES + partner]))


@kernel
def cannot_qualify(
    tables: ScoreTables, query: PairQuery, one: int, other: int, there: float, back: float, wanted: float
) -> bool:
    """Whether a pair with at most these satisfactions cannot pass the query, for which it must be worth `wanted`."""
    if query.test == BLOCKS and (there <= query.number[one] or back <= query.number[other]):
        return True
    return worth_less(tables.worth, one, other, there, back, wanted)
