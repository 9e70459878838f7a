"""The kernel that looks at every pair of two blocks, 65,536 at a time: a bound for all, the exact score for the few.

A tile is done in three steps. (A) For each partner in the other block, the bounds of all people of this block, as one
vector sum per group of attributes; those below their limit are out. (B) The same the other way round, for the people
who have anybody left. (C) Whoever is left both ways is looked at singly: sets counted, then the exact integers of the
specification. Bounds are never below the exact satisfaction and limits never above what the question asks for, so
nothing is lost before (C), and nothing but (C) decides.
"""

from ygs.adapters.scoring.compiling import kernel
from ygs.adapters.scoring.filling import REFUSAL, UNITS, Array, Sets
from ygs.adapters.scoring.lanes import LANES, WORDS, count_ones, first_one, pass_lanes
from ygs.adapters.scoring.limits import Desk, hopeless, lowest_limits, out_of_reach, set_limits
from ygs.adapters.scoring.lists import LOOKED, SCORED, SUMMED, Lists, Question, judge
from ygs.adapters.scoring.tables import Tables
from ygs.domain.matching.rules import FULL


@kernel
def scan(
    tables: Tables, question: Question, lists: Lists, desk: Desk, first: int, last: int, low: int, high: int
) -> None:
    """Look at every pair of a person in blocks `first`..`last` and one in blocks `low`..`high` (ends not included).

    Either the two ranges have no block in common, or they are the same and each pair is looked at once.
    """
    for block in range(first, last):
        for other in range(max(low, block) if first == low else low, high):
            tile(tables, question, lists, desk, block, other)


@kernel
def tile(tables: Tables, question: Question, lists: Lists, desk: Desk, block: int, other: int) -> None:
    """Look at every pair of two blocks, which may be the same."""
    lanes, partners = block, other
    for way in range(2):
        set_limits(tables, question, lists, desk, lanes, partners, way)
        sum_block(tables, desk, lanes, partners, way)
        lanes, partners = other, block
    for low in range(WORDS):
        for high in range(WORDS):
            look_closer(tables, question, lists, desk, block, other, low, high)


@kernel
def sum_block(tables: Tables, desk: Desk, block: int, other: int, way: int) -> None:
    """Flag whom of `block` each partner of `other` may satisfy enough; and the second way
    round only for those who are left."""
    if way == 1:
        mark_left(desk)
    bounds = tables.bounds
    limits, partners = way * 3 * LANES, way * 2 * LANES
    least = lowest_limits(desk.limits, limits)
    summed = 0
    for k in range(LANES):
        partner = other * LANES + k
        first, second = desk.partners[partners + k], desk.partners[partners + LANES + k]
        bits_at = (way * LANES + k) * WORDS
        if hopeless(tables, block, partner, max(least[0], min(least[1] + first, least[2] + second))) or (
            way == 1 and not (desk.left[k // 64] >> (k % 64)) & 1
        ):
            for word in range(WORDS):
                desk.bits[bits_at + word] = 0
            continue
        summed += 1
        pass_lanes(
            bounds.table,
            block * bounds.height * LANES,
            bounds.rows,
            partner * bounds.groups,
            bounds.groups,
            desk.limits,
            limits,
            first,
            second,
            desk.sums,
            (way * LANES + k) * LANES,
            desk.bits,
            bits_at,
        )
    desk.counts[SUMMED + way] += LANES * summed


@kernel
def mark_left(desk: Desk) -> None:
    """Flag who of the block has anybody left after step A."""
    desk.left[:] = 0
    for k in range(LANES):
        for word in range(WORDS):
            desk.left[word] |= desk.bits[k * WORDS + word]


@kernel
def look_closer(
    tables: Tables, question: Question, lists: Lists, desk: Desk, block: int, other: int, low: int, high: int
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
            if block != other or lane < partner:
                there, back = desk.sums[partner * LANES + lane], desk.sums[(LANES + lane) * LANES + partner]
                look(tables, question, lists, desk.counts, block * LANES + lane, other * LANES + partner, there, back)


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
    tables: Tables, question: Question, lists: Lists, counts: Array, one: int, other: int, there: int, back: int
) -> None:
    """Look at a single pair, whose bounds are `there` and `back`: first with its sets counted, then exactly."""
    if out_of_reach(question, lists, one, other, there / UNITS, back / UNITS):
        return
    counts[LOOKED] += 1
    mine, theirs = set_terms(tables.sets, one, other), set_terms(tables.sets, other, one)
    if mine < 0 or theirs < 0:
        return
    most_there, most_back = sharper(tables, one, other, there, mine), sharper(tables, other, one, back, theirs)
    if min(most_there, most_back) < tables.floor or out_of_reach(question, lists, one, other, most_there, most_back):
        return
    counts[SCORED] += 1
    there, back = satisfaction(tables, one, other, mine), satisfaction(tables, other, one, theirs)
    if min(there, back) >= tables.floor:
        judge(tables, question, lists, counts, one, other, there, back)


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
def sharper(tables: Tables, me: int, them: int, bound: int, terms: int) -> float:
    """The most that they can satisfy me, basis points, now that my terms for their sets are known."""
    facts = tables.facts
    assumed = facts.exact[me * facts.height + tables.sets.row[them]] - tables.base[me]
    return (bound - (assumed - terms) * tables.parts[me]) / UNITS + 1e-6


@kernel
def satisfaction(tables: Tables, me: int, them: int, terms: int) -> int:
    """The specification's satisfaction, given my terms for their sets; -1 when I refuse them."""
    facts = tables.facts
    total = tables.base[me] + terms
    for k in range(facts.many):
        total += facts.exact[me * facts.height + facts.rows[them * facts.many + k]]
    return total // tables.weight[me] if total >= 0 else -1
