"""The kernel that scans a tile, the 65,536 pairs of two blocks: bounds for most pairs, exact scores for a few.

Pairs that something rules out without their satisfactions are left out first (`possible_pairs`). Then a tile takes
three steps. (A) For each partner in the other block, bounds of 64 people of this block at once, as one vector sum per
group of attributes; people below their limit are out. (B) The same the other way round for the pairs that are left, and
with the mean of both ways. Where few are left, their bounds are summed pair by pair instead. After either step the
mutual score that the bounds allow is compared with what it must be, less what the two lack in common values. (C) Each
pair that remains both ways is examined alone: by both bounds together, with all common values counted, then the sets
are compared, then the exact integers of the specification are computed. Bounds are never below the exact satisfaction
or chance and limits never above what the query requires, so no step loses a pair.
"""

from ygs.adapters.jit import instructions, kernel
from ygs.adapters.scoring.possible_pairs import drop_hopeless, mark_possible, tile_is_ruled_out
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.pruning_limits import (
    ROWS,
    ThreadScratch,
    cannot_qualify,
    required_at_first,
    required_worth,
    set_limits,
    set_required_worths,
    wants_a_score,
)
from ygs.adapters.scoring.returned_pairs import is_returned
from ygs.adapters.scoring.score_tables import Bounds, ScoreTables
from ygs.adapters.scoring.simd_loop import (
    LANES,
    TRANSPOSED,
    WORDS,
    count_ones,
    fetch,
    first_one,
    pack_lanes,
    pass_both,
    pass_lanes,
    pass_most,
    pass_scores,
    raise_lanes,
    sum_rows,
)
from ygs.adapters.scoring.table_kernels import REFUSAL, UNITS, Array, Sets
from ygs.adapters.scoring.top_partners import (
    BEST,
    EXAMINED,
    SCORED,
    SUMMED,
    PairQuery,
    TopPartners,
    offer_pair,
)
from ygs.domain.matching.wishes import FULL

# Up to so many pairs, summing each alone takes less time than vectors: of a tile, of 64 lanes, and the second way of a
# tile, when the other person's whole row of bounds is at hand.
_FEW = 128
_FEW_LANES = 2
_FEW_BACK = 2_048 if instructions() == "AVX-512" else 8_192
_AHEAD = 6  # Pairs summed while the bounds of the next are fetched.
_TOP = -(1 << 63)


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
    scratch.packed_block[:] = -1
    scratch.required_of[0] = -1
    for block in range(first, last):
        scratch.greatest[:] = -1
        for other in range(max(low, block) if first == low else low, high):
            if not tile_is_ruled_out(screen, block, other):
                if scratch.required_of[0] != block or query.test == BEST:
                    scratch.required_of[0] = block
                    set_required_worths(tables, query, top, scratch, screen, block, 0)
                tile(tables, query, top, scratch, screen, block, other, 1 + other - low)
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
    slot: int,
) -> None:
    """Scan every pair of two blocks, which may be the same; `slot`: where `other` is packed.

    What the people of `block` must be worth is set already.
    """
    many = mark_possible(scratch, screen, block, other)
    if many == 0:
        return
    set_required_worths(tables, query, top, scratch, screen, other, 1)
    if tables.worth.by_chance:
        many = min(many, drop_hopeless(tables, query, scratch, screen, block, other))
    alone = many <= _FEW
    if not alone:
        set_limits(tables, query, scratch, screen, block, 0)
        pack(tables, scratch, screen, block, 0)
    many = sum_first(tables, query, scratch, screen, block, other, alone)
    dense = many > _FEW_BACK
    if dense:
        set_limits(tables, query, scratch, screen, other, 1)
        pack(tables, scratch, screen, other, slot)
        for back in range(WORDS):
            for word in range(WORDS):
                sum_back(tables, query, scratch, screen, block, word, back, slot)
        examine_dense(tables, query, top, scratch, screen, block, other)
    else:
        examine_sparse(tables, query, top, scratch, screen, block, other)


@kernel
def bound_of(bounds: Bounds, me: int, them: int) -> int:
    """The bound of my satisfaction with them, as in the vector loop; below 0 when I refuse them."""
    return sum_rows(bounds.table, me * bounds.height, bounds.rows, them * bounds.groups, bounds.groups)


