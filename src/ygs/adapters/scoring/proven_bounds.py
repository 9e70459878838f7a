"""What earlier scans of a market prove about the pairs they did not return, and the screen this makes for the next.

A scan for everybody's best partners proves that a pair it did not return is worth no more than the weakest entry of
either list, less the partner's offset; somebody whose list is not full has no further pair at all. A scan at dual
prices proves of such a pair that its worth is at most the sum of both prices or, where lists are full, exceeds that sum
by no more than the weakest entry of either list. Worth depends on nothing that changes between scans, so a proof holds
for good: at other prices a pair can pass only if both prices together fell by more than the proof leaves.

Each proof thus gives two numbers a person, `x` and `y`: a pair that was not returned can pass only if ``x[a] > y[b]``
and ``x[b] > y[a]``. The numbers are float32, `x` rounded up and `y` down; below 2**24 they are exact. Pairs that were
returned are not bound by the proofs; they are kept, and each scan judges them one by one.

A scan for the best also sums what each person of one class thinks of everybody: nobody satisfies them more than that.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ygs.adapters.scoring.place_pairs import PlacePairs, place_pairs
from ygs.adapters.scoring.refusal_masks import RefusalMasks
from ygs.adapters.scoring.returned_pairs import ReturnedPairs, no_pairs, together
from ygs.adapters.scoring.score_tables import GenderClass, Overlap, view
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.table_kernels import UNITS, Array
from ygs.adapters.scoring.top_partners import BEATS, BEST, BLOCKS, IMPROVES, PairQuery, TopPartners
from ygs.domain.matching.market import Pairs
from ygs.domain.matching.wishes import FULL

_SHARES = 8  # So that 64 neighbours are alike both in the proof and in the deal-breakers that rule out most pairs.
_MOST_PROOFS = 3  # The latest at prices; each costs 16 bytes a person and a comparison a pair.


class Screen(NamedTuple):
    """Who may still form a passing pair: people in an `order` of a scan's own within the blocks of their class.

    All arrays but `order` are in that order. Those of the proofs are flat, proof by proof. In `greatest`, `number`,
    `own`, `held` and `per` padding has the numbers of its block's first person.
    """

    order: Array  # int32[people]: position in the tables; -1 for padding, which comes last in a class
    people: Array  # int32[people // LANES]: how many of each block are no padding
    proofs: int
    x: Array  # float32[proofs * people]
    y: Array  # float32[proofs * people]
    block_x: Array  # float32[proofs * people // LANES]: the greatest x of each block
    block_y: Array  # float32[proofs * people // LANES]: the least y
    group_x: Array  # float32[proofs * people // 64]: the same of each 64 neighbours
    group_y: Array  # float32[proofs * people // 64]
    greatest: Array  # float32[people]: basis points; nobody satisfies them more
    number: Array  # int64[people]: the query's
    own: Array  # int64[people], see `Overlap`
    held: Array  # float32[people]
    per: Array  # float32[people]
    holds: Array  # int64[people], see `RefusalMasks`
    refuses: Array  # int64[people]
    all_hold: Array  # int64[people // 64]: what each 64 neighbours all hold
    all_refuse: Array  # int64[people // 64]
    returned: PlacePairs  # what earlier scans returned, which no proof binds; without proofs no pairs


class _ListProof(NamedTuple):
    """The lists of best partners, per position: whether the list is full, its weakest entry, the person's offset."""

    full: Array  # bool
    weakest: Array  # int64; any number where the list is not full
    offset: Array  # int64


class _PriceProof(NamedTuple):
    """A scan at prices, per position: the threshold, and the excess of the weakest entry of a full list, else 0."""

    scale: int
    threshold: Array  # int64
    excess: Array  # int64


class _Limits(NamedTuple):
    """One proof's `x` and `y` for a query, per position, float64 and already rounded up and down."""

    x: Array
    y: Array


