"""Scores of one candidate with everybody, attribute by attribute over columns: milliseconds for 100,000 people."""

from array import array
from functools import cached_property, partial

import numpy as np

from ygs.adapters.scoring.acceptance_margins import common_fits
from ygs.adapters.scoring.score_tables import PreparedMarket, Spread, view
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.table_kernels import Array, add_terms
from ygs.domain.matching.attribute import Attribute, Kind
from ygs.domain.matching.fit import affinity_fit, fit, refuses
from ygs.domain.matching.market import Candidate, Column, Market, type_fact, type_flag, type_mask
from ygs.domain.matching.policy import Affinity, Policy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL, Importance, Wish
from ygs.ports.scoring_and_solving import OneToAllScores

_FEW_BLOCKS = 128
_BITS = {code: bit for bit, code in enumerate(VOCABULARY)}


class OneToAllScorer:
    """Scores one candidate after another with everybody in a market."""

    def __init__(self, market: Market, policy: Policy, prepared: PreparedMarket, spread: Spread) -> None:
        self._market = market
        self._policy = policy
        self._prepared = prepared
        self._spread = spread
        self._affinities = {affinity.attribute: affinity for affinity in policy.affinities}

    def against(self, candidate: Candidate) -> OneToAllScores:
        mine, i_refuse = self._mine(candidate)
        theirs, they_refuse = self._theirs(candidate)
        genders = view(self._market.genders, np.uint8)
        seeks = view(self._market.seeks, np.uint8)
        sought = (genders & candidate.seeks != 0) & (seeks & candidate.gender != 0)
        place = self._places.get(candidate.id, -1)
        if place >= 0:
            sought[place] = False
        return OneToAllScores(
            sought=_column(type_flag, sought, np.uint8),
            i_refuse=_column(type_mask, i_refuse, np.int64),
            they_refuse=_column(type_mask, they_refuse, np.int64),
            mine=_column(type_fact, mine, np.uint16),
            theirs=_column(type_fact, theirs, np.uint16),
            mutual=_column(type_fact, np.sqrt(mine.astype(np.int64) * theirs), np.uint16),
            met=_column(type_flag, self._paired_with(self._market.met, place), np.uint8),
            blocked=_column(type_flag, self._paired_with(self._market.blocked, place), np.uint8),
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        return self._market.places()

    def _mine(self, me: Candidate) -> tuple[Array, Array]:
        """My satisfaction with everybody, and for each of them the bits of my wishes that refuse them."""
        total = np.zeros(len(self._market), np.int32)
        refused = np.zeros(len(self._market), np.int64)
        weight = 0
        for code, attribute in VOCABULARY.items():
            wish = me.wishes.get(code)
            affinity = self._affinities.get(code)
            if wish is None and affinity is None:
                continue
            weight += (wish.importance.weight if wish else 0) + (affinity.weight if affinity else 0)
            terms, refusals = self._my_terms(attribute, wish, affinity, me.value(code))
            total += terms
            if refusals is not None:
                refused |= refusals.astype(np.int64) << _BITS[code]
        return total // weight if weight else np.full(len(total), FULL), refused

    def _my_terms(
        self, attribute: Attribute, wish: Wish | None, affinity: Affinity | None, own: int
    ) -> tuple[Array, Array | None]:
        """The weighted fit of everybody's value of one attribute, from the specification's fit of each code."""
        if attribute.kind is Kind.SET:
            return self._my_set_terms(attribute, wish, affinity, own)
        codes = range(attribute.size + 1)
        values = view(self._market.facts[attribute.code], np.uint16)
        worth = np.zeros(len(codes), np.int32)
        if wish:
            worth += [wish.importance.weight * fit(wish, code, self._policy) for code in codes]
        if affinity:
            worth += [affinity.weight * affinity_fit(affinity, own, code, self._policy) for code in codes]
        if not wish or wish.importance is not Importance.MUST:
            return worth[values], None
        return worth[values], np.array([refuses(wish, code, self._policy) for code in codes])[values]

    def _my_set_terms(
        self, attribute: Attribute, wish: Wish | None, affinity: Affinity | None, own: int
    ) -> tuple[Array, Array | None]:
        values = view(self._market.sets[attribute.code], np.int64)
        terms = np.zeros(len(values), np.int32)
        unknown = values == 0
        refused = None
        if wish:
            fits = np.where(unknown, self._policy.unknown_fit, common_fits(values & wish.accepts, wish.wanted))
            terms += wish.importance.weight * fits
            if wish.importance is Importance.MUST:
                refused = np.where(unknown, self._policy.strict_unknown, values & wish.accepts == 0)
        if affinity:
            terms += affinity.weight * self._shared(affinity, own, values)
        return terms, refused

    def _shared(self, affinity: Affinity, own: int, values: Array) -> Array:
        fits = [FULL * min(common, affinity.span) // affinity.span for common in range(65)]
        shared = np.array(fits, np.int32)[np.bitwise_count(values & own)]
        shared[(values == 0) | (own == 0)] = self._policy.unknown_fit
        return shared

    def _theirs(self, me: Candidate) -> tuple[Array, Array]:
        """Everybody's satisfaction with me, and for each of them the bits of their wishes that refuse me."""
        tables = self._prepared.tables
        total = tables.base.copy()
        refused = np.zeros(len(tables.place), np.int64)
        add = partial(self._add_fact_terms, total, refused, me)
        blocks = len(total) // LANES
        if blocks < _FEW_BLOCKS:  # This takes less time than starting a second thread.
            add(0, blocks)
        else:
            self._spread(add, blocks)
        for k, attribute in enumerate(self._prepared.sets):
            terms, refusals = self._their_set_terms(k, attribute, me.value(attribute.code))
            total += terms
            refused |= refusals.astype(np.int64) << _BITS[attribute.code]
        return self._by_place(total // tables.weight), self._by_place(refused)

    def _add_fact_terms(self, total: Array, refused: Array, me: Candidate, first: int, last: int) -> None:
        prepared = self._prepared
        for attribute, scale, wishes, own in zip(
            prepared.facts, prepared.scales, prepared.wishes, prepared.codes, strict=True
        ):
            bit = _BITS[attribute.code]
            code = me.value(attribute.code)
            add_terms(total, refused, bit, scale, wishes, own, code, first, last)

    def _their_set_terms(self, k: int, attribute: Attribute, value: int) -> tuple[Array, Array]:
        sets = self._prepared.tables.sets
        columns = sets.own, sets.accepts, sets.wanted, sets.wish, sets.must
        own, accepts, wanted, wish, must = (column[k :: sets.many] for column in columns)
        if value == 0:
            fits = np.full(len(wish), self._policy.unknown_fit, np.int64)
            refused = must & self._policy.strict_unknown
        else:
            fits = common_fits(accepts & value, wanted)
            refused = must & (accepts & value == 0)
        terms = wish * fits
        if attribute.code in self._affinities:
            affinity = self._affinities[attribute.code]
            unknown = np.full(len(own), self._policy.unknown_fit)
            terms += affinity.weight * (self._shared(affinity, value, own) if value else unknown)
        return terms, refused

    def _by_place(self, ranked: Array) -> Array:
        return np.take(ranked, self._ranks)

    @cached_property
    def _ranks(self) -> Array:
        """The position in the blocks of each place."""
        place = self._prepared.tables.place
        ranks = np.zeros(len(self._market), np.int64)
        ranks[place[place >= 0]] = np.flatnonzero(place >= 0)
        return ranks

    def _paired_with(self, keys: Column, place: int) -> Array:
        """Flags, by place, of the people who are in one of the pairs `keys` with this place."""
        people = len(self._market)
        flags = np.zeros(people, np.bool_)
        if place >= 0 and len(keys):
            pairs = view(keys, np.int64)
            low, high = np.searchsorted(pairs, [place * people, (place + 1) * people])
            flags[pairs[low:high] % people] = True
            lower = np.arange(place) * people + place
            found = np.searchsorted(pairs, lower)
            flags[:place] |= (found < len(pairs)) & (pairs[np.minimum(found, len(pairs) - 1)] == lower)
        return flags


def _column(kind: str, values: Array, dtype: type) -> Column:
    column = array(kind)
    column.frombytes(values.astype(dtype).tobytes())
    return column
