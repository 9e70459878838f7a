"""Pairs of places, looked up by their lower place: few steps, and few places in memory."""

from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.table_kernels import Array


class PlacePairs(NamedTuple):
    """For each place the higher places it forms a pair with, ascending, from ``start[place]`` on."""

    start: Array  # int64[places + 1]
    higher: Array  # int32[pairs]


def place_pairs(keys: Array, places: int) -> PlacePairs:
    """The pairs of places a < b, given as keys ``a * places + b``: int64, ascending, each once."""
    start = np.searchsorted(keys, np.arange(places + 1, dtype=np.int64) * places)
    return PlacePairs(start.astype(np.int64), (keys % max(places, 1)).astype(np.int32))


@kernel
def has_pair(pairs: PlacePairs, one: int, other: int) -> bool:
    """Whether two places are one of the pairs."""
    if len(pairs.higher) == 0:
        return False
    low = min(one, other)
    high = max(one, other)
    first = pairs.start[low]
    last = pairs.start[low + 1]
    while first < last:
        middle = (first + last) // 2
        if pairs.higher[middle] < high:
            first = middle + 1
        else:
            last = middle
    return first < pairs.start[low + 1] and pairs.higher[first] == high
