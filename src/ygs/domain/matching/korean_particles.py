"""Korean particles, joined to a word by its last sound.

A word that comes from data is made a `Word`, and ``f"{word:은}"`` joins the right one of 은 and 는.
"""

import re

# Each particle as it stands after a final consonant, and after a vowel.
PARTICLES = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로", "으면": "면"}


class Word(str):
    """Words that take Korean particles by format: ``f"{Word('서울'):은}"`` is 서울은, 경기는, 170cm는, MBTI는.

    A parenthesis at the end is ignored, as Korean spelling requires. A text without a known reading counts as ending in
    a vowel.
    """

    __slots__ = ()

    def __format__(self, particle: str) -> str:
        if not particle:
            return str(self)
        final = _final_sound(self)
        after_vowel = final == "" or (particle[0] == "으" and final == "ㄹ")
        return self + (PARTICLES[particle] if after_vowel else particle)


# The final sounds of digits and Latin letters read in Korean (영 일 이 삼 ..., 엘 엠 엔 알); others end in a vowel.
_READ_OUT = {
    "0": "ㅇ",
    "1": "ㄹ",
    "3": "ㅁ",
    "6": "ㄱ",
    "7": "ㄹ",
    "8": "ㄹ",
    "l": "ㄹ",
    "m": "ㅁ",
    "n": "ㄴ",
    "r": "ㄹ",
}


def _final_sound(words: str) -> str:
    """ "" after a vowel, "ㄹ" where that matters to a particle, any other letter for another final consonant."""
    spoken = re.sub(r"(?<=.)\([^()]*\)\W*$", "", words)
    spoken = re.sub(r"[\W_]+$", "", spoken)
    # 센티미터; and words, unlike abbreviations, are not spelled out: hour is 아워.
    if not spoken or re.search(r"\d ?cm$|[a-z]r$", spoken):
        return ""
    # Words again: 링 and 집, while png and HTTP are spelled out and end in a vowel.
    if re.search(r"[aeiou]ng$|[aeiou]p$", spoken):
        return "ㅇ"
    last = spoken[-1].lower()
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "" if final == 0 else "ㄹ" if final == 8 else "ㅇ"
    return _READ_OUT.get(last, "")
