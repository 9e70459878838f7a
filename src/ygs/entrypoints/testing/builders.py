"""Believable people, weeks and introductions, as a test needs them: ``a_user(3, name="김서연")``.

Everything is a function of its number and of what is said differently, so two runs build the same, and two numbers
differ in all that must be unique: id, phone, pair.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ygs.domain.consultations import Consultation, KeptQuestion, Slot
from ygs.domain.forecasts import KeptForecast
from ygs.domain.ids import (
    ConsultationId,
    FeedbackId,
    ForecastId,
    IntroductionId,
    MembershipId,
    NoteId,
    PlanId,
    RefundId,
    ReportId,
    SlotId,
    UserId,
    WeekId,
)
from ygs.domain.introductions import Condition, Feedback, FeedbackReason, Introduction
from ygs.domain.match_weeks import IsoWeek, MatchWeek
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.meetings import DayPart, HalfDay, Meeting, MeetingProposal, MeetingSide, MeetingState
from ygs.domain.memberships import ContractTerms, Membership, MembershipPlan, Payment, RefundAssessment
from ygs.domain.notes import Note
from ygs.domain.refunds import Basis, Cancellation, RefundFault, RefundStage
from ygs.domain.reports import Category, Report
from ygs.domain.users import Consent, Lifestyle, Profile, Purpose, Status, User
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered

SEOUL = ZoneInfo("Asia/Seoul")
FIRST_WEEK = IsoWeek(2026, 48)

_FAMILY = "김이박최정강조윤장임"
_GIVEN = ("민준", "서연", "도윤", "지우", "예준", "하은", "시우", "수빈", "주원", "지민", "현우", "유진", "건우")
_REGIONS = ("seoul", "gyeonggi", "incheon", "busan", "daegu", "sejong")
_JOBS = ("company", "large_company", "civil_servant", "teaching", "technology", "health", "finance")
_INTERESTS = tuple(value.code for value in VOCABULARY["interests"].values)


def coded(**answers: str | int | Iterable[str]) -> dict[str, int]:
    """Facts from answers in words: ``coded(height_cm=172, region="seoul", languages=["korean"])``."""
    return {attribute: _code(attribute, answer) for attribute, answer in answers.items()}


def _code(attribute: str, answer: str | int | Iterable[str]) -> int:
    known = VOCABULARY[attribute]
    if known.kind is not Kind.SET:
        assert isinstance(answer, str | int)
        return known.code_of(answer)
    assert not isinstance(answer, str | int)
    return known.mask_of(answer)


def consents(*purposes: Purpose, at: datetime = NOON) -> dict[Purpose, Consent]:
    """Consents given to the current texts; all of them unless some are named."""
    return {each: Consent(purpose=each, version="2026-01", given_at=at) for each in purposes or Purpose}


def wishes(*each: Wish) -> dict[str, Wish]:
    """Wishes under their attributes."""
    return {wish.attribute: wish for wish in each}


_CONSENTS = consents()
_WISHES = wishes(
    Wish.between("birth_year", 1980, 2000, Importance.FAIR),
    Wish.among("religion", ["none", "catholic"], Importance.SLIGHT),
)


def a_user(number: int = 1, /, **changes: Any) -> User:
    """An active member with a proven phone: odd numbers are women who seek men, even ones men who seek women."""
    woman = number % 2 == 1
    values: Mapping[str, Any] = {
        "id": UserId(numbered("usr", number)),
        "name": _FAMILY[number % len(_FAMILY)] + _GIVEN[number % len(_GIVEN)],
        "gender": Genders.FEMALE if woman else Genders.MALE,
        "seeks": Genders.MALE if woman else Genders.FEMALE,
        "birth_year": 1984 + number % 13,
        "phone": f"+8210{number:08d}",
        "phone_proven_at": NOON - timedelta(days=40) if changes.get("phone", "known") else None,
        "email": f"member{number}@example.com",
        "status": Status.ACTIVE,
        "profile": a_profile(number),
        "lifestyle": a_lifestyle(number),
        "wishes": _WISHES,
        "consents": _CONSENTS,
        "activated_at": NOON - timedelta(days=30),
        "created_at": NOON - timedelta(days=40),
        "updated_at": NOON - timedelta(days=30),
    }
    return User(**{**values, **changes})


def a_draft(number: int = 1, /, **changes: Any) -> User:
    """Somebody who has just registered: nothing told, nothing consented to."""
    blank = {"profile": Profile(), "lifestyle": Lifestyle(), "wishes": {}, "consents": {}, "activated_at": None}
    return a_user(number, **{"status": Status.DRAFT, **blank, **changes})


def a_profile(number: int = 1, /, **changes: Any) -> Profile:
    """A profile with the facts most people tell."""
    facts = coded(
        height_cm=156 + number % 30,
        region=_REGIONS[number % len(_REGIONS)],
        education="bachelor",
        job_group=_JOBS[number % len(_JOBS)],
        religion="none",
        marital_history="never_married",
    )
    values = {
        "facts": facts,
        "district": "마포구",
        "school": "한국대학교",
        "job_title": "대리",
        "introduction": "주말이면 북한산에 오르고, 내려와서는 두부를 먹습니다.",
        "ideal_partner": "서로의 하루를 궁금해하는 사람",
        "verified": frozenset({"education"}),
    }
    return Profile(**{**values, **changes})


def a_lifestyle(number: int = 1, /, **facts: int) -> Lifestyle:
    """A lifestyle with two interests."""
    interests = _INTERESTS[number % len(_INTERESTS)], _INTERESTS[(number + 7) % len(_INTERESTS)]
    return Lifestyle(facts={**coded(smoking="no", interests=interests), **facts})


def a_week(number: int = 1, /, **changes: Any) -> MatchWeek:
    """An open match week; number 1 is 2026-W48, each number the week after."""
    week = changes.get("week", FIRST_WEEK.following(number - 1))
    values: Mapping[str, Any] = {
        "id": WeekId(numbered("mw", number)),
        "week": week,
        "deadline": week.answer_deadline(SEOUL),
        "created_at": NOON + timedelta(weeks=number - 1),
        "updated_at": NOON + timedelta(weeks=number - 1),
        "seed": number,
    }
    return MatchWeek(**{**values, **changes})


def an_introduction(one: User, other: User, week: MatchWeek, number: int = 1, /, **changes: Any) -> Introduction:
    """The two, in either order, introduced to each other in that week and waiting for answers."""
    a, b = sorted((one.id, other.id))
    values: Mapping[str, Any] = {
        "id": IntroductionId(numbered("mh", number)),
        "week_id": week.id,
        "a": a,
        "b": b,
        "a_to_b": 8_200,
        "b_to_a": 7_100,
        "mutual": 7_630,
        "deadline": week.deadline,
        "created_at": week.created_at,
        "proof_of_a": (Condition("birth_year", Importance.FAIR, 41, 61, 0, 47, 10_000),),
        "proof_of_b": (Condition("religion", Importance.SLIGHT, 0, 0, 5, 1, 10_000),),
    }
    return Introduction(**{**values, **changes})


def a_feedback(introduction: Introduction, by: UserId, number: int = 1, /, **changes: Any) -> Feedback:
    """One side's: they met, and it was good."""
    values: Mapping[str, Any] = {
        "id": FeedbackId(numbered("mf", number)),
        "introduction_id": introduction.id,
        "by": by,
        "met": True,
        "again": True,
        "rating": 4,
        "reasons": frozenset({FeedbackReason.CONVERSATION, FeedbackReason.MANNERS}),
        "words": "대화가 편안했습니다.",
        "created_at": introduction.created_at + timedelta(days=5),
    }
    return Feedback(**{**values, **changes})


