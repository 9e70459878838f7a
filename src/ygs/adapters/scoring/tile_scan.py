"""The kernel that looks at every pair of two blocks, 65,536 at a time: a bound for all, the exact score for the few.

A tile is done in three steps. (A) For each partner in the other block, the bounds of all people of this block, as one
vector sum per group of attributes; those below their limit are out. (B) The same the other way round, for the people
who have anybody left, and with the mean of both ways. (C) Whoever is left both ways is looked at singly: values in
common counted, then all that sets bring, then the exact integers of the specification. Bounds are never below the exact
satisfaction and limits never above what the question asks for, so nothing is lost before (C), and nothing but (C)
decides.
"""

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.pruning_limits import ROWS, ThreadScratch, hopeless, out_of_reach, set_limits, set_parts
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.simd_loop import LANES, TURNED, WORDS, count_ones, first_one, pass_both, pass_lanes, turn
from ygs.adapters.scoring.table_kernels import REFUSAL, UNITS, Array, Sets
from ygs.adapters.scoring.top_partners import (
    BEST,
    LOOKED,
    SCORED,
    SUMMED,
    SUMMED_BACK,
    PairQuery,
    TopPartners,
    judge,
    to_beat,
)
from ygs.domain.matching.wishes import FULL


@kernel
def scan(
    tables: ScoreTables,
    question: PairQuery,
    lists: TopPartners,
    desk: ThreadScratch,
    first: int,
    last: int,
    low: int,
    high: int,
) -> None:
    """Look at every pair of a person in blocks `first`..`last` and one in blocks `low`..`high` (ends not included).

    Either the two ranges have no block in common, or they are the same and each pair is looked at once.
    """
    for block in range(first, last):
        for other in range(max(low, block) if first == low else low, high):
            tile(tables, question, lists, desk, block, other)


@kernel
def tile(
    tables: ScoreTables, question: PairQuery, lists: TopPartners, desk: ThreadScratch, block: int, other: int
) -> None:
    """Look at every pair of two blocks, which may be the same."""
    set_limits(tables, question, lists, desk, block, other, 0)
    sum_first(tables, desk, block, other)
    if not mark_left(desk):
        return
    set_limits(tables, question, lists, desk, other, block, 1)
    sum_second(tables, desk, other, block)
    set_parts(tables, question, lists, desk, block, other)
    for low in range(WORDS):
        for high in range(WORDS):
            look_closer(tables, question, lists, desk, block, other, low, high)


@kernel
def sum_first(tables: ScoreTables, desk: ThreadScratch, block: int, other: int) -> None:
    """Step A: flag whom of `block` each partner of `other` may satisfy enough."""
    bounds = tables.bounds
    for k in range(LANES):
        partner = other * LANES + k
        if hopeless(tables, block, partner):
            clear(desk, k)
            continue
        desk.counts[SUMMED] += LANES
        pass_lanes(
            bounds.table,
            block * bounds.height * LANES,
            bounds.rows,
            partner * bounds.groups,
            bounds.groups,
            desk.limits,
            0,
            desk.partners[k],
            desk.partners[LANES + k],
            desk.sums,
            k * LANES,
            desk.bits,
            k * WORDS,
        )


