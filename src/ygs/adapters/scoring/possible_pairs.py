"""The kernels that flag the pairs of a tile, the 65,536 pairs of two blocks, which nothing rules out so far.

What rules a pair out without its satisfactions: a proof of an earlier scan, a deal-breaker that has a bit, or a chance
that would be too low if both were fully satisfied.
"""

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.pruning_limits import ThreadScratch
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.simd_loop import LANES, WORDS, count_ones, first_one, pass_chances, pass_masks, pass_proof


@kernel
def tile_is_ruled_out(screen: Screen, block: int, other: int) -> bool:
    """Whether some proof rules out every pair of two blocks."""
    blocks = len(screen.people)
    for proof in range(screen.proofs):
        one = proof * blocks + block
        two = proof * blocks + other
        if screen.block_x[one] <= screen.block_y[two] or screen.block_x[two] <= screen.block_y[one]:
            return True
    return False


@kernel
def mark_possible(scratch: ThreadScratch, screen: Screen, block: int, other: int) -> int:
    """Flag the pairs of two blocks that nothing rules out; return how many they are.

    Of 64 lanes and 64 partners, only the partners for whom the 64 lanes are not ruled out together are looked at alone.
    """
    scratch.possible[:] = 0
    many = 0
    for word in range(WORDS):
        for part in range(WORDS):
            at = other * LANES + 64 * part
            partners = possible_partners(screen, block * WORDS + word, at) & first_lanes(
                screen.people[other] - 64 * part
            )
            found = 0
            while partners != 0:
                k = 64 * part + first_one(partners)
                flags = possible_lanes(screen, other * LANES + k, block * LANES + 64 * word)
                # Of one block only those before the partner, so that each pair is looked at once and nobody alone.
                flags &= first_lanes(min(k if block == other else LANES, screen.people[block]) - 64 * word)
                if flags != 0:
                    scratch.possible[word * LANES + k] = flags
                    found |= partners & -partners
                    many += count_ones(flags)
                partners &= partners - 1
            scratch.partners[word * WORDS + part] = found
    return many


@kernel
def possible_partners(screen: Screen, group: int, at: int) -> int:
    """A bit for each of the 64 people from `at` on for whom neither a proof nor a deal-breaker rules out a whole group
    of 64."""
    people = len(screen.order)
    flags = pass_masks(screen.all_hold, screen.all_refuse, group, screen.holds, screen.refuses, at)
    for proof in range(screen.proofs):
        if flags != 0:
            row = proof * (people // 64) + group
            flags &= pass_proof(screen.group_x, screen.group_y, row, screen.x, screen.y, proof * people + at)
    return flags


@kernel
def possible_lanes(screen: Screen, row: int, at: int) -> int:
    """A bit for each of the 64 people from `at` on whom neither a proof nor a deal-breaker rules out for the person at
    `row`."""
    people = len(screen.order)
    flags = -1
    for proof in range(screen.proofs):
        flags &= pass_proof(screen.x, screen.y, proof * people + row, screen.x, screen.y, proof * people + at)
        if flags == 0:
            return 0
    return flags & pass_masks(screen.holds, screen.refuses, row, screen.holds, screen.refuses, at)


@kernel
def first_lanes(many: int) -> int:
    """A bit for each of the first so many of 64 lanes."""
    if many >= 64:
        return -1
    return (1 << many) - 1 if many > 0 else 0


@kernel
def drop_hopeless(tables: ScoreTables, scratch: ThreadScratch, screen: Screen, block: int, other: int) -> int:
    """Clear the flags of pairs whose chance could not qualify if both were fully satisfied; return how many are left.

    `scratch.lowered` must be set.
    """
    worth = tables.worth
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
        )
        for word in range(WORDS):
            scratch.possible[word * LANES + k] &= scratch.bits[word]
            many += count_ones(scratch.possible[word * LANES + k])
    return many
