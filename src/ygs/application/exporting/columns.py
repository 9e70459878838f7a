"""The columns of exported sheets, in Korean and English."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from zoneinfo import ZoneInfo

from ygs.application.labels import label
from ygs.domain.errors import UnknownValue
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Introduction
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.matching.attribute import UNKNOWN, Attribute, Kind, Language
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import GENDERS, VOCABULARY
from ygs.domain.users import PROFILE_TEXTS, Status
from ygs.ports.repositories.directory import SheetLine
from ygs.ports.spreadsheets import Cell

_MINUTE = len("2026-11-29 09:30")
# Birth year stands among the first columns, as a number.
_FACTS = tuple(attribute for attribute in VOCABULARY.values() if attribute.code != "birth_year")
_PERSON = ("번호 / id", "이름 / name", "성별 / gender", "희망 성별 / seeks", "출생 연도 / birth year", "상태 / status")
_CONTACTS = ("휴대폰 / phone", "이메일 / e-mail")
_TEXTS = tuple(f"{text.ko} / {text.en}" for text in PROFILE_TEXTS.values())
_MOMENTS = ("등록일 / created", "승인일 / activated")
_INTRODUCTION = (
    "주 / week",
    "번호 / id",
    "상태 / state",
    "회원 A 번호 / a id",
    "회원 A 이름 / a name",
    "회원 B 번호 / b id",
    "회원 B 이름 / b name",
    "회원 A의 만족도(%) / a satisfied (%)",
    "회원 B의 만족도(%) / b satisfied (%)",
    "점수(%) / score (%)",
    "회원 A의 답 / a answered",
    "회원 B의 답 / b answered",
    "만남 / met",
    "답 마감 / deadline",
    "결정 / decided",
)


class MemberColumns:
    """The columns of a sheet of members. Each code's words are looked up once for the sheet and not for each row."""

    def __init__(self, language: Language, zone: ZoneInfo, *, contacts: bool) -> None:
        self._language = language
        self._zone = zone
        self._contacts = contacts
        self._genders = {bits: _genders(Genders(bits), language) for bits in (1, 2, 3)}
        self._statuses = {status: label("member_status", status, language) for status in Status}
        self._facts = [_words(attribute, language) for attribute in _FACTS]

    def header(self) -> list[str]:
        """What the columns of `row` are called."""
        language = self._language
        first = [in_language(text, language) for text in (*_PERSON, *(_CONTACTS if self._contacts else ()))]
        facts = [attribute.name(language) for attribute in _FACTS]
        return [*first, *facts, *(in_language(text, language) for text in (*_TEXTS, *_MOMENTS))]

    def row(self, member: SheetLine) -> Sequence[Cell]:
        """One member; phone and e-mail only with `contacts`."""
        return (
            member.id,
            member.name,
            self._genders[member.gender],
            self._genders[member.seeks],
            member.birth_year,
            self._statuses[member.status],
            *((member.phone, member.email) if self._contacts else ()),
            *[words(code) for words, code in zip(self._facts, member.facts, strict=True)],
            *member.texts,
            moment_cell(member.created_at, self._zone),
            moment_cell(member.activated_at, self._zone),
        )


def introduction_header(language: Language) -> list[str]:
    """What the columns of `introduction` are called."""
    return [in_language(text, language) for text in _INTRODUCTION]


def introduction(
    each: Introduction, week: MatchWeek, names: Mapping[UserId, str], language: Language, zone: ZoneInfo
) -> Sequence[Cell]:
    """One introduction as a row. An answer shows once both count: until then nobody, staff or not, may carry it out."""
    answers = (each.answer_of_a, each.answer_of_b) if each.decided_at else (None, None)
    return (
        str(week.week),
        each.id,
        label("introduction_state", each.state, language),
        each.a,
        names.get(each.a, ""),
        each.b,
        names.get(each.b, ""),
        each.a_to_b / 100,
        each.b_to_a / 100,
        each.mutual / 100,
        *(_answer(answer, language) for answer in answers),
        "" if each.met is None else in_language("예 / yes" if each.met else "아니요 / no", language),
        moment_cell(each.deadline, zone),
        moment_cell(each.decided_at, zone),
    )


@cache
def _words(attribute: Attribute, language: Language) -> Callable[[int], Cell]:
    """What says a code, or the mask of a set, in words; `UnknownValue` for one that stands for nothing."""
    values = [attribute.value_of(code) for code in range(1, attribute.size + 1)]
    labels = [value if isinstance(value, int) else attribute.label(value, language) for value in values]
    if attribute.kind is Kind.SET:
        return partial(_set_in_words, attribute, [str(each) for each in labels])
    cells: dict[int, Cell] = {UNKNOWN: None, **dict(enumerate(labels, start=1))}

    def in_words(code: int) -> Cell:
        if code not in cells:
            raise UnknownValue(attribute.code, code)
        return cells[code]

    return in_words


def _set_in_words(attribute: Attribute, labels: Sequence[str], mask: int) -> Cell:
    if not mask:
        return None
    if mask >> len(labels):
        raise UnknownValue(attribute.code, mask)
    said = []
    while mask:
        lowest = mask & -mask
        said.append(labels[lowest.bit_length() - 1])
        mask ^= lowest
    return ", ".join(said)


def _genders(genders: Genders, language: Language) -> str:
    return ", ".join(value.label(language) for bit, value in enumerate(GENDERS) if genders >> bit & 1)


def _answer(answer: Answer | None, language: Language) -> Cell:
    return label("answer", answer.choice, language) if answer else None


def moment_cell(at: datetime | None, zone: ZoneInfo) -> Cell:
    """A moment to the minute, in the service's time zone."""
    # Half the time of `strftime`.
    return at.astimezone(zone).isoformat(" ", "minutes")[:_MINUTE] if at else None


def in_language(both: str, language: Language) -> str:
    """One half of a name that is written "Korean / English"."""
    ko, _, en = both.partition(" / ")
    return ko if language is Language.KO else en
