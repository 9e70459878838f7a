"""Members' wishes from columns of a file, such as "85~93" for birth years, a lowest height, or regions."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self, TypeAlias
from unicodedata import normalize

from pydantic import Discriminator, Field, Tag, model_validator

from ygs.application.importing.birth_dates import Calendar
from ygs.application.importing.rejections import RejectionReason
from ygs.application.importing.source import ColumnName, Source, require_answer_keys
from ygs.application.importing.value_parser import Untranslatable, taken, translation
from ygs.application.importing.wish_rules import MappingPart, WishRule, attribute_named
from ygs.application.toml_faults import TomlFault
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Attribute, Kind
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish

ImportanceName = Literal["slight", "fair", "strong", "must"]
RULE = "rule"
COLUMNS = "columns"

_TILDE = "~\u223c\u301c"
_NUMBER = r"['\u2018\u2019]?(\d{1,4}(?:\.\d{1,2})?) ?(?:년 ?생|년|생|세|살|cm|센티)?"
_BOTH = re.compile(rf"{_NUMBER} ?(?:이상|부터)? ?[{_TILDE}\-\u2013\u2014 ] ?{_NUMBER} ?(?:이하|까지)?", re.IGNORECASE)
_AT_LEAST = re.compile(rf"{_NUMBER} ?(?:이상|부터|\+|[{_TILDE}])", re.IGNORECASE)
_AT_MOST = re.compile(rf"[{_TILDE}] ?{_NUMBER}|{_NUMBER} ?(?:이하|까지)", re.IGNORECASE)
_ONE_END = re.compile(rf"{_NUMBER} ?(?:이상|이하|부터|까지)?", re.IGNORECASE)
# "85 or more" for birth years means older to some people and younger to others.
_TWO_MEANINGS = re.compile("이상|이하")
_INCH = 2.54

Ends: TypeAlias = tuple[str | None, str | None]
# Gives the text of a source's columns in the current row; empty for unknown.
TextOf: TypeAlias = Callable[[Source], str]


class ImportanceColumn(MappingPart):
    """The importance of a wish, from a column; `otherwise`: for a text that `values` does not list."""

    column: ColumnName
    values: dict[str, ImportanceName]
    otherwise: ImportanceName | None = None


class WishSource(MappingPart):
    """A wish that columns give for each member; a member with blank columns has none.

    `range`: one column with both ends of a number ("85~93", "165cm 이상", "~180"); `low` and `high`: a column for each
    end, of which one may be missing; `among`: a column with the accepted answers of a category or set, of which a set
    must hold `at_least` so many to fit fully (all, where fewer are given). Each is a source
    as for facts. Years of birth of two digits are read by the rule of `Calendar`; with `unit` "age", ages count back
    from the mapping's year.
    """

    attribute: str
    importance: ImportanceName | ImportanceColumn
    range: Source | None = None
    low: Source | None = None
    high: Source | None = None
    among: Source | None = None
    at_least: Annotated[int, Field(ge=1, le=64)] = 1

    @property
    def sources(self) -> Sequence[Source]:
        """The sources that it reads."""
        sources = [source for source in (self.range, self.low, self.high, self.among) if source is not None]
        if isinstance(self.importance, ImportanceColumn):
            sources.append(Source(column=self.importance.column))
        return sources

    @model_validator(mode="after")
    def _possible(self) -> Self:
        attribute = attribute_named(self.attribute)
        ends = self.low is not None or self.high is not None
        if (self.range is not None) + ends + (self.among is not None) != 1:
            raise TomlFault(N_("give exactly one of: range, low and high, among"))
        if (attribute.kind is Kind.ORDINAL) is (self.among is not None):
            template = N_("is ordered: give low and high") if self.among else N_("has no order: give among")
            raise TomlFault(template, key=self.attribute)
        if self.at_least > 1 and attribute.kind is not Kind.SET:
            raise TomlFault(N_("at_least: needs an attribute with several answers"))
        if self.range is not None and not attribute.is_number:
            raise TomlFault(N_("{attribute} is no number; give low and high"), key="range", attribute=self.attribute)
        if any(not source.columns for source in self.sources):
            raise TomlFault(N_("a wish that is the same for everybody is a rule; give between or among"))
        for name in ("range", "low", "high", "among"):
            source = getattr(self, name)
            if source is not None:
                require_answer_keys(name, source, as_set(attribute) if name == "among" else attribute)
        return self


def _kind_of_wish(given: Any) -> str:
    if isinstance(given, WishSource):
        return COLUMNS
    if not isinstance(given, dict):
        return RULE
    from_columns = {"range", "low", "high"} & given.keys() or isinstance(given.get("among"), dict)
    return COLUMNS if from_columns else RULE


AnyWish: TypeAlias = Annotated[
    Annotated[WishRule, Tag(RULE)] | Annotated[WishSource, Tag(COLUMNS)], Discriminator(_kind_of_wish)
]


def as_set(attribute: Attribute) -> Attribute:
    """The attribute as a set, since a wish accepts several of its answers."""
    return replace(attribute, kind=Kind.SET)


class WishReader:
    """Reads one wish from the rows of a table."""

    def __init__(self, wish: WishSource, calendar: Calendar) -> None:
        self._wish = wish
        self._calendar = calendar
        self._attribute = VOCABULARY[wish.attribute]
        coded = [source for source in (wish.low, wish.high) if source is not None and not self._attribute.is_number]
        self._codes = {id(source): translation(source, self._attribute, calendar) for source in coded}
        self._mask = translation(wish.among, as_set(self._attribute), calendar) if wish.among else None

    def wish(self, text_of: TextOf) -> Wish | None:
        """The row's wish, or None for blank columns; `Untranslatable` for a text that cannot be read."""
        importance = self._importance(text_of)
        if self._mask is not None and self._wish.among is not None:
            text = text_of(self._wish.among)
            mask = self._mask(text) if text else 0
            code = self._attribute.code
            return Wish.of_mask(code, mask, importance, at_least=self._wish.at_least) if mask else None
        low, high = self._of_range(text_of) if self._wish.range else self._of_ends(text_of)
        if low is None and high is None:
            return None
        first = low or 1
        last = high or self._attribute.size
        if first > last:
            raise Untranslatable(RejectionReason.IMPOSSIBLE, f"{self._attribute.code}: {first} > {last}")
        return Wish(attribute=self._attribute.code, importance=importance, low=first, high=last)

    def _importance(self, text_of: TextOf) -> Importance:
        stated = self._wish.importance
        if isinstance(stated, str):
            return Importance[stated.upper()]
        name = stated.values.get(text_of(Source(column=stated.column)), stated.otherwise)
        if name is None:
            raise Untranslatable(RejectionReason.NOT_LISTED, "importance")
        return Importance[name.upper()]

    def _of_range(self, text_of: TextOf) -> tuple[int | None, int | None]:
        source = self._wish.range
        text = text_of(source) if source else ""
        if source is None or not text:
            return None, None
        codes = [None if end is None else self._code(source, end) for end in _ends(self._clear(source, text))]
        # Ages and years run against each other, and people write either first.
        if source.unit == "age":
            codes.reverse()
        low, high = codes
        return (high, low) if low is not None and high is not None and low > high else (low, high)

    def _of_ends(self, text_of: TextOf) -> tuple[int | None, int | None]:
        low = self._end(self._wish.low, text_of)
        high = self._end(self._wish.high, text_of)
        ages = any(source is not None and source.unit == "age" for source in (self._wish.low, self._wish.high))
        return (high, low) if ages else (low, high)

    def _end(self, source: Source | None, text_of: TextOf) -> int | None:
        text = text_of(source) if source is not None else ""
        if source is None or not text:
            return None
        if not self._attribute.is_number:
            return self._codes[id(source)](text) or None
        found = _ONE_END.fullmatch(self._clear(source, text))
        if found is None:
            raise Untranslatable(RejectionReason.NO_NUMBER)
        return self._code(source, found[1])

    def _clear(self, source: Source, text: str) -> str:
        plain = _plain(taken(source, text))
        if source.unit == "year" and _TWO_MEANINGS.search(plain):
            raise Untranslatable(RejectionReason.NOT_LISTED)
        return plain

    def _code(self, source: Source, written: str) -> int:
        """A number's code; a number beyond the attribute's range gives its first or last code."""
        number = float(written)
        if source.between and not source.between[0] <= number <= source.between[1]:
            raise Untranslatable(RejectionReason.IMPOSSIBLE, f"{self._attribute.code}: {written}")
        if source.unit == "age":
            number = (self._calendar.year or 0) - number
        elif source.unit == "year" and len(written) == 2:
            number = self._calendar.full_year(int(number))
        elif source.unit == "inch":
            number *= _INCH
        low = self._attribute.low
        high = self._attribute.high
        # Wishes may exceed the range a little; a number far outside is a mistake ("17" for 170).
        if not low - (high - low) // 2 <= number <= high + (high - low) // 2:
            raise Untranslatable(RejectionReason.IMPOSSIBLE, f"{self._attribute.code}: {low}..{high}")
        return self._attribute.code_of(min(max(int(number + 0.5), low), high))


def _ends(text: str) -> Ends:
    if found := _BOTH.fullmatch(text):
        return found[1], found[2]
    if found := _AT_LEAST.fullmatch(text):
        return found[1], None
    if found := _AT_MOST.fullmatch(text):
        return None, found[1] or found[2]
    raise Untranslatable(RejectionReason.NOT_LISTED)


def _plain(text: str) -> str:
    return " ".join(normalize("NFKC", text).split())
