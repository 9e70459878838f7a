"""A market from the columns of a table, and the plan of its round with the ids as the table has them.

One row per person, in any order. Only the first three columns are needed; an empty cell is None or NaN.

==================================  ======================  =========================================================
column                              type                    meaning
==================================  ======================  =========================================================
``id``                              text or whole numbers   whatever you call them; each once
``gender``                          text                    ``male`` or ``female``
``seeks``                           text                    ``male``, ``female`` or ``both``
``weeks_waited``                    whole number, weeks     since the last introduction, or since joining
``due``                             0 or 1 (or a bool)      whether an introduction is promised for this week
``capacity``                        whole number, 1..7      introductions this week; 1 without the column
``introduced``                      whole number            introductions so far, for the fairness figures
a number: ``birth_year``,           whole number            the year (1990); centimetres (172)
``height_cm``
a category or level: ``region``     text                    one of the vocabulary's values: ``seoul``
a set: ``interests``                list of text            values of the vocabulary; none: nothing told
``wish_height_cm_low``, ``_high``   as the attribute's      first and last accepted value of a number or level; open
                                                            where one is empty
``wish_region``, of a set too       list of text            the accepted values
``wish_..._importance``             text                    ``ignore``, ``slight``, ``fair`` (without it), ``strong``,
                                                            ``must``
==================================  ======================  =========================================================

Inside a market, and in `RoundPlan`, ids are text; `TablePlan` has them as they came. 1 and "1" are never taken for the
same person: ids are all text or all whole numbers, in the table, the history and the overrides alike.

`ygs vocabulary` lists every attribute and value. An empty fact is unknown, an empty wish is no wish, an empty number is
what it is without its column: 0, or 1 introduction this week. Scores in the plan are basis points, 0..10000.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from reprlib import repr as shortened
from typing import Any, TypeAlias, TypeVar

from ygs.application.facts import coded
from ygs.domain.errors import N_, BadFile, InvalidWish, YgsError
from ygs.domain.matching.attribute import Attribute, Kind
from ygs.domain.matching.market import Column, Genders, Market, pair_keys
from ygs.domain.matching.plan import Certificate, Overrides, PlanStatistics, RoundPlan
from ygs.domain.matching.policy import MOST_CAPACITY
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish

GENDERS = {"male": Genders.MALE, "female": Genders.FEMALE}
SOUGHT = {**GENDERS, "both": Genders.MALE | Genders.FEMALE}
# The least and the most of each number; the least is what an empty cell means.
NUMBERS = {
    "weeks_waited": (0, 65_535),
    "due": (0, 1),
    "capacity": (1, MOST_CAPACITY),
    "introduced": (0, 65_535),
}


Id: TypeAlias = str | int
Cell = TypeVar("Cell")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class TableIds:
    """The ids of a table by their text: all of them text, or all whole numbers."""

    by_text: Mapping[str, Id]
    numbers: bool

    @classmethod
    def of(cls, cells: Sequence[object]) -> "TableIds":
        """Read the column `id`; `BadFile` names the first row whose id is empty or of another kind than the first."""
        numbers = bool(cells) and _is_number(cells[0])
        texts = _each("id", cells, lambda cell: _id_text(cell, numbers=numbers))
        return cls(dict(zip(texts, cells, strict=True)), numbers)  # type: ignore[arg-type] # `_id_text` refused the rest

    def text(self, id: object) -> str:
        """An id of the history, of overrides or of a question, as text; `BadFile` when it is of another kind."""
        return _id_text(_plain(id), numbers=self.numbers)

    def pairs(self, pairs: Iterable[tuple[Id, Id]]) -> list[tuple[str, str]]:
        """Pairs of ids as text."""
        return [(self.text(one), self.text(other)) for one, other in pairs]

    def overrides(self, overrides: Overrides) -> Overrides:
        """Overrides with ids as text."""
        return Overrides.of(
            self.pairs(overrides.pins), self.pairs(overrides.forbids), map(self.text, overrides.left_out)
        )


@dataclass(frozen=True, slots=True)
class TablePair:
    """Two people to be introduced: ids as the table has them; both satisfactions and the mutual score, basis points."""

    a: Id
    b: Id
    a_to_b: int
    b_to_a: int
    mutual: int


@dataclass(frozen=True, slots=True)
class TablePlan:
    """The plan of a table's round, with ids as the table has them.

    `plan`: the same with ids as text, to be stored or explained. `kind`: which library the table was of; "" for a dict.
    """

    plan: RoundPlan
    pairs: tuple[TablePair, ...]
    unmatched: tuple[Id, ...]
    ids: TableIds = field(repr=False)
    kind: str = ""

    @classmethod
    def of(cls, plan: RoundPlan, ids: TableIds, kind: str = "") -> "TablePlan":
        """Put the table's ids in place of their texts."""
        own = ids.by_text
        pairs = (TablePair(own[each.a], own[each.b], each.a_to_b, each.b_to_a, each.mutual) for each in plan.pairs)
        return cls(plan, tuple(pairs), tuple(own[person] for person in plan.unmatched), ids, kind)

    @property
    def certificate(self) -> Certificate | None:
        """What is proven about the plan; None for strategies other than `optimal`."""
        return self.plan.certificate

    @property
    def report(self) -> PlanStatistics:
        """The plan in figures."""
        return self.plan.report

    def to_json(self) -> str:
        """One line of JSON, with ids as text; the same plan gives the same bytes."""
        return self.plan.to_json()