def a_meeting(
    introduction: Introduction, /, *, starts_at: datetime = NOON + timedelta(days=2), **changes: Any
) -> Meeting:
    """A fixed meeting of the two, after both gave times, with everything that a meeting can have."""
    half_days = frozenset(HalfDay(day, DayPart.AFTERNOON) for day in _MEETING_DAYS)
    given = MeetingSide(half_days=half_days, district="seoul_mapo", times_given=2, times_asked=1, accepted=True)
    missed = MeetingSide(
        half_days=half_days | {HalfDay(_MEETING_DAYS[0], DayPart.EVENING)},
        district="seoul_gangnam",
        times_given=1,
        accepted=True,
        no_show_at=starts_at + timedelta(hours=1),
        no_show_words="30분을 기다렸지만 오지 않았습니다.",
    )
    values: Mapping[str, Any] = {
        "id": introduction.id,
        "a": introduction.a,
        "b": introduction.b,
        "created_at": NOON,
        "side_a": given,
        "side_b": missed,
        "state": MeetingState.FIXED,
        "proposal": MeetingProposal(starts_at, "seoul_yongsan", "호텔 1층 커피숍"),
        "proposals": 2,
        "refused": frozenset({NOON + timedelta(days=1)}),
        "fixed_at": NOON + timedelta(hours=3),
    }
    return Meeting(**{**values, **changes})


def a_report(number: int = 1, /, *, reporter: int = 1, subject: int = 2, **changes: Any) -> Report:
    """One user's of another, by their numbers, that staff have not decided on."""
    values: Mapping[str, Any] = {
        "id": ReportId(numbered("rep", number)),
        "reporter": a_user(reporter).id,
        "subject": a_user(subject).id,
        "category": Category.MONEY_OR_FRAUD,
        "words": "두 번째 만남에서 돈을 빌려 달라고 했습니다.",
        "created_at": NOON + timedelta(minutes=number),
    }
    return Report(**{**values, **changes})


