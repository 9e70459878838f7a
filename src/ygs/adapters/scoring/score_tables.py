"""Score tables: for each person, the weighted fit of every possible fact of a partner.

People stand in blocks of `LANES`, each block of one gender and one kind of seeking. Per person and *row* (one code of
one attribute) the `exact` table holds the weighted fit of such a partner, and per combination of how many values a
partner's sets hold the most that these could contribute. A satisfaction is then a sum of as many entries as there are
attributes and one for the sets, less what the two lack of that most. The `bound` table is the same in 16 bits for the
vector loop: codes of several attributes merged into one row, divided by the person's total weight and rounded up, in
units of 1/`UNITS` basis point.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import prod
from typing import NamedTuple

import numpy as np

from ygs.adapters.scoring.place_pairs import PlacePairs, place_pairs
from ygs.adapters.scoring.simd_loop import LANES, PIECE, TRANSPOSED
from ygs.adapters.scoring.table_kernels import UNITS, Array, Scale, Sets, Wishes, fill_attribute, fill_bounds, fill_sets
from ygs.adapters.scoring.worth_tables import WorthTables, worth_tables
from ygs.domain.matching.attribute import Attribute, Kind
from ygs.domain.matching.fit import neighbour_mask
from ygs.domain.matching.market import Column, Market, WishColumns
from ygs.domain.matching.pair_worth import PairWorth
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.vocabulary import FACTS, SETS
from ygs.domain.matching.wishes import FULL, Importance

_MOST_MERGED = 32  # codes in a group of merged attributes: with more, rows fall out of the second-level cache
_MOST_COUNTED = 3  # A set's bound distinguishes partners by up to so many values.
_WEIGHTS = np.array([importance.weight for importance in Importance], np.int32)

# Work on the blocks from the first number to the second, which is not included.
Work = Callable[[int, int], object]
# Runs such work over the given number of blocks, on any number of threads.
Spread = Callable[[Work, int], object]


class Facts(NamedTuple):
    """Weighted fits of ordinals and categories, and the most that sets could contribute (see `Sets.row`)."""

    exact: Array  # int32[people * height]: weighted fit, less REFUSAL if refused; the rows of sets come last
    height: int  # entries of a person
    rows: Array  # int32[people * many]: a partner's row per attribute
    many: int


class Pieces(NamedTuple):
    """Each group's rows in pieces of `PIECE`, for lookups in vectors; the groups of one piece come first."""

    group: Array  # int64[pieces]
    first: Array  # int64[pieces]: the first row
    single: int  # groups of one piece
    codes: Array  # int16[people * width]: a partner's row per piece, from the piece's first row
    width: int  # entries of a person: the pieces, and padding up to a multiple of `TRANSPOSED`


class Bounds(NamedTuple):
    """The same, divided by each person's weight and rounded up to 16 bits."""

    table: Array  # int16[people * height + PIECE]; the last ones are padding, which may be read
    height: int  # entries of a person, a multiple of `TRANSPOSED`
    rows: Array  # int32[people * groups]: a partner's row per group
    groups: int
    pieces: Pieces


class Overlap(NamedTuple):
    """The set whose common values count most, for vectors: by how much the bounds overestimate it.

    Two people who both hold ``held`` or more, with c values in common, lack at least ``held - step * c`` of what the
    bounds assume, times each one's `per` in basis points.
    """

    own: Array  # int64[people]: masks
    held: Array  # float32[people]: weighted fit of so many values in common as the person holds, a little less
    per: Array  # float32[people]: 1 / weight, a little less
    step: float  # weighted fit of each value in common, a little more


class ScoreTables(NamedTuple):
    """The tables that the kernels read: flat arrays, people in blocks with padding."""

    place: Array  # int32[people]: in the market; -1 for padding
    weight: Array  # int32[people]: the sum over all wishes and affinities; 1 for people without any
    base: Array  # int32[people]: FULL for people without any, whom anybody satisfies; else 0
    per_weight: Array  # float64[people]: UNITS / weight
    facts: Facts
    sets: Sets
    bounds: Bounds
    overlap: Overlap
    barred: PlacePairs  # who met before or have a block
    worth: WorthTables
    floor: int