def market_of(columns: Mapping[str, Sequence[Any]], history: Iterable[tuple[Id, Id]] = ()) -> Market:
    """The market that columns of cells describe, with the pairs of ids who met before.

    `BadFile` names the column that is missing, unknown to us or of another length; for a wrong cell its row, counted
    from 1, and its value.
    """
    return market_and_ids(columns, history)[0]


def market_and_ids(
    columns: Mapping[str, Sequence[Any]], history: Iterable[tuple[Id, Id]] = ()
) -> tuple[Market, TableIds]:
    """`market_of`, and the ids as the table has them."""
    cells = _cells(columns)
    ids = TableIds.of(cells["id"])
    if len(ids.by_text) < len(cells["id"]):
        raise _twice(cells["id"])
    market = Market.blank(ids.by_text)
    places = market.places()
    at = [places[person] for person in ids.by_text]
    _fill(market, cells, at)
    market.met.extend(pair_keys(ids.pairs(history), places))
    return market, ids


def _twice(cells: Sequence[object]) -> BadFile:
    row = next(row for row, cell in enumerate(cells) if cell in cells[:row])
    return _refused("id", row + 1, cells[row], BadFile(N_("another row has that id")))


def _fill(market: Market, cells: Mapping[str, list[Any]], at: Sequence[int]) -> None:
    _put(market.genders, at, _each("gender", cells["gender"], lambda cell: _of(GENDERS, cell)))
    _put(market.seeks, at, _each("seeks", cells["seeks"], lambda cell: _of(SOUGHT, cell)))
    for name, (least, most) in NUMBERS.items():
        if name in cells:
            _put(getattr(market, name), at, _each(name, cells[name], _between(least, most)))
    for code, attribute in VOCABULARY.items():
        if code in cells:
            target = market.facts[code] if code in market.facts else market.sets[code]
            _put(target, at, _each(code, cells[code], _coder(code)))
        _put_wishes(market, attribute, cells, at)


def _coder(code: str) -> Callable[[Any], int]:
    return lambda cell: coded(code, cell)


