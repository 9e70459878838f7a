"""What a bound must reach for a pair to be worth a closer look: the question, turned into 16-bit numbers for a tile.

A satisfaction of s and one of at most 10,000 the other way make a mutual score of at most sqrt(10000 s). So a pair that
is to score m needs s of at least m * m / 10000 each way. What m is depends on both people; for the vector loop it is
taken apart into a number for each lane and one for the partner. Every rounding here is downwards, every approximation
too: a limit may let a pair pass that fails later, never the other way round.
"""

from math import floor
from typing import NamedTuple

import numpy as np

from ygs.adapters.scoring.compiling import kernel
from ygs.adapters.scoring.filling import UNITS, Array
from ygs.adapters.scoring.lanes import LANES, WORDS
from ygs.adapters.scoring.lists import BEATS, BEST, BLOCKS, IMPROVES, Lists, Question, to_beat
from ygs.adapters.scoring.tables import Tables
from ygs.domain.matching.rules import FULL

_WEAKEST = -(1 << 15)  # added to anything in 16 bits it lets everybody pass
_STRONGEST = (1 << 15) - 1  # no bound reaches it
_FAR = 20_000.0  # a number this far from 0 belongs to no usual price or list, and is left out of averages


class Desk(NamedTuple):
    """Scratch space of one thread, for a tile both ways: the lanes of one block, the partners of the other."""

    sums: Array  # int16[2 * LANES * LANES]: by partner, then lane
    bits: Array  # int64[2 * LANES * WORDS]: by partner, a bit for each lane
    left: Array  # int64[WORDS]: a bit for each lane
    square: Array  # int64[64]
    limits: Array  # int16[2 * 3 * LANES]: as `lanes.pass_lanes` takes them
    partners: Array  # int16[2 * 2 * LANES]: what goes with them for each partner
    lane_parts: Array  # float64[LANES]
    partner_parts: Array  # float64[LANES]
    counts: Array  # int64[5]


def new_desk() -> Desk:
    """Space for a thread."""
    return Desk(
        sums=np.zeros(2 * LANES * LANES, np.int16),
        bits=np.zeros(2 * LANES * WORDS, np.int64),
        left=np.zeros(WORDS, np.int64),
        square=np.zeros(64, np.int64),
        limits=np.zeros(2 * 3 * LANES, np.int16),
        partners=np.zeros(2 * 2 * LANES, np.int16),
        lane_parts=np.zeros(LANES),
        partner_parts=np.zeros(LANES),
        counts=np.zeros(5, np.int64),
    )


@kernel
def set_limits(tables: Tables, question: Question, lists: Lists, desk: Desk, block: int, other: int, way: int) -> None:
    """Write the limits for the people of `block` as lanes and those of `other` as partners."""
    for lane in range(LANES):
        desk.limits[way * 3 * LANES + lane] = own_limit(tables, question, block * LANES + lane)
    if question.test == BEST:
        set_best_limits(tables, question, lists, desk, block, other, way)
    else:
        set_test_limits(tables, question, desk, block, other, way)


@kernel
def set_best_limits(
    tables: Tables, question: Question, lists: Lists, desk: Desk, block: int, other: int, way: int
) -> None:
    """A pair is wanted that is good enough for the lane's list, or else for the partner's."""
    rows, partners = (way * 3 + 1) * LANES, way * 2 * LANES
    for k in range(LANES):
        desk.lane_parts[k] = to_beat(lists, question.most, real(tables, block, k))
        desk.partner_parts[k] = -question.number[real(tables, other, k)]
    take_apart(desk, rows, partners)
    for k in range(LANES):
        desk.lane_parts[k] = -question.number[real(tables, block, k)]
        desk.partner_parts[k] = to_beat(lists, question.most, real(tables, other, k))
    take_apart(desk, rows + LANES, partners + LANES)


@kernel
def set_test_limits(tables: Tables, question: Question, desk: Desk, block: int, other: int, way: int) -> None:
    """A pair is wanted that passes the test; the two rows a limit may choose from are the same."""
    rows, partners = (way * 3 + 1) * LANES, way * 2 * LANES
    for k in range(LANES):
        desk.lane_parts[k] = question.number[real(tables, block, k)] / question.scale
        desk.partner_parts[k] = question.number[real(tables, other, k)] / question.scale
    if question.test == IMPROVES:
        take_apart(desk, rows, partners)
    else:
        for k in range(LANES):
            desk.limits[rows + k] = 0
            desk.partners[partners + k] = needed(desk.partner_parts[k]) if question.test == BEATS else 0
    for k in range(LANES):
        desk.limits[rows + LANES + k] = desk.limits[rows + k]
        desk.partners[partners + LANES + k] = desk.partners[partners + k]


