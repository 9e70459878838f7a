"""Words that people write with something between their syllables, so that a search for them finds nothing.

민준 is also 민x준, 민1준, 민 ㅡ 준 and ㅁㅣㄴ-a-ㅈㅜㄴ; Minjun is also Min1jun, Min x jun, M.i.n.j.u.n and 민jun. With
another syllable between (민이준) it is another word.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

Spaced: TypeAlias = tuple[str, list[int]]  # a text without some characters, and the place of each that is left

_MOST_BETWEEN = 4  # letters and digits between two syllables; marks are not counted
_SHORT = 2
# Letters of a syllable stand in this private area, those that were typed one by one do not.
_IN_SYLLABLE = 0xE000 - ord("ㄱ")
_BETWEEN = rf"[^\ue000-\ue0ff]{{0,{_MOST_BETWEEN}}}?"
_LETTER_BY_LETTER = re.compile(r"(?<![a-z])[a-z](?:[^a-z가-힣\n]{1,3}[a-z])+(?![a-z])", re.IGNORECASE)
# What may follow a short word that has spaces in it, for it to be that word: 민 x 준은, but not 시민 3 준비.
_PARTICLES = re.compile(
    r"(?![가-힣])|이|가|은|는|을|를|아|야|도|만|의|네|께|랑|와|과|에|한테|처럼|보다|고|며|라|예|입|로|으로|씨|님|군|양|쌤|대리|과장|"
    r"차장|부장|팀장|실장|대표|선생|교수"
)


def in_private_area(character: str, letters: str) -> str:
    """The letters of one character, moved to a private area where the character is a Hangul syllable."""
    return "".join(map(_moved, letters)) if "가" <= character <= "힣" else letters


@lru_cache(maxsize=16_384)
def split_word(syllables: Sequence[str]) -> "re.Pattern[str]":
    """A pattern for the letters of a word's syllables in a text whose syllables are moved to the private area."""
    # Group 1 is within a lookahead, as two readings may overlap.
    return re.compile(f"(?=({_BETWEEN.join(map(_syllable, syllables))}))")


def is_read_as(text: str, start: int, end: int, syllables: int) -> bool:
    """Whether a reader takes what stands there for one word: short words with spaces in them must stand alone."""
    if syllables > _SHORT or not any(each.isspace() for each in text[start:end]):
        return True
    return not (start and "가" <= text[start - 1] <= "힣") and _PARTICLES.match(text, end) is not None


def letter_by_letter(text: str) -> Iterator[Spaced]:
    """The Latin words that are written letter by letter (M.i.n), as words, with the place of each letter."""
    for found in _LETTER_BY_LETTER.finditer(text):
        places = [at for at in range(*found.span()) if text[at].isascii() and text[at].isalpha()]
        yield "".join(text[at] for at in places), places


def _syllable(letters: str) -> str:
    return "".join(f"[{each}{_moved(each)}]" if _moved(each) != each else re.escape(each) for each in letters)


def _moved(letter: str) -> str:
    return chr(ord(letter) + _IN_SYLLABLE) if "ㄱ" <= letter <= "ㅣ" else letter