@kernel
def pack(tables: ScoreTables, scratch: ThreadScratch, screen: Screen, block: int, slot: int) -> None:
    """Bring a block's bounds into the order of the vector loop, unless they are there already."""
    if scratch.packed_block[slot] == block:
        return
    scratch.packed_block[slot] = block
    height = tables.bounds.height
    for lane in range(0, LANES, TRANSPOSED):
        target = slot * height * LANES + lane // 64 * height * 64 + lane % 64
        for row in range(0, height, TRANSPOSED):
            pack_lanes(
                tables.bounds.table,
                height,
                row,
                screen.order,
                block * LANES + lane,
                scratch.packed,
                target + row * 64,
            )


@kernel
def sum_first(
    tables: ScoreTables,
    query: PairQuery,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
    alone: bool,
) -> int:
    """Step A: flag the people of the first block whom each partner of `other` may satisfy enough; returns how many."""
    few = 0
    for at in range(LANES * WORDS):
        flags = scratch.possible[at]
        if flags != 0 and (alone or count_ones(flags) <= _FEW_LANES):
            few = list_pairs(scratch.pairs, few, flags, at * 64)
            flags = 0
        scratch.bits[at] = flags
    many = 0
    by_score = wants_a_score(tables, query)
    for word in range(WORDS):
        for k in range(LANES):
            flags = scratch.bits[k * WORDS + word]
            if flags != 0:
                flags &= sum_lanes(tables, scratch, screen.order[other * LANES + k], k, word)
                if query.test == BEST:
                    raise_lanes(scratch.sums, k * LANES + word * 64, scratch.greatest, word * 64)
                if by_score and flags != 0:
                    flags &= worth_lanes(tables, scratch, k, word, screen.greatest[other * LANES + k])
                scratch.bits[k * WORDS + word] = flags
                many += count_ones(flags)
    return many + sum_alone(tables, query, scratch, screen, block, other, few)


@kernel
def list_pairs(pairs: Array, many: int, flags: int, first: int) -> int:
    """Add the pairs of 64 that are flagged, as numbers from `first` on, to a list of `many`; returns its new length.

    Three are written always, whether so many are flagged or not: a processor cannot guess how many are.
    """
    last = many + count_ones(flags)
    for k in range(3):
        pairs[many + k] = first + first_one(flags | _TOP)
        flags &= flags - 1
    many += 3
    while flags != 0:
        pairs[many] = first + first_one(flags)
        many += 1
        flags &= flags - 1
    return last


