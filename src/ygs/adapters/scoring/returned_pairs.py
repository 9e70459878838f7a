"""The pairs that scans returned: no proof binds them, so every later scan judges each of them once, by itself."""

from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.score_tables import ScoreTables
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.top_partners import PairQuery, TopPartners, offer_pair


class ReturnedPairs(NamedTuple):
    """All pairs that scans returned, ascending by key ``a * people + b`` of places a < b: 12 bytes a pair."""

    key: Array  # int64[pairs]
    there: Array  # uint16[pairs]: a's satisfaction
    back: Array  # uint16[pairs]: b's


def no_pairs() -> ReturnedPairs:
    """No pairs at all."""
    nothing = np.zeros(0, np.uint16)
    return ReturnedPairs(np.zeros(0, np.int64), nothing, nothing)


def together(one: ReturnedPairs, other: ReturnedPairs) -> ReturnedPairs:
    """The pairs of both, each once, ascending."""
    at = np.searchsorted(one.key, other.key)
    fresh = np.searchsorted(one.key, other.key, side="right") == at
    columns = zip(one, other, strict=True)
    return ReturnedPairs(*(np.insert(most, at[fresh], more[fresh]) for most, more in columns))


@kernel
def offer_returned(
    tables: ScoreTables, query: PairQuery, top: TopPartners, counts: Array, returned: ReturnedPairs, rank: Array
) -> None:
    """Offer the pairs that earlier scans returned; `rank`: each place's position in the tables."""
    many = len(rank)
    for k in range(len(returned.key)):
        one = rank[returned.key[k] // many]
        other = rank[returned.key[k] % many]
        offer_pair(tables, query, top, counts, one, other, int(returned.there[k]), int(returned.back[k]))
