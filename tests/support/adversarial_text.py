"""Korean texts in which people tell who they are, spelled to slip past a filter; and what of them can still be read."""
# ruff: noqa: RUF001

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from random import Random

from ygs.application.advisor.scrubber import KnownPerson
from ygs.application.simulation.names import name as korean_name

_SCHOOLS = ("한솔대학교", "미르여자대학교", "가온고등학교", "누리과학기술대학교", "Hanbit University")
_EMPLOYERS = ("다온전자", "(주)새봄소프트", "주식회사 늘푸른상사", "㈜바다물산", "Orion Systems")
_DISTRICTS = ("해오름구", "성남시 별내구", "달빛동", "강서구")
_TITLES = ("", "", " 책임연구원", " 대리", " 과장")
_PARTICLES = (
    "",
    "입니다",
    "이에요",
    "이라고 해요",
    "가",
    "는",
    "을",
    "이랑",
    "님",
    "씨",
    " 씨",
    "한테 물어보세요",
    "로",
)
_SEPARATORS = (" ", ".", "·", "-", "_", "~", "*", "|", "/", "  ", ", ", "…", "\n", "\u200b", "\u00ad", "\u3164")
_LETTERS_BETWEEN = ("x", "1", "ㅡ", "ㅋㅋ", "A", "_0_", " x ", " 1 ", " ㅡ ", "(e)", "♡v♡", "2024")
_SPOKEN = ("공일이삼사오육칠팔구", "영일이삼사오륙칠팔구", "〇一二三四五六七八九", "０１２３４５６７８９", "⓪①②③④⑤⑥⑦⑧⑨")
_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_OPENINGS = (
    "안녕하세요. 저는 ",
    "연락 주세요 ",
    "(",
    "제 소개: ",
    "궁금하면 ",
    "ㅎㅎ",
    "사실 ",
    "이름은요, ",
    "Call me ",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A made-up person, as the scrubber knows them, and what nobody may read of them."""

    known: KnownPerson
    given: str
    phone: str
    school: str
    employer: str
    district: str

    @property
    def canaries(self) -> tuple[str, ...]:
        """Texts that must be gone."""
        local = (self.known.email or "").partition("@")[0]
        return (self.known.name, self.given, self.phone[3:], local, self.school, self.employer, self.district)


def stranger(rng: Random) -> Stranger:
    """Somebody with a name, phone, e-mail, school, employer and district."""
    name = korean_name(rng, male=rng.random() < 0.5, born=rng.randrange(1960, 2008))
    phone = f"010{rng.randrange(2_000, 10_000)}{rng.randrange(10_000):04}"
    local = f"{rng.choice(('sunny', 'blue.sky', 'mjk', 'green_tea'))}{rng.randrange(70, 100)}"
    email = f"{local}@{rng.choice(('naver.com', 'corp.co.kr'))}"
    school = rng.choice(_SCHOOLS)
    employer = rng.choice(_EMPLOYERS)
    district = rng.choice(_DISTRICTS)
    words = (f"{school} 경영학과", employer + rng.choice(_TITLES), district)
    known = KnownPerson(name=name, phone=f"+82{phone[1:]}", email=email, words=words)
    bare = re.sub(r"\(주\)|주식회사|㈜", "", employer).strip()
    given = name[2:] if len(name) > 3 else name[1:]
    return Stranger(
        known=known, given=given, phone=phone, school=school, employer=bare, district=district.rpartition(" ")[2]
    )


def told(rng: Random, who: Stranger, ordinary: str) -> str:
    """An ordinary text, with one to four things told about a person at places of the text."""
    pieces = [ordinary]
    for _ in range(rng.randrange(1, 5)):
        what = rng.choice((_name, _name, _phone, _email, _word))(rng, who)
        pieces.insert(rng.randrange(len(pieces) + 1), rng.choice(_OPENINGS) + what)
    return rng.choice((" ", "\n", ". ")).join(pieces)


def survivors(text: str, who: Stranger) -> list[str]:
    """The canaries that somebody could still read in a text."""
    found = [canary for canary in who.canaries if _reads(_readings(text), _readings(canary))]
    # 갑니다. 연락 reads like 다연, 갑니다. 안녕 begins like 다아, and [이름]가 안녕 like 가아.
    return [canary for canary in found if not any(_reads(each, _readings(canary)) for each in _seams())]


@cache
def _seams() -> tuple[tuple[str, ...], ...]:
    """What the end of an ordinary sentence or word and the opening behind it read as."""
    ends = ("니다", "아요", "어요", "해요", "에요", *_PARTICLES)
    return tuple(_readings(end + opening) for end in ends for opening in _OPENINGS)


def _reads(text: tuple[str, ...], canary: tuple[str, ...]) -> bool:
    return any(mine and mine in theirs for mine, theirs in zip(canary, text, strict=True))


def _name(rng: Random, who: Stranger) -> str:
    name = rng.choice((who.known.name, who.given, who.given))
    return _disguised(rng, name) + rng.choice(_PARTICLES)


def _phone(rng: Random, who: Stranger) -> str:
    written = rng.choice((who.phone, f"82{who.phone[1:]}", who.phone[3:]))
    alphabet = rng.choice((None, None, *_SPOKEN, _ENGLISH))
    digits = [each if alphabet is None or rng.random() < 0.2 else alphabet[int(each)] for each in written]
    gap = " " if alphabet is _ENGLISH else rng.choice(("", "", " ", "-", ".", "\u200b"))
    groups = (digits[:-8], digits[-8:-4], digits[-4:])
    between = rng.choice(("", "-", " ", ".", "에 ", " 다시 ", " 하이픈 ", " 그리고 ", "~", "―"))
    return between.join(gap.join(group) for group in groups if group)


def _email(rng: Random, who: Stranger) -> str:
    local, _, domain = (who.known.email or "").partition("@")
    at = rng.choice(("@", " @ ", " 골뱅이 ", "(at)", "\uff20", " at "))
    dot = rng.choice((".", " . ", " 닷 ", "(dot)", "\uff0e"))
    return rng.choice((local, local.upper(), _disguised(rng, local))) + at + domain.replace(".", dot)


def _word(rng: Random, who: Stranger) -> str:
    return _disguised(rng, rng.choice((who.school, who.employer, who.district))) + rng.choice(_PARTICLES)


def _disguised(rng: Random, text: str) -> str:
    """One of the ways in which a word is spelled so that a search for it finds nothing."""
    way = rng.randrange(9)
    if way == 0:
        return unicodedata.normalize("NFD", text)
    if way == 1:
        return rng.choice(_SEPARATORS).join(text)
    if way == 2:
        return "".join(_typed(each) for each in text)
    if way == 3:
        return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)
    if way == 4:
        return rng.choice(_SEPARATORS).join(_typed(each) for each in text)
    if way == 5 and _is_hangul(text):
        return rng.choice(_LETTERS_BETWEEN).join(text)
    if way == 6 and _is_hangul(text):
        return rng.choice(("x", "1", " x ", " 2 ")).join(_typed(each) for each in text)
    return text.upper() if way == 7 else text


def _is_hangul(text: str) -> bool:
    return all("가" <= each <= "힣" for each in text)


_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


def _typed(character: str) -> str:
    """A Hangul syllable as its letters, by arithmetic on code points."""
    if not "가" <= character <= "힣":
        return character
    at = ord(character) - ord("가")
    return (_INITIALS[at // 588] + chr(ord("ㅏ") + at % 588 // 28) + _FINALS[at % 28]).strip()


_DIGITS = str.maketrans("공영일이삼사오육륙칠팔구〇一二三四五六七八九", "001234566789" + "0123456789")


def _readings(text: str) -> tuple[str, ...]:
    """What a patient reader makes of a text: letters and digits, whatever they are spelled in; as it stands, with
    spoken digits as digits, and without what is put between Hangul: Latin letters and digits, and single letters."""
    composed = unicodedata.normalize("NFC", text)
    hangul = "".join(each for each in composed if "ㄱ" <= each <= "ㅣ" or "가" <= each <= "힣")
    syllables = "".join(each for each in hangul if each >= "가")
    return _letters(composed), _letters(composed.translate(_DIGITS)), _letters(hangul), _letters(syllables)


def _letters(text: str) -> str:
    return "".join(each for each in _simple("".join(_typed(each) for each in text)) if each.isalnum())


def _simple(text: str) -> str:
    for at, word in enumerate(_ENGLISH):
        text = re.sub(word, str(at), text, flags=re.IGNORECASE)
    wide = {chr(0xFF01 + at): chr(0x21 + at) for at in range(94)} | {chr(0x2460 + at): str(at + 1) for at in range(9)}
    return "".join(wide.get(each, "0" if each == "⓪" else each) for each in text).casefold()
