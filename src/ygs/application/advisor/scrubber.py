"""The scrubber: takes out of a free text whatever would tell who wrote it, before the text leaves the service.

What is *known* of the people concerned goes first: name, phone, e-mail, school, employer and district, however they are
spelled. Then go patterns: numbers, addresses, links, handles. Nothing here guesses names of strangers: offline packages
that do so were tried, missed members' names and took ordinary words for people.

Texts are compared by their *skeleton*: letters and digits only, without case, accents and spaces, and Hangul letter by
letter, so that 김 민준, 김.민.준 and ㄱㅣㅁㅁㅣㄴㅈㅜㄴ are one name.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ygs.application.advisor.numbers_in_text import Span, long_numbers, plates, spellings_of
from ygs.application.advisor.romanised import alone, romanised_name
from ygs.application.advisor.short_forms import in_latin_letters, in_longer_word, short_forms
from ygs.application.advisor.split_words import in_private_area, is_read_as, letter_by_letter, split_word
from ygs.domain.text import without_invisible


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """What the service knows of a person and no text may tell; `phone` in E.164. `words`: school, employer, district
    and other phrases of the profile."""

    name: str
    phone: str | None = None
    email: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A word to hide, by the skeletons of its characters, and what stands in its place. `after`: what must follow it,
    for it to be a word of its own; None where it goes also within a word."""

    syllables: tuple[str, ...]
    marker: str
    after: re.Pattern[str] | None = None

    @property
    def skeleton(self) -> str:
        """The skeleton of the whole word."""
        return "".join(self.syllables)

    def stands_at(self, text: str, start: int, end: int) -> bool:
        """Whether the characters there may be the word, and not a part of another."""
        if self.marker == WORD and in_longer_word(text, start, end):
            return False
        if self.after is None:
            return True
        preceding = text[start - 1] if start else " "
        return not preceding.isalnum() and self.after.match(text, end) is not None


NAME = "[이름]"
NUMBER = "[번호]"
EMAIL = "[이메일]"
LINK = "[링크]"
HANDLE = "[아이디]"
PLACE = "[주소]"
WORD = "[비공개]"

_SURNAMES_OF_TWO = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방")
_TITLES = "씨|님|군|양|대리|과장|차장|부장|팀장|실장|이사|대표|사장|선생|쌤|교수|원장|변호사|주임|사원"
# What may follow a name of one syllable: particles, and the titles above.
_AFTER_NAME = re.compile(
    rf"이?(?:이|가|은|는|을|를|아|야|도|만|의|네|께|랑|이랑|와|과|에게|한테|처럼|보다|이고|이며|라고|이라고|이에요|예요|이야|입니다|"
    rf"{_TITLES})?요?(?![가-힣])"
)
# What may follow a short form of a school or an employer; what comes behind it does not matter.
_AFTER_WORD = re.compile(
    r"(?![가-힣])|이?(?:이|가|은|는|을|를|도|만|의|랑|와|과|요|고|며|라|에|예요|이에요|입니|으로|출신|졸업|재학|직원|다녀|다니|다닙|나와|나온|나왔|"
    r"동문|선배|후배|의대|법대|공대|대학원)"
)

