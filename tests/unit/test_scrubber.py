"""The scrubber: nothing that is known of two people survives in their texts, however it is spelled."""
# ruff: noqa: RUF001

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.adversarial_text import Stranger, stranger, survivors, told
from ygs.application.advisor.scrubber import KnownPerson, Scrubber
from ygs.application.simulation.club import club

MINJUN = KnownPerson(
    name="김민준",
    phone="+821023456789",
    email="minjun.kim@gmail.com",
    words=("서울대학교 경영학과", "삼성전자 책임연구원", "강남구 역삼동"),
)
JUN = KnownPerson(name="이준", email="jl@naver.com")
CLUB = list(club(300, seed=5, at=datetime(2026, 11, 2, tzinfo=UTC)))
ORDINARY = [text for each in CLUB for text in (each.profile.introduction, each.profile.ideal_partner) if text]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_known_of_either_person_survives_an_adversarial_spelling(seed: int) -> None:
    _assert_clean(Random(seed))


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_survives_ten_thousand_adversarial_texts(seed: int) -> None:
    _assert_clean(Random(seed))


def _assert_clean(rng: Random) -> None:
    one = stranger(rng)
    other = stranger(rng)
    about = rng.choice((one, other))
    text = told(rng, about, rng.choice(ORDINARY))
    scrubbed = Scrubber([one.known, other.known]).scrub(text)
    assert _left(scrubbed, about) == [], (text, scrubbed)


def _left(text: str, about: Stranger) -> list[str]:
    """What survives. A given name of one syllable is no name where it is a part of another word."""
    return [canary for canary in survivors(text, about) if len(canary) > 1]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("저는 김민준입니다", "저는 [이름]입니다"),
        ("민준이라고 불러 주세요", "[이름]이라고 불러 주세요"),
        ("김 민 준님, ㄱㅁㅈ", "[이름]님, [이름]"),
        ("민준 김", "[이름]"),
        ("회사에서는 김 대리라고 해요", "회사에서는 [이름] 대리라고 해요"),
        ("준이는 착해요. 표준은 없어요", "[이름]이는 착해요. 표준은 없어요"),
        ("공일공 이삼사오 육칠팔구로 연락 주세요", "[번호]로 연락 주세요"),
        ("영일영에 2345에 6789", "[번호]"),
        ("０１０－２３４５－６７８９", "[번호]"),
        ("뒷자리는 육칠팔구예요", "뒷자리는 [번호]예요"),
        ("계좌는 국민 123456-78-901234", "계좌는 국민 [번호]"),
        ("900101-1234568", "[번호]"),
        ("서울대 나와서 삼성전자 다녀요", "[비공개] 나와서 [비공개] 다녀요"),
        ("강남에서 봐요, 서울이니까", "[비공개]에서 봐요, 서울이니까"),
        ("카톡 아이디는 mj_kim 이에요", "카톡 아이디는 [아이디] 이에요"),
        ("인스타: happybear", "인스타: [아이디]"),
        ("카카오톡 아이디 행복한곰돌이", "카카오톡 아이디 [아이디]"),
        ("여기요: blog.naver.com/abc", "여기요: [링크]"),
        ("minjun.kim 골뱅이 gmail 닷 com", "[이메일]"),
        ("someone.else@company.co.kr", "[이메일]"),
        ("테헤란로 152길 3, 101동 1203호", "[주소], [번호]"),
        ("차는 12가 3456이에요", "차는 [번호]이에요"),
    ],
)
def test_what_is_known_and_what_has_a_pattern_goes(text: str, clean: str) -> None:
    assert Scrubber([MINJUN, JUN]).scrub(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "쉬는 날에는 등산을 좋아하고, 키는 175cm예요.",
        "1990년생이고 연봉은 5000만원쯤 됩니다.",
        "일이 이렇게 사람을 바꾸네요. 2024년 3월에 이사했어요.",
        "Netflix와 클래식을 좋아합니다. MBTI는 INFJ.",
        "표준은 없고, 준비는 됐어요.",
    ],
)
def test_ordinary_sentences_stay_as_they_are(text: str) -> None:
    assert Scrubber([JUN]).scrub(text) == text


def test_the_texts_of_people_who_tell_nothing_stay_as_they_are() -> None:
    """The simulated members tell no names; a name that is an ordinary word may cost one of many texts."""
    unchanged = 0
    for each in CLUB:
        profile = each.profile
        known = KnownPerson(name=each.name, phone=each.phone, words=(profile.school, profile.job_title))
        unchanged += Scrubber([known]).scrub(profile.introduction) == profile.introduction
    assert unchanged >= 0.9 * len(CLUB)


def test_a_hostile_text_costs_no_time() -> None:
    for piece in ("1", "일", "점", "a.", "a@", "김민", "dot ", "@", "0o", "가로", "카톡 "):
        Scrubber([MINJUN]).scrub((piece * 2_000)[:2_000])
