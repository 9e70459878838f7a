"""The kernel that scans a tile, the 65,536 pairs of two blocks: bounds for all pairs, exact scores for a few.

Pairs that no satisfaction could help are left out first. Then a tile takes three steps. (A) For each partner in the
other block, bounds of all people of this block, as one vector sum per group of attributes; people below their limit are
out. (B) The same the other way round, for the people who still have a partner, and with the mean of both ways. (C) Each
pair that remains both ways is examined alone: common values are counted, then the sets are compared, then the exact
integers of the specification are computed. Bounds are never below the exact satisfaction or chance and limits never
above what the query requires, so no step loses a pair.
"""

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.pruning_limits import (
    ROWS,
    ThreadScratch,
    block_refuses,
    cannot_qualify,
    mark_possible,
    set_limits,
    set_required_worths,
)
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.simd_loop import (
    LANES,
    TRANSPOSED,
    WORDS,
    count_ones,
    first_one,
    pass_both,
    pass_lanes,
    transpose_tile,
)
from ygs.adapters.scoring.table_kernels import REFUSAL, UNITS, Array, Sets
from ygs.adapters.scoring.top_partners import (
    BEST,
    EXAMINED,
    SCORED,
    SUMMED,
    SUMMED_BACK,
    PairQuery,
    TopPartners,
    offer_pair,
    value_to_beat,
)
from ygs.adapters.scoring.worth_tables import worth_less
from ygs.domain.matching.wishes import FULL


@kernel
def scan(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    first: int,
    last: int,
    low: int,
    high: int,
) -> None:
    """Scan every pair of a person in blocks `first`..`last` and one in blocks `low`..`high` (ends not included).

    The two ranges have no block in common, or they are the same and each pair is scanned once.
    """
    for block in range(first, last):
        for other in range(max(low, block) if first == low else low, high):
            tile(tables, query, top, scratch, block, other)


@kernel
def tile(
    tables: ScoreTables, query: PairQuery, top: TopPartners, scratch: ThreadScratch, block: int, other: int
) -> None:
    """Scan every pair of two blocks, which may be the same."""
    if not mark_possible(tables, query, top, scratch, block, other):
        return
    set_limits(tables, query, top, scratch, block, other, 0)
    sum_first(tables, scratch, block, other)
    if not mark_remaining(scratch):
        return
    set_limits(tables, query, top, scratch, other, block, 1)
    sum_second(tables, scratch, other, block)
    set_required_worths(tables, query, top, scratch, block, other)
    for low in range(WORDS):
        for high in range(WORDS):
            examine_square(tables, query, top, scratch, block, other, low, high)


@kernel
def sum_first(tables: ScoreTables, scratch: ThreadScratch, block: int, other: int) -> None:
    """Step A: flag the people of `block` whom each partner of `other` may satisfy enough."""
    bounds = tables.bounds
    for k in range(LANES):
        partner = other * LANES + k
        if is_impossible(scratch, k) or block_refuses(tables, block, partner):
            clear(scratch, k)
            continue
        scratch.counts[SUMMED] += LANES
        pass_lanes(
            bounds.table,
            block * bounds.height * LANES,
            bounds.rows,
            partner * bounds.groups,
            bounds.groups,
            scratch.limits,
            0,
            scratch.partners[k],
            scratch.partners[LANES + k],
            scratch.sums,
            k * LANES,
            scratch.bits,
            k * WORDS,
        )
        for word in range(k * WORDS, (k + 1) * WORDS):
            scratch.bits[word] &= scratch.possible[word]


@kernel
def is_impossible(scratch: ThreadScratch, partner: int) -> bool:
    """Whether a partner could qualify with nobody of the block."""
    some = 0
    for word in range(partner * WORDS, (partner + 1) * WORDS):
        some |= scratch.possible[word]
    return some == 0


