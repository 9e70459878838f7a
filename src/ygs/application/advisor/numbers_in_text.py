"""Numbers as people write them to slip them past a filter: in digits of any script, in Hangul, in Chinese characters,
in English words, apart or with words between.

010-1234-5678 is also 공일공 일이삼사 오육칠팔, 영일영에 1234 다시 5678, 0일0-1이삼4, in full width, and zero one zero.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]  # first place, and the place behind the last
_Digit: TypeAlias = tuple[str, int, int]  # a digit, and its span

_SPOKEN = dict(zip("공영빵일이삼사오육륙칠팔구", "0001234566789", strict=True))
_SPOKEN |= {"\u3007": "0", "零": "0", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7"}
_SPOKEN |= {"八": "8", "九": "9", "둘": "2", "셋": "3", "넷": "4", "투": "2", "포": "4", "텐": "0"}
_WORDS = {"하나": "1", "다섯": "5", "여섯": "6", "일곱": "7", "여덟": "8", "아홉": "9", "제로": "0", "원": "1"}
_WORDS |= {"쓰리": "3", "파이브": "5", "식스": "6", "세븐": "7", "에잇": "8", "나인": "9"}
_WORDS |= {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
_WORDS |= {"eight": "8", "nine": "9"}
_TOKEN = re.compile("|".join([*_WORDS, f"[{''.join(_SPOKEN)}]", r"\d"]), re.IGNORECASE)
# Looks like a digit where digits stand on at least one side.
_LOOKALIKE = re.compile(r"(?<=\d)[oOlI|]|[oOlI|](?=\d)")
_LOOKALIKES = {"o": "0", "l": "1", "i": "1", "|": "1"}
# What stands between the digits of one number: punctuation, and the words people say for it.
_BETWEEN = re.compile(r"[\W_]{0,4}(?:에|다시|대시|바|하이픈|마이너스|의|점)?[\W_]{0,4}", re.IGNORECASE)

# A run of digits this long is somebody's number: phones, accounts and resident numbers are longer, years shorter.
LEAST_DIGITS = 7
# Digits that are Hangul syllables are also ordinary words (이, 일, 사), so it takes more of them.
LEAST_SPOKEN = 8
_FARTHEST = 8  # characters between two digits of a known phone
_SUBSCRIBER = 8  # digits of a Korean mobile number after 010
_GROUP = 4
_COUNTED = ("", "일", "이", "삼", "사", "오", "[육륙]", "칠", "팔", "구")
_PLATE = re.compile(r"\d{2,3}\s*[가-힣]\s*\d{4}")


def long_numbers(text: str) -> Iterator[Span]:
    """The spans of the numbers that are long enough to be somebody's."""
    for run in _runs(text, digits_in(text)):
        written = sum(text[start:end].isdecimal() for _, start, end in run)
        if len(run) >= (LEAST_DIGITS if written > len(run) // 2 else LEAST_SPOKEN):
            yield run[0][1], run[-1][2]


def plates(text: str) -> Iterator[Span]:
    """The spans of number plates."""
    yield from (found.span() for found in _PLATE.finditer(text))


def spellings_of(phone: str, text: str) -> Iterator[Span]:
    """The spans in which the phone (E.164) is spelled, also with a few characters or words between its digits, and
    those of its last groups of four where they stand alone."""
    digits = digits_in(text)
    yield from _subsequences(phone[-_SUBSCRIBER:].lstrip("+"), digits)
    groups = {phone[-_GROUP:], phone[-2 * _GROUP : -_GROUP]}
    for run in _runs(text, digits):
        if "".join(digit for digit, _, _ in run) in groups:
            yield run[0][1], run[-1][2]
    for group in groups:
        if group[0] != "0" and group.count("0") < _GROUP - 1:
            yield from (found.span() for found in re.finditer(_counted(group), text))


def _counted(group: str) -> str:
    """A pattern for four digits as they are counted: 2718 is 이천칠백십팔."""
    places = [(int(digit), unit) for digit, unit in zip(group, ("천", "백", "십", ""), strict=True) if digit != "0"]
    # A one is not said before a unit, or is.
    return r"\s?".join(_COUNTED[digit] + ("?" if digit == 1 and unit else "") + unit for digit, unit in places)


def digits_in(text: str) -> Sequence[_Digit]:
    """Whatever may be read as a digit, in order, with its span."""
    found = [(_value(each[0]), *each.span()) for each in _TOKEN.finditer(text)]
    found += [(_LOOKALIKES[each[0].lower()], *each.span()) for each in _LOOKALIKE.finditer(text)]
    return sorted(found, key=lambda each: each[1])


def _value(token: str) -> str:
    if token.isdecimal():
        return str(unicodedata.decimal(token))
    return _WORDS.get(token.lower()) or _SPOKEN[token]


def _runs(text: str, digits: Sequence[_Digit]) -> Iterator[Sequence[_Digit]]:
    """The digits, cut where anything but separators stands between two of them."""
    run: list[_Digit] = []
    for each in digits:
        if run and not _BETWEEN.fullmatch(text, run[-1][2], each[1]):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _subsequences(wanted: str, digits: Sequence[_Digit]) -> Iterator[Span]:
    """The spans of digits that spell `wanted` in order, with at most a few characters between two of them."""
    # Per digit of the text and number of digits spelled up to it: where the spelling began.
    began: list[dict[int, int]] = []
    first = 0
    for at, (digit, start, end) in enumerate(digits):
        while digits[first][2] + _FARTHEST < start:
            first += 1
        here: dict[int, int] = {1: start} if digit == wanted[0] else {}
        for earlier in range(first, at):
            for count, begin in began[earlier].items():
                if count < len(wanted) and wanted[count] == digit:
                    here[count + 1] = max(begin, here.get(count + 1, -1))
        began.append(here)
        if len(wanted) in here:
            yield here[len(wanted)], end