_AT = r"\s*(?:@|\(at\)|\[at\]|골뱅이|앳|\bat\b)\s*"
_DOT = r"\s*(?:\.|\(dot\)|\[dot\]|닷|쩜|점|\bdot\b)\s*"
_TOP = r"(?:com|net|org|kr|io|me|co|app|dev|info|link|gg|tv|xyz|ly|be|gl|page|site|shop|store|biz|us|jp|컴|넷)"
_EMAIL = re.compile(rf"(?<![\w.+\-])[\w.+\-]+{_AT}[a-z0-9가-힣\-]+(?:{_DOT}[a-z0-9가-힣\-]+)+", re.IGNORECASE)
_HALF_EMAIL = re.compile(r"(?<![a-z0-9._+\-])[a-z0-9._+\-]{3,}\s*(?:@|골뱅이)\s*[\w가-힣]+", re.IGNORECASE)
_LINK = re.compile(
    rf"(?:(?<![a-z])[a-z]{{2,}}\s*:\s*//\s*\S+)|(?:www{_DOT}\S+)"
    rf"|(?:(?<![a-z0-9\-])[a-z0-9\-]+(?:{_DOT}[a-z0-9\-]+){{0,4}}{_DOT}{_TOP}\b(?:/\S*)?)",
    re.IGNORECASE,
)
_SERVICE = (
    r"카카오\s*톡|카\s*톡|까\s*톡|ㅋㅌ|오픈\s*채팅|kakao\s*talk|kakao|katok|인스타\s*그램|인스타|인별|insta\s*gram|insta|\big\b|"
    r"라인|\bline\b|텔레\s*그램|텔레|telegram|페이스북|페북|facebook|트위터|twitter|스레드|threads|디스코드|discord|위챗|"
    r"wechat|유튜브|youtube|틱톡|tiktok|스냅챗|snapchat|왓츠앱|whatsapp|네이버\s*블로그|블로그|디코|갠톡|오픈톡|카친"
)
_ID = r"(?:아이디|아뒤|계정|주소|\bid\b|아디)"
_FILL = r"[\s:：=\-–—>→(\[\"'「」은는이가도요,.~/]{0,8}"  # noqa: RUF001
# The first Latin word after the name of a service, in one sentence; any word after the word "id".
_HANDLE = re.compile(rf"(?:{_SERVICE})[^a-z0-9_.!?\n]{{0,12}}([a-z0-9_][a-z0-9_.\-#]{{1,40}})", re.IGNORECASE)
_NAMED_ID = re.compile(rf"(?:{_ID}){_FILL}([\w.\-]{{2,40}})", re.IGNORECASE)
_AT_HANDLE = re.compile(r"@\s*[\w.\-]{2,40}")
_MIXED_ID = re.compile(
    r"(?<![a-z0-9_.\-])(?=[a-z0-9_.\-]*[a-z])(?=[a-z0-9_.\-]*[0-9_])[a-z][a-z0-9_.\-]{4,40}\b", re.IGNORECASE
)
_STREET = re.compile(
    r"(?<![가-힣A-Za-z0-9])[가-힣A-Za-z0-9]+(?:대로|로|길)\s*\d+(?:\s*번?길)?(?:\s*\d+)?(?:\s*-\s*\d+)?"
)
_LOT = re.compile(r"(?<=[동리가])\s*\d{1,4}\s*(?:-\s*\d{1,4}|번지)(?!\d)")
_FLAT = re.compile(r"(?<!\d)\d+\s*(?:동\s*\d+\s*)?호(?![가-힣])")

_PATTERNS = (
    (_EMAIL, EMAIL, 0),
    (_LINK, LINK, 0),
    (_HALF_EMAIL, EMAIL, 0),
    (_HANDLE, HANDLE, 1),
    (_NAMED_ID, HANDLE, 1),
    (_AT_HANDLE, HANDLE, 0),
    (_MIXED_ID, HANDLE, 0),
    (_STREET, PLACE, 0),
    (_LOT, PLACE, 0),
    (_FLAT, PLACE, 0),
)
_SHORTEST_LOCAL_PART = 4
_SHORTEST_WORD = 2


