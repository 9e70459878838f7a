"""What text may be: the one gate every free text passes before it becomes part of an entity."""

import re

from ygs.domain.errors import InvalidText

NAME_LENGTH = 60
LINE_LENGTH = 120
ESSAY_LENGTH = 2000
NOTE_LENGTH = 4000

# Korean resident registration number: YYMMDD-SXXXXXX with S 1-8. Refused wherever text is accepted, because
# keeping one without a statute that orders it is itself an offence.
_RESIDENT_NUMBER = re.compile(r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-\s]?[1-8]\d{6}(?!\d)")


def checked_text(field: str, text: str, *, at_most: int) -> str:
    """`text` without surrounding space, or `InvalidText`: NUL, lone surrogates, over `at_most` characters, a resident
    number.

    The three storages disagree on NUL and surrogates (PostgreSQL refuses what SQLite keeps), so they are refused here
    for all.
    """
    text = text.strip()
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidText(field, "holds a character that cannot be stored")
    if len(text) > at_most:
        raise InvalidText(field, f"longer than {at_most} characters")
    if _RESIDENT_NUMBER.search(text):
        raise InvalidText(field, "holds a resident registration number; remove it")
    return text


def required_text(field: str, text: str, *, at_most: int) -> str:
    """Like `checked_text`, and refuses empty text."""
    text = checked_text(field, text, at_most=at_most)
    if not text:
        raise InvalidText(field, "must not be empty")
    return text