def _cells(columns: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The cells as Python's own values, None where empty; all columns known, and as long as the ids."""
    names = [str(name) for name in columns]
    _require_known(names)
    cells = {name: _each(name, columns[name], _plain) for name in names}
    rows = len(cells["id"])
    if uneven := [name for name in names if len(cells[name]) != rows]:
        raise BadFile(
            N_("column {one} has {count} rows, and id has {rows}"),
            one=uneven[0],
            count=len(cells[uneven[0]]),
            rows=rows,
        )
    return cells


def _each(column: str, cells: Iterable[Cell], read: Callable[[Cell], Value]) -> list[Value]:
    """What is read from each cell of a column; `BadFile` names the row and value of one that is refused."""
    values = list[Value]()
    for row, cell in enumerate(cells, start=1):
        try:
            values.append(read(cell))
        except YgsError as error:
            raise _refused(column, row, cell, error) from error
    return values


def _refused(column: str, row: int, cell: object, reason: YgsError) -> BadFile:
    return BadFile(
        N_("row {row}, column {column}, value {value}: {reason}"),
        row=row,
        column=column,
        value=shortened(cell),
        reason=reason,
    )


def _require_known(names: Sequence[str]) -> None:
    if missing := [name for name in ("id", "gender", "seeks") if name not in names]:
        raise BadFile(N_("the table has no column {one}"), one=missing[0])
    wishes = {f"wish_{code}{part}" for code, each in VOCABULARY.items() for part in _parts(each)}
    known = {"id", "gender", "seeks", *NUMBERS, *VOCABULARY, *wishes}
    if strange := [name for name in names if name not in known]:
        raise BadFile(
            N_("no attribute, wish or number of ours is called {one}: drop or rename that column"), one=strange[0]
        )


def _parts(attribute: Attribute) -> tuple[str, ...]:
    ends = ("_low", "_high") if attribute.kind is Kind.ORDINAL else ("",)
    return (*ends, "_importance")


def _put_wishes(market: Market, attribute: Attribute, cells: Mapping[str, list[Any]], at: Sequence[int]) -> None:
    head = f"wish_{attribute.code}"
    empty = [None] * len(at)
    *ends, weights = (cells.get(head + part, empty) for part in _parts(attribute))
    for row, (place, weight, *given) in enumerate(zip(at, weights, *ends, strict=True), start=1):
        # An end of 0 is a wish: only None and an empty list are none.
        if all(end is None or end == [] for end in given):
            continue
        try:
            market.wishes[attribute.code].put(place, _wish(attribute, given, _importance(attribute, weight)))
        except YgsError as error:
            raise _refused(head, row, given if len(given) > 1 else given[0], error) from error


def _wish(attribute: Attribute, given: Sequence[Any], importance: Importance) -> Wish:
    if attribute.kind is Kind.ORDINAL:
        low, high = given
        return Wish.between(attribute.code, low, high, importance)
    if not isinstance(given[0], list):
        raise InvalidWish(attribute.code, N_("give the accepted values as a list"))
    return Wish.among(attribute.code, given[0], importance)


def _importance(attribute: Attribute, text: Any) -> Importance:
    known = {each.code: each for each in Importance}
    if text is None:
        return Importance.FAIR
    if not isinstance(text, str) or text not in known:
        raise InvalidWish(attribute.code, N_("importance is one of {names}"), names=", ".join(known))
    return known[text]


def _plain(cell: Any) -> Any:
    """None for what is empty; lists, whole numbers and text as Python's own."""
    # pandas marks the empty cells of its own number types as NA, which refuses every comparison.
    if cell is None or type(cell).__name__ == "NAType":
        return None
    if isinstance(cell, str):
        return cell or None
    if hasattr(cell, "__iter__"):
        return list(cell)
    # NaN, which is how other tables write an empty cell, is the one number that differs from itself.
    return _whole(cell) if cell == cell else None


def _whole(cell: Any) -> int:
    try:
        whole = int(cell)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadFile(N_("only text, whole numbers and lists of text can be read")) from error
    if whole != cell:
        raise BadFile(N_("write whole numbers"))
    return whole


def _is_number(cell: object) -> bool:
    return isinstance(cell, int)


def _id_text(cell: object, *, numbers: bool) -> str:
    if cell is None:
        raise BadFile(N_("every row needs an id"))
    if not isinstance(cell, str | int):
        raise BadFile(N_("an id is text or a whole number"))
    if _is_number(cell) is not numbers:
        raise BadFile(
            N_("the id {value} is a number where other ids are text, or text where they are numbers: write all alike"),
            value=shortened(cell),
        )
    return str(cell)


def _between(least: int, most: int) -> Callable[[Any], int]:
    def number(cell: Any) -> int:
        value = least if cell is None else cell
        if not isinstance(value, int) or not least <= value <= most:
            raise BadFile(N_("write whole numbers from {least} to {most}"), least=least, most=most)
        return value

    return number


def _of(known: dict[str, Genders], text: object) -> Genders:
    if not isinstance(text, str) or text not in known:
        raise BadFile(N_("write {names}"), names=", ".join(known))
    return known[text]


def _put(column: Column, at: Sequence[int], values: Sequence[int]) -> None:
    for place, value in zip(at, values, strict=True):
        column[place] = value
