"""What a bound must reach for a pair to be worth a closer look: the question, turned into 16-bit numbers for a tile.

A satisfaction of s and one of at most 10,000 the other way make a mutual score of at most sqrt(10000 s). So a pair that
is to score m needs s of at least m * m / 10000 the first way; and the second way, when both are known, a mean of at
least m, for no geometric mean is above the arithmetic. What m is depends on both people; for the vector loop it is
taken apart into a number for each lane and one for the partner. Every rounding here is downwards, every approximation
too: a limit may let a pair pass that fails later, never the other way round.
"""

from math import floor
from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.simd_loop import LANES, WORDS
from ygs.adapters.scoring.table_kernels import UNITS, Array
from ygs.adapters.scoring.top_partners import BEATS, BEST, BLOCKS, IMPROVES, PairQuery, TopPartners, to_beat
from ygs.domain.matching.wishes import FULL

_WEAKEST = -(1 << 15)  # added to anything in 16 bits it lets everybody pass
_STRONGEST = (1 << 15) - 1  # no bound reaches it
ROWS = 4  # of limits for a block
_FAR = 20_000.0  # a number this far from 0 belongs to no usual price or list, and is left out of averages


class ThreadScratch(NamedTuple):
    """Scratch space of one thread, for a tile both ways: the lanes of one block, the partners of the other."""

    sums: Array  # int16[2 * LANES * LANES]: by partner, then lane
    bits: Array  # int64[2 * LANES * WORDS]: by partner, a bit for each lane
    left: Array  # int64[WORDS]: a bit for each lane
    square: Array  # int64[64]
    turned: Array  # int16[LANES * LANES]: the first sums, by lane, then partner
    limits: Array  # int16[2 * ROWS * LANES]: as `lanes.pass_lanes` and `lanes.pass_both` take them
    partners: Array  # int16[2 * 2 * LANES]: what goes with them for each partner
    parts: Array  # float64[4 * LANES]: what a score must beat is one sum of a lane's part and a partner's, or another
    counts: Array  # int64[5]


def new_desk() -> ThreadScratch:
    """Space for a thread."""
    return ThreadScratch(
        sums=np.zeros(2 * LANES * LANES, np.int16),
        bits=np.zeros(2 * LANES * WORDS, np.int64),
        left=np.zeros(WORDS, np.int64),
        square=np.zeros(64, np.int64),
        turned=np.zeros(LANES * LANES, np.int16),
        limits=np.zeros(2 * ROWS * LANES, np.int16),
        partners=np.zeros(2 * 2 * LANES, np.int16),
        parts=np.zeros(4 * LANES),
        counts=np.zeros(5, np.int64),
    )


@kernel
def set_limits(
    tables: ScoreTables, question: PairQuery, lists: TopPartners, desk: ThreadScratch, block: int, other: int, way: int
) -> None:
    """Write the limits for the people of `block` as lanes and those of `other` as partners."""
    rows, partners = way * ROWS * LANES, way * 2 * LANES
    for lane in range(LANES):
        person = block * LANES + lane
        own = own_limit(tables, question, person)
        desk.limits[rows + lane] = own if way == 0 else own_mean_limit(question, person)
        desk.limits[rows + 3 * LANES + lane] = own
    set_parts(tables, question, lists, desk, block, other)
    for either in range(2):
        row, partner = rows + (1 + either) * LANES, partners + either * LANES
        if question.test == BEST or question.test == IMPROVES:
            take_apart(desk, either, row, partner, way)
            continue
        for k in range(LANES):
            desk.limits[row + k] = 0
            desk.partners[partner + k] = shaped(desk.parts[LANES + k], way) if question.test == BEATS else 0


@kernel
def set_parts(
    tables: ScoreTables, question: PairQuery, lists: TopPartners, desk: ThreadScratch, block: int, other: int
) -> None:
    """Write what a pair's score must beat: ``parts[lane] + parts[LANES + partner]``, or the like of the next two rows.

    Of the best, a pair is wanted that is good enough for the lane's list, or else for the partner's.
    """
    for k in range(LANES):
        lane, partner = real(tables, block, k), real(tables, other, k)
        mine, theirs = float(question.number[lane]), float(question.number[partner])
        if question.test == BEST:
            desk.parts[k], desk.parts[LANES + k] = to_beat(lists, question.most, lane), -theirs
            desk.parts[2 * LANES + k], desk.parts[3 * LANES + k] = -mine, to_beat(lists, question.most, partner)
        else:
            desk.parts[k], desk.parts[LANES + k] = mine / question.scale, theirs / question.scale
            desk.parts[2 * LANES + k], desk.parts[3 * LANES + k] = mine / question.scale, theirs / question.scale


@kernel
def real(tables: ScoreTables, block: int, lane: int) -> int:
    """The person at a lane; for padding, the block's first, who is never padding and so changes no average."""
    person = block * LANES + lane
    return person if tables.place[person] >= 0 else block * LANES


@kernel
def own_limit(tables: ScoreTables, question: PairQuery, person: int) -> int:
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
def own_mean_limit(question: PairQuery, person: int) -> int:
    """What a lane asks of its mean with every partner."""
    return narrowed(UNITS * float(question.number[person])) if question.test == BEATS else _WEAKEST


@kernel
def shaped(mutual: float, way: int) -> int:
    """What a pair that is to score `mutual` must reach: one sum the first way, the mean of both the second."""
    return needed(mutual) if way == 0 else narrowed(UNITS * mutual)


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
def take_apart(desk: ThreadScratch, either: int, row: int, partners: int, way: int) -> None:
    """Limits for pairs that must score the sum of the lane's part and the partner's.

    The mean must reach the sum of the parts itself. For a single satisfaction the limit is exact where one side's parts
    are all the same. Otherwise the parabola m * m is replaced by its tangent where the tile's average pair stands: a
    tangent lies below it everywhere, below 0 for negative m, and is a sum.
    """
    lanes = desk.parts[2 * either * LANES : (2 * either + 1) * LANES]
    others = desk.parts[(2 * either + 1) * LANES : (2 * either + 2) * LANES]
    if way == 1:
        usual = middle(lanes)
        for k in range(LANES):
            desk.limits[row + k] = narrowed(UNITS * (lanes[k] - usual))
            desk.partners[partners + k] = narrowed(UNITS * (others[k] + usual))
    elif find_duplicates(others):
        for k in range(LANES):
            desk.limits[row + k], desk.partners[partners + k] = needed(less(lanes[k], others[0])), 0
    elif find_duplicates(lanes):
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
def find_duplicates(parts: Array) -> bool:
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
def hopeless(tables: ScoreTables, block: int, partner: int) -> bool:
    """Whether everybody in a block refuses a partner over the one thing that most refuse for."""
    bounds = tables.bounds
    row = bounds.rows[partner * bounds.groups + bounds.guard]
    return tables.place[partner] < 0 or bounds.refused[block * bounds.height + row]


@kernel
def out_of_reach(question: PairQuery, parts: Array, lane: int, partner: int, there: float, back: float) -> bool:
    """Whether a pair of at most these satisfactions cannot be what the question wants."""
    if question.test == BLOCKS:
        return there <= parts[lane] or back <= parts[LANES + partner]
    if question.test == BEATS:
        wanted = max(parts[lane], parts[LANES + partner])
    else:
        one = less(parts[lane], parts[LANES + partner])
        wanted = min(one, less(parts[2 * LANES + lane], parts[3 * LANES + partner]))
    return wanted > 0 and there * back * (1 + 1e-9) < wanted * wanted