@dataclass(frozen=True, slots=True)
class GenderClass:
    """The people of one gender who seek the same genders, in the order of their blocks; `first`: their first block."""

    gender: int
    seeks: int
    places: Array
    first: int

    @property
    def last(self) -> int:
        """The block after the last."""
        return self.first + -(-len(self.places) // LANES)

    @property
    def positions(self) -> slice:
        """Where its people stand in the tables, without the padding of its last block."""
        start = self.first * LANES
        return slice(start, start + len(self.places))

    def suits(self, other: "GenderClass") -> bool:
        """Whether each seeks the other's gender."""
        return bool(self.seeks & other.gender and other.seeks & self.gender)


@dataclass(frozen=True, slots=True)
class PreparedMarket:
    """A market's tables, and the columns of its `facts` they were made from: codes, wishes, scales."""

    tables: ScoreTables
    classes: tuple[GenderClass, ...]
    facts: tuple[Attribute, ...]
    codes: tuple[Array, ...]
    wishes: tuple[Wishes, ...]
    scales: tuple[Scale, ...]
    sets: tuple[Attribute, ...]


def at_once(work: Work, blocks: int) -> None:
    """A `Spread` that spreads nothing: all blocks, one after another, where it is called."""
    work(0, blocks)


def prepare(market: Market, policy: Policy, spread: Spread) -> PreparedMarket:
    """Build the tables of a market: about 3 kilobytes a person, never a pair."""
    classes = tuple(_classes(market, _most_refusing(market)))
    builder = _Builder(market, policy, spread, _placed(classes))
    return PreparedMarket(
        tables=builder.tables(),
        classes=classes,
        facts=builder.facts,
        codes=tuple(builder.codes),
        wishes=tuple(builder.wishes[attribute.code] for attribute in builder.facts),
        scales=tuple(builder.scale(attribute) for attribute in builder.facts),
        sets=builder.sets,
    )


def view(column: Column, kind: type) -> Array:
    """A column as a NumPy array, without copying."""
    return np.frombuffer(column, dtype=kind) if len(column) else np.zeros(0, kind)


def ranked(column: Array, place: Array) -> Array:
    """A column over the market's places, in the order of the blocks; 0 for the padding."""
    values = np.zeros(len(place), column.dtype)
    values[place >= 0] = column[place[place >= 0]]
    return values


class _Builder:
    """Builds the tables of one market in one order of its people."""

    def __init__(self, market: Market, policy: Policy, spread: Spread, place: Array) -> None:
        self.market = market
        self.policy = policy
        self.spread = spread
        self.place = place
        self.blocks = len(place) // LANES
        self.affinities = {affinity.attribute: affinity for affinity in policy.affinities}
        self.facts = tuple(filter(self._counts, FACTS))
        self.sets = tuple(filter(self._counts, SETS))
        self.wishes = {code.code: self._wishes(market.wishes[code.code]) for code in self.facts + self.sets}
        self.codes = [ranked(view(market.facts[one.code], np.uint16), place).astype(np.int32) for one in self.facts]
        self.first_rows = (0, *np.cumsum([one.size + 1 for one in self.facts], dtype=np.int64).tolist())
        self.buckets = np.array([self._bucket_count(one.code) for one in self.sets], np.int64)

    def tables(self) -> ScoreTables:
        """Build and fill the tables."""
        weight, base = self._weights()
        per_weight = UNITS / weight
        sets, set_code = self._set_columns()
        facts = self._fact_tables(sets, base)
        return ScoreTables(
            place=self.place,
            weight=weight,
            base=base,
            per_weight=per_weight,
            facts=facts,
            sets=sets,
            bounds=self._bounds(facts, set_code, per_weight),
            overlap=self._overlap(weight),
            barred=_barred(self.market),
            worth=self._worth(),
            floor=self.policy.floor,
        )

    def _worth(self) -> WorthTables:
        chances = PairWorth.of(self.market, self.policy).chances
        return worth_tables(chances, view(self.market.genders, np.uint8), self.place)

    def _counts(self, attribute: Attribute) -> bool:
        """Whether an attribute counts in anybody's score."""
        wished = view(self.market.wishes[attribute.code].importance, np.uint8).any()
        return attribute.code in self.affinities or bool(wished)

    def _wishes(self, columns: WishColumns) -> Wishes:
        importance = ranked(view(columns.importance, np.uint8), self.place)
        low, high = (ranked(view(one, np.uint16), self.place).astype(np.int32) for one in (columns.low, columns.high))
        accepts = ranked(view(columns.accepts, np.int64), self.place)
        importance[(low == 0) & (accepts == 0)] = Importance.IGNORE
        return Wishes(_WEIGHTS[importance], importance == Importance.MUST, low, high, accepts)

    def _weights(self) -> tuple[Array, Array]:
        weight = np.full(len(self.place), sum(one.weight for one in self.policy.affinities), np.int32)
        for wishes in self.wishes.values():
            weight += wishes.weight
        return np.maximum(weight, 1), np.where(weight == 0, FULL, 0).astype(np.int32)

    def _affinity_weight(self, code: str) -> int:
        return self.affinities[code].weight if code in self.affinities else 0

    def _bucket_count(self, code: str) -> int:
        return 2 if code not in self.affinities else 1 + min(self.affinities[code].span, _MOST_COUNTED)

    def _set_columns(self) -> tuple[Sets, Array]:
        """The sets, and each partner's combination of buckets."""
        owned = [ranked(view(self.market.sets[one.code], np.int64), self.place) for one in self.sets]
        code = np.zeros(len(self.place), np.int32)
        for own, count in zip(reversed(owned), reversed(self.buckets), strict=True):
            code = code * count + np.minimum(np.bitwise_count(own), count - 1)
        wishes = [self.wishes[one.code] for one in self.sets]
        sets = Sets(
            row=(code + self.first_rows[-1]).astype(np.int32),
            own=self._table(owned, np.int64),
            accepts=self._table([one.accepts for one in wishes], np.int64),
            wanted=self._table([np.maximum(one.low, 1) for one in wishes], np.int32),
            wish=self._table([one.weight for one in wishes], np.int32),
            must=self._table([one.must for one in wishes], np.bool_),
            shared=np.array([self._shared(one.code) for one in self.sets], np.int32).ravel(),
            shared_unknown=np.array(
                [self._affinity_weight(one.code) * self.policy.unknown_fit for one in self.sets], np.int32
            ),
            last=self.buckets - 1,
            many=len(self.sets),
            unknown_fit=self.policy.unknown_fit,
            strict=self.policy.strict_unknown,
        )
        return sets, code

    def _overlap(self, weight: Array) -> Overlap:
        """The set with the greatest weight; of no weight, so that nobody lacks anything, where none counts."""
        shared = [affinity for affinity in self.affinities.values() if affinity.attribute in self.market.sets]
        most = max(shared, key=lambda affinity: affinity.weight, default=None)
        per = ((1 - 1e-6) / weight).astype(np.float32)
        if most is None:
            nothing = np.zeros(len(weight), np.float32)
            return Overlap(nothing.astype(np.int64), nothing, per, 0.0)
        own = ranked(view(self.market.sets[most.attribute], np.int64), self.place)
        held = np.array(self._shared(most.attribute))[np.bitwise_count(own)] * (1 - 1e-6)
        return Overlap(own, held.astype(np.float32), per, most.weight * FULL / most.span * (1 + 1e-6))

    def _shared(self, code: str) -> list[int]:
        if code not in self.affinities:
            return [0] * 65
        affinity = self.affinities[code]
        return [affinity.weight * (FULL * min(count, affinity.span) // affinity.span) for count in range(65)]

    def _table(self, columns: Sequence[Array], kind: type) -> Array:
        """Columns side by side, person by person, flat."""
        table: Array = np.zeros((len(self.place), len(columns)), kind)
        for k, column in enumerate(columns):
            table[:, k] = column
        return table.ravel()

    def _fact_tables(self, sets: Sets, base: Array) -> Facts:
        set_row = self.first_rows[-1]
        height = set_row + int(self.buckets.prod())
        exact = np.empty(len(self.place) * height, np.int32)
        for attribute, row, own in zip(self.facts, self.first_rows, self.codes, strict=False):
            arguments = (exact, height, row, self.scale(attribute), self.wishes[attribute.code], own)
            self.spread(partial(fill_attribute, *arguments), self.blocks)
        self.spread(partial(fill_sets, exact, height, set_row, sets, self.buckets, base), self.blocks)
        rows = [own + np.int32(row) for own, row in zip(self.codes, self.first_rows, strict=False)]
        return Facts(exact, height, self._table(rows, np.int32), len(rows))

    def scale(self, attribute: Attribute) -> Scale:
        """How an attribute is compared under the policy."""
        affinity = self.affinities.get(attribute.code)
        near = [0] * (attribute.size + 1)
        if attribute.kind is Kind.CATEGORY:
            near[1:] = [neighbour_mask(attribute, code) for code in range(1, attribute.size + 1)]
        return Scale(
            size=attribute.size,
            ordinal=attribute.kind is Kind.ORDINAL,
            slack=attribute.slack,
            near=np.array(near, np.int64),
            weight=affinity.weight if affinity else 0,
            span=affinity.span if affinity else 1,
            unknown_fit=self.policy.unknown_fit,
            strict=self.policy.strict_unknown,
        )

    def _bounds(self, facts: Facts, set_code: Array, per_weight: Array) -> Bounds:
        """Merge attributes into groups: of 26 additions a pair, 20 remain."""
        codes = [*self.codes, set_code]
        used = [np.unique(code) for code in codes]
        groups = _merged([len(one) for one in used])
        rows = np.zeros((len(self.place), len(groups)), np.int32)
        members: list[Array] = []
        widest = max(map(len, groups))
        for k, group in enumerate(groups):
            height = 1
            rows[:, k] = sum(map(len, members))
            for which in group:
                rows[:, k] += height * np.searchsorted(used[which], codes[which]).astype(np.int32)
                height *= len(used[which])
            members.append(_combinations([used[which] + self.first_rows[which] for which in group], widest))
        members.append(np.full((-sum(map(len, members)) % TRANSPOSED, widest), -1, np.int64))
        every = np.concatenate(members).astype(np.int32)
        table = np.zeros(len(self.place) * len(every) + PIECE, np.int16)
        self.spread(partial(fill_bounds, table, every, facts.exact, facts.height, per_weight), self.blocks)
        heights = [prod(len(used[which]) for which in group) for group in groups]
        return Bounds(table, len(every), rows.ravel(), len(groups), _pieces(heights, rows))


def _most_refusing(market: Market) -> Attribute:
    """The attribute with the most musts: usually the year of birth, over which whole blocks refuse most partners."""
    insisting = [int((view(market.wishes[one.code].importance, np.uint8) == Importance.MUST).sum()) for one in FACTS]
    return FACTS[int(np.argmax(insisting))]


def _classes(market: Market, guard: Attribute) -> Iterator[GenderClass]:
    """Everybody by gender and by the genders they seek; in a class, people with the same must are neighbours, then
    similar people.

    People with the same must refuse the same partners, and the scan skips 64 of them at once.
    """
    genders = view(market.genders, np.uint8)
    seeks = view(market.seeks, np.uint8)
    wishes = market.wishes[guard.code]
    insists = view(wishes.importance, np.uint8) == Importance.MUST
    accepted = [view(wishes.accepts, np.int64), view(wishes.high, np.uint16), view(wishes.low, np.uint16)]
    similar = [view(market.facts[code], np.uint16) for code in ("region", "birth_year")]
    keys = [*similar, *(insists * column for column in accepted), ~insists]
    first = 0
    for key in np.unique(genders * 4 + seeks):
        places = np.flatnonzero(genders * 4 + seeks == key)
        order = np.lexsort([column[places] for column in keys])
        gender_class = GenderClass(int(key) // 4, int(key) % 4, places[order].astype(np.int32), first)
        first = gender_class.last
        yield gender_class


def _placed(classes: Sequence[GenderClass]) -> Array:
    place = np.full((classes[-1].last if classes else 0) * LANES, -1, np.int32)
    for one in classes:
        place[one.positions] = one.places
    return place


def _merged(sizes: Sequence[int]) -> list[list[int]]:
    """Positions in groups whose sizes multiply to at most `_MOST_MERGED`: first fit, the largest first."""
    groups: list[list[int]] = []
    for which in sorted(range(len(sizes)), key=lambda which: -sizes[which]):
        fitting = (group for group in groups if prod(sizes[k] for k in group) * sizes[which] <= _MOST_MERGED)
        group = next(fitting, None)
        if group is None:
            groups.append([which])
        else:
            group.append(which)
    return groups


def _pieces(heights: Sequence[int], rows: Array) -> Pieces:
    """The pieces of groups with so many rows each, one after another; `rows`: everybody's row per group."""
    starts = [0, *accumulate(heights)]
    single_first = sorted(range(len(heights)), key=lambda group: heights[group] > PIECE)
    cut = [(group, starts[group] + at) for group in single_first for at in range(0, heights[group], PIECE)]
    group, first = np.array(cut, np.int64).reshape(-1, 2).T.copy()
    width = -(-len(first) // TRANSPOSED) * TRANSPOSED
    codes = np.zeros((len(rows), width), np.int16)
    for piece in range(len(first)):
        codes[:, piece] = rows[:, group[piece]] - first[piece]
    return Pieces(group, first, sum(height <= PIECE for height in heights), codes.ravel(), width)


def _combinations(rows: Sequence[Array], width: int) -> Array:
    """Every combination of one row of each, the first changing fastest, filled up with -1 to `width` columns."""
    grids = np.meshgrid(*reversed(rows), indexing="ij")
    table = np.full((grids[0].size, width), -1, np.int64)
    for k, grid in enumerate(reversed(grids)):
        table[:, k] = grid.ravel()
    return table


def _barred(market: Market) -> PlacePairs:
    keys = np.unique(np.concatenate([view(market.met, np.int64), view(market.blocked, np.int64)]))
    return place_pairs(keys, len(market))
