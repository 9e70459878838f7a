"""The vocabulary is data that others store, so most of these are facts about every attribute."""

import re
from dataclasses import FrozenInstanceError
from zlib import crc32

import pytest

from ygs.domain.errors import UnknownValue
from ygs.domain.matching.attribute import UNKNOWN, Attribute, Group, Kind, Language, Value
from ygs.domain.matching.vocabulary import FACTS, GENDERS, SETS, VOCABULARY

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
HANGUL = re.compile(r"[가-힣]")
ATTRIBUTES = tuple(VOCABULARY.values())
CODED = tuple(a for a in ATTRIBUTES if not a.is_number)
NUMBERS = tuple(a for a in ATTRIBUTES if a.is_number)

# What has been stored somewhere: how many codes an attribute had, and a checksum of them in order.
# Append to an attribute and this still holds; then raise its line here, so that the new codes are kept too.
PUBLISHED = {
    "birth_year": (71, "7fa905cb"),
    "height_cm": (91, "b17a5029"),
    "region": (18, "da32619a"),
    "education": (5, "45d9cb03"),
    "job_group": (20, "8c76fe42"),
    "income_band": (8, "7149cf4d"),
    "religion": (9, "cde203b0"),
    "marital_history": (3, "6cf0b9b6"),
    "children": (3, "2cab95fd"),
    "wants_children": (3, "c0205e90"),
    "body_type": (6, "2a46e5ac"),
    "mbti": (16, "3cc33ce4"),
    "nationality": (7, "7df68641"),
    "marriage_timing": (5, "afa036cf"),
    "work_after_marriage": (3, "fba95542"),
    "living": (5, "47806d08"),
    "languages": (14, "d6940352"),
    "smoking": (5, "3216851d"),
    "drinking": (5, "defa0df2"),
    "exercise": (5, "4e32723a"),
    "diet": (5, "a5b32411"),
    "pets": (7, "6ad9964c"),
    "weekend": (8, "65f60469"),
    "sleep": (4, "a34520d4"),
    "contact_style": (4, "a03fab61"),
    "spending_style": (5, "5257851d"),
    "interests": (62, "3b478afc"),
    "personality": (36, "335844cb"),
}

every_attribute = pytest.mark.parametrize("attribute", ATTRIBUTES, ids=lambda a: a.code)
every_coded = pytest.mark.parametrize("attribute", CODED, ids=lambda a: a.code)
every_number = pytest.mark.parametrize("attribute", NUMBERS, ids=lambda a: a.code)
every_language = pytest.mark.parametrize("language", Language)


def answers(attribute: Attribute) -> list[str | int]:
    if attribute.is_number:
        return list(range(attribute.low, attribute.high + 1))
    return [value.code for value in attribute.values]


def checksum(codes: list[str | int]) -> str:
    return f"{crc32(' '.join(map(str, codes)).encode()):08x}"


# What must never change


def test_published_attributes_keep_their_places() -> None:
    assert list(VOCABULARY)[: len(PUBLISHED)] == list(PUBLISHED)


@pytest.mark.parametrize("code", PUBLISHED)
def test_a_published_code_is_never_renumbered(code: str) -> None:
    size, published = PUBLISHED[code]
    assert VOCABULARY[code].size >= size
    assert checksum(answers(VOCABULARY[code])[:size]) == published


def test_every_attribute_and_code_is_guarded_against_renumbering() -> None:
    assert {a.code: a.size for a in ATTRIBUTES} == {code: size for code, (size, _) in PUBLISHED.items()}


# Shape


def test_the_vocabulary_cannot_be_changed_by_those_who_use_it() -> None:
    with pytest.raises(TypeError):
        VOCABULARY["shoe_size"] = ATTRIBUTES[0]  # type: ignore[index]
    with pytest.raises(TypeError):
        VOCABULARY["region"].neighbours["jeju"] = frozenset({"seoul"})  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        VOCABULARY["region"].slack = 3  # type: ignore[misc]


def test_facts_and_sets_share_out_the_vocabulary_in_its_order() -> None:
    assert len(FACTS) + len(SETS) == len(VOCABULARY) >= 24
    assert [a for a in ATTRIBUTES if a in FACTS] == list(FACTS)
    assert [a for a in ATTRIBUTES if a in SETS] == list(SETS)
    assert {a.kind for a in FACTS} == {Kind.ORDINAL, Kind.CATEGORY}
    assert {a.kind for a in SETS} == {Kind.SET}


def test_attributes_can_be_keys() -> None:
    assert len(set(ATTRIBUTES)) == len(ATTRIBUTES)


@every_attribute
def test_an_attribute_is_found_under_its_own_snake_case_code(attribute: Attribute) -> None:
    assert VOCABULARY[attribute.code] is attribute
    assert SNAKE_CASE.fullmatch(attribute.code)