@kernel
def real(tables: Tables, block: int, lane: int) -> int:
    """The person at a lane; for padding, the block's first, who is never padding and so changes no average."""
    person = block * LANES + lane
    return person if tables.place[person] >= 0 else block * LANES


@kernel
def own_limit(tables: Tables, question: Question, person: int) -> int:
    """What a lane asks of every partner."""
    if tables.place[person] < 0:
        return _STRONGEST
    least = tables.floor * UNITS
    number = float(question.number[person])
    if question.test == BLOCKS:
        return max(least, narrowed(UNITS * number))
    if question.test == BEATS:
        return max(least, needed(number))
    return least


@kernel
def needed(mutual: float) -> int:
    """The satisfaction, in 1/UNITS basis points, without which no pair scores `mutual`."""
    if mutual <= 0:
        return 0
    return narrowed(UNITS * min(mutual, _FAR) ** 2 / FULL)


@kernel
def narrowed(limit: float) -> int:
    """A limit in 16 bits, rounded down; what is too low for them becomes the weakest, and stays it in any sum."""
    return floor(min(max(limit - 1e-3, float(_WEAKEST)), float(_STRONGEST)))


@kernel
def take_apart(desk: Desk, row: int, partners: int) -> None:
    """Limits for pairs that must score the sum of the lane's part and the partner's.

    Where one side's parts are all the same the limit is exact. Otherwise the parabola m * m is replaced by its tangent
    where the tile's average pair stands: a tangent lies below it everywhere, below 0 for negative m, and is a sum.
    """
    lanes, others = desk.lane_parts, desk.partner_parts
    if alike(others):
        for k in range(LANES):
            desk.limits[row + k], desk.partners[partners + k] = needed(less(lanes[k], others[0])), 0
    elif alike(lanes):
        for k in range(LANES):
            desk.limits[row + k], desk.partners[partners + k] = 0, needed(less(lanes[0], others[k]))
    else:
        usual = middle(lanes)
        touch = min(max(usual + middle(others), 0.0), float(FULL))
        slope = UNITS * 2 * touch / FULL
        for k in range(LANES):
            desk.limits[row + k] = narrowed(slope * (lanes[k] - usual))
            desk.partners[partners + k] = narrowed(slope * (others[k] + usual) - UNITS * touch**2 / FULL)


@kernel
def alike(parts: Array) -> bool:
    """Whether all are the same."""
    lowest = highest = parts[0]
    for part in parts:
        lowest, highest = min(lowest, part), max(highest, part)
    return lowest == highest


@kernel
def less(one: float, other: float) -> float:
    """A sum, less what may have been lost in rounding numbers as large as folded tiers."""
    return one + other - (abs(one) + abs(other)) * 1e-15


@kernel
def middle(parts: Array) -> float:
    """The average of those in the usual range."""
    total, many = 0.0, 0
    for part in parts:
        if abs(part) < _FAR:
            total += part
            many += 1
    return total / many if many else 0.0


@kernel
def lowest_limits(limits: Array, row: int) -> tuple[int, int, int]:
    """The lowest of each of the three rows."""
    own, first, second = _STRONGEST, _STRONGEST, _STRONGEST
    for lane in range(row, row + LANES):
        own = min(own, limits[lane])
        first, second = min(first, limits[LANES + lane]), min(second, limits[2 * LANES + lane])
    return own, first, second


@kernel
def hopeless(tables: Tables, block: int, partner: int, limit: int) -> bool:
    """Whether even the best of each row, of different people, would not reach the lowest limit of a block."""
    if tables.place[partner] < 0:
        return True
    bounds = tables.bounds
    total = 0
    for group in range(bounds.groups):
        total += bounds.peak[block * bounds.height + bounds.rows[partner * bounds.groups + group]]
    return total < limit


@kernel
def out_of_reach(question: Question, lists: Lists, one: int, other: int, there: float, back: float) -> bool:
    """Whether a pair of at most these satisfactions cannot be what the question wants."""
    mine, theirs = question.number[one], question.number[other]
    if question.test == BLOCKS:
        return there <= mine or back <= theirs
    if question.test == BEST:
        wanted = float(min(to_beat(lists, question.most, one) - theirs, to_beat(lists, question.most, other) - mine))
    elif question.test == IMPROVES:
        wanted = (mine + theirs) / question.scale
    else:
        wanted = float(max(mine, theirs))
    return wanted > 0 and there * back * (1 + 1e-9) < wanted * wanted
