"""What a question asks of a pair whose scores are known, and each person's list of the strongest found so far."""

from math import sqrt
from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.score_tables import Barred, ScoreTables
from ygs.adapters.scoring.table_kernels import Array

BEST, IMPROVES, BLOCKS, BEATS = range(4)
PASSED, SUMMED, SUMMED_BACK, LOOKED, SCORED = range(5)  # what is counted

NOBODY = -(1 << 62)  # the value to beat of somebody whose list is not full: below every value and every threshold


class PairQuery(NamedTuple):
    """What is looked for: by `test`, each person's `most` best, or the pairs that pass one of the port's tests."""

    test: int
    scale: int
    most: int
    number: Array  # int64[people]: offsets, or thresholds


class TopPartners(NamedTuple):
    """Each person's strongest partners so far: a heap of `most` entries, the weakest first.

    An entry is two numbers side by side: its value, and who it is, ``place << 32 | my satisfaction << 16 | theirs``.
    """

    entries: Array  # int64[people * most * 2]
    held: Array  # int32[people]


def empty_lists(people: int, most: int) -> TopPartners:
    """Nobody found yet: 16 bytes per person and entry."""
    return TopPartners(np.empty(people * most * 2, np.int64), np.zeros(people, np.int32))


@kernel
def to_beat(lists: TopPartners, most: int, person: int) -> int:
    """The value a new partner must at least equal to enter a list."""
    return lists.entries[2 * person * most] if lists.held[person] == most else NOBODY


@kernel
def judge(
    tables: ScoreTables,
    question: PairQuery,
    lists: TopPartners,
    counts: Array,
    one: int,
    other: int,
    there: int,
    back: int,
) -> None:
    """Enter a compatible pair, of these satisfactions, where the question wants it."""
    mutual = int(sqrt(there * back))  # exact: there * back is at most 10**8
    mine, theirs = question.number[one], question.number[other]
    if question.test == BEST:
        my_value, their_value = mutual + theirs, mutual + mine
        if my_value < to_beat(lists, question.most, one) and their_value < to_beat(lists, question.most, other):
            return
    else:
        my_value = their_value = excess(question, mine, theirs, there, back, mutual)
        if not passes(question, mine, theirs, there, back, mutual):
            return
    if barred(tables.barred, tables.place[one], tables.place[other]):
        return
    counts[PASSED] += 1
    if question.most > 0:
        enter(lists, question.most, one, my_value, entry(tables.place[other], there, back))
        enter(lists, question.most, other, their_value, entry(tables.place[one], back, there))


@kernel
def passes(question: PairQuery, mine: int, theirs: int, there: int, back: int, mutual: int) -> bool:
    """As the port's `Test`."""
    if question.test == IMPROVES:
        return question.scale * mutual > mine + theirs
    if question.test == BLOCKS:
        return there > mine and back > theirs
    return mutual > mine and mutual > theirs


@kernel
def excess(question: PairQuery, mine: int, theirs: int, there: int, back: int, mutual: int) -> int:
    """As the port's `Test`."""
    if question.test == IMPROVES:
        return question.scale * mutual - mine - theirs
    if question.test == BLOCKS:
        return there + back - mine - theirs
    return 2 * mutual - mine - theirs


@kernel
def barred(barred: Barred, one: int, other: int) -> bool:
    """Whether two places met before or are kept apart."""
    low, high = min(one, other), max(one, other)
    first, last = barred.start[low], barred.start[low + 1]
    while first < last:
        middle = (first + last) // 2
        if barred.higher[middle] < high:
            first = middle + 1
        else:
            last = middle
    return first < barred.start[low + 1] and barred.higher[first] == high


@kernel
def entry(place: int, mine: int, theirs: int) -> int:
    """A partner as lists hold them: ordered by place."""
    return (place << 32) | (mine << 16) | theirs


@kernel
def weaker(value: int, partner: int, other_value: int, other_partner: int) -> bool:
    """Whether the first of two entries ranks behind the second."""
    return value < other_value or (value == other_value and partner > other_partner)


@kernel
def enter(lists: TopPartners, most: int, person: int, value: int, partner: int) -> None:
    """Put a partner on a person's list, if there is room or a weaker one to drop."""
    entries, first = lists.entries, person * most
    held = lists.held[person]
    if held < most:
        lists.held[person] = held + 1
        rise(entries, first, held, value, partner)
    elif weaker(entries[2 * first], entries[2 * first + 1], value, partner):
        sink(entries, first, most, value, partner)


@kernel
def rise(entries: Array, first: int, at: int, value: int, partner: int) -> None:
    """Enter at the end of a heap and move up past stronger entries."""
    while at > 0:
        above = 2 * (first + (at - 1) // 2)
        if not weaker(value, partner, entries[above], entries[above + 1]):
            break
        put(entries, first + at, entries[above], entries[above + 1])
        at = (at - 1) // 2
    put(entries, first + at, value, partner)


@kernel
def sink(entries: Array, first: int, most: int, value: int, partner: int) -> None:
    """Replace the weakest, at the top of a full heap, and move down past weaker entries."""
    at, below = 0, 1
    while below < most:
        child = 2 * (first + below)
        if below + 1 < most and weaker(entries[child + 2], entries[child + 3], entries[child], entries[child + 1]):
            below += 1
            child += 2
        if not weaker(entries[child], entries[child + 1], value, partner):
            break
        put(entries, first + at, entries[child], entries[child + 1])
        at, below = below, 2 * below + 1
    put(entries, first + at, value, partner)


@kernel
def put(entries: Array, at: int, value: int, partner: int) -> None:
    """Write one entry."""
    entries[2 * at], entries[2 * at + 1] = value, partner
