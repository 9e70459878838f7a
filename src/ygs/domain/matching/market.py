"""The people of a round: a `Candidate` is one person to read and write, a `Market` is columns to compute with.

A market of a hundred thousand people is a few arrays of small integers. They are the standard library's `array`, so the
domain needs nothing installed, and an array engine maps them without copying.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntFlag
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

from ygs.domain.errors import N_, BadFile, InvalidFact, RoundRefused
from ygs.domain.matching import snapshots
from ygs.domain.matching.adjustments import Adjustments
from ygs.domain.matching.attribute import UNKNOWN, Attribute, Kind
from ygs.domain.matching.chance import Chances, GenderRates, PersonRates
from ygs.domain.matching.policy import MOST_CAPACITY
from ygs.domain.matching.vocabulary import FACTS, SETS, VOCABULARY, known_attribute
from ygs.domain.matching.wishes import Importance, Wish

# Quoted because Python 3.11's array cannot be subscripted at run time.
Column: TypeAlias = "array[int]"

type_place = "i"
type_fact = "H"
type_mask = "q"
type_flag = "B"


class Genders(IntFlag):
    """A gender (one bit), or the genders somebody seeks (one or both)."""

    MALE = 1
    FEMALE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One person in a round.

    `facts`: attribute -> code, or a mask for a set; absent or 0 is unknown. `wishes`: attribute -> wish.
    `weeks_waited`: rounds since the last introduction (or since joining). `due`: an introduction is promised for this
    week. `capacity`: introductions this week, 1..7. `introduced`: introductions so far, for the fairness figures.
    """

    id: str
    gender: Genders
    seeks: Genders
    facts: Mapping[str, int] = field(default_factory=dict)
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    weeks_waited: int = 0
    due: bool = False
    capacity: int = 1
    introduced: int = 0

    def __post_init__(self) -> None:
        for code, value in self.facts.items():
            most = _GREATEST[code] if code in _GREATEST else _greatest(known_attribute(code))
            if not UNKNOWN <= value <= most:
                raise InvalidFact(code, N_("a code must be 0..{most}"), most=most)
        for code, wish in self.wishes.items():
            if code != wish.attribute:
                raise InvalidFact("wishes", N_("each must stand under its own attribute"))
        if not (
            1 <= self.capacity <= MOST_CAPACITY and 0 <= self.weeks_waited < 1 << 16 and 0 <= self.introduced < 1 << 16
        ):
            raise InvalidFact(
                "capacity",
                N_("must be 1..{most_capacity}; weeks waited and introductions 0..65535"),
                most_capacity=MOST_CAPACITY,
            )

    def value(self, attribute: str) -> int:
        """The code (or mask) of a fact; 0 when unknown."""
        return self.facts.get(attribute, UNKNOWN)


def _greatest(attribute: Attribute) -> int:
    """The greatest code, or mask, of a fact."""
    return (1 << attribute.size) - 1 if attribute.kind is Kind.SET else attribute.size


_GREATEST = {code: _greatest(attribute) for code, attribute in VOCABULARY.items()}


