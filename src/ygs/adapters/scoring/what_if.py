"""Counts of the people eligible for one candidate under each of many changes, as array operations over a market.

A satisfaction is a sum of one term per wish and affinity, so a change affects only its own terms. Each direction of a
pair has a *margin*: the sum of ``weight * (fit - floor)``, less a number greater than any such sum for every wish that
refuses. It is 0 or more exactly when no wish refuses and the floor is reached (``total // weight >= floor`` means
``total - floor * weight >= 0``). So the effects of two changes on the margin add up.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from ygs.adapters.scoring.acceptance_margins import WEIGHTS, fits_of, margins_of, wish_margins, wish_table
from ygs.adapters.scoring.score_tables import view
from ygs.adapters.scoring.table_kernels import Array
from ygs.domain.matching.attribute import UNKNOWN, Kind
from ygs.domain.matching.fit import affinity_fit
from ygs.domain.matching.market import Candidate, Column, Market, type_place
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.relaxations import Change
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance, Wish
from ygs.ports.scoring_and_solving import EligibleCounts


def reach(
    market: Market,
    policy: Policy,
    candidate: Candidate,
    changes: Sequence[Change],
    free: Column,
    together: Sequence[tuple[int, int]] = (),
) -> EligibleCounts:
    """Compute `Scores.reach`, exactly as the specification counts.

    Memory: 4 bytes per change of wishes and person whose eligibility one or two changes could affect.
    """
    flags = view(free, np.uint8) != 0
    places = _possible(market, candidate)
    margins_with = _Margins(market, policy, candidate, places)
    mine = margins_with.mine()
    theirs = margins_with.theirs()
    open_to = theirs >= 0  # No change of the candidate's wishes wins the others.
    open_margins = _Margins(market, policy, candidate, places[open_to])
    wish_changes = _WishChanges.of(open_margins, mine[open_to], flags[open_margins.places], changes)
    counts = np.zeros((2, len(changes) + len(together)), np.int32)
    counts[:, [*wish_changes.rows]] = wish_changes.alone()
    factual = {position for position, change in enumerate(changes) if change.facts}
    for position in factual:
        counts[:, position] = margins_with.count(mine, theirs, flags[places], [changes[position]])
    at = len(changes)
    for first, others in _by_first(together):
        if first in factual or not factual.isdisjoint(others):
            both = ([changes[first], changes[second]] for second in others)
            found = np.array([margins_with.count(mine, theirs, flags[places], two) for two in both]).T
        else:
            found = wish_changes.two(first, others)
        counts[:, at : at + len(others)] = found
        at += len(others)
    return EligibleCounts(array(type_place, counts[0].tobytes()), array(type_place, counts[1].tobytes()))


def _by_first(together: Sequence[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Group consecutive pairs with the same first position."""
    for first, pairs in groupby(together, key=itemgetter(0)):
        yield first, [second for _, second in pairs]