@kernel
def sum_alone(
    tables: ScoreTables,
    query: PairQuery,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
    many: int,
) -> int:
    """Sum each listed pair alone, and flag those that may qualify; returns how many.

    No sum waits for a decision about another pair, so that the processor reads the rows of several at once.
    """
    scratch.counts[SUMMED] += many
    if query.test == BEST:
        raise_alone(tables.bounds, scratch, screen, block, other, many)
    sum_back_alone(tables.bounds, scratch, screen, block, other, many)
    many = keep_sufficient(tables, query, scratch, screen, block, other, many)
    sum_there_alone(tables.bounds, scratch, screen, block, other, many)
    kept = 0
    for i in range(many):
        pair = scratch.pairs[i]
        if scratch.sums[pair] >= 0:
            scratch.bits[pair // 64] |= 1 << pair % 64
            kept += 1
    return kept


@kernel
def raise_alone(bounds: Bounds, scratch: ThreadScratch, screen: Screen, block: int, other: int, many: int) -> None:
    """Raise the lanes' greatest sums to those of the listed pairs."""
    sum_there_alone(bounds, scratch, screen, block, other, many)
    for i in range(many):
        lane = scratch.pairs[i] % LANES
        scratch.greatest[lane] = max(scratch.greatest[lane], scratch.sums[scratch.pairs[i]])


@kernel
def sum_back_alone(bounds: Bounds, scratch: ThreadScratch, screen: Screen, block: int, other: int, many: int) -> None:
    """Sum the listed pairs' second way, each by itself, into `backs`."""
    for i in range(-_AHEAD, many):
        if i + _AHEAD < many:
            fetch_bounds(bounds, screen.order[other * LANES + scratch.pairs[i + _AHEAD] // LANES])
        if i >= 0:
            me = screen.order[block * LANES + scratch.pairs[i] % LANES]
            them = screen.order[other * LANES + scratch.pairs[i] // LANES]
            scratch.backs[i] = bound_of(bounds, them, me)


@kernel
def sum_there_alone(bounds: Bounds, scratch: ThreadScratch, screen: Screen, block: int, other: int, many: int) -> None:
    """Sum the listed pairs' first way, each by itself, into `sums`."""
    for i in range(-_AHEAD, many):
        if i + _AHEAD < many:
            fetch_bounds(bounds, screen.order[block * LANES + scratch.pairs[i + _AHEAD] % LANES])
        if i >= 0:
            me = screen.order[block * LANES + scratch.pairs[i] % LANES]
            them = screen.order[other * LANES + scratch.pairs[i] // LANES]
            scratch.sums[scratch.pairs[i]] = bound_of(bounds, me, them)


@kernel
def keep_sufficient(
    tables: ScoreTables,
    query: PairQuery,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
    many: int,
) -> int:
    """Keep the listed pairs whose second way may suffice, if the first is full; returns how many."""
    left = 0
    for i in range(many):
        pair = scratch.pairs[i]
        back = scratch.backs[i]
        scratch.pairs[left] = pair
        lane = pair % LANES
        partner = pair // LANES
        if back >= 0 and not falls_short(
            tables, query, scratch, screen, block, other, lane, partner, FULL, back / UNITS
        ):
            left += 1
    return left


@kernel
def fetch_bounds(bounds: Bounds, person: int) -> None:
    """Fetch a person's bounds while others are summed."""
    fetch(bounds.table, person * bounds.height, bounds.height)


@kernel
def sum_lanes(tables: ScoreTables, scratch: ThreadScratch, them: int, k: int, word: int) -> int:
    """Sum one partner's rows over 64 lanes; flag those who reach their limit."""
    bounds = tables.bounds
    scratch.counts[SUMMED] += 64
    return pass_lanes(
        scratch.packed,
        word * bounds.height * 64,
        bounds.rows,
        them * bounds.groups,
        bounds.groups,
        scratch.limits,
        word * 64,
        scratch.partners[k],
        scratch.partners[LANES + k],
        scratch.sums,
        k * LANES + word * 64,
    )


@kernel
def worth_lanes(tables: ScoreTables, scratch: ThreadScratch, k: int, word: int, most: float) -> int:
    """Flag those of 64 lanes whose sum is enough for the score they must reach with one partner, who is satisfied at
    most so much."""
    return pass_most(
        scratch.sums,
        k * LANES + word * 64,
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
    word: int,
    back: int,
    slot: int,
) -> None:
    """Step B for the `word`-th 64 of the first block and the `back`-th 64 of the second: of the pairs left, flag those
    that may satisfy the partner enough, and whose mean with the first way is high enough."""
    for k in range(64):
        scratch.square[k] = scratch.bits[(back * 64 + k) * WORDS + word]
    transpose_bits(scratch.square)
    for row in range(0, 64, TRANSPOSED):
        for column in range(0, 64, TRANSPOSED):
            pack_lanes(
                scratch.sums,
                LANES,
                word * 64 + column,
                scratch.every,
                back * 64 + row,
                scratch.transposed,
                column * 64 + row,
            )
    bounds = tables.bounds
    base = (slot * WORDS + back) * bounds.height * 64
    by_score = wants_a_score(tables, query)
    for k in range(64):
        flags = scratch.square[k]
        lane = word * 64 + k
        if flags != 0:
            flags &= pass_both(
                scratch.packed,
                base,
                bounds.rows,
                screen.order[block * LANES + lane] * bounds.groups,
                bounds.groups,
                scratch.limits,
                ROWS * LANES + back * 64,
                scratch.partners[2 * LANES + lane],
                scratch.partners[3 * LANES + lane],
                scratch.sums,
                (LANES + lane) * LANES + back * 64,
                scratch.transposed,
                k * 64,
            )
            if by_score and flags != 0:
                flags &= pass_scores(
                    scratch.sums,
                    (LANES + lane) * LANES + back * 64,
                    scratch.transposed,
                    k * 64,
                    scratch.own,
                    scratch.held,
                    scratch.per,
                    scratch.lowered,
                    LANES + back * 64,
                    lane,
                    tables.overlap.step,
                )
        scratch.square[k] = flags
    transpose_bits(scratch.square)
    for k in range(64):
        scratch.bits[(back * 64 + k) * WORDS + word] = scratch.square[k]


@kernel
def examine_dense(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
) -> None:
    """Step C where both ways are summed: 64 lanes at a time, whose tables then stay in the second-level cache."""
    for at in range(LANES * WORDS):
        word = at // LANES
        partner = at % LANES
        flags = scratch.bits[partner * WORDS + word]
        while flags != 0:
            lane = word * 64 + first_one(flags)
            flags &= flags - 1
            there = scratch.sums[partner * LANES + lane]
            back = scratch.sums[(LANES + lane) * LANES + partner]
            examine_pair(tables, query, top, scratch, screen, block, other, lane, partner, there, back)


@kernel
def examine_sparse(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
) -> None:
    """Step C where the second way is yet to be summed: partner by partner, whose bounds are then read once.

    First all sums, then what follows from them: see `sum_alone`.
    """
    many = 0
    for partner in range(LANES):
        before = many
        for at in range(partner * WORDS, (partner + 1) * WORDS):
            if scratch.bits[at] != 0:
                many = list_pairs(scratch.pairs, many, scratch.bits[at], at * 64)
        if many > before:
            fetch_bounds(tables.bounds, screen.order[other * LANES + partner])
    for i in range(many):
        me = screen.order[block * LANES + scratch.pairs[i] % LANES]
        them = screen.order[other * LANES + scratch.pairs[i] // LANES]
        scratch.backs[i] = bound_of(tables.bounds, them, me)
    for i in range(many):
        lane = scratch.pairs[i] % LANES
        partner = scratch.pairs[i] // LANES
        there = scratch.sums[scratch.pairs[i]]
        back = scratch.backs[i]
        if back >= 0 and not falls_short(
            tables, query, scratch, screen, block, other, lane, partner, there / UNITS, back / UNITS
        ):
            examine_pair(tables, query, top, scratch, screen, block, other, lane, partner, there, back)


@kernel
def falls_short(
    tables: ScoreTables,
    query: PairQuery,
    scratch: ThreadScratch,
    screen: Screen,
    block: int,
    other: int,
    lane: int,
    partner: int,
    there: float,
    back: float,
) -> bool:
    """Whether a pair with at most these satisfactions, less what it lacks in common values, cannot qualify."""
    common = count_ones(scratch.own[lane] & scratch.own[LANES + partner])
    held = min(scratch.held[lane], scratch.held[LANES + partner])
    lacking = max(held - tables.overlap.step * common, 0.0)
    me = screen.order[block * LANES + lane]
    them = screen.order[other * LANES + partner]
    there -= lacking * scratch.per[lane]
    back -= lacking * scratch.per[LANES + partner]
    wanted = required_at_first(query, scratch.required, lane, partner)
    return cannot_qualify(tables, query, me, them, there, back, wanted)


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
    screen: Screen,
    block: int,
    other: int,
    lane: int,
    partner: int,
    there: int,
    back: int,
) -> None:
    """Examine a single pair: by both bounds, with common values counted, with the sets compared, then exactly."""
    me = screen.order[block * LANES + lane]
    them = screen.order[other * LANES + partner]
    most_there = there / UNITS
    most_back = back / UNITS
    wanted = required_worth(query, top, scratch.required, me, them, lane, partner)
    if cannot_qualify(tables, query, me, them, most_there, most_back, wanted):
        return
    most_there -= shared_loss(tables.sets, me, them) * tables.per_weight[me] / UNITS - 1e-6
    most_back -= shared_loss(tables.sets, them, me) * tables.per_weight[them] / UNITS - 1e-6
    if cannot_qualify(tables, query, me, them, most_there, most_back, wanted):
        return
    scratch.counts[EXAMINED] += 1
    mine = set_terms(tables.sets, me, them)
    theirs = set_terms(tables.sets, them, me)
    if mine < 0 or theirs < 0:
        return
    most_there = tighter_bound(tables, me, them, there, mine)
    most_back = tighter_bound(tables, them, me, back, theirs)
    if min(most_there, most_back) < tables.floor:
        return
    if cannot_qualify(tables, query, me, them, most_there, most_back, wanted):
        return
    scratch.counts[SCORED] += 1
    one_way = satisfaction(tables, me, them, mine)
    other_way = satisfaction(tables, them, me, theirs)
    if min(one_way, other_way) >= tables.floor:
        offer_new(tables, query, top, scratch.counts, screen, me, them, one_way, other_way)


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
    """Offer a compatible pair, unless it is judged with those that earlier scans returned."""
    if len(screen.returned):
        low = min(tables.place[one], tables.place[other])
        if is_returned(screen.returned, low * screen.many + max(tables.place[one], tables.place[other])):
            return
    offer_pair(tables, query, top, counts, one, other, there, back)


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
            common = count_ones(sets.accepts[at] & theirs)
            fit = FULL if common >= sets.wanted[at] else FULL * common // sets.wanted[at]
            total += sets.wish[at] * fit
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
    total = sum_rows(facts.exact, me * facts.height, facts.rows, them * facts.many, facts.many)
    total += tables.base[me] + terms
    return total // tables.weight[me] if total >= 0 else -1
