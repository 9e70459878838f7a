"""The kernel that scans a tile, the 65,536 pairs of two blocks: bounds for most pairs, exact scores for a few.

Pairs that something rules out without their satisfactions are left out first (`possible_pairs`). Then, partner by
partner of the other block and 64 people of this one at a time, three steps follow:

A. Bounds of the 64 people's satisfaction with the partner: one vector sum per group of attributes. People below their
   limit are out. So are those whose mutual score would be too low if the partner were as satisfied as with anybody
   (`Screen.greatest`). The search for the best, in which that is not known yet, omits this test where step B is cheap.
B. Bounds of the partner's satisfaction with those left, whose codes are looked up in the partner's table, 32 at a time.
   Below the partner's limit they are out. Both bounds, less what the two lack in common values of the set that counts
   most, must allow the mutual score that the query wants or, of blocking pairs, exceed either threshold.
C. Each pair that remains is examined alone: by both bounds, then less what the two lack in common values of all sets,
   then less their unmet wishes for sets. These losses are all by which the bound of sets exceeds the truth, so the
   specification's exact satisfaction is a sum of table entries less the same.

Bounds are never below the exact satisfaction or chance and limits never above what the query requires, so no step loses
a pair.
"""

from ygs.adapters.jit import instructions, kernel
from ygs.adapters.scoring.place_pairs import has_pair
from ygs.adapters.scoring.possible_pairs import drop_hopeless, mark_possible, tile_is_ruled_out
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.pruning_limits import (
    ThreadScratch,
    cannot_qualify,
    own_limit,
    required_worth,
    set_limits,
    set_required_worths,
    wants_a_chance,
    wants_a_score,
)
from ygs.adapters.scoring.score_tables import Bounds, ScoreTables
from ygs.adapters.scoring.simd_loop import (
    LANES,
    TRANSPOSED,
    WORDS,
    count_ones,
    first_one,
    pack_lanes,
    pass_both,
    pass_lanes,
    pass_looked_up,
    pass_most,
    pass_scores,
    raise_lanes,
    sum_rows,
)
from ygs.adapters.scoring.table_kernels import BASIS_POINTS, REFUSAL, Array, Sets
from ygs.adapters.scoring.top_partners import (
    BEST,
    BLOCKS,
    EXAMINED,
    SCORED,
    SUMMED,
    PairQuery,
    TopPartners,
    offer_pair,
)
from ygs.domain.matching.wishes import FULL

# Up to so many pairs, summing each alone takes less time than vectors: of a tile, and of 64 lanes.
_FEW = 128
_FEW_LANES = 2
_LOOKS_UP = instructions() == "AVX-512"  # 64 lanes at once, and not only the flagged of them


@kernel
def scan(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    screen: Screen,
    first: int,
    last: int,
    low: int,
    high: int,
) -> None:
    """Scan every pair of a person in blocks `first`..`last` and one in blocks `low`..`high` (ends not included).

    The two ranges have no block in common, or they are the same and each pair is scanned once. Neither has more than
    `MOST_BLOCKS`.
    """
    scratch.packed_block[0] = -1
    scratch.coded_block[0] = -1
    scratch.required_of[0] = -1
    for block in range(first, last):
        scratch.greatest[:] = -1
        for other in range(max(low, block) if first == low else low, high):
            if not tile_is_ruled_out(screen, block, other):
                if scratch.required_of[0] != block or query.test == BEST:
                    scratch.required_of[0] = block
                    set_required_worths(tables, query, top, scratch, screen, block, 0)
                tile(tables, query, top, scratch, screen, block, other)
        for lane in range(screen.people[block]):
            person = screen.order[block * LANES + lane]
            top.greatest[person] = max(top.greatest[person], scratch.greatest[lane])


@kernel
def tile(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
) -> None:
    """Scan every pair of two blocks, which may be the same.

    What the people of `block` must be worth is set already.
    """
    many = mark_possible(scratch, screen, block, other)
    if many == 0:
        return
    set_required_worths(tables, query, top, scratch, screen, other, 1)
    if wants_a_chance(tables, query):
        many = drop_hopeless(tables, scratch, screen, block, other)
    alone = many <= _FEW
    if not alone:
        pack(tables, query, scratch, screen, block)
    # 64 people at a time, whose tables then stay in the second-level cache.
    for word in range(WORDS):
        for part in range(WORDS):
            partners = scratch.partners[word * WORDS + part]
            while partners != 0:
                k = 64 * part + first_one(partners)
                examine_word(tables, query, top, scratch, screen, block, other, k, word, alone)
                partners &= partners - 1


@kernel
def examine_word(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
    k: int,
    word: int,
    alone: bool,
) -> None:
    """Scan the possible pairs of 64 people of the first block and partner `k` of the second.

    `alone`: the tile has too few pairs to bring its block into the order of the vector loop.
    """
    flags = scratch.possible[word * LANES + k]
    if flags == 0:
        return
    flags = sum_there(tables, query, scratch, screen, block, other, k, word, flags, alone)
    if flags != 0:
        flags = sum_back(tables, query, scratch, screen, block, other, k, word, flags)
    while flags != 0:
        lane = word * 64 + first_one(flags)
        flags &= flags - 1
        examine_pair(tables, query, top, scratch, screen, block, other, lane, k)


