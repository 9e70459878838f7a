"""Search of names by a part: its beginning, or from a later syllable or word on, in letters or in initials of Hangul.

A Hangul syllable begins with one of 19 consonants, its initial: 김민준 has the initials ㄱㅁㅈ. A search may mix both:
ㄱ민준. Names and searches are compared without case, spaces and punctuation.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from ygs.domain.errors import N_, InvalidText
from ygs.domain.text import NAME_LENGTH, checked_text

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST_SYLLABLE = ord("가")
_LAST_SYLLABLE = ord("힣")
_SYLLABLES_OF_INITIAL = 588
# The same 19 consonants as they stand in decomposed text.
_FIRST_CONJOINING = 0x1100
# A keyboard joins two consonants typed in a row to one letter where a syllable could end with both.
_JOINED = {"ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ"}
_JOINED |= {"ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ"}
_AS_INITIALS = str.maketrans(_JOINED | {chr(_FIRST_CONJOINING + at): each for at, each in enumerate(INITIALS)})
# The parts of one name that a search can begin with.
MOST_PARTS = 10
_LAST_BEFORE_SURROGATES = 0xD7FF
_AFTER_SURROGATES = 0xE000
_LAST_CHARACTER = 0x10FFFF


@dataclass(frozen=True, slots=True)
class NameKey:
    """A part of a name, from a syllable or word on to the end, as it is searched; and the same in initials."""

    text: str
    initials: str


@dataclass(frozen=True, slots=True)
class NameQuery:
    """What to search names for. `text`: letters and initials, as `searchable` makes them."""

    text: str

    @classmethod
    def of(cls, written: str) -> Self:
        """The query that somebody wrote; `InvalidText` when it has no letter."""
        text = searchable(checked_text("search", written, at_most=NAME_LENGTH))
        if not text:
            raise InvalidText("search", N_("shows nothing; write the name"))
        return cls(text)

    @property
    def has_initials(self) -> bool:
        """Whether a character stands for every syllable that begins with it."""
        return any(each in INITIALS for each in self.text)

    @property
    def initials(self) -> str:
        """The query in initials only."""
        return initials(self.text)

    def exact_runs(self) -> Iterator[tuple[int, str]]:
        """Yield the runs of characters that must be as written, each with its place, counted from 0."""
        start = 0
        for place, each in enumerate(f"{self.text}{INITIALS[0]}"):
            if each in INITIALS:
                if start < place:
                    yield start, self.text[start:place]
                start = place + 1

    def matches(self, name: str) -> bool:
        """Whether a part of the name begins with the query."""
        return any(
            key.initials.startswith(self.initials)
            and all(key.text.startswith(run, place) for place, run in self.exact_runs())
            for key in name_keys(name)
        )


def searchable(name: str) -> str:
    """A name as it is compared in searches: composed, in lower case, and without spaces and punctuation."""
    return "".join(_words(name))


def name_keys(name: str) -> list[NameKey]:
    """The parts of a name that a search can begin with, the whole name first; at most `MOST_PARTS`."""
    text = searchable(name)
    starts: list[int] = []
    at = 0
    for word in _words(name):
        starts += [at + place for place, each in enumerate(word) if place == 0 or _is_syllable(each)]
        at += len(word)
    return [NameKey(text[start:], initials(text[start:])) for start in starts[:MOST_PARTS]]


def initials(text: str) -> str:
    """The text with each Hangul syllable replaced by its initial."""
    return "".join(_initial(each) for each in text)


def after_prefix(prefix: str) -> str | None:
    """The first text, in the order of code points, that follows every text with this prefix; None if none does."""
    kept = prefix.rstrip(chr(_LAST_CHARACTER))
    if not kept:
        return None
    last = ord(kept[-1])
    return kept[:-1] + chr(_AFTER_SURROGATES if last == _LAST_BEFORE_SURROGATES else last + 1)


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).translate(_AS_INITIALS)
    words = ("".join(each for each in word if unicodedata.category(each)[0] != "P") for word in plain.split())
    # A name may consist of punctuation only.
    return [word for word in words if word] or plain.split()


def _initial(character: str) -> str:
    if not _FIRST_SYLLABLE <= ord(character) <= _LAST_SYLLABLE:
        return character
    return INITIALS[(ord(character) - _FIRST_SYLLABLE) // _SYLLABLES_OF_INITIAL]


def _is_syllable(character: str) -> bool:
    """Whether a part of a name may begin here in the middle of a word: at Hangul, and at Chinese characters."""
    return unicodedata.category(character) == "Lo"