class Scrubber:
    """Scrubs texts of what is known of the given people, and of patterns. One per pair: each text of either person is
    scrubbed of what is known of both."""

    def __init__(self, people: Iterable[KnownPerson]) -> None:
        known = tuple(people)
        hidden = {each.skeleton: each for person in known for each in _hidden(person) if each.skeleton}
        # The longest first, so that a whole name goes before a part of it.
        self._hidden = sorted(hidden.values(), key=lambda each: (-len(each.skeleton), each.skeleton))
        self._phones = tuple(person.phone for person in known if person.phone)
        self._latin = [each for person in known for each in _in_latin_letters(person)]
        surnames = sorted({_surname(person.name) for person in known} - {""})
        self._surname = re.compile(rf"({'|'.join(surnames)})\s*(?=(?:{_TITLES}))") if surnames else None

    def scrub(self, text: str) -> str:
        """The text in normal form (NFKC, without invisible characters), with markers for what was taken out."""
        plain = unicodedata.normalize("NFKC", without_invisible(unicodedata.normalize("NFKC", text)))
        return self._replaced(plain.translate(_AS_TYPED))

    def _replaced(self, text: str) -> str:
        spans = [*self._known(text), *self._split(text), *self._in_latin_letters(text)]
        spans += [*self._numbers(text), *_matches(text)]
        if self._surname:
            spans += [(found.start(1), found.end(1), NAME) for found in self._surname.finditer(text)]
        return _without(text, spans)

    def _known(self, text: str) -> Iterator[tuple[int, int, str]]:
        skeleton, origin = _skeleton(text)
        for each in self._hidden:
            at = skeleton.find(each.skeleton)
            while at >= 0:
                span = _whole_characters(origin, at, at + len(each.skeleton))
                if span and each.stands_at(text, *span):
                    yield (*span, each.marker)
                at = skeleton.find(each.skeleton, at + 1)

    def _split(self, text: str) -> Iterator[tuple[int, int, str]]:
        skeleton, origin = _skeleton(text, in_private_area)
        for each in self._hidden:
            for found in split_word(each.syllables).finditer(skeleton):
                span = _whole_characters(origin, *found.span(1))
                if span and each.stands_at(text, *span) and is_read_as(text, *span, len(each.syllables)):
                    yield (*span, each.marker)

    def _in_latin_letters(self, text: str) -> Iterator[tuple[int, int, str]]:
        apart = [*letter_by_letter(text), (text, range(len(text)))]
        for pattern, marker in self._latin:
            for word, places in apart:
                yield from (
                    (places[found.start()], places[found.end() - 1] + 1, marker) for found in pattern.finditer(word)
                )

    def _numbers(self, text: str) -> Iterator[tuple[int, int, str]]:
        spans: list[Span] = [*long_numbers(text), *plates(text)]
        for phone in self._phones:
            spans += spellings_of(phone, text)
        yield from ((start, end, NUMBER) for start, end in spans)


def _hidden(person: KnownPerson) -> Iterator[_Hidden]:
    yield from _of_name(person.name)
    if person.email:
        local, _, domain = person.email.partition("@")
        yield _Hidden(_syllables(person.email), EMAIL)
        local_part = _syllables(local)
        yield _Hidden(local_part, EMAIL, _AFTER_NAME if len(local_part) < _SHORTEST_LOCAL_PART else None)
        yield _Hidden(_syllables(domain), EMAIL)
    for phrase in person.words:
        for called in short_forms(phrase):
            yield _Hidden(_syllables(called.word), WORD, _AFTER_WORD if called.alone else None)


# A person is on several shortlists, and compiling takes some milliseconds.
@lru_cache(maxsize=4_096)
def _in_latin_letters(person: KnownPerson) -> Sequence[tuple[re.Pattern[str], str]]:
    found: list[tuple[re.Pattern[str], str]] = []
    if surname := _surname(person.name):
        found.append((alone(romanised_name(surname, "".join(person.name.split())[len(surname) :])), NAME))
    if words := "|".join(pattern for phrase in person.words for pattern in in_latin_letters(phrase)):
        found.append((alone(words), WORD))
    return found


def _of_name(name: str) -> Iterator[_Hidden]:
    """The whole name in either order, in initials, and each of its parts."""
    parts = _parts_of(name)
    if _is_korean(name):
        yield _Hidden(tuple(letters[0] for letters in _syllables("".join(parts))), NAME)
    yield _Hidden(_syllables("".join(parts)), NAME)
    # Turned around, a name of two syllables is its given name with the particle 이 (준이), or another word.
    if len(name) > _SHORTEST_WORD:
        yield _Hidden(_syllables("".join(reversed(parts))), NAME)
        yield _Hidden(_syllables("".join(parts)[::-1]), NAME)
    if len(parts[0]) > 1 and _is_korean(name):  # 남궁민 is 궁민 to friends
        yield _Hidden(_syllables("".join(parts)[1:]), NAME)
    for given in parts[1:] if _is_korean(name) else parts:
        yield _Hidden(_syllables(given), NAME, _AFTER_NAME if len(given) < _SHORTEST_WORD else None)