@every_coded
def test_codes_are_snake_case_and_given_once(attribute: Attribute) -> None:
    codes = [value.code for value in attribute.values]
    assert all(SNAKE_CASE.fullmatch(code) for code in codes)
    assert len(set(codes)) == len(codes)


@every_coded
def test_a_mask_of_every_value_fits_a_signed_bigint(attribute: Attribute) -> None:
    assert 2 <= attribute.size <= 63
    assert attribute.mask_of(value.code for value in attribute.values) < 2**63


@every_number
def test_only_ordinals_are_numbers_and_their_range_is_not_empty(attribute: Attribute) -> None:
    assert attribute.kind is Kind.ORDINAL
    assert attribute.low < attribute.high


def test_the_numbers_reach_as_far_as_the_domain_says() -> None:
    assert {a.code: (a.low, a.high) for a in NUMBERS} == {"birth_year": (1940, 2010), "height_cm": (130, 220)}


def test_sets_are_wide_enough_to_tell_people_apart() -> None:
    assert VOCABULARY["interests"].size >= 40
    assert VOCABULARY["personality"].size >= 24


def test_only_the_year_of_birth_is_identity() -> None:
    assert [a.code for a in ATTRIBUTES if a.group is Group.IDENTITY] == ["birth_year"]


# Words


@every_attribute
def test_an_attribute_is_named_in_both_languages(attribute: Attribute) -> None:
    assert HANGUL.search(attribute.name(Language.KO)) or attribute.code == "mbti"
    assert attribute.name(Language.EN).strip()
    assert not HANGUL.search(attribute.name(Language.EN))


@pytest.mark.parametrize("value", [v for a in CODED if a.code != "mbti" for v in a.values] + list(GENDERS), ids=str)
def test_a_value_is_hangul_in_korean_and_not_in_english(value: Value) -> None:
    assert HANGUL.search(value.label(Language.KO))
    assert value.label(Language.EN).strip()
    assert not HANGUL.search(value.label(Language.EN))


def test_mbti_types_are_written_alike_in_both_languages() -> None:
    for value in VOCABULARY["mbti"].values:
        assert value.ko == value.en == value.code.upper()


@every_coded
@every_language
def test_no_two_values_of_an_attribute_read_the_same(attribute: Attribute, language: Language) -> None:
    labels = [value.label(language) for value in attribute.values]
    assert len(set(labels)) == len(labels)


@every_language
def test_no_two_attributes_read_the_same(language: Language) -> None:
    assert len({a.name(language) for a in ATTRIBUTES}) == len(ATTRIBUTES)


def test_labels_carry_no_trace_of_the_tables_they_are_written_in() -> None:
    for value in (v for a in CODED for v in a.values):
        for label in (value.ko, value.en):
            assert label == label.strip()
            assert not re.search(r"[:;\n]| {2}| / ", label)


@pytest.mark.parametrize(
    ("code", "value", "ko", "en"),
    [
        ("height_cm", 175, "175 cm", "175 cm"),
        ("birth_year", 1990, "1990년생", "1990"),
        ("region", "seoul", "서울", "Seoul"),
        ("marital_history", "never_married", "초혼", "Never married"),
    ],
)
def test_an_answer_reads_as_people_write_it(code: str, value: str | int, ko: str, en: str) -> None:
    assert VOCABULARY[code].label(value, Language.KO) == ko
    assert VOCABULARY[code].label(value, Language.EN) == en


def test_what_is_no_answer_has_no_label() -> None:
    with pytest.raises(UnknownValue):
        VOCABULARY["height_cm"].label(300, Language.KO)


# Codes


@every_attribute
def test_an_answer_survives_the_trip_to_its_code_and_back(attribute: Attribute) -> None:
    codes = [attribute.code_of(answer) for answer in answers(attribute)]
    assert codes == list(range(1, attribute.size + 1))
    assert [attribute.value_of(code) for code in codes] == answers(attribute)
    assert UNKNOWN not in codes


@every_coded
@pytest.mark.parametrize("value", ["", "Seoul ", "서울", "NONE", 0, 1, True, None, ["none"], {}])
def test_a_coded_attribute_refuses_what_is_not_its_code(attribute: Attribute, value: object) -> None:
    with pytest.raises(UnknownValue) as refusal:
        attribute.code_of(value)  # type: ignore[arg-type]
    assert refusal.value.attribute == attribute.code
    assert refusal.value.shown is value


@every_number
@pytest.mark.parametrize("value", [129, 2011, 0, -1, 175.0, "175", "1990", True, None])
def test_a_number_refuses_what_is_out_of_range_or_no_integer(attribute: Attribute, value: object) -> None:
    with pytest.raises(UnknownValue):
        attribute.code_of(value)  # type: ignore[arg-type]


def test_true_is_not_a_number_even_where_one_would_be() -> None:
    rating = Attribute(code="rating", kind=Kind.ORDINAL, group=Group.PROFILE, ko="점수", en="Rating", low=0, high=5)
    assert rating.code_of(1) == 2
    with pytest.raises(UnknownValue):
        rating.code_of(True)