def _possible(market: Market, candidate: Candidate) -> Array:
    """The places of the possible partners: both seek the other's gender, they have not met, and there is no block."""
    genders = view(market.genders, np.uint8)
    seeks = view(market.seeks, np.uint8)
    possible = (genders & int(candidate.seeks) != 0) & (seeks & int(candidate.gender) != 0)
    place = bisect_left(market.ids, candidate.id)
    people = len(market)
    if market.ids[place : place + 1] == (candidate.id,):
        possible[place] = False
        for keys in (view(market.met, np.int64), view(market.blocked, np.int64)):
            first, last = np.searchsorted(keys, (place * people, (place + 1) * people))
            possible[keys[first:last] % people] = False
            possible[keys[keys % people == place] // people] = False
    return np.flatnonzero(possible)


class _Margins:
    """The margins of a candidate with some people of a market. All columns are int32 over `places`."""

    def __init__(self, market: Market, policy: Policy, candidate: Candidate, places: Array) -> None:
        self.market = market
        self.policy = policy
        self.candidate = candidate
        self.places = places
        self.affinities = {affinity.attribute: affinity for affinity in policy.affinities}
        self._rules = policy.unknown_fit, policy.strict_unknown, policy.floor
        self._facts: dict[str, Array] = {}
        self._wishing: dict[str, tuple[Array, Array, Array, Array, Array]] = {}
        self._wished: dict[tuple[str, int], Array] = {}

    def mine(self) -> Array:
        """The candidate's margins with the people."""
        total = np.zeros(len(self.places), np.int32)
        for wish in self.candidate.wishes.values():
            total += self.wish(wish)
        return total + self._affinities()

    def theirs(self) -> Array:
        """The people's margins with the candidate."""
        total = self._affinities()
        for code in VOCABULARY:
            total += self.wished(code, self.candidate.value(code))
        return total

    def wishes_moved(self, change: Change) -> Array:
        """The effect of a change of the candidate's wishes on `mine`."""
        moved = np.zeros(len(self.places), np.int32)
        for code, wish in change.wishes.items():
            before = self.candidate.wishes.get(code)
            moved += self.wish(wish)
            moved -= self.wish(before)
        return moved

    def count(self, mine: Array, theirs: Array, flags: Array, changes: Sequence[Change]) -> tuple[int, int]:
        """Count the eligible people under all of the changes together, and those of them with a flag."""
        for change in changes:
            mine = mine + self.wishes_moved(change) if change.wishes else mine
            for code, value in change.facts.items():
                near = self.affinity(code, value) - self.affinity(code, self.candidate.value(code))
                mine = mine + near
                theirs = theirs + near + self.wished(code, value) - self.wished(code, self.candidate.value(code))
        eligible = (mine >= 0) & (theirs >= 0)
        return int(np.count_nonzero(eligible)), int(np.count_nonzero(eligible & flags))

    def _affinities(self) -> Array:
        total = np.zeros(len(self.places), np.int32)
        for code in self.affinities:
            total += self.affinity(code, self.candidate.value(code))
        return total

    def wish(self, wish: Wish | None) -> Array:
        """The margins of a wish of the candidate; 0 without one."""
        if wish is None:
            return np.zeros(len(self.places), np.int32)
        known = VOCABULARY[wish.attribute]
        values = self._values(wish.attribute)
        if known.kind is Kind.SET:
            return wish_margins(wish, values, *self._rules)
        margins: Array = wish_table(wish, *self._rules)[values]
        return margins

    def wished(self, code: str, value: int) -> Array:
        """The margins of the people's wishes for an attribute if the candidate's value is `value`."""
        if (code, value) not in self._wished:
            self._wished[code, value] = self._weigh(code, value)
        return self._wished[code, value]

    def _weigh(self, code: str, value: int) -> Array:
        margins = np.zeros(len(self.places), np.int32)
        wishing, importance, low, high, accepts = self._wishes(code)
        fits = fits_of(VOCABULARY[code], low, high, accepts, np.array(value), self.policy.unknown_fit)
        must = importance == Importance.MUST
        unknown = np.bool_(value == UNKNOWN)
        margins[wishing] = margins_of(WEIGHTS[importance], must, fits, unknown, *self._rules[1:])
        return margins

    def affinity(self, code: str, mine: int) -> Array:
        """The margins of the policy's affinity for an attribute if the candidate's value is `mine`; 0 without one."""
        affinity = self.affinities.get(code)
        if affinity is None:
            return np.zeros(len(self.places), np.int32)
        known = VOCABULARY[code]
        values = self._values(code)
        if known.kind is not Kind.SET:
            fits = [affinity_fit(affinity, mine, theirs, self.policy) for theirs in range(known.size + 1)]
        else:
            fits = [FULL * min(count, affinity.span) // affinity.span for count in range(known.size + 1)]
            fits.append(self.policy.unknown_fit)
            values = np.where((values == UNKNOWN) | (mine == UNKNOWN), known.size + 1, np.bitwise_count(values & mine))
        margins: Array = (affinity.weight * (np.array(fits) - self.policy.floor)).astype(np.int32)[values]
        return margins

    def _values(self, code: str) -> Array:
        """The people's values of an attribute."""
        if code not in self._facts:
            is_set = code in self.market.sets
            column = view(self.market.sets[code], np.int64) if is_set else view(self.market.facts[code], np.uint16)
            self._facts[code] = column[self.places]
        return self._facts[code]

    def _wishes(self, code: str) -> tuple[Array, Array, Array, Array, Array]:
        """The positions of the people with a wish for an attribute, and the wishes: importance, low, high, accepts."""
        if code not in self._wishing:
            columns = self.market.wishes[code]
            wishing = np.flatnonzero(view(columns.importance, np.uint8)[self.places])
            at = self.places[wishing]
            low, high = (view(column, np.uint16)[at].astype(np.int32) for column in (columns.low, columns.high))
            importance = view(columns.importance, np.uint8)[at]
            accepts = view(columns.accepts, np.int64)[at]
            self._wishing[code] = wishing, importance, low, high, accepts
        return self._wishing[code]


class _WishChanges(NamedTuple):
    """The effects of changes of wishes on the people who accept the candidate.

    `always`: how many are eligible, and flagged, under any two of the changes. The other columns cover the people whom
    two changes could win or lose: `moved` (int32, changes x people; `rows`: by position) is what each change adds to
    the margins `mine` (int32); the first `split` of the people are flagged.
    """

    always: tuple[int, int]
    mine: Array
    moved: Array
    rows: Mapping[int, int]
    split: int

    @classmethod
    def of(cls, margins_with: _Margins, mine: Array, flags: Array, changes: Sequence[Change]) -> "_WishChanges":
        """Compute the effect of every change that is of wishes only."""
        wishing = [position for position, change in enumerate(changes) if not change.facts]
        moved = np.zeros((len(wishing), len(mine)), np.int32)
        for row, position in zip(moved, wishing, strict=True):
            row[:] = margins_with.wishes_moved(changes[position])
        most = mine + 2 * np.maximum(moved.max(axis=0, initial=0), 0)
        least = mine + 2 * np.minimum(moved.min(axis=0, initial=0), 0)
        always = least >= 0
        turning = (most >= 0) & (least < 0)
        order = np.concatenate([np.flatnonzero(turning & flags), np.flatnonzero(turning & ~flags)])
        unaffected = int(np.count_nonzero(always)), int(np.count_nonzero(always & flags))
        rows = {position: row for row, position in enumerate(wishing)}
        return cls(unaffected, mine[order], moved[:, order], rows, int(np.count_nonzero(turning & flags)))

    def alone(self) -> Array:
        """Count the eligible and flagged people under each change: int64, 2 x changes."""
        return self._counts(self.moved, -self.mine)

    def two(self, first: int, others: Sequence[int]) -> Array:
        """Count the same under one change together with each of `others`."""
        needed = -(self.mine + self.moved[self.rows[first]])
        rows = [self.rows[position] for position in others]
        if rows == [*range(rows[0], rows[0] + len(rows))]:  # The usual case; a slice is not copied.
            return self._counts(self.moved[rows[0] : rows[0] + len(rows)], needed)
        return self._counts(self.moved[rows], needed)

    def _counts(self, moved: Array, needed: Array) -> Array:
        enough = moved >= needed
        free = _row_sums(enough[:, : self.split])
        return np.stack([free + _row_sums(enough[:, self.split :]) + self.always[0], free + self.always[1]])


def _row_sums(flags: Array) -> Array:
    """Count the true flags of each row, by the bit, which is several times faster than by the byte."""
    sums: Array = np.bitwise_count(np.packbits(flags, axis=1)).sum(axis=1, dtype=np.int64)
    return sums
