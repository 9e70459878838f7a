"""The value parser: turns a text of a foreign file into a code, by tables, patterns, numbers with units, and sets."""

import re
from collections.abc import Callable, Iterable, Mapping

from ygs.application.importing.birth_dates import Calendar, year_of_birth
from ygs.application.importing.rejections import RejectionReason
from ygs.application.importing.source import Answers, Source
from ygs.domain.matching.attribute import UNKNOWN, Attribute, Kind
from ygs.domain.text import without_invisible

# A comma only separates thousands: "1,75" is a decimal, and not 175.
_NUMBER = re.compile(r"-?(\d{1,9}|\d{1,3}(,\d{3}){1,2})(\.\d{1,9})?")

_BLANK = re.compile(r"[^\S\t\r\n]")


class Untranslatable(Exception):
    """A text that no rule of the mapping covers; the row is refused, nothing is guessed."""

    def __init__(self, why: RejectionReason, detail: str = "") -> None:
        self.why = why
        self.detail = detail
        super().__init__(why)


def translation(source: Source, attribute: Attribute, calendar: Calendar) -> Callable[[str], int]:
    """A function that turns a text of the file into a code, or a mask for a set, or raises `Untranslatable`."""
    if attribute.code == "birth_year" and source.unit == "year":
        return lambda text: _birth_year(source, attribute, calendar, text)
    if attribute.is_number:
        return lambda text: _number(source, attribute, calendar, taken(source, text))
    words = {} if source.values or source.patterns else _vocabulary_words(attribute)
    look_up = _table(source, words)
    if source.separator:
        dropped = re.compile("|".join(f"(?:{expression})" for expression in source.drop) or r"(?!)")
        return lambda text: _several(text.split(source.separator), source, attribute, look_up, dropped)
    return lambda text: code_of(attribute, look_up(taken(source, text)))


def plain_text(text: str) -> str:
    """A text in the form that mappings compare: without invisible characters, and with every blank as a space."""
    plain = without_invisible(text)
    return plain if plain.isascii() else _BLANK.sub(" ", plain)


def taken(source: Source, text: str) -> str:
    """The part of the text that counts; `Untranslatable` when `take` does not fit it."""
    if not source.take:
        return text
    found = re.fullmatch(source.take, text)
    if found is None:
        raise Untranslatable(RejectionReason.NOT_LISTED)
    return (found[1] or "").strip()


def _birth_year(source: Source, attribute: Attribute, calendar: Calendar, text: str) -> int:
    """The part that `take` names, if that is a year that can be true; otherwise any spelling of a date of birth."""
    try:
        return _number(source, attribute, calendar, taken(source, text))
    except Untranslatable:
        year = year_of_birth(text, calendar)
        if year is None:
            raise
        return _number(source, attribute, calendar, str(year))


def _number(source: Source, attribute: Attribute, calendar: Calendar, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Untranslatable(RejectionReason.NO_NUMBER)
    number = float(text.replace(",", ""))
    low, high = source.between or (attribute.low, attribute.high)
    if source.unit in ("year", "age") and not number.is_integer():
        raise Untranslatable(RejectionReason.IMPOSSIBLE)
    value = {"inch": number * 2.54, "age": (calendar.year or 0) - number}.get(source.unit or "", number)
    answer = int(value + 0.5)
    if not attribute.low <= answer <= attribute.high or (source.between and not low <= number <= high):
        limits = f"{low}..{high} {source.unit}" if source.between else f"{attribute.low}..{attribute.high}"
        raise Untranslatable(RejectionReason.IMPOSSIBLE, f"{attribute.code}: {limits}")
    return attribute.code_of(answer)


def _table(source: Source, words: Mapping[str, str]) -> Callable[[str], Answers]:
    patterns = [(re.compile(expression), answer) for expression, answer in source.patterns.items()]
    values = {plain_text(text): answer for text, answer in source.values.items()}

    def look_up(text: str) -> Answers:
        if text in values:
            return values[text]
        if text in words:
            return words[text]
        for pattern, answer in patterns:
            if pattern.fullmatch(text):
                return answer
        raise Untranslatable(RejectionReason.NOT_LISTED)

    return look_up


def _several(
    pieces: Iterable[str],
    source: Source,
    attribute: Attribute,
    look_up: Callable[[str], Answers],
    dropped: re.Pattern[str],
) -> int:
    mask = 0
    for piece in map(str.strip, pieces):
        if piece and not dropped.fullmatch(piece):
            mask |= code_of(attribute, look_up(taken(source, piece)))
    return mask


def code_of(attribute: Attribute, answer: Answers) -> int:
    """The code of a mapping's answer, or the mask for a set; 0 for an empty list, which leaves the fact unknown."""
    answers = answer if isinstance(answer, list) else [answer]
    if attribute.kind is Kind.SET:
        return attribute.mask_of(str(each) for each in answers)
    return attribute.code_of(answers[0]) if answers else UNKNOWN


def _vocabulary_words(attribute: Attribute) -> dict[str, str]:
    return {word: value.code for value in attribute.values for word in (value.en, value.ko, value.code)}