@kernel
def sum_second(tables: ScoreTables, desk: ThreadScratch, block: int, other: int) -> None:
    """Step B: flag whom of `block` each partner of `other` who is left may satisfy, and be satisfied by, enough."""
    bounds = tables.bounds
    for row in range(0, LANES, TURNED):
        for column in range(0, LANES, TURNED):
            turn(desk.sums, row * LANES + column, desk.turned, column * LANES + row)
    for k in range(LANES):
        if not (desk.left[k // 64] >> (k % 64)) & 1 or hopeless(tables, block, other * LANES + k):
            clear(desk, LANES + k)
            continue
        desk.counts[SUMMED_BACK] += LANES
        pass_both(
            bounds.table,
            block * bounds.height * LANES,
            bounds.rows,
            (other * LANES + k) * bounds.groups,
            bounds.groups,
            desk.limits,
            ROWS * LANES,
            desk.partners[2 * LANES + k],
            desk.partners[3 * LANES + k],
            desk.sums,
            (LANES + k) * LANES,
            desk.bits,
            (LANES + k) * WORDS,
            desk.turned,
            k * LANES,
        )


@kernel
def clear(desk: ThreadScratch, partner: int) -> None:
    """Flag nobody."""
    for word in range(WORDS):
        desk.bits[partner * WORDS + word] = 0


@kernel
def mark_left(desk: ThreadScratch) -> bool:
    """Flag who of the block has anybody left after step A, and say whether anyone has."""
    some = 0
    for word in range(WORDS):
        left = 0
        for k in range(LANES):
            left |= desk.bits[k * WORDS + word]
        desk.left[word] = left
        some |= left
    return some != 0


@kernel
def look_closer(
    tables: ScoreTables,
    question: PairQuery,
    lists: TopPartners,
    desk: ThreadScratch,
    block: int,
    other: int,
    low: int,
    high: int,
) -> None:
    """Look singly at the pairs left both ways of the `low`-th 64 of one block and the `high`-th 64 of the other."""
    some = 0
    for k in range(64):
        some |= desk.bits[(high * 64 + k) * WORDS + low]
    if some == 0:
        return
    for k in range(64):
        desk.square[k] = desk.bits[(LANES + low * 64 + k) * WORDS + high]
    transpose(desk.square)
    for k in range(64):
        partner = high * 64 + k
        word = desk.bits[partner * WORDS + low] & desk.square[k]
        while word != 0:
            lane = low * 64 + first_one(word)
            word &= word - 1
            if (block != other or lane < partner) and promising(tables, question, desk, block, other, lane, partner):
                look(tables, question, lists, desk, block, other, lane, partner)


@kernel
def promising(
    tables: ScoreTables, question: PairQuery, desk: ThreadScratch, block: int, other: int, lane: int, partner: int
) -> bool:
    """Whether a pair may be what the question wants, by its bounds, then with the values in common counted."""
    there = desk.sums[partner * LANES + lane] / UNITS
    back = desk.sums[(LANES + lane) * LANES + partner] / UNITS
    if out_of_reach(question, desk.parts, lane, partner, there, back):
        return False
    one, other_one = block * LANES + lane, other * LANES + partner
    there -= shared_loss(tables.sets, one, other_one) * tables.parts[one] / UNITS
    back -= shared_loss(tables.sets, other_one, one) * tables.parts[other_one] / UNITS
    return not out_of_reach(question, desk.parts, lane, partner, there + 1e-6, back + 1e-6)


@kernel
def shared_loss(sets: Sets, me: int, them: int) -> int:
    """What my bound took for granted of the affinities for values in common, less what they bring."""
    loss = 0
    for k in range(sets.many):
        mine, theirs = sets.own[me * sets.many + k], sets.own[them * sets.many + k]
        if mine and theirs:
            held, other = count_ones(mine), count_ones(theirs)
            most = held if other >= sets.last[k] else min(held, other)
            loss += sets.shared[k * 65 + most] - sets.shared[k * 65 + count_ones(mine & theirs)]
    return loss


@kernel
def transpose(square: Array) -> None:
    """Turn 64 words of 64 bits about their diagonal (Warren, Hacker's Delight, 7-3, lowest bit first)."""
    step, mask = 32, 0xFFFFFFFF
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
def look(
    tables: ScoreTables,
    question: PairQuery,
    lists: TopPartners,
    desk: ThreadScratch,
    block: int,
    other: int,
    lane: int,
    partner: int,
) -> None:
    """Look at a single pair: with all that sets bring, then exactly."""
    desk.counts[LOOKED] += 1
    me, them = block * LANES + lane, other * LANES + partner
    mine, theirs = set_terms(tables.sets, me, them), set_terms(tables.sets, them, me)
    if mine < 0 or theirs < 0:
        return
    most_there = sharper(tables, me, them, desk.sums[partner * LANES + lane], mine)
    most_back = sharper(tables, them, me, desk.sums[(LANES + lane) * LANES + partner], theirs)
    if min(most_there, most_back) < tables.floor:
        return
    if out_of_reach(question, desk.parts, lane, partner, most_there, most_back):
        return
    if question.test == BEST and listless(question, lists, me, them, most_there * most_back):
        return
    desk.counts[SCORED] += 1
    there, back = satisfaction(tables, me, them, mine), satisfaction(tables, them, me, theirs)
    if min(there, back) >= tables.floor:
        judge(tables, question, lists, desk.counts, me, them, there, back)


@kernel
def listless(question: PairQuery, lists: TopPartners, one: int, other: int, product: float) -> bool:
    """Whether a pair whose satisfactions have at most this product is below both lists as they are by now.

    The tile's limits are from its beginning; while lists fill up they rise in every tile.
    """
    mine, theirs = question.number[one], question.number[other]
    wanted = float(min(to_beat(lists, question.most, one) - theirs, to_beat(lists, question.most, other) - mine))
    return wanted > 0 and product * (1 + 1e-9) < wanted * wanted


@kernel
def set_terms(sets: Sets, me: int, them: int) -> int:
    """What their sets bring me, weighted; below 0 when they are refused over one."""
    total = 0
    for k in range(sets.many):
        mine, theirs = sets.own[me * sets.many + k], sets.own[them * sets.many + k]
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
def sharper(tables: ScoreTables, me: int, them: int, bound: int, terms: int) -> float:
    """The most that they can satisfy me, basis points, now that my terms for their sets are known."""
    facts = tables.facts
    assumed = facts.exact[me * facts.height + tables.sets.row[them]] - tables.base[me]
    return (bound - (assumed - terms) * tables.parts[me]) / UNITS + 1e-6


@kernel
def satisfaction(tables: ScoreTables, me: int, them: int, terms: int) -> int:
    """The specification's satisfaction, given my terms for their sets; -1 when I refuse them."""
    facts = tables.facts
    total = tables.base[me] + terms
    for k in range(facts.many):
        total += facts.exact[me * facts.height + facts.rows[them * facts.many + k]]
    return total // tables.weight[me] if total >= 0 else -1
