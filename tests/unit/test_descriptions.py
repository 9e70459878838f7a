"""What the words promise: the right particle, the usual way to write a range, and something to say for every code."""

import pytest

from ygs.domain.matching.attribute import Kind, Language
from ygs.domain.matching.descriptions import objection_words, value_words, wish_words
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.korean_particles import Word
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish

KO, EN = Language.KO, Language.EN


def between(attribute: str, low: str | int, high: str | int) -> Wish:
    return Wish.between(attribute, low, high, Importance.FAIR)


def among(attribute: str, *values: str) -> Wish:
    return Wish.among(attribute, values, Importance.FAIR)


@pytest.mark.parametrize(
    ("word", "topic", "subject", "object_", "to"),
    [
        ("서울", "은", "이", "을", "로"),
        ("경기", "는", "가", "를", "로"),
        ("석사", "는", "가", "를", "로"),
        ("부산", "은", "이", "을", "으로"),
        ("175cm", "는", "가", "를", "로"),
        ("175 cm", "는", "가", "를", "로"),
        ("1990년생", "은", "이", "을", "으로"),
        ("ENFP", "는", "가", "를", "로"),
        ("DSLR", "은", "이", "을", "로"),
        ("3", "은", "이", "을", "으로"),
        ("7", "은", "이", "을", "로"),
        ("2", "는", "가", "를", "로"),
        ("기독교(개신교)", "는", "가", "를", "로"),
        ("무교(없음)", "는", "가", "를", "로"),
        ("'서울'", "은", "이", "을", "로"),
        ("(빈칸)", "은", "이", "을", "으로"),
        ("--hour", "는", "가", "를", "로"),
        ("--ranking", "은", "이", "을", "으로"),
        ("cut.zip", "은", "이", "을", "으로"),
        ("HTTP", "는", "가", "를", "로"),
        ("photo.png", "는", "가", "를", "로"),
        ("club.csv", "는", "가", "를", "로"),
        ("rules.toml", "은", "이", "을", "로"),
        ("HR", "은", "이", "을", "로"),
        ("…", "는", "가", "를", "로"),
        ("", "는", "가", "를", "로"),
    ],
)
def test_the_particle_follows_the_last_sound(word: str, topic: str, subject: str, object_: str, to: str) -> None:
    spoken = Word(word)
    assert f"{spoken:은}" == word + topic
    assert f"{spoken:이}" == word + subject
    assert f"{spoken:을}" == word + object_
    assert f"{spoken:과}" == word + ("과" if topic == "은" else "와")
    assert f"{spoken:으로}" == word + to
    assert f"{spoken}" == word


@pytest.mark.parametrize(
    ("wish", "korean", "english"),
    [
        (between("birth_year", 1988, 1994), "1988~1994년생", "1988-1994"),
        (between("birth_year", 1990, 1990), "1990년생", "1990"),
        (between("birth_year", 1988, 2010), "1988년 이후 출생", "1988 or later"),
        (between("birth_year", 1940, 1994), "1994년 이전 출생", "1994 or earlier"),
        (between("height_cm", 165, 175), "165~175 cm", "165-175 cm"),
        (between("height_cm", 178, 220), "178 cm 이상", "178 cm or more"),
        (between("height_cm", 130, 170), "170 cm 이하", "170 cm or less"),
        (between("height_cm", 130, 220), "상관없음", "anything"),
        (between("education", "bachelor", "doctorate"), "대학교 졸업 이상", "Bachelor's degree or more"),
        (between("education", "high_school", "associate"), "전문대 졸업 이하", "Two-year college or less"),
        (between("income_band", "from_5000", "from_30000"), "5천만원 이상", "50 million won or more"),
        (between("income_band", "from_5000", "from_7000"), "5천만~1억원", "50-100 million won"),
        (between("income_band", "under_3000", "from_4000"), "5천만원 미만", "under 50 million won"),
        (between("income_band", "from_30000", "from_30000"), "3억원 이상", "300 million won or more"),
        (between("income_band", "under_3000", "under_3000"), "3천만원 미만", "Under 30 million won"),
        (between("smoking", "no", "quitting"), "비흡연 또는 금연 중", "Does not smoke or Is quitting"),
        (between("smoking", "no", "vaping"), "비흡연부터 전자담배까지", "Does not smoke to E-cigarettes"),
        (among("region", "gyeonggi", "seoul"), "서울 또는 경기", "Seoul or Gyeonggi"),
        (among("region", "seoul", "busan", "jeju"), "서울, 부산 또는 제주", "Seoul, Busan or Jeju"),
        (
            among("region", "seoul", "incheon", "gyeonggi", "gangwon", "chungnam"),
            "서울, 인천 등 5가지",
            "Seoul, Incheon or 3 others",
        ),
        (
            among("religion", *(value.code for value in VOCABULARY["religion"].values if value.code != "islam")),
            "이슬람교 외 모두",
            "anything but Muslim",
        ),
        (
            Wish.among("interests", ["hiking", "movies", "swimming"], Importance.FAIR, at_least=2),
            "등산, 수영, 영화 중 2가지 이상",
            "at least 2 of Hiking, Swimming, Movies",
        ),
        (among("personality", "warm", "humorous"), "따뜻한 또는 유머 있는 성격", "Warm or Humorous"),
        (
            among("personality", "kind", "warm", "honest", "calm", "cheerful"),
            "다정한, 따뜻한 등 5가지 성격",
            "Kind, Warm or 3 others",
        ),
        (
            Wish.among("personality", ["kind", "warm"], Importance.FAIR, at_least=2),
            "다정한, 따뜻한 성격 중 2가지 이상",
            "at least 2 of Kind, Warm",
        ),
    ],
)
def test_a_wish_reads_as_people_write_it(wish: Wish, korean: str, english: str) -> None:
    assert wish_words(wish, KO) == korean
    assert wish_words(wish, EN) == english


def test_facts_read_as_people_write_them() -> None:
    interests = VOCABULARY["interests"].mask_of(["hiking", "travel"])
    assert value_words("interests", interests, KO) == "여행, 등산"
    traits = VOCABULARY["personality"].mask_of(["diligent", "talkative"])
    assert value_words("personality", traits, KO) == "성실한, 말이 많은 성격"
    assert value_words("personality", traits, EN) == "Diligent, Talkative"
    assert value_words("height_cm", 0, KO) == "모름"
    assert value_words("height_cm", 0, EN) == "unknown"


@pytest.mark.parametrize("language", Language)
def test_there_are_words_for_every_range_and_every_value(language: Language) -> None:
    for attribute in VOCABULARY.values():
        for low in range(1, attribute.size + 1):
            if attribute.kind is Kind.ORDINAL:
                wishes = [
                    Wish(attribute=attribute.code, importance=Importance.FAIR, low=low, high=high)
                    for high in range(low, attribute.size + 1)
                ]
            else:
                wishes = [Wish(attribute=attribute.code, importance=Importance.FAIR, accepts=1 << (low - 1))]
            assert all(wish_words(wish, language) for wish in wishes)


@pytest.mark.parametrize("reason", Reason)
def test_every_objection_names_both_people_with_the_right_particle(reason: Reason) -> None:
    korean = objection_words(reason, "height_cm", KO, "본인", "상대")
    assert "{" not in korean
    assert not any(wrong in korean for wrong in ("본인가", "본인는", "본인와", "상대이 ", "상대은", "상대과"))
    assert "{" not in objection_words(reason, "height_cm", EN, "A", "B")
