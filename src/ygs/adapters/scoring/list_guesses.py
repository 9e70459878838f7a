"""Guesses at lists of best partners before they are filled: what the weakest entry of each will be worth.

While a person's list fills, 150 partners are scored of whom a dozen remain; with a guess that is a little too low it is
60. A guess is linear in three numbers of a person, fitted to a few people whose lists were searched before, and lowered
until it is too high for few of them. A guess that was too high leaves a list that is not full, which is then searched
without one. So what is found does not depend on guesses.
"""

from collections.abc import Sequence

import numpy as np

from ygs.adapters.scoring.score_tables import GenderClass, ScoreTables
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.top_partners import COMPLETE, NOBODY, TopPartners

LEAST_PEOPLE = 64 * LANES  # In a smaller class, searching for a few takes longer than guesses save.
_FEW = LANES  # of each class
_TOO_HIGH = 0.03  # of the few
_FULL = 0.9  # of the few must have full lists, or too many would be searched again
_CHUNK = 4_096  # people whose table entries are floats at once: seven megabytes
_SAMPLE = 16  # every so many of the partners stand for all


def few_of(classes: Sequence[GenderClass], people: int) -> Array:
    """A few of each class that is large enough, evenly chosen: a flag for each position in the tables."""
    few = np.zeros(people, np.bool_)
    for one in classes:
        if len(one.places) >= LEAST_PEOPLE:
            few[one.positions][np.arange(_FEW) * len(one.places) // _FEW] = True
    return few


def guesses(tables: ScoreTables, classes: Sequence[GenderClass], few: Array, top: TopPartners, most: int) -> Array:
    """The value of the weakest entry that each person's list of `most` will have, or `NOBODY`: int64, by position.

    `top`: the finished lists of the `few`.
    """
    guess = np.full(len(few), NOBODY, np.int64)
    weakest = top.entries.reshape(len(few), most, 2)[:, 0, 0]
    for one in classes:
        people = one.positions
        known = few[people]
        full = known & (top.held[people] == most)
        if full.sum() > _FULL * known.sum():
            numbers = _numbers(tables, people, [other.positions for other in classes if one.suits(other)])
            values = weakest[people][full].astype(float)
            factors = np.linalg.lstsq(numbers[full], values, rcond=None)[0]
            lower = np.quantile(values - numbers[full] @ factors, _TOO_HIGH)
            guess[people] = np.clip(np.floor(numbers @ factors + lower), NOBODY, COMPLETE // 2)
    return guess


def _numbers(tables: ScoreTables, people: slice, partners: Sequence[slice]) -> Array:
    """What a guess is made from, a row for each person: 1, how much they like their partners on average, how much these
    like them, and what common values may count."""
    bounds = tables.bounds
    table = bounds.table[: len(tables.place) * bounds.height].reshape(-1, bounds.height)
    rows = bounds.rows.reshape(-1, bounds.groups)
    held = sum(np.bincount(rows[some].ravel(), minlength=bounds.height) for some in partners)
    liked = np.maximum(np.concatenate([table[some][::_SAMPLE] for some in partners]), 0).mean(axis=0)
    weights = np.asarray(held, np.float32)
    starts = range(people.start, people.stop, _CHUNK)
    chunks = [slice(start, min(start + _CHUNK, people.stop)) for start in starts]
    return np.column_stack(
        [
            np.ones(people.stop - people.start),
            np.concatenate([np.maximum(table[some], 0).astype(np.float32) @ weights for some in chunks]),
            np.concatenate([liked[rows[some]].sum(axis=1) for some in chunks]),
            tables.overlap.held[people] * tables.overlap.per[people],
        ]
    )
