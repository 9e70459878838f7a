"""Checks of free text, which every text passes before it becomes part of an entity."""

import re
import unicodedata

from ygs.domain.errors import N_, InvalidText

NAME_LENGTH = 60
LINE_LENGTH = 120
ESSAY_LENGTH = 2000
NOTE_LENGTH = 4000

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DIGIT = re.compile(r"\d")

# Korean resident registration number: YYMMDD-SXXXXXX with S 1-8. Refused wherever text is accepted, because
# storing one is illegal without a statute that requires it. Between the halves people write a hyphen, any dash, spaces,
# a dot, or an invisible character.
_RESIDENT_NUMBER = re.compile(r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\W_]{0,3}[1-8]\d{6}(?!\d)")
_NUMBER_LENGTH = 13


# As classes of regular expressions.
_SPACE = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028-\u2029\u202f\u205f\u3000"
# Controls other than line breaks; NUL is refused.
_CONTROL = "\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
# Zero-width spaces and joiners, the byte order mark, marks for the direction of writing.
_FORMAT = (
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f"
)
# What Unicode counts as letters or symbols, and shows nothing.
_FILLER = "\u034f\u115f-\u1160\u17b4-\u17b5\u2800\u3164\uffa0\U00016fe4\U0001d159"
# Variation selectors and tags change the character before them: an emoji may end with one, no text begins with one.
_SELECTOR = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef"
_INVISIBLE = re.compile(f"[{_CONTROL}{_FORMAT}{_FILLER}{_SELECTOR}]")


def _characters(ranges: str) -> str:
    each = re.findall("(.)(?:-(.))?", ranges, re.DOTALL)
    return "".join(chr(code) for first, last in each for code in range(ord(first), ord(last or first) + 1))


_AFTER = _characters(_SPACE + _CONTROL + _FORMAT + _FILLER)
_BEFORE = _AFTER + _characters(_SELECTOR)
_ENDS = frozenset(_BEFORE)


def stripped(text: str) -> str:
    """Remove spaces and invisible characters from both ends of a text."""
    if not text or (text[0] not in _ENDS and text[-1] not in _ENDS):
        # Nearly every text that is stored already; an emoji may end with a selector, and goes the other way.
        return text
    # Not by an expression: one that looks for blanks before the end takes quadratic time for many in the middle.
    return text.strip() if _is_plain(text) else text.lstrip(_BEFORE).rstrip(_AFTER)


def without_invisible(text: str) -> str:
    """Remove invisible characters anywhere in a text, and spaces at its ends: for names and column headers.

    The result is composed (NFC), because a filler may have separated the letters of one syllable.
    """
    return text.strip() if _is_plain(text) else unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def _is_plain(text: str) -> bool:
    # Nearly every text is a code, an id or a number: both questions take a tenth of the other way's time.
    return text.isascii() and text.isprintable()


def column_name(text: str) -> str:
    """Normalise a column's header for comparing: `without_invisible`, and each run of spaces as one space."""
    return " ".join(without_invisible(text).split())


def storable_text(field: str, text: str) -> str:
    """Return `text`; `InvalidText` if it holds NUL or a lone surrogate.

    PostgreSQL cannot store them and SQLite can, so every storage refuses them.
    """
    # Nearly every text is a code, an id or a number: looking for one character takes a tenth of the expression's time.
    if "\x00" in text if text.isascii() else _UNSTORABLE.search(text):
        raise InvalidText(field, N_("holds a character that cannot be stored"))
    return text


def checked_text(field: str, text: str, *, at_most: int) -> str:
    """Return `text` composed (NFC) and `stripped`.

    `InvalidText` if it is not storable, longer than `at_most` characters, or holds a resident registration number.

    It is composed because some keyboards send Hangul letter by letter: equal names must compare, sort and count as
    equal.
    """
    text = storable_text(field, stripped(text if text.isascii() else unicodedata.normalize("NFC", text)))
    if len(text) > at_most:
        raise InvalidText(field, N_("longer than {at_most} characters"), at_most=at_most)
    if holds_resident_number(text):
        raise InvalidText(field, N_("holds a resident registration number; remove it"))
    return text


def required_text(field: str, text: str, *, at_most: int) -> str:
    """Like `checked_text`, and refuses empty text."""
    text = checked_text(field, text, at_most=at_most)
    if not text:
        raise InvalidText(field, N_("must not be empty"))
    return text


def required_name(field: str, text: str, *, at_most: int) -> str:
    """Like `required_text`, in one line and without invisible characters; `InvalidText` if none that shows is left."""
    text = required_text(field, " ".join(without_invisible(text).split()), at_most=at_most)
    if not any(unicodedata.category(each)[0] in "LNPS" for each in text):
        raise InvalidText(field, N_("shows nothing; write the name"))
    return text


def shown_text(text: str, *, at_most: int) -> str:
    """Shorten a text to show it to the person who sent it. Digits become asterisks if it may hold a resident number.

    A spreadsheet that stores such a number as a number drops a leading zero, so twelve digits are hidden too.
    """
    if len(_DIGIT.findall(text)) >= _NUMBER_LENGTH - 1:
        text = _DIGIT.sub("*", text)
    return text[:at_most]


def holds_resident_number(text: str) -> bool:
    """Whether `text` holds a whole resident registration number, also one spelled to hide it."""
    if len(text) < _NUMBER_LENGTH or len(_DIGIT.findall(text)) < _NUMBER_LENGTH:
        return False
    # People read full-width digits, and those of other scripts, as the same number.
    plain = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), _INVISIBLE.sub("", text))
    return _RESIDENT_NUMBER.search(plain) is not None
