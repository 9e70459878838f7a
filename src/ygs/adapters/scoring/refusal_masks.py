"""Deal-breakers as bits: what each person holds, and what they refuse in a partner.

A bit stands for one code of one attribute. Two people whose masks meet, either way, are no pair. Only the codes that
rule out most pairs have a bit; the tables decide about the others.
"""

from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.score_tables import Facts, Spread
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.table_kernels import Array

BITS = 64
_SAMPLE = 4_096  # People by whom the codes are chosen.


class RefusalMasks(NamedTuple):
    """Per position in the tables, 16 bytes a person."""

    holds: Array  # int64[people]
    refuses: Array  # int64[people]


def refusal_masks(facts: Facts, people: int, spread: Spread) -> RefusalMasks:
    """The masks of the people of these tables."""
    masks = RefusalMasks(np.zeros(people, np.int64), np.zeros(people, np.int64))
    if not people or not facts.many:
        return masks
    own = facts.rows.reshape(people, facts.many)
    refusals = _refusals(facts, own)
    strict = np.argsort(-refusals, kind="stable")[:BITS]
    rows = strict[refusals[strict] > 0].astype(np.int64)
    bit = np.zeros(facts.height, np.int64)
    bit[rows] = 1 << np.arange(len(rows))
    spread(lambda first, last: fill_masks(facts, rows, bit, masks, first, last), people // LANES)
    return masks


def _refusals(facts: Facts, own: Array) -> Array:
    """How many pairs of a sample each row rules out: how many hold it, times how many refuse it."""
    step = max(1, len(own) // _SAMPLE)
    held = np.bincount(own[::step].ravel(), minlength=facts.height)
    refused: Array = (facts.exact.reshape(len(own), facts.height)[::step] < 0).sum(axis=0)
    return held * refused


@kernel
def fill_masks(facts: Facts, rows: Array, bit: Array, masks: RefusalMasks, first: int, last: int) -> None:
    """Fill the masks of the people in the blocks from `first` to `last`.

    Bit k stands for ``rows[k]``; `bit`: of each row, or 0.
    """
    for person in range(first * LANES, last * LANES):
        for k in range(len(rows)):
            if facts.exact[person * facts.height + rows[k]] < 0:
                masks.refuses[person] |= 1 << k
        for own in range(person * facts.many, (person + 1) * facts.many):
            masks.holds[person] |= bit[facts.rows[own]]
