"""The kernels that flag the pairs of a tile, the 65,536 pairs of two blocks, which nothing rules out so far.

What rules a pair out without its satisfactions: a proof of an earlier scan, a deal-breaker that has a bit, or a chance
that would be too low if both were fully satisfied.
"""

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.pruning_limits import ThreadScratch
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.simd_loop import LANES, WORDS, count_ones, pass_chances, pass_masks, pass_proof
from ygs.adapters.scoring.top_partners import BEST, IMPROVES, PairQuery


@kernel
def mark_possible(scratch: ThreadScratch, screen: Screen, block: int, other: int) -> int:
    """Flag, for each partner in `other`, whom in `block` nothing rules out; returns how many pairs that are."""
    many = 0
    for k in range(LANES):
        partner = other * LANES + k
        if k >= screen.people[other] or is_ruled_out(screen, partner, block):
            for word in range(WORDS):
                scratch.possible[k * WORDS + word] = 0
        else:
            for word in range(WORDS):
                flags = possible_partners(screen, partner, block * LANES + 64 * word)
                flags &= lanes_in_scope(screen, block, other, k, word)
                scratch.possible[k * WORDS + word] = flags
                many += count_ones(flags)
    return many


@kernel
def tile_is_ruled_out(screen: Screen, block: int, other: int) -> bool:
    """Whether some proof rules out every pair of two blocks."""
    blocks = len(screen.people)
    for proof in range(screen.proofs):
        one = proof * blocks + block
        two = proof * blocks + other
        if screen.most_x[one] <= screen.least_y[two] or screen.most_x[two] <= screen.least_y[one]:
            return True
    return False


@kernel
def is_ruled_out(screen: Screen, row: int, other: int) -> bool:
    """Whether some proof rules out every pair of the person at `row` and one of a block."""
    people = len(screen.order)
    for proof in range(screen.proofs):
        at = proof * (people // LANES) + other
        if screen.x[proof * people + row] <= screen.least_y[at] or screen.most_x[at] <= screen.y[proof * people + row]:
            return True
    return False


@kernel
def possible_partners(screen: Screen, row: int, at: int) -> int:
    """A bit for each of the 64 people from `at` on whom nothing rules out for the person at `row`."""
    if screen.refuses[row] & screen.all_hold[at // 64] or screen.holds[row] & screen.all_refuse[at // 64]:
        return 0
    people = len(screen.order)
    if screen.proofs and screen.last_x[at // 64] <= screen.y[(screen.proofs - 1) * people + row]:
        return 0
    flags = -1
    for proof in range(screen.proofs - 1, -1, -1):
        flags &= pass_proof(screen.x, screen.y, proof * people + row, proof * people + at)
        if flags == 0:
            return 0
    return flags & pass_masks(screen.holds, screen.refuses, row, at)


@kernel
def lanes_in_scope(screen: Screen, block: int, other: int, partner: int, word: int) -> int:
    """A bit for each of the 64 lanes who are no padding; of one block only those before the partner, so that each pair
    is looked at once and nobody alone."""
    lanes = min(partner if block == other else LANES, screen.people[block]) - 64 * word
    if lanes >= 64:
        return -1
    return (1 << lanes) - 1 if lanes > 0 else 0


@kernel
def drop_hopeless(
    tables: ScoreTables, query: PairQuery, scratch: ThreadScratch, screen: Screen, block: int, other: int
) -> int:
    """Clear the flags of pairs whose chance could not qualify if both were fully satisfied; returns how many are left.

    `scratch.lowered` must be set. Clears none for tests that are not about one sum.
    """
    worth = tables.worth
    if query.test != BEST and query.test != IMPROVES:
        return LANES * LANES
    for k in range(LANES):
        person = max(screen.order[block * LANES + k], 0)
        scratch.chances[k] = worth.answers[person]
        scratch.chances[LANES + k] = worth.against[person]
        scratch.chances[2 * LANES + k] = worth.unwanted[person]
    many = 0
    for k in range(screen.people[other]):
        partner = screen.order[other * LANES + k]
        pass_chances(
            scratch.chances,
            scratch.lowered,
            worth.answers[partner],
            worth.against[partner],
            worth.unwanted[partner],
            scratch.lowered[LANES + k],
            scratch.lowered[3 * LANES + k],
            scratch.bits,
            0,
        )
        for word in range(WORDS):
            scratch.possible[k * WORDS + word] &= scratch.bits[word]
            many += count_ones(scratch.possible[k * WORDS + word])
    return many
