"""Korean words in Latin letters, in the many ways that people spell them: 서연 is Seoyeon, Seo-yeon and Suyoun."""

import re
import unicodedata

_INITIALS = "g|k,kk|gg|k|g,n,d|t,tt|dd|t|d,r|l,m,b|p,pp|bb|p|b,sh|s,ss|s,,j|ch|z,jj|j,ch,k|c,t,p|f,h"
_VOWELS = (
    "a[hr]?,ae|ai|ay|e,ya[hr]?|ia,yae|ye,eo|u[hr]?|o|e|au,e[hi]?|ae|ay,y(?:eo|ou|u|o|e)[hr]?|io|eo,ye|yae|e,o[ho]?,"
    "wa|wha|oa,wae|wai|we,oe|oi|we,yo[hu]?|io,w?oo|w?u|ou,w(?:o|eo|u)|uo,we,wi|we|ui|wee,you|yoo|yu|ew|u,eu|u|oo|e,"
    "eui|ui|ee|i|e,ee|yi|ie|i|y|e"
)
_FINALS = "[kgc]k?,k,k,n,n,n,t|d,l[el]?|r,k|l,m,l|p,l,l,p|l,l,m|n,p|b,p,t|s,t|s,ng|n,t|j,t|ch,k,t,p,"
# In the order of Unicode; the first of the finals is none.
_INITIAL, _VOWEL, _FINAL = (each.split(",") for each in (_INITIALS, _VOWELS, f",{_FINALS}"))
# Those that are not spelled like the same syllable in other words.
_SURNAMES = {
    "이": "lee|yi|rhee|ri|i",
    "임": "lim|rim|im|yim",
    "최": "choi|choe|choy",
    "유": "yoo|you|yu|ryu",
    "류": "ryu|ryoo|yoo|yu",
    "노": "noh|roh|no|ro",
    "박": "park|pak|bak|bark",
}
# Between two syllables: marks and digits, or a letter or two by themselves (Min x jun).
_MARK = r"[\W\d_ㄱ-ㅣ]"
_APART = rf"(?:{_MARK}{{0,4}}|{_MARK}{{1,3}}[a-z]{{1,2}}{_MARK}{{1,3}})"


def romanised(word: str) -> str:
    """A pattern, without groups, for a Hangul word in Latin letters of any case, its syllables together or apart, some
    of them also in Hangul."""
    syllables = unicodedata.normalize("NFC", word)
    return "|".join(_first_at(syllables, at) for at in range(len(syllables)))


def romanised_name(surname: str, given: str) -> str:
    """A pattern for a Korean name in Latin letters, in either order; a given name of two syllables also by itself."""
    first = f"(?:{_SURNAMES.get(surname) or romanised(surname)})"
    last = f"(?:{romanised(given)})"
    around = f"{first}{_APART}(?:{last}|{given})|{surname}{_APART}{last}|{last}[\\W_]{{1,2}}{first}"
    return around if len(given) < 2 else f"{around}|{last}"


def alone(patterns: str) -> "re.Pattern[str]":
    """The patterns as words of their own among Latin letters."""
    return re.compile(rf"(?<![a-z])(?:{patterns})(?![a-z])", re.IGNORECASE)


def _first_at(syllables: str, at: int) -> str:
    """The word with its first syllable in Latin letters at this place; those behind it in either writing."""
    hangul = map(re.escape, syllables[:at])
    either = (f"(?:{each}|{_syllable(each)})" for each in syllables[at + 1 :])
    return _APART.join([*hangul, f"(?:{_syllable(syllables[at])})", *either])


def _syllable(character: str) -> str:
    at = ord(character) - ord("가")
    if not 0 <= at < len(_INITIAL) * len(_VOWEL) * len(_FINAL):
        return re.escape(character)
    initial, rest = divmod(at, len(_VOWEL) * len(_FINAL))
    vowel, final = divmod(rest, len(_FINAL))
    return f"(?:{_INITIAL[initial]})(?:{_VOWEL[vowel]})(?:{_FINAL[final]})"
