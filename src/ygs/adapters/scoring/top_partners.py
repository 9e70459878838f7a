"""The query of a scan, and each person's strongest partners found so far."""

from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.place_pairs import has_pair
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.worth_tables import pair_worth

BEST, IMPROVES, BLOCKS, BEATS = range(4)
PASSED, SUMMED, EXAMINED, SCORED = range(4)  # Positions in the counts of a scan.

NOBODY = -(1 << 62)  # The value to beat of a list that takes anybody: below every value and threshold.
COMPLETE = 1 << 62  # The value to beat of a list that takes nobody: above every value.


class PairQuery(NamedTuple):
    """The pairs that a scan wants: each person's `most` best, or those that pass one of the port's tests."""

    test: int
    scale: int
    most: int
    counted: bool  # whether all pairs that pass must be counted, and not only the strongest be found
    number: Array  # int64[people]: offsets, or thresholds


class TopPartners(NamedTuple):
    """Each person's strongest partners so far: a heap of `most` entries, the weakest first.

    An entry is two numbers: its value, and the partner, ``place << 32 | my satisfaction << 16 | theirs``.
    """

    entries: Array  # int64[people * most * 2]
    held: Array  # int32[people]
    beat: Array  # int64[people]: the value that a new entry must at least equal; while there is room NOBODY or a guess
    greatest: Array  # int16[people]: of `BEST`, the greatest bound of one's satisfaction as a lane; -1 for none


def empty_top_partners(people: int, most: int) -> TopPartners:
    """Top partners without entries: 16 bytes per person and entry."""
    return TopPartners(
        entries=np.empty(people * most * 2, np.int64),
        held=np.zeros(people, np.int32),
        beat=np.full(people, NOBODY, np.int64),
        greatest=np.full(people, -1, np.int16),
    )


@kernel
def excess_to_beat(query: PairQuery, top: TopPartners, person: int) -> int:
    """The excess that a new partner must at least equal to be counted or to become an entry; for `IMPROVES`."""
    return 0 if query.counted else max(0, top.beat[person])


@kernel
def offer_pair(
    tables: ScoreTables,
    query: PairQuery,
    top: TopPartners,
    counts: Array,
    one: int,
    other: int,
    there: int,
    back: int,
) -> None:
    """Add a compatible pair with these satisfactions to the top partners if it passes the query."""
    worth = pair_worth(tables.worth, one, other, there, back)
    mine = query.number[one]
    theirs = query.number[other]
    if query.test == BEST:
        my_value = worth + theirs
        their_value = worth + mine
        if my_value < top.beat[one] and their_value < top.beat[other]:
            return
    else:
        my_value = their_value = excess(query, mine, theirs, there, back, worth)
        if not passes(query, mine, theirs, there, back, worth):
            return
    if has_pair(tables.barred, tables.place[one], tables.place[other]):
        return
    counts[PASSED] += 1
    if query.most > 0:
        enter(top, query.most, one, my_value, entry(tables.place[other], there, back))
        enter(top, query.most, other, their_value, entry(tables.place[one], back, there))


@kernel
def passes(query: PairQuery, mine: int, theirs: int, there: int, back: int, worth: int) -> bool:
    """Whether the pair passes the port's `Test`."""
    if query.test == IMPROVES:
        return query.scale * worth > mine + theirs
    if query.test == BLOCKS:
        return there > mine and back > theirs
    return worth > mine and worth > theirs


@kernel
def excess(query: PairQuery, mine: int, theirs: int, there: int, back: int, worth: int) -> int:
    """The pair's excess, as in the port's `Test`."""
    if query.test == IMPROVES:
        return query.scale * worth - mine - theirs
    if query.test == BLOCKS:
        return there + back - mine - theirs
    return 2 * worth - mine - theirs


@kernel
def entry(place: int, mine: int, theirs: int) -> int:
    """A partner as one number, which orders by place."""
    return (place << 32) | (mine << 16) | theirs


@kernel
def weaker(value: int, partner: int, other_value: int, other_partner: int) -> bool:
    """Whether the first of two entries ranks behind the second."""
    return value < other_value or (value == other_value and partner > other_partner)


@kernel
def enter(top: TopPartners, most: int, person: int, value: int, partner: int) -> None:
    """Add a partner to a person's entries if there is room, or in place of a weaker one."""
    if value < top.beat[person]:
        return
    entries = top.entries
    first = person * most
    held = top.held[person]
    if held < most:
        top.held[person] = held + 1
        sift_up(entries, first, held, value, partner)
    elif weaker(entries[2 * first], entries[2 * first + 1], value, partner):
        sift_down(entries, first, most, value, partner)
    if top.held[person] == most:
        top.beat[person] = max(top.beat[person], entries[2 * first])


@kernel
def sift_up(entries: Array, first: int, at: int, value: int, partner: int) -> None:
    """Add an entry at the end of a heap and move it up past stronger entries."""
    while at > 0:
        above = 2 * (first + (at - 1) // 2)
        if not weaker(value, partner, entries[above], entries[above + 1]):
            break
        put(entries, first + at, entries[above], entries[above + 1])
        at = (at - 1) // 2
    put(entries, first + at, value, partner)


@kernel
def sift_down(entries: Array, first: int, most: int, value: int, partner: int) -> None:
    """Replace the weakest entry, at the top of a full heap, and move the new one down past weaker entries."""
    at = 0
    below = 1
    while below < most:
        child = 2 * (first + below)
        if below + 1 < most and weaker(entries[child + 2], entries[child + 3], entries[child], entries[child + 1]):
            below += 1
            child += 2
        if not weaker(entries[child], entries[child + 1], value, partner):
            break
        put(entries, first + at, entries[child], entries[child + 1])
        at = below
        below = 2 * below + 1
    put(entries, first + at, value, partner)


@kernel
def put(entries: Array, at: int, value: int, partner: int) -> None:
    """Write one entry."""
    entries[2 * at] = value
    entries[2 * at + 1] = partner
