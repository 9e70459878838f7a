"""Where districts lie, and the one midway between two."""

from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.meeting_districts import DISTRICTS, district_of, midway

CODES = st.sampled_from(sorted(DISTRICTS))


def test_every_region_in_korea_and_every_district_of_seoul_is_there_and_lies_in_korea() -> None:
    regions = {value.code for value in VOCABULARY["region"].values} - {"overseas"}
    assert regions <= DISTRICTS.keys()
    assert sum(code.startswith("seoul_") for code in DISTRICTS) == 25
    for each in DISTRICTS.values():
        assert 3300 < each.latitude < 3870
        assert 12450 < each.longitude < 13000
        assert each.name(Language.KO) != each.name(Language.EN)


@given(CODES, CODES)
def test_midway_is_the_same_from_either_side_and_no_other_district_has_a_shorter_longer_way(
    one: str, other: str
) -> None:
    between = midway(one, other)
    assert between == midway(other, one)

    def longer_way(code: str) -> int:
        return max(DISTRICTS[code].distance(DISTRICTS[end]) for end in (one, other))

    if one != other:
        assert between not in ("seoul", "gyeonggi")
        assert longer_way(between) == min(longer_way(code) for code in DISTRICTS if code not in ("seoul", "gyeonggi"))


@given(CODES)
def test_two_of_one_district_meet_there(code: str) -> None:
    assert midway(code, code) == code


def test_midway_between_places_that_people_know() -> None:
    assert midway("seoul_mapo", "seoul_gangnam") == "seoul_jongno"
    assert midway("seoul", "busan") in {"gyeongbuk", "chungbuk", "daejeon", "daegu"}


def test_a_profile_names_a_district_of_its_region_or_the_region() -> None:
    assert district_of("seoul", "마포구") == "seoul_mapo"
    assert district_of("busan", "중구") == "busan"
    assert district_of("seoul", "") == "seoul"
    assert district_of("overseas", "뉴욕") is None
    assert district_of(None, "마포구") is None