class ProvenBounds:
    """The proofs of one market's scans, and the pairs that these returned."""

    def __init__(self, classes: Sequence[GenderClass], place: Array, many: int, *, by_chance: bool) -> None:
        self.returned = no_pairs()
        self._unbound = place_pairs(self.returned.key, many)
        self._classes = classes
        self._place = place
        self._many = many
        self._by_chance = by_chance
        self._greatest = np.full(len(place), FULL, np.float32)
        self._lists: _ListProof | None = None
        self._prices: list[_PriceProof] = []

    def learn(self, query: PairQuery, top: TopPartners, returned: Pairs) -> None:
        """Keep what a finished scan for `query` proved, and what it returned."""
        if query.most < 1 or query.test not in (BEST, IMPROVES):
            return
        full = top.held == query.most
        weakest = top.entries.reshape(len(full), query.most, 2)[:, 0, 0]
        if query.test == BEST:
            self._lists = _ListProof(full, weakest.copy(), query.number)
            self._greatest = self._greatest_of(top)
        else:
            proof = _PriceProof(query.scale, query.number, np.where(full, weakest, 0))
            self._prices = [*self._prices, proof][-_MOST_PROOFS:]
        self.returned = together(self.returned, self._keyed(returned))
        self._unbound = place_pairs(self.returned.key, self._many)

    def _greatest_of(self, top: TopPartners) -> Array:
        """The most that anybody satisfies each, where a scan summed that for all partners: see `rectangles_of`."""
        greatest = np.full(len(top.greatest), FULL, np.float32)
        for k, one in enumerate(self._classes):
            people = slice(one.first * LANES, one.last * LANES)
            seen = top.greatest[people]
            if not any(one.suits(other) for other in self._classes[: k + 1]):
                greatest[people] = np.where(seen < 0, FULL, np.minimum(seen / UNITS + 0.05, FULL))
        return greatest

    def _keyed(self, pairs: Pairs) -> ReturnedPairs:
        key = view(pairs.a, np.int32).astype(np.int64) * self._many + view(pairs.b, np.int32)
        return ReturnedPairs(key, view(pairs.a_to_b, np.uint16), view(pairs.b_to_a, np.uint16))

    def screen(self, query: PairQuery, masks: RefusalMasks, overlap: Overlap, leading: Array | None = None) -> Screen:
        """The screen for a query; the `leading` people of each class, flagged by position, come first."""
        limits = self._limits(query)
        order = self._ordered(limits, leading)
        person = np.maximum(order, 0)
        real = np.where(order < 0, np.repeat(order[::LANES], LANES), order)
        x = np.array([np.where(order < 0, -np.inf, _rounded_up(each.x)[person]) for each in limits], np.float32)
        y = np.array([np.where(order < 0, np.inf, -_rounded_up(-each.y)[person]) for each in limits], np.float32)
        holds = np.where(order < 0, -1, masks.holds[person])
        refuses = np.where(order < 0, -1, masks.refuses[person])
        return Screen(
            order=order,
            people=(order >= 0).reshape(-1, LANES).sum(axis=1, dtype=np.int32),
            proofs=len(limits),
            x=x.ravel(),
            y=y.ravel(),
            block_x=x.reshape(-1, LANES).max(axis=1),
            block_y=y.reshape(-1, LANES).min(axis=1),
            group_x=x.reshape(-1, 64).max(axis=1),
            group_y=y.reshape(-1, 64).min(axis=1),
            greatest=self._greatest[real],
            number=query.number[real],
            own=overlap.own[real],
            held=overlap.held[real],
            per=overlap.per[real],
            holds=holds,
            refuses=refuses,
            all_hold=np.bitwise_and.reduce(holds.reshape(-1, 64), axis=1),
            all_refuse=np.bitwise_and.reduce(refuses.reshape(-1, 64), axis=1),
            returned=self._unbound if limits else PlacePairs(*(column[:0] for column in self._unbound)),
        )

    def _limits(self, query: PairQuery) -> list[_Limits]:
        """Each proof's limits for a query; the sharpest last."""
        if query.test == BEST:
            return []
        limits = []
        if self._lists and not (query.test == BLOCKS and self._by_chance):
            limits.append(_by_lists(query, self._lists))
        if query.test == IMPROVES:
            limits += [_by_prices(query, proof) for proof in self._prices if proof.scale == query.scale]
        return limits

    def _ordered(self, limits: Sequence[_Limits], leading: Array | None) -> Array:
        """The positions of each class, its padding last: `_SHARES` shares by the sharpest proof's `x`; without proofs
        the `leading` people, then the others. Otherwise as in the tables, where those with the same deal-breakers are
        neighbours."""
        order = np.full(len(self._place), -1, np.int32)
        for one in self._classes:
            people = one.positions
            order[people] = np.arange(people.start, people.stop)
            if limits:
                order[people] = people.start + _by_shares(limits[-1].x[people])
            elif leading is not None:
                order[people] = people.start + np.argsort(~leading[people], kind="stable")
        return order


def _by_shares(x: Array) -> Array:
    """The order by the share that a number belongs to, in shares of equal size by rank, else as it is."""
    share = np.empty(len(x), np.int64)
    share[np.argsort(x, kind="stable")] = np.arange(len(x)) * _SHARES // max(len(x), 1)
    return np.argsort(share, kind="stable")


def _by_lists(query: PairQuery, proof: _ListProof) -> _Limits:
    """A pair not returned is worth at most ``weakest[a] - offset[b]``, and the same the other way round."""
    if query.test == IMPROVES:
        x = _sum_up(query.scale * proof.weakest.astype(float), -query.number.astype(float))
        y = -_sum_up(-query.number.astype(float), -query.scale * proof.offset.astype(float))
    elif query.test == BEATS:
        x = _sum_up(proof.weakest.astype(float), -query.number.astype(float))
        y = -_sum_up(-proof.offset.astype(float))
    else:
        # Both satisfactions must exceed the thresholds, so the pair is worth at least isqrt(y[a] * y[b]).
        y = np.maximum(_sum_up(query.number.astype(float), np.ones(1)) * (1 - 1e-12), 0)
        most = np.maximum(_sum_up(proof.weakest.astype(float), np.full(1, 1.0 - proof.offset.min(initial=0))), 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            x = np.where(most == 0, -np.inf, np.where(y == 0, np.inf, most**2 / y * (1 + 1e-12)))
    return _Limits(np.where(proof.full, x, -np.inf), y)


def _by_prices(query: PairQuery, proof: _PriceProof) -> _Limits:
    """A pair not returned exceeds the sum of both thresholds by at most the lesser excess."""
    now = query.number.astype(float)
    before = proof.threshold.astype(float)
    return _Limits(_sum_up(before, proof.excess.astype(float), -now), -_sum_up(before, -now))


def _sum_up(*terms: Array) -> Array:
    """A sum of whole numbers, rounded up where float64 cannot hold it or one of them."""
    size = sum(np.abs(term) for term in terms)
    total: Array = sum(terms) + np.where(size < 2.0**52, 0.0, size * 1e-15)
    return total


def _rounded_up(values: Array) -> Array:
    """The least float32 that is no less."""
    near = values.astype(np.float32)
    higher: Array = np.where(near.astype(float) < values, np.nextafter(near, np.float32(np.inf)), near)
    return higher