def a_note(number: int = 1, /, *, subject: int = 1, **changes: Any) -> Note:
    """What a consultant noted about a user, by their number."""
    values: Mapping[str, Any] = {
        "id": NoteId(numbered("note", number)),
        "subject": a_user(subject).id,
        "author": a_user(90).id,
        "text": "전화 상담: 평일 저녁에는 만나기 어렵다고 합니다.",
        "created_at": NOON + timedelta(minutes=number),
    }
    return Note(**{**values, **changes})


_MEETING_DAYS = (date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 28))
# Twelve meetings within a year, and one on top.
TERMS = ContractTerms(fee=3_600_000, months=12, promised=12, service=1)


def a_plan(number: int = 1, /, **changes: Any) -> MembershipPlan:
    """A plan that is offered: twelve meetings within a year."""
    values: Mapping[str, Any] = {
        "id": PlanId(numbered("mp", number)),
        "name": "정회원 12회",
        "terms": TERMS,
        "created_at": NOON - timedelta(days=100),
    }
    return MembershipPlan(**{**values, **changes})


def a_membership(number: int = 1, /, *, user: int = 1, **changes: Any) -> Membership:
    """The membership of a user, by their number, that began ninety days before noon and is paid."""
    began = NOON.date() - timedelta(days=90)
    values: Mapping[str, Any] = {
        "id": MembershipId(numbered("mb", number)),
        "user_id": a_user(user).id,
        "plan": "정회원 12회",
        "terms": TERMS,
        "contracted_on": began,
        "starts_on": began,
        "payments": (Payment(began, TERMS.fee),),
        "created_at": NOON - timedelta(days=90),
    }
    return Membership(**{**values, **changes})


def a_refund(number: int = 1, /, *, membership: int = 1, **changes: Any) -> RefundAssessment:
    """A refund for the member's reason after three meetings, assessed by a consultant."""
    figures = Cancellation(
        fee=TERMS.fee,
        basis=Basis.MEETINGS,
        total=13,
        used=3,
        stage=RefundStage.MET,
        fault=RefundFault.MEMBER,
        contracted_on=NOON.date() - timedelta(days=90),
        paid=TERMS.fee,
    )
    values: Mapping[str, Any] = {
        "id": RefundId(numbered("rf", number)),
        "membership_id": MembershipId(numbered("mb", membership)),
        "cancelled_on": NOON.date(),
        "figures": figures,
        "evidence": "회원이 전화로 해지를 요청함",
        "assessed_by": a_user(90).id,
        "created_at": NOON,
    }
    return RefundAssessment(**{**values, **changes})


_STATEMENT = (
    '{"candidates":57,"introductions":{"expected":11.4,"high":13,"low":9},"kept_percent":92,'
    '"made_at":"2026-11-23T03:00:00Z","mutual":{"expected":2.3,"high":6,"low":0},"person":"%s","policy":"2026.1",'
    '"promised":10,"seed":0,"weeks":26}'
) % ("0" * 64)


def a_forecast(number: int = 1, /, **changes: Any) -> KeptForecast:
    """A forecast that a consultant kept; no contract followed yet."""
    values: Mapping[str, Any] = {
        "id": ForecastId(numbered("fc", number)),
        "statement": _STATEMENT,
        "signature": "0" * 64,
        "made_at": NOON,
        "made_by": a_user(90).id,
    }
    return KeptForecast(**{**values, **changes})


def a_slot(number: int = 1, **changes: Any) -> Slot:
    """An hour with consultant 90, so many days after `NOON` unless it begins at another time."""
    starts_at = changes.get("starts_at", NOON + timedelta(days=number))
    values: dict[str, Any] = {
        "id": SlotId(numbered("csl", number)),
        "consultant": a_user(90).id,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "created_at": NOON,
    }
    return Slot(**{**values, **changes})


def a_consultation(slot: Slot, member: UserId, number: int = 1, **changes: Any) -> Consultation:
    """A consultation that a member booked at `NOON`, with everything that one can have."""
    values: dict[str, Any] = {
        "id": ConsultationId(numbered("cs", number)),
        "slot_id": slot.id,
        "consultant": slot.consultant,
        "member": member,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "booked_at": NOON,
        "changed_at": NOON + timedelta(hours=1),
        "moves": 1,
        "notes": "다음에는 희망 조건을 함께 보기로 함.",
        "questions": (KeptQuestion("religion", 2, 14),),
        "questions_at": NOON + timedelta(hours=2),
    }
    return Consultation(**{**values, **changes})