@kernel
def sum_second(tables: ScoreTables, scratch: ThreadScratch, block: int, other: int) -> None:
    """Step B: flag the people of `block` who may suit each remaining partner of `other`, and be suited, enough."""
    bounds = tables.bounds
    for row in range(0, LANES, TRANSPOSED):
        for column in range(0, LANES, TRANSPOSED):
            transpose_tile(scratch.sums, row * LANES + column, scratch.transposed, column * LANES + row)
    for k in range(LANES):
        if not (scratch.remaining[k // 64] >> (k % 64)) & 1 or block_refuses(tables, block, other * LANES + k):
            clear(scratch, LANES + k)
            continue
        scratch.counts[SUMMED_BACK] += LANES
        pass_both(
            bounds.table,
            block * bounds.height * LANES,
            bounds.rows,
            (other * LANES + k) * bounds.groups,
            bounds.groups,
            scratch.limits,
            ROWS * LANES,
            scratch.partners[2 * LANES + k],
            scratch.partners[3 * LANES + k],
            scratch.sums,
            (LANES + k) * LANES,
            scratch.bits,
            (LANES + k) * WORDS,
            scratch.transposed,
            k * LANES,
        )


@kernel
def clear(scratch: ThreadScratch, partner: int) -> None:
    """Clear the flags of a partner."""
    for word in range(WORDS):
        scratch.bits[partner * WORDS + word] = 0


@kernel
def mark_remaining(scratch: ThreadScratch) -> bool:
    """Flag the people of the block with a partner left after step A; returns whether there are any."""
    some = 0
    for word in range(WORDS):
        left = 0
        for k in range(LANES):
            left |= scratch.bits[k * WORDS + word]
        scratch.remaining[word] = left
        some |= left
    return some != 0


@kernel
def examine_square(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    block: int,
    other: int,
    low: int,
    high: int,
) -> None:
    """Examine the pairs left both ways of the `low`-th 64 of one block and the `high`-th 64 of the other."""
    some = 0
    for k in range(64):
        some |= scratch.bits[(high * 64 + k) * WORDS + low]
    if some == 0:
        return
    for k in range(64):
        scratch.square[k] = scratch.bits[(LANES + low * 64 + k) * WORDS + high]
    transpose_bits(scratch.square)
    for k in range(64):
        partner = high * 64 + k
        word = scratch.bits[partner * WORDS + low] & scratch.square[k]
        while word != 0:
            lane = low * 64 + first_one(word)
            word &= word - 1
            if (block != other or lane < partner) and may_qualify(tables, query, scratch, block, other, lane, partner):
                examine_pair(tables, query, top, scratch, block, other, lane, partner)


@kernel
def may_qualify(
    tables: ScoreTables, query: PairQuery, scratch: ThreadScratch, block: int, other: int, lane: int, partner: int
) -> bool:
    """Whether a pair may pass the query: by its bounds, then with its common values counted."""
    there = scratch.sums[partner * LANES + lane] / UNITS
    back = scratch.sums[(LANES + lane) * LANES + partner] / UNITS
    if cannot_qualify(tables, query, scratch.required, block, other, lane, partner, there, back):
        return False
    one = block * LANES + lane
    other_one = other * LANES + partner
    there -= shared_loss(tables.sets, one, other_one) * tables.per_weight[one] / UNITS
    back -= shared_loss(tables.sets, other_one, one) * tables.per_weight[other_one] / UNITS
    return not cannot_qualify(tables, query, scratch.required, block, other, lane, partner, there + 1e-6, back + 1e-6)


@kernel
def shared_loss(sets: Sets, me: int, them: int) -> int:
    """By how much my bound overestimates the affinities for common values, weighted."""
    loss = 0
    for k in range(sets.many):
        mine = sets.own[me * sets.many + k]
        theirs = sets.own[them * sets.many + k]
        if mine and theirs:
            held = count_ones(mine)
            other = count_ones(theirs)
            most = held if other >= sets.last[k] else min(held, other)
            loss += sets.shared[k * 65 + most] - sets.shared[k * 65 + count_ones(mine & theirs)]
    return loss


@kernel
def transpose_bits(square: Array) -> None:
    """Transpose a matrix of 64 words of 64 bits (Warren, Hacker's Delight, 7-3, lowest bit first)."""
    step = 32
    mask = 0xFFFFFFFF
    while step != 0:
        k = 0
        while k < 64:
            swap = ((square[k] >> step) ^ square[k + step]) & mask
            square[k + step] ^= swap
            square[k] ^= swap << step
            k = (k + step + 1) & ~step
        step >>= 1
        mask ^= mask << step


@kernel
def examine_pair(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    block: int,
    other: int,
    lane: int,
    partner: int,
) -> None:
    """Examine a single pair: compare the sets, then score it exactly."""
    scratch.counts[EXAMINED] += 1
    me = block * LANES + lane
    them = other * LANES + partner
    mine = set_terms(tables.sets, me, them)
    theirs = set_terms(tables.sets, them, me)
    if mine < 0 or theirs < 0:
        return
    most_there = tighter_bound(tables, me, them, scratch.sums[partner * LANES + lane], mine)
    most_back = tighter_bound(tables, them, me, scratch.sums[(LANES + lane) * LANES + partner], theirs)
    if min(most_there, most_back) < tables.floor:
        return
    if cannot_qualify(tables, query, scratch.required, block, other, lane, partner, most_there, most_back):
        return
    if query.test == BEST and below_both_lists(tables, query, top, me, them, most_there, most_back):
        return
    scratch.counts[SCORED] += 1
    there = satisfaction(tables, me, them, mine)
    back = satisfaction(tables, them, me, theirs)
    if min(there, back) >= tables.floor:
        offer_pair(tables, query, top, scratch.counts, me, them, there, back)


@kernel
def below_both_lists(
    tables: ScoreTables, query: PairQuery, top: TopPartners, one: int, other: int, there: float, back: float
) -> bool:
    """Whether a pair with at most these satisfactions is too weak for the top partners of both.

    The tile's limits were set at its start; the values to beat have risen since.
    """
    mine = query.number[one]
    theirs = query.number[other]
    wanted = float(min(value_to_beat(top, query.most, one) - theirs, value_to_beat(top, query.most, other) - mine))
    return worth_less(tables.worth, one, other, there, back, wanted)


@kernel
def set_terms(sets: Sets, me: int, them: int) -> int:
    """The weighted fit of their sets to me; below 0 when one is refused."""
    total = 0
    for k in range(sets.many):
        mine = sets.own[me * sets.many + k]
        theirs = sets.own[them * sets.many + k]
        at = me * sets.many + k
        refused = sets.must[at]
        if theirs == 0:
            total += sets.wish[at] * sets.unknown_fit
            refused &= sets.strict
        elif sets.accepts[at] & theirs:
            total += sets.wish[at] * FULL
            refused = False
        total += sets.shared[k * 65 + count_ones(mine & theirs)] if mine and theirs else sets.shared_unknown[k]
        total -= REFUSAL if refused else 0
    return total


@kernel
def tighter_bound(tables: ScoreTables, me: int, them: int, bound: int, terms: int) -> float:
    """A tighter bound of my satisfaction, basis points, from my exact terms for their sets."""
    facts = tables.facts
    assumed = facts.exact[me * facts.height + tables.sets.row[them]] - tables.base[me]
    return (bound - (assumed - terms) * tables.per_weight[me]) / UNITS + 1e-6


@kernel
def satisfaction(tables: ScoreTables, me: int, them: int, terms: int) -> int:
    """The specification's satisfaction, given my terms for their sets; -1 when I refuse them."""
    facts = tables.facts
    total = tables.base[me] + terms
    for k in range(facts.many):
        total += facts.exact[me * facts.height + facts.rows[them * facts.many + k]]
    return total // tables.weight[me] if total >= 0 else -1