def _parts_of(name: str) -> list[str]:
    """Surname and given name of a Korean name; otherwise its words."""
    words = [word for word in re.split(r"[\s,.·\-]+", unicodedata.normalize("NFKC", name)) if word]
    joined = "".join(words)
    if not _is_korean(name) or len(joined) < _SHORTEST_WORD:
        return words
    surname = _surname(name)
    return [surname, joined[len(surname) :]]


def _surname(name: str) -> str:
    """The surname of a Korean name; "" of another."""
    joined = "".join(name.split())
    if not _is_korean(name) or len(joined) < _SHORTEST_WORD:
        return ""
    return joined[:2] if joined.startswith(_SURNAMES_OF_TWO) and len(joined) > 2 else joined[0]


def _is_korean(name: str) -> bool:
    return re.fullmatch(r"[가-힣\s]+", name) is not None


def _skeleton(text: str, spelled: Callable[[str, str], str] = lambda _, letters: letters) -> tuple[str, list[int]]:
    """The letters and digits of a text, Hangul letter by letter, and for each the place of its character. `spelled`:
    how a character's letters are written."""
    letters: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        for each in spelled(character, _LETTERS_OF.get(character) or _letters_of(character)):
            letters.append(each)
            origin.append(at)
    return "".join(letters), origin


def _syllables(word: str) -> tuple[str, ...]:
    """The skeleton of each character of a word that has one."""
    return tuple(letters for letters in map(_letters_of, word) if letters)


def _letters_of(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    letters = "".join(_JAMO.get(each, each) for each in decomposed if unicodedata.category(each)[0] in "LN")
    _LETTERS_OF[character] = letters
    return letters


# Conjoining letters by the simple letters that a keyboard would have sent, in the order of Unicode.
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏ,ㅐ,ㅑ,ㅒ,ㅓ,ㅔ,ㅕ,ㅖ,ㅗ,ㅗㅏ,ㅗㅐ,ㅗㅣ,ㅛ,ㅜ,ㅜㅓ,ㅜㅔ,ㅜㅣ,ㅠ,ㅡ,ㅡㅣ,ㅣ"
_FINALS = "ㄱ,ㄲ,ㄱㅅ,ㄴ,ㄴㅈ,ㄴㅎ,ㄷ,ㄹ,ㄹㄱ,ㄹㅁ,ㄹㅂ,ㄹㅅ,ㄹㅌ,ㄹㅍ,ㄹㅎ,ㅁ,ㅂ,ㅂㅅ,ㅅ,ㅆ,ㅇ,ㅈ,ㅊ,ㅋ,ㅌ,ㅍ,ㅎ"
_JAMO = {chr(0x1100 + at): each for at, each in enumerate(_INITIALS)}
_JAMO |= {chr(0x1161 + at): each for at, each in enumerate(_VOWELS.split(","))}
_JAMO |= {chr(0x11A8 + at): each for at, each in enumerate(_FINALS.split(","))}
# Letters that belong to no syllable (ㅋㅋ), which normal form leaves conjoining, and letters in squares and circles.
_AS_TYPED = {ord(conjoining): letters for conjoining, letters in _JAMO.items()}
_AS_TYPED |= {first + at: chr(ord("A") + at) for first in (0x1F150, 0x1F170, 0x1F1E6) for at in range(26)}
# Filled as characters come: a text repeats few of them.
_LETTERS_OF: dict[str, str] = {}


def _whole_characters(origin: Sequence[int], start: int, end: int) -> Span | None:
    """The span of whole characters that these letters are; None where they begin or end within a syllable."""
    begins_inside = start > 0 and origin[start - 1] == origin[start]
    ends_inside = end < len(origin) and origin[end] == origin[end - 1]
    return None if begins_inside or ends_inside else (origin[start], origin[end - 1] + 1)


def _matches(text: str) -> Iterator[tuple[int, int, str]]:
    for pattern, marker, group in _PATTERNS:
        yield from ((*found.span(group), marker) for found in pattern.finditer(text))


def _without(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """The text with a marker in the place of each span; spans that overlap are one, with the marker of the first, and
    of the longest of those that begin together."""
    pieces: list[str] = []
    done = 0
    for start, end, marker in sorted(spans, key=lambda each: (each[0], -each[1])):
        if start >= done:
            pieces += [text[done:start], marker]
        done = max(done, end)
    return "".join(pieces) + text[done:]