@kernel
def bound_of(bounds: Bounds, me: int, them: int) -> int:
    """The bound of my satisfaction with them, as in the vector loop; below 0 when I refuse them."""
    return sum_rows(bounds.table, me * bounds.height, bounds.rows, them * bounds.groups, bounds.groups)


@kernel
def pack(tables: ScoreTables, query: PairQuery, scratch: ThreadScratch, screen: Screen, block: int) -> None:
    """Bring a block's limits and bounds into the order of the vector loop, unless they are there already."""
    if scratch.packed_block[0] != block:
        scratch.packed_block[0] = block
        set_limits(tables, query, scratch, screen, block)
        transpose(tables.bounds.table, tables.bounds.height, screen, block, scratch.packed)


@kernel
def transpose(table: Array, height: int, screen: Screen, block: int, target: Array) -> None:
    """Write the rows of a block's people, `height` entries each, by 64 people, entry, person."""
    for lane in range(0, LANES, TRANSPOSED):
        first = lane // 64 * height * 64 + lane % 64
        for column in range(0, height, TRANSPOSED):
            pack_lanes(table, height, column, screen.order, block * LANES + lane, target, first + column * 64)


@kernel
def sum_there(
    tables: ScoreTables,
    query: PairQuery,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
    k: int,
    word: int,
    flags: int,
    alone: bool,
) -> int:
    """Step A: of 64 lanes, keep those whom partner `k` of `other` may satisfy enough."""
    them = screen.order[other * LANES + k]
    if alone or count_ones(flags) <= _FEW_LANES:
        flags = sum_each(tables.bounds, query, scratch, screen, block, word, them, flags)
    else:
        flags &= sum_lanes(tables.bounds, scratch, them, word)
        if query.test == BEST:
            raise_lanes(scratch.sums, scratch.greatest, word * 64)
    # In a search for the best nobody's greatest satisfaction is known: nine in ten groups would go on after this test.
    if flags != 0 and wants_a_score(tables, query) and not (_LOOKS_UP and query.test == BEST):
        flags &= worth_lanes(tables, scratch, k, word, screen.greatest[other * LANES + k])
    return flags


@kernel
def sum_each(
    bounds: Bounds,
    query: PairQuery,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    word: int,
    them: int,
    flags: int,
) -> int:
    """Sum one partner's rows for the flagged of 64 lanes, one after another; keep those who do not refuse."""
    left = flags
    while left != 0:
        lane = first_one(left)
        total = bound_of(bounds, screen.order[block * LANES + word * 64 + lane], them)
        scratch.sums[lane] = max(total, -1)
        scratch.counts[SUMMED] += 1
        if total < 0:
            flags ^= left & -left
        elif query.test == BEST:
            scratch.greatest[word * 64 + lane] = max(scratch.greatest[word * 64 + lane], total)
        left &= left - 1
    return flags


@kernel
def sum_lanes(bounds: Bounds, scratch: ThreadScratch, them: int, word: int) -> int:
    """Sum one partner's rows over 64 lanes; flag those who reach their limit."""
    scratch.counts[SUMMED] += 64
    return pass_lanes(
        scratch.packed,
        word * bounds.height * 64,
        bounds.rows,
        them * bounds.groups,
        bounds.groups,
        scratch.limits,
        word * 64,
        scratch.sums,
    )


@kernel
def worth_lanes(tables: ScoreTables, scratch: ThreadScratch, k: int, word: int, most: float) -> int:
    """Flag those of 64 lanes whose sum is enough for the score they must reach with one partner, who is satisfied at
    most so much."""
    return pass_most(
        scratch.sums,
        most,
        scratch.own,
        scratch.held,
        scratch.per,
        scratch.lowered,
        word * 64,
        LANES + k,
        tables.overlap.step,
    )


@kernel
def sum_back(
    tables: ScoreTables,
    query: PairQuery,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
    k: int,
    word: int,
    flags: int,
) -> int:
    """Step B: of the lanes left, keep those who may satisfy the partner enough, and both together."""
    them = screen.order[other * LANES + k]
    least = own_limit(tables, query, them)
    flags &= back_sums(tables.bounds, scratch, screen, block, word, them, least, flags)
    if flags != 0 and wants_a_score(tables, query):
        flags &= pass_scores(
            scratch.sums,
            scratch.backs,
            scratch.own,
            scratch.held,
            scratch.per,
            scratch.lowered,
            word * 64,
            LANES + k,
            tables.overlap.step,
        )
    if flags != 0 and query.test == BLOCKS:
        flags &= pass_both(
            scratch.sums,
            scratch.backs,
            scratch.own,
            scratch.held,
            scratch.per,
            scratch.lowered,
            word * 64,
            LANES + k,
            tables.overlap.step,
        )
    return flags