@every_attribute
def test_no_answer_hides_behind_unknown_or_past_the_end(attribute: Attribute) -> None:
    for code in (UNKNOWN, -1, attribute.size + 1):
        with pytest.raises(UnknownValue):
            attribute.value_of(code)


# Masks


@every_coded
def test_each_value_has_its_own_bit(attribute: Attribute) -> None:
    for bit, value in enumerate(attribute.values):
        assert attribute.mask_of([value.code]) == 1 << bit
        assert attribute.values_in(1 << bit) == (value.code,)


@every_coded
def test_values_come_out_of_a_mask_once_and_in_vocabulary_order(attribute: Attribute) -> None:
    codes = tuple(value.code for value in attribute.values)
    assert attribute.values_in(attribute.mask_of([*reversed(codes), codes[0]])) == codes


@every_coded
def test_nothing_is_the_empty_mask(attribute: Attribute) -> None:
    assert attribute.mask_of([]) == 0
    assert attribute.values_in(0) == ()


@every_coded
def test_a_bit_that_stands_for_nothing_is_refused(attribute: Attribute) -> None:
    for mask in (1 << attribute.size, 1 << 64, -1):
        with pytest.raises(UnknownValue):
            attribute.values_in(mask)


def test_an_unknown_value_is_not_left_out_of_a_mask() -> None:
    with pytest.raises(UnknownValue):
        VOCABULARY["interests"].mask_of(["travel", "being_carried_away"])


@every_number
def test_numbers_have_no_mask(attribute: Attribute) -> None:
    with pytest.raises(UnknownValue):
        attribute.mask_of(["1990"])
    with pytest.raises(UnknownValue):
        attribute.values_in(1)


# Nearness


@every_attribute
def test_neighbours_are_other_values_and_say_so_of_each_other(attribute: Attribute) -> None:
    codes = {value.code for value in attribute.values}
    for one, others in attribute.neighbours.items():
        assert one in codes
        assert others <= codes - {one}
        assert all(one in attribute.neighbours[other] for other in others)


@every_attribute
def test_only_categories_have_neighbours_and_only_ordinals_slack(attribute: Attribute) -> None:
    assert not attribute.neighbours or attribute.kind is Kind.CATEGORY
    assert not attribute.slack or attribute.kind is Kind.ORDINAL
    assert 0 <= attribute.slack < attribute.size


@every_attribute
def test_slack_is_none_or_lets_something_in(attribute: Attribute) -> None:
    # The fit reaches 0 at the slack-th step, so a slack of 1 would promise nearness and give none.
    assert attribute.slack != 1


@every_coded
def test_a_value_is_not_near_to_everything(attribute: Attribute) -> None:
    if len(attribute.values) > 3:
        assert all(len(others) < len(attribute.values) - 1 for others in attribute.neighbours.values())


@pytest.mark.parametrize(
    ("region", "touching"),
    [
        ("seoul", {"incheon", "gyeonggi"}),
        ("busan", {"ulsan", "gyeongnam"}),
        ("gwangju", {"jeonnam"}),
        ("daegu", {"gyeongbuk", "gyeongnam"}),
        ("sejong", {"daejeon", "chungbuk", "chungnam"}),
        ("gyeonggi", {"seoul", "incheon", "gangwon", "chungbuk", "chungnam"}),
        ("chungbuk", {"gyeonggi", "gangwon", "gyeongbuk", "jeonbuk", "chungnam", "sejong", "daejeon"}),
        ("gyeongbuk", {"gangwon", "chungbuk", "jeonbuk", "gyeongnam", "daegu", "ulsan"}),
        ("jeonnam", {"gwangju", "jeonbuk", "gyeongnam"}),
    ],
)
def test_regions_touch_as_they_do_on_the_map(region: str, touching: set[str]) -> None:
    assert VOCABULARY["region"].neighbours[region] == touching


def test_nothing_borders_the_island_or_abroad() -> None:
    assert {v.code for v in VOCABULARY["region"].values} - set(VOCABULARY["region"].neighbours) == {"jeju", "overseas"}


def test_each_mbti_type_is_near_the_four_a_letter_away() -> None:
    mbti = VOCABULARY["mbti"]
    assert {len(near) for near in mbti.neighbours.values()} == {4}
    assert mbti.neighbours["intj"] == {"entj", "istj", "infj", "intp"}


# What families part over


def test_sensitive_facts_are_the_ones_that_need_consent() -> None:
    assert {a.code for a in ATTRIBUTES if a.sensitive} == {"religion", "marital_history", "children"}


@pytest.mark.parametrize("code", ["religion", "marital_history", "children", "wants_children", "smoking"])
def test_nobody_is_half_accepted_on_what_people_part_over(code: str) -> None:
    assert not VOCABULARY[code].neighbours
    assert VOCABULARY[code].slack == 0