@dataclass(frozen=True, slots=True)
class WishColumns:
    """Everybody's wishes for one attribute: `importance` (0..4), codes `low`..`high` of an ordinal, mask `accepts`
    otherwise."""

    importance: Column
    low: Column
    high: Column
    accepts: Column

    @classmethod
    def blank(cls, people: int) -> "WishColumns":
        """Columns in which nobody wishes for anything."""
        return cls(
            zeros(type_flag, people), zeros(type_fact, people), zeros(type_fact, people), zeros(type_mask, people)
        )

    def put(self, person: int, wish: Wish) -> None:
        """Write one person's wish (while a market is being built)."""
        self.importance[person] = wish.importance
        self.low[person] = wish.low
        self.high[person] = wish.high
        self.accepts[person] = wish.accepts


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Everybody in a round, as columns over the people in the order of their ids.

    `genders`, `seeks`: uint8, bits of `Genders`. `facts`: uint16 codes per ordinal or category. `sets`: int64 masks per
    set. `wishes`: columns per attribute. `weeks_waited`, `introduced`: uint16. `due`, `capacity`: uint8. `met`,
    `blocked`: int64 keys ``a * people + b`` (``a < b``), ascending, of the pairs introduced before and of the pairs
    with a block. `chances`: what was learned from answers about these people, if anything. `adjustments`: the pairs
    whose weight was moved by advice, if any. A *place* is a person's position in the columns.
    """

    ids: tuple[str, ...]
    genders: Column
    seeks: Column
    facts: Mapping[str, Column]
    sets: Mapping[str, Column]
    wishes: Mapping[str, WishColumns]
    weeks_waited: Column
    due: Column
    capacity: Column
    introduced: Column
    met: Column
    blocked: Column
    chances: Chances | None = None
    adjustments: Adjustments | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def blank(cls, ids: Iterable[str], *, capacity: int = 1) -> "Market":
        """A market of these people without facts or wishes; `RoundRefused` when an id comes twice."""
        ordered = tuple(sorted(ids))
        if any(one == other for one, other in pairwise(ordered)):
            raise RoundRefused(N_("a person is in the market twice: give each id once"))
        n = len(ordered)
        return cls(
            ids=ordered,
            genders=zeros(type_flag, n),
            seeks=zeros(type_flag, n),
            facts={attribute.code: zeros(type_fact, n) for attribute in FACTS},
            sets={attribute.code: zeros(type_mask, n) for attribute in SETS},
            wishes={code: WishColumns.blank(n) for code in VOCABULARY},
            weeks_waited=zeros(type_fact, n),
            due=zeros(type_flag, n),
            capacity=array(type_flag, [capacity]) * n,
            introduced=zeros(type_fact, n),
            met=array(type_mask),
            blocked=array(type_mask),
        )

    @classmethod
    def of(
        cls,
        candidates: Iterable[Candidate],
        *,
        met: Iterable[tuple[str, str]] = (),
        blocked: Iterable[tuple[str, str]] = (),
    ) -> "Market":
        """The market of these people, in any order. Skips pairs with a person who is not among them."""
        ordered = sorted(candidates, key=lambda candidate: candidate.id)
        market = cls.blank(candidate.id for candidate in ordered)
        for person, candidate in enumerate(ordered):
            market._put(person, candidate)
        places = market.places()
        market.met.extend(pair_keys(met, places))
        market.blocked.extend(pair_keys(blocked, places))
        return market

    def _put(self, person: int, candidate: Candidate) -> None:
        self.genders[person] = candidate.gender
        self.seeks[person] = candidate.seeks
        for code, value in candidate.facts.items():
            (self.facts.get(code) or self.sets[code])[person] = value
        for code, wish in candidate.wishes.items():
            self.wishes[code].put(person, wish)
        self.weeks_waited[person] = candidate.weeks_waited
        self.due[person] = candidate.due
        self.capacity[person] = candidate.capacity
        self.introduced[person] = candidate.introduced

    def with_chances(
        self, version: str, rates: Mapping[Genders, GenderRates], people: Mapping[str, PersonRates]
    ) -> "Market":
        """This market with what was learned from answers, to be planned by chances.

        `version`: of the parameters. `rates`: of both genders. `people`: under their ids; who is missing has the rates
        of their gender.
        """
        by_bit = {int(gender): each for gender, each in rates.items()}
        learned = Chances.of(self.ids, self.genders, version=version, rates=by_bit, people=people)
        return replace(self, chances=learned)

    def with_adjustments(self, shares: Mapping[tuple[str, str], int]) -> "Market":
        """This market with the weights of some pairs moved by shares of themselves, basis points, by their two ids.

        Skips pairs with a person who is not in the market.
        """
        places = self.places()
        keys = {pair: key for pair in shares for key in pair_keys([pair], places)}
        moved = Adjustments.of({key: shares[pair] for pair, key in keys.items()})
        return replace(self, adjustments=moved if len(moved) else None)

    def to_bytes(self) -> bytes:
        """The whole market, compressed, to be stored; the same market gives the same bytes."""
        return snapshots.pack(self._header(), self._columns())

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Market":
        """The market that `to_bytes` stored. An attribute added since then is unknown for everybody. `BadFile` when the
        bytes are damaged or from a newer version."""
        header, columns = snapshots.unpack(packed)
        market = cls.blank(header["people"])
        codes = [code for kind in ("facts", "sets", "wishes") for code in header[kind]]
        if unknown := [code for code in codes if code not in VOCABULARY]:
            raise BadFile(N_("the stored market has an attribute this version does not know: {one}"), one=unknown[0])
        for target in market._columns(header):
            stored = next(columns, array(target.typecode))
            is_pairs = target is market.met or target is market.blocked
            if stored.typecode != target.typecode or not (is_pairs or len(stored) == len(target)):
                raise BadFile(N_("the stored market is damaged: lock the week again"))
            target[:] = stored
        return market._with_stored_extras(header, tuple(columns))

    def _with_stored_extras(self, header: Mapping[str, Any], columns: tuple[Column, ...]) -> "Market":
        """This market with the adjustments and chances that follow the other columns, where the header names any."""
        moved = learned = None
        if "adjustments" in header:
            moved = Adjustments.from_snapshot(columns[:2], len(self))
            columns = columns[2:]
        if "chances" in header:
            learned = Chances.from_snapshot(header["chances"], columns, len(self))
        return replace(self, adjustments=moved, chances=learned)

    def input_hash(self) -> str:
        """SHA-256, in hexadecimal, of everything in the market, history included."""
        digest = hashlib.sha256()
        for piece in snapshots.canonical(self._header(), self._columns()):
            digest.update(piece)
        return digest.hexdigest()

    def _header(self) -> dict[str, Any]:
        by_kind = {"facts": self.facts, "sets": self.sets, "wishes": self.wishes}
        extras: dict[str, Any] = {"adjustments": len(self.adjustments)} if self.adjustments else {}
        extras |= {"chances": self.chances.header()} if self.chances else {}
        return {"people": list(self.ids), **{kind: list(columns) for kind, columns in by_kind.items()}, **extras}

    def _columns(self, header: Mapping[str, Any] | None = None) -> Iterator[Column]:
        """Every column in the order of a header (None: this market's own)."""
        order = header or self._header()
        yield from (self.genders, self.seeks, self.weeks_waited, self.due, self.capacity, self.introduced)
        yield from (self.facts[code] for code in order["facts"])
        yield from (self.sets[code] for code in order["sets"])
        for code in order["wishes"]:
            wish = self.wishes[code]
            yield from (wish.importance, wish.low, wish.high, wish.accepts)
        yield from (self.met, self.blocked)
        yield from self.adjustments.columns() if self.adjustments else ()
        yield from self.chances.columns() if self.chances else ()

    def places(self) -> dict[str, int]:
        """Each id's place in the columns."""
        return dict(zip(self.ids, range(len(self.ids)), strict=True))

    def person(self, place: int) -> Candidate:
        """The candidate at a place, as `Market.of` was given it (wishes that are ignored included)."""
        facts = {code: column[place] for code, column in (*self.facts.items(), *self.sets.items()) if column[place]}
        return Candidate(
            id=self.ids[place],
            gender=Genders(self.genders[place]),
            seeks=Genders(self.seeks[place]),
            facts=facts,
            wishes=dict(self._wishes_of(place)),
            weeks_waited=self.weeks_waited[place],
            due=bool(self.due[place]),
            capacity=self.capacity[place],
            introduced=self.introduced[place],
        )

    def _wishes_of(self, place: int) -> Iterator[tuple[str, Wish]]:
        for code, columns in self.wishes.items():
            low = columns.low[place]
            high = columns.high[place]
            accepts = columns.accepts[place]
            if low or accepts:
                yield code, _wish(code, columns.importance[place], low, high, accepts)


@lru_cache(maxsize=100_000)
def _wish(attribute: str, importance: int, low: int, high: int, accepts: int) -> Wish:
    # Cached, since the same wishes come again and again: a large market takes half as long to check.
    return Wish(attribute=attribute, importance=Importance(importance), low=low, high=high, accepts=accepts)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of people, as columns: places `a` < `b` (int32), `a_to_b` and `b_to_a`, how satisfied each would be, the
    `mutual` score (uint16, basis points), and the `worth` under the round's objective (int32, see `PairWorth`)."""

    a: Column
    b: Column
    a_to_b: Column
    b_to_a: Column
    mutual: Column
    worth: Column

    @classmethod
    def none(cls) -> "Pairs":
        """No pairs."""
        return cls(
            array(type_place),
            array(type_place),
            array(type_fact),
            array(type_fact),
            array(type_fact),
            array(type_place),
        )

    def add(self, a: int, b: int, a_to_b: int, b_to_a: int, mutual: int, worth: int) -> None:
        """Append one pair (while the columns are being built)."""
        self.a.append(a)
        self.b.append(b)
        self.a_to_b.append(a_to_b)
        self.b_to_a.append(b_to_a)
        self.mutual.append(mutual)
        self.worth.append(worth)

    def extend(self, more: "Pairs") -> None:
        """Append pairs (while the columns are being built)."""
        for column, added in zip(self.columns(), more.columns(), strict=True):
            column.extend(added)

    def rows(self) -> Iterator[tuple[int, int, int, int, int, int]]:
        """The pairs one by one, as `add` takes them."""
        return zip(*self.columns(), strict=True)

    def columns(self) -> tuple[Column, Column, Column, Column, Column, Column]:
        """The columns, in the order of `add`."""
        return self.a, self.b, self.a_to_b, self.b_to_a, self.mutual, self.worth

    def __len__(self) -> int:
        return len(self.a)


def zeros(typecode: str, count: int) -> Column:
    """A column of `count` zeros."""
    return array(typecode, [0]) * count


def pair_keys(pairs: Iterable[tuple[str, str]], places: Mapping[str, int]) -> Sequence[int]:
    """Ascending keys ``a * people + b`` of the pairs whose two people both have a place."""
    people = len(places)
    both = ((places[one], places[other]) for one, other in pairs if one in places and other in places)
    return sorted({min(pair) * people + max(pair) for pair in both if pair[0] != pair[1]})
