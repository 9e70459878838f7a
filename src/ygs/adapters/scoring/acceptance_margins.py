"""Margins: a wish's part in whether a partner is acceptable, as numbers that add up (see `what_if`)."""

from functools import cache, lru_cache

import numpy as np

from ygs.adapters.scoring.table_kernels import Array
from ygs.domain.matching.attribute import UNKNOWN, Attribute, Kind
from ygs.domain.matching.fit import NEIGHBOUR_FIT, falling, neighbour_mask
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance, Wish

# More than any margin (28 attributes weigh at most 9 + 100 each, times FULL), and 28 times as much still fits an int32.
_REFUSED = 1 << 25
WEIGHTS = np.array([importance.weight for importance in Importance], np.int32)


@lru_cache(maxsize=1 << 14)
def wish_table(wish: Wish, unknown_fit: int, strict: bool, floor: int) -> Array:
    """A wish's margins by code, cached: the same wishes and the same steps from them recur."""
    return wish_margins(wish, np.arange(VOCABULARY[wish.attribute].size + 1), unknown_fit, strict, floor)


def wish_margins(wish: Wish, values: Array, unknown_fit: int, strict: bool, floor: int) -> Array:
    """A wish's margins for these values."""
    fits = fits_of(VOCABULARY[wish.attribute], wish.low, wish.high, wish.accepts, values, unknown_fit)
    must = wish.importance is Importance.MUST
    return margins_of(wish.importance.weight, must, fits, values == UNKNOWN, strict, floor)


def margins_of(
    weight: Array | int, must: Array | bool, fits: Array, unknown: Array | np.bool_, strict: bool, floor: int
) -> Array:
    """The margins of wishes with these weights and fits; less `_REFUSED` for those that refuse."""
    refused = must & np.where(unknown, strict, fits == 0)
    margins: Array = weight * (fits - floor) - refused * _REFUSED
    return margins.astype(np.int32)


def fits_of(
    known: Attribute, low: Array | int, high: Array | int, accepts: Array | int, value: Array, unknown: int
) -> Array:
    """`ygs.domain.matching.fit.fit` of many wishes with one value, or of one wish with many values."""
    if known.kind is Kind.ORDINAL:
        fits = _fall(known.code)[np.maximum(np.maximum(low - value, value - high), 0)]
    elif known.kind is Kind.SET:
        fits = common_fits(accepts & value, np.maximum(low, 1))
    else:
        near = np.where(accepts & _near(known.code)[value], NEIGHBOUR_FIT, 0)
        fits = np.where(accepts >> np.maximum(value - 1, 0) & 1, FULL, near)
    return np.where(value == UNKNOWN, unknown, fits)


def common_fits(common: Array, wanted: Array | int) -> Array:
    """`ygs.domain.matching.fit.common_fit` of the values in common, as masks."""
    fits: Array = FULL * np.minimum(np.bitwise_count(common), wanted).astype(np.int64) // wanted
    return fits


@cache
def _fall(code: str) -> Array:
    """The fit of an ordinal by how many steps it lies outside the wished range."""
    known = VOCABULARY[code]
    return np.array([falling(steps, known.slack) for steps in range(known.size + 1)])


@cache
def _near(code: str) -> Array:
    """The neighbours of each code of a category, as masks; 0 for the unknown code."""
    known = VOCABULARY[code]
    return np.array([0, *(neighbour_mask(known, one) for one in range(1, known.size + 1))])