@kernel
def look_up(
    bounds: Bounds,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    word: int,
    them: int,
    least: int,
    flags: int,
) -> int:
    """Sum the partner's bounds of 64 lanes at once, whichever are flagged; flag those who reach `least`."""
    pieces = bounds.pieces
    if scratch.coded_block[0] != block:
        scratch.coded_block[0] = block
        transpose(pieces.codes, pieces.width, screen, block, scratch.codes)
    return pass_looked_up(
        bounds.table,
        them * bounds.height,
        pieces.first,
        pieces.single,
        len(pieces.first),
        scratch.codes,
        word * pieces.width * 64,
        least,
        scratch.backs,
    )


@kernel
def sum_back_each(
    bounds: Bounds,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    word: int,
    them: int,
    least: int,
    flags: int,
) -> int:
    """The same for the flagged lanes, one after another, for machines that cannot look up 64."""
    left = flags
    while left != 0:
        lane = first_one(left)
        total = bound_of(bounds, them, screen.order[block * LANES + word * 64 + lane])
        scratch.backs[lane] = max(total, -1)
        if total < least:
            flags ^= left & -left
        left &= left - 1
    return flags


back_sums = look_up if _LOOKS_UP else sum_back_each


@kernel
def examine_pair(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
    lane: int,
    partner: int,
) -> None:
    """Examine a single pair: by both bounds, less lacking common values, less unmet wishes for sets, then exactly.

    A pair that an earlier scan returned is left out: those are judged by themselves.
    """
    me = screen.order[block * LANES + lane]
    them = screen.order[other * LANES + partner]
    there = scratch.sums[lane % 64]
    back = scratch.backs[lane % 64]
    most_there = there * BASIS_POINTS
    most_back = back * BASIS_POINTS
    wanted = required_worth(query, top, scratch.required, me, them, lane, partner)
    if cannot_qualify(tables, query, me, them, most_there, most_back, wanted):
        return
    lost_there = shared_loss(tables.sets, me, them)
    lost_back = shared_loss(tables.sets, them, me)
    rate_there = BASIS_POINTS * tables.per_weight[me]
    rate_back = BASIS_POINTS * tables.per_weight[them]
    most_there += 1e-6  # for the rounding of these products
    most_back += 1e-6
    if cannot_qualify(
        tables, query, me, them, most_there - lost_there * rate_there, most_back - lost_back * rate_back, wanted
    ):
        return
    scratch.counts[EXAMINED] += 1
    lost_there += wish_loss(tables.sets, me, them)
    lost_back += wish_loss(tables.sets, them, me)
    if max(lost_there, lost_back) >= REFUSAL or cannot_qualify(
        tables, query, me, them, most_there - lost_there * rate_there, most_back - lost_back * rate_back, wanted
    ):
        return
    if has_pair(screen.returned, tables.place[me], tables.place[them]):
        return
    scratch.counts[SCORED] += 1
    one_way = satisfaction(tables, me, them, lost_there)
    other_way = satisfaction(tables, them, me, lost_back)
    if min(one_way, other_way) >= tables.floor:
        offer_pair(tables, query, top, scratch.counts, me, them, one_way, other_way)


@kernel
def shared_loss(sets: Sets, me: int, them: int) -> int:
    """By how much my bound overestimates the affinities for common values, weighted; 0 for a set unknown of either."""
    loss = 0
    for k in range(sets.many):
        mine = sets.own[me * sets.many + k]
        theirs = sets.own[them * sets.many + k]
        held = count_ones(mine)
        other = count_ones(theirs)
        most = held if other >= sets.last[k] else min(held, other)
        loss += sets.shared[k * 65 + most] - sets.shared[k * 65 + count_ones(mine & theirs)]
    return loss


@kernel
def wish_loss(sets: Sets, me: int, them: int) -> int:
    """By how much my bound overestimates my wishes for their sets, weighted; at least REFUSAL when I refuse one."""
    loss = 0
    for k in range(sets.many):
        at = me * sets.many + k
        theirs = sets.own[them * sets.many + k]
        if theirs != 0 and sets.wish[at] != 0:
            common = count_ones(sets.accepts[at] & theirs)
            if common < sets.wanted[at]:
                loss += sets.wish[at] * (FULL - FULL * common // sets.wanted[at])
            if common == 0 and sets.must[at]:
                loss += REFUSAL
    return loss


@kernel
def satisfaction(tables: ScoreTables, me: int, them: int, loss: int) -> int:
    """The specification's satisfaction; -1 when I refuse them. `loss`: what my bound overestimates of their sets."""
    facts = tables.facts
    total = sum_rows(facts.exact, me * facts.height, facts.rows, them * facts.many, facts.many)
    total += facts.exact[me * facts.height + tables.sets.row[them]] - loss
    return total // tables.weight[me] if total >= 0 else -1
