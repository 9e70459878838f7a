"""The columns of exported sheets, in Korean and English."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ygs.application.labels import label
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Introduction
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.matching.attribute import Attribute, Kind, Language
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import GENDERS, VOCABULARY
from ygs.domain.users import PROFILE_TEXTS, User
from ygs.ports.spreadsheets import Cell

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


def member_header(language: Language, *, contacts: bool) -> list[str]:
    """What the columns of `member` are called."""
    first = [_said(text, language) for text in (*_PERSON, *(_CONTACTS if contacts else ()))]
    facts = [attribute.name(language) for attribute in _FACTS]
    return [*first, *facts, *(_said(text, language) for text in (*_TEXTS, *_MOMENTS))]


def member(user: User, language: Language, zone: ZoneInfo, *, contacts: bool) -> Sequence[Cell]:
    """One user as a row; phone and e-mail only with `contacts`."""
    facts = user.facts
    return (
        user.id,
        user.name,
        _genders(user.gender, language),
        _genders(user.seeks, language),
        user.birth_year,
        label("member_status", user.status, language),
        *((user.phone, user.email) if contacts else ()),
        *(_fact(attribute, facts.get(attribute.code, 0), language) for attribute in _FACTS),
        *(getattr(user.profile, name) for name in PROFILE_TEXTS),
        _moment(user.created_at, zone),
        _moment(user.activated_at, zone),
    )


def introduction_header(language: Language) -> list[str]:
    """What the columns of `introduction` are called."""
    return [_said(text, language) for text in _INTRODUCTION]


def introduction(
    each: Introduction, week: MatchWeek, people: Mapping[UserId, User], language: Language, zone: ZoneInfo
) -> Sequence[Cell]:
    """One introduction as a row. An answer shows once both count: until then nobody, staff or not, may carry it out."""
    a = people.get(each.a)
    b = people.get(each.b)
    answers = (each.answer_of_a, each.answer_of_b) if each.decided_at else (None, None)
    return (
        str(week.week),
        each.id,
        label("introduction_state", each.state, language),
        each.a,
        a.name if a else "",
        each.b,
        b.name if b else "",
        each.a_to_b / 100,
        each.b_to_a / 100,
        each.mutual / 100,
        *(_answer(answer, language) for answer in answers),
        "" if each.met is None else _said("예 / yes" if each.met else "아니요 / no", language),
        _moment(each.deadline, zone),
        _moment(each.decided_at, zone),
    )


def _fact(attribute: Attribute, code: int, language: Language) -> Cell:
    if not code:
        return None
    if attribute.kind is Kind.SET:
        return ", ".join(attribute.label(value, language) for value in attribute.values_in(code))
    value = attribute.value_of(code)
    return value if isinstance(value, int) else attribute.label(value, language)


def _genders(genders: Genders, language: Language) -> str:
    return ", ".join(value.label(language) for bit, value in enumerate(GENDERS) if genders >> bit & 1)


def _answer(answer: Answer | None, language: Language) -> Cell:
    return label("answer", answer.choice, language) if answer else None


def _moment(at: datetime | None, zone: ZoneInfo) -> Cell:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else None


def _said(both: str, language: Language) -> str:
    ko, _, en = both.partition(" / ")
    return ko if language is Language.KO else en
