"""A market from a table: any object with named columns, such as a polars or pandas DataFrame or a dict of lists.

Columns, of which only the first three are needed:

- ``id`` (text), ``gender`` (``male`` or ``female``), ``seeks`` (``male``, ``female`` or ``both``)
- ``weeks_waited``, ``due``, ``capacity`` (default 1), ``introduced`` (whole numbers)
- facts, one column per attribute of the vocabulary, in its values: ``birth_year`` (1990), ``region`` ("seoul"),
  ``interests`` (a list of values); empty (None, NaN) is unknown
- wishes: ``wish_height_cm_low`` and ``wish_height_cm_high`` for an ordered attribute, ``wish_region`` (a list) for the
  others, with ``wish_…_importance`` (``ignore`` … ``must``; ``fair`` without that column); empty is no wish
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ygs.application.facts import coded
from ygs.domain.errors import BadFile
from ygs.domain.matching.market import Column, Genders, Market, pair_keys
from ygs.domain.matching.rules import Importance, Wish
from ygs.domain.matching.vocabulary import VOCABULARY, Attribute, Kind

GENDERS = {"male": Genders.MALE, "female": Genders.FEMALE}
SOUGHT = {**GENDERS, "both": Genders.MALE | Genders.FEMALE}
NUMBERS = ("weeks_waited", "due", "capacity", "introduced")


def market_of(table: Any, history: Iterable[tuple[str, str]] = ()) -> Market:
    """The market a table describes, with the pairs of ids who met before.

    `BadFile` names the column that is missing or unknown to us, `UnknownValue` and the other domain errors the
    attribute whose value is wrong.
    """
    names = [str(name) for name in getattr(table, "columns", table)]
    _require_known(names)
    columns = {name: list(table[name]) for name in names}
    ids = [str(person) for person in columns["id"]]
    market = Market.blank(ids)
    places = market.places()
    at = [places[person] for person in ids]
    _fill(market.genders, at, [_of(GENDERS, "gender", text) for text in columns["gender"]])
    _fill(market.seeks, at, [_of(SOUGHT, "seeks", text) for text in columns["seeks"]])
    for name in NUMBERS:
        if name in columns:
            _fill(getattr(market, name), at, [int(number) for number in columns[name]])
    for code in VOCABULARY:
        if code in columns:
            target = market.facts[code] if code in market.facts else market.sets[code]
            _fill(target, at, [coded({code: _told(value)})[code] for value in columns[code]])
        _put_wishes(market, VOCABULARY[code], columns, at)
    market.met.extend(pair_keys(history, places))
    return market


def is_table(candidates: object) -> bool:
    """Whether these are columns and not candidates."""
    return isinstance(candidates, Mapping) or hasattr(candidates, "columns")


def _require_known(names: Sequence[str]) -> None:
    if missing := [name for name in ("id", "gender", "seeks") if name not in names]:
        raise BadFile(f"the table has no column {missing[0]}")
    wishes = {f"wish_{code}{part}" for code, each in VOCABULARY.items() for part in _parts(each)}
    known = {"id", "gender", "seeks", *NUMBERS, *VOCABULARY, *wishes}
    if strange := [name for name in names if name not in known]:
        raise BadFile(f"no attribute, wish or number of ours is called {strange[0]}: drop or rename that column")


def _parts(attribute: Attribute) -> tuple[str, ...]:
    ends = ("_low", "_high") if attribute.kind is Kind.ORDINAL else ("",)
    return (*ends, "_importance")


def _put_wishes(market: Market, attribute: Attribute, columns: dict[str, list[Any]], at: Sequence[int]) -> None:
    head = f"wish_{attribute.code}"
    *ends, weight = (columns.get(head + part) for part in _parts(attribute))
    if None in ends:
        return
    for row, place in enumerate(at):
        given = [_told(column[row]) for column in ends if column is not None]
        if None not in given:
            importance = _told(weight[row]) if weight else None
            market.wishes[attribute.code].put(
                place, _wish(attribute, given, Importance[(importance or "fair").upper()])
            )


def _wish(attribute: Attribute, given: list[Any], importance: Importance) -> Wish:
    if attribute.kind is Kind.ORDINAL:
        low, high = given
        return Wish.between(attribute.code, low, high, importance)
    return Wish.among(attribute.code, given[0], importance)


def _told(value: Any) -> Any:
    """None for what is empty; lists, numbers and text as Python's own."""
    if value is None or isinstance(value, str):
        return value or None
    if hasattr(value, "__iter__"):
        return list(value)
    # NaN, which is how some tables write an empty cell, is the one number that differs from itself.
    return int(value) if value == value else None


def _of(known: dict[str, Genders], column: str, text: object) -> Genders:
    if text not in known:
        raise BadFile(f"column {column}: write {', '.join(known)}")
    return known[str(text)]


def _fill(column: Column, at: Sequence[int], values: Sequence[int]) -> None:
    for place, value in zip(at, values, strict=True):
        column[place] = value
