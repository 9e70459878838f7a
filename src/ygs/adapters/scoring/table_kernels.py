"""The kernels that fill a market's tables, block by block: the specification's fits, once per person and code."""

from math import ceil
from typing import Any, NamedTuple

from numpy.typing import NDArray

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.simd_loop import LANES, count_ones
from ygs.domain.matching.fit import NEIGHBOUR_FIT
from ygs.domain.matching.wishes import FULL

Array = NDArray[Any]

# Subtracted from an exact entry whose wish refuses. It exceeds all fits of a person together (28 wishes of 9 and 28
# affinities of 100, times 10,000, is 30.5 million), so a sum below 0 means a refusal; and 28 of them still fit 32 bits.
REFUSAL = 1 << 26
# A bound that refuses. Sums saturate at -32768, and all else in a sum is at most UNITS * FULL and one unit of rounding
# for each group: a refused sum ends below 0 whatever it was before and whatever comes after.
BOUND_REFUSAL = -(1 << 15)
UNITS = 3  # Per basis point; the most for which UNITS * FULL fits into 16 bits.
BASIS_POINTS = 1 / UNITS  # in a unit; a product is faster than a quotient


class Wishes(NamedTuple):
    """Everybody's wishes for one attribute, in the order of the blocks."""

    weight: Array  # int32; 0 for none
    must: Array  # bool
    low: Array  # int32
    high: Array  # int32
    accepts: Array  # int64


class Scale(NamedTuple):
    """The comparison of one attribute: by wishes (`ordinal`, `slack`, `near`) and by an affinity with a `weight`."""

    size: int
    ordinal: bool
    slack: int
    near: Array  # int64 masks per code: the values next to it
    weight: int
    span: int
    unknown_fit: int
    strict: bool


class Sets(NamedTuple):
    """Everybody's sets, and the most that a partner's sets could contribute."""

    row: Array  # int32[people]: a partner's row in the exact table for the most that their sets could contribute
    own: Array  # int64[people * many]: masks
    accepts: Array  # int64[people * many]: masks
    wanted: Array  # int32[people * many]: how many accepted values fit fully
    wish: Array  # int32[people * many]: the wish's weight
    must: Array  # bool[people * many]
    shared: Array  # int32[many * 65]: weighted fit of the affinity at so many values in common
    shared_unknown: Array  # int32[many]
    last: Array  # int64[many]: the last bucket, of those who hold so many values or more
    many: int
    unknown_fit: int
    strict: bool


@kernel
def falling(steps: int, span: int) -> int:
    """As `ygs.domain.matching.fit.falling`."""
    if steps == 0:
        return FULL
    return FULL - FULL * steps // span if steps < span else 0


@kernel
def category_fit(accepts: int, code: int, near: Array) -> int:
    """As `ygs.domain.matching.fit.fit` for a category."""
    if (accepts >> (code - 1)) & 1:
        return FULL
    return NEIGHBOUR_FIT if accepts & near[code] else 0


@kernel
def wish_term(wishes: Wishes, scale: Scale, person: int, code: int) -> int:
    """A wish's weighted fit with a code, less REFUSAL when it refuses."""
    weight = wishes.weight[person]
    if weight == 0:
        return 0
    if code == 0:
        refused = scale.strict and wishes.must[person]
        return weight * scale.unknown_fit - (REFUSAL if refused else 0)
    if scale.ordinal:
        steps = max(wishes.low[person] - code, code - wishes.high[person], 0)
        fit = falling(steps, scale.slack)
    else:
        fit = category_fit(wishes.accepts[person], code, scale.near)
    return weight * fit - (REFUSAL if fit == 0 and wishes.must[person] else 0)


@kernel
def affinity_term(scale: Scale, own: int, code: int) -> int:
    """The affinity's weighted fit between a person's own code and another."""
    if scale.weight == 0:
        return 0
    if own == 0 or code == 0:
        return scale.weight * scale.unknown_fit
    if scale.ordinal:
        return scale.weight * falling(abs(own - code), scale.span)
    return scale.weight * category_fit(1 << (own - 1), code, scale.near)


@kernel
def fill_attribute(
    exact: Array, height: int, row: int, scale: Scale, wishes: Wishes, own: Array, first: int, last: int
) -> None:
    """Fill the rows, from `row`, of one attribute's codes, in the blocks from `first` to `last`."""
    for person in range(first * LANES, last * LANES):
        for code in range(scale.size + 1):
            term = wish_term(wishes, scale, person, code) + affinity_term(scale, own[person], code)
            exact[person * height + row + code] = term


@kernel
def fill_sets(
    exact: Array, height: int, row: int, sets: Sets, buckets: Array, base: Array, first: int, last: int
) -> None:
    """Fill the rows, from `row`, of the most that a partner's sets could contribute, per combination of `buckets`.

    A set's bucket is 0 when unknown, else how many values it holds, the last one meaning that many or more.
    """
    for person in range(first * LANES, last * LANES):
        for combination in range(height - row):
            exact[person * height + row + combination] = base[person] + set_most(sets, buckets, person, combination)


@kernel
def set_most(sets: Sets, buckets: Array, person: int, combination: int) -> int:
    """The most that the sets of a partner in one combination of buckets could contribute; below 0 when refused."""
    total = 0
    for k in range(sets.many):
        bucket = combination % buckets[k]
        combination //= buckets[k]
        at = person * sets.many + k
        if bucket == 0:
            refused = sets.strict and sets.must[at]
            total += sets.wish[at] * sets.unknown_fit - (REFUSAL if refused else 0)
        else:
            total += sets.wish[at] * FULL
        held = count_ones(sets.own[at])
        if bucket == 0 or held == 0:
            total += sets.shared_unknown[k]
        else:
            total += sets.shared[k * 65 + (held if bucket == buckets[k] - 1 else min(held, bucket))]
    return total


@kernel
def fill_bounds(
    bound: Array, members: Array, exact: Array, height: int, per_weight: Array, first: int, last: int
) -> None:
    """Fill the bound rows: each is the sum of its `members` (exact rows, -1 for none), times the person's `per_weight`.

    The sum is rounded up, with a margin for the rounding of the division.
    """
    for person in range(first * LANES, last * LANES):
        for row in range(len(members)):
            total = 0
            refused = False
            for member in members[row]:
                if member >= 0:
                    entry = exact[person * height + member]
                    refused |= entry < 0
                    total += entry
            value = BOUND_REFUSAL if refused else ceil(total * per_weight[person] * (1 + 1e-12))
            bound[person * len(members) + row] = value


@kernel
def add_terms(
    total: Array, refused: Array, bit: int, scale: Scale, wishes: Wishes, own: Array, code: int, first: int, last: int
) -> None:
    """Add the weighted fit of one code of one attribute to each person's `total`; set `bit` for those who refuse it."""
    for person in range(first * LANES, last * LANES):
        term = wish_term(wishes, scale, person, code)
        if term < 0:
            term += REFUSAL
            refused[person] |= 1 << bit
        total[person] += term + affinity_term(scale, own[person], code)
