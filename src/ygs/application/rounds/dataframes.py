"""A market from a table: any object with named columns, such as a polars or pandas DataFrame or a dict of lists.

One row per person, in any order. Only the first three columns are needed; an empty cell is None or NaN.

==================================  ======================  =========================================================
column                              type                    meaning
==================================  ======================  =========================================================
``id``                              text                    whatever you call them; each once
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

`ygs vocabulary` lists every attribute and value. An empty fact is unknown, an empty wish is no wish, an empty number is
what it is without its column: 0, or 1 introduction this week. Scores in the plan are basis points, 0..10000.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from ygs.application.facts import coded
from ygs.domain.errors import N_, BadFile, InvalidWish
from ygs.domain.matching.attribute import Attribute, Kind
from ygs.domain.matching.market import Column, Genders, Market, pair_keys
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


@runtime_checkable
class DataFrame(Protocol):
    """A table with named columns, such as a pandas or polars data frame."""

    @property
    def columns(self) -> Iterable[Any]:
        """The names of the columns."""
        ...

    def __getitem__(self, name: str, /) -> Any:
        """The cells of one column."""
        ...


def market_of(table: Mapping[str, Any] | DataFrame, history: Iterable[tuple[str, str]] = ()) -> Market:
    """The market a table describes, with the pairs of ids who met before.

    `BadFile` names the column that is missing, unknown to us or wrong, `UnknownValue` and the other domain errors the
    attribute whose value is wrong.
    """
    columns = _columns(table)
    ids = [str(person) for person in columns["id"]]
    market = Market.blank(ids)
    places = market.places()
    at = [places[person] for person in ids]
    _fill(market.genders, at, [_of(GENDERS, "gender", text) for text in columns["gender"]])
    _fill(market.seeks, at, [_of(SOUGHT, "seeks", text) for text in columns["seeks"]])
    for name in NUMBERS:
        if name in columns:
            _fill(getattr(market, name), at, [_number(name, cell) for cell in columns[name]])
    for code in VOCABULARY:
        if code in columns:
            target = market.facts[code] if code in market.facts else market.sets[code]
            _fill(target, at, [coded(code, cell) for cell in columns[code]])
        _put_wishes(market, VOCABULARY[code], columns, at)
    market.met.extend(pair_keys(history, places))
    return market


def _columns(table: Any) -> dict[str, list[Any]]:
    """The table's cells as Python's own values, None where empty; all columns known, and as long as the ids."""
    names = [str(name) for name in getattr(table, "columns", table)]
    _require_known(names)
    columns = {name: [_told(name, cell) for cell in table[name]] for name in names}
    rows = len(columns["id"])
    if uneven := [name for name in names if len(columns[name]) != rows]:
        raise BadFile(
            N_("column {one} has {count} rows, and id has {rows}"),
            one=uneven[0],
            count=len(columns[uneven[0]]),
            rows=rows,
        )
    if None in columns["id"]:
        raise BadFile(N_("column id: every row needs one"))
    return columns


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


def _put_wishes(market: Market, attribute: Attribute, columns: dict[str, list[Any]], at: Sequence[int]) -> None:
    head = f"wish_{attribute.code}"
    empty = [None] * len(at)
    *ends, weights = (columns.get(head + part, empty) for part in _parts(attribute))
    for place, weight, *given in zip(at, weights, *ends, strict=True):
        if any(given):
            market.wishes[attribute.code].put(place, _wish(attribute, given, _importance(attribute, weight)))


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


def _told(column: str, cell: Any) -> Any:
    """None for what is empty; lists, whole numbers and text as Python's own."""
    # pandas marks the empty cells of its own number types as NA, which refuses every comparison.
    if cell is None or type(cell).__name__ == "NAType":
        return None
    if isinstance(cell, str):
        return cell or None
    if hasattr(cell, "__iter__"):
        return list(cell)
    # NaN, which is how other tables write an empty cell, is the one number that differs from itself.
    return _whole(column, cell) if cell == cell else None


def _whole(column: str, cell: Any) -> int:
    try:
        whole = int(cell)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadFile(
            N_("column {column}: only text, whole numbers and lists of text can be read"), column=column
        ) from error
    if whole != cell:
        raise BadFile(N_("column {column}: write whole numbers"), column=column)
    return whole


def _number(column: str, cell: Any) -> int:
    least, most = NUMBERS[column]
    number = least if cell is None else cell
    if not isinstance(number, int) or not least <= number <= most:
        raise BadFile(
            N_("column {column}: write whole numbers from {least} to {most}"), column=column, least=least, most=most
        )
    return number


def _of(known: dict[str, Genders], column: str, text: object) -> Genders:
    if not isinstance(text, str) or text not in known:
        raise BadFile(N_("column {column}: write {names}"), column=column, names=", ".join(known))
    return known[text]


def _fill(column: Column, at: Sequence[int], values: Sequence[int]) -> None:
    for place, value in zip(at, values, strict=True):
        column[place] = value
