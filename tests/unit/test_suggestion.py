"""A first mapping is made from headers; it can be used as it is, and names what it does not understand."""

import re

import pytest

from ygs.application.importing.mapping import parse_mapping
from ygs.application.importing.suggestion import suggested_mapping
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Status
from ygs.ports.spreadsheets import Row, SheetTable

KOREAN = ("성명", "성별", "생년월일", "연락처", "키", "최종 학력", "연봉(만원)", "종교", "거주지", "희망나이", "비고")
PERSON = ("한도경", "남", "86.04.21", "010-2211-3301", "176", "대졸", "5,200", "무교", "서울시 강남구", "85~93", "x")
ENGLISH = ("Full Name", "Sex", "Date of birth", "Mobile", "Height", "Education", "Shoe size")


def suggested(header: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    table = SheetTable(header, [Row(number, cells) for number, cells in enumerate(rows, 4)], header_row=3, sheet="회원")
    return suggested_mapping(table, "회원명부")


@pytest.mark.parametrize(
    ("header", "left", "facts", "wishes"),
    [
        (KOREAN, ["비고", "종교"], {"height_cm", "education", "income_band", "region"}, ["birth_year"]),
        (ENGLISH, ["Shoe size"], {"height_cm", "education"}, []),
    ],
)
def test_a_suggestion_fits_its_file(
    header: tuple[str, ...], left: list[str], facts: set[str], wishes: list[str]
) -> None:
    text = suggested(header, (*PERSON, *PERSON)[: len(header)])
    mapping = parse_mapping(text.encode())
    mapping.require_header(header)
    assert (mapping.sheet, mapping.header_row, mapping.status) == ("회원", 3, Status.DRAFT)
    assert list(mapping.left_out) == left
    assert set(mapping.facts) == facts
    assert [wish.attribute for wish in mapping.column_wishes] == wishes


def test_what_is_not_understood_is_named() -> None:
    text = suggested(KOREAN, PERSON, (*PERSON[:5], "중퇴", *PERSON[6:]))
    assert 'not understood: "비고"' in text
    assert '# "중퇴" = "?"' in text
    assert '"대졸" = "bachelor"' in text
    assert "# [facts.religion]" in text


def test_either_of_two_things_that_one_name_joins_is_understood() -> None:
    people = [(*PERSON, "요가, 필라테스"), (*PERSON, "풋살, 요리, 뜨개질")]
    text = suggested((*KOREAN, "관심사"), *people)
    read = {'"요가" = "yoga"', '"필라테스" = "yoga"', '"풋살" = "football"', '"요리" = "cooking"'}
    assert read | {'# "뜨개질" = "?"'} <= set(text.splitlines())


def test_the_consents_of_a_suggestion_wait_in_comments() -> None:
    text = suggested(KOREAN, PERSON)
    uncommented = re.sub(r"(?m)^# (\[consents\]|(?:terms|privacy) = .*)$", r"\1", text)
    mapping = parse_mapping(uncommented.replace('status = "draft"', 'status = "pending"').encode())
    assert set(mapping.consents) == {"terms", "privacy"}
    assert "# sensitive = {" in text


def test_the_sheet_that_was_read_and_the_others_are_named() -> None:
    table = SheetTable(KOREAN, [Row(2, PERSON)], sheet="여성회원", other_sheets=("남성회원", "메모"))
    text = suggested_mapping(table, "회원명부")
    assert 'sheet = "여성회원"' in text
    assert '# "남성회원", "메모"' in text


def test_values_that_no_pattern_reads_are_asked_for_however_many_there_are() -> None:
    salaries = ["8천쯤", "5,200", *(str(salary) for salary in range(3000, 3100))]
    heights = ["백칠십", *(str(100 + number) for number in range(len(salaries) - 1))]
    people = [
        (*PERSON[:4], height, PERSON[5], salary, *PERSON[7:]) for height, salary in zip(heights, salaries, strict=True)
    ]
    text = suggested(KOREAN, *people)
    assert '# "8천쯤" = "?"' in text
    assert '"5,200" =' not in text
    assert 'not understood: "백칠십"' in text
    assert "income_band" in parse_mapping(text.encode()).facts


@pytest.mark.parametrize(
    ("salary", "band"),
    [
        ("2,800", "under_3000"),
        ("3천", "from_3000"),
        ("4천5백만원", "from_4000"),
        ("5천만원", "from_5000"),
        ("9천 5백", "from_7000"),
        ("1억", "from_10000"),
        ("1억 2천만원", "from_10000"),
        ("1억5천", "from_15000"),
        ("2억원", "from_15000"),
        ("3억", "from_30000"),
        ("3천원", None),
        ("10억", None),
    ],
)
def test_a_salary_is_read_as_people_write_it(salary: str, band: str | None) -> None:
    patterns = parse_mapping(suggested(KOREAN, PERSON).encode()).facts["income_band"].patterns
    fitting = [code for pattern, code in patterns.items() if re.fullmatch(pattern, salary)]
    assert fitting == ([band] if band else [])


@pytest.mark.parametrize("total", ["합계 24명", "합계", "총 24명", "Total: 24"])
def test_a_total_below_the_people_is_left_out(total: str) -> None:
    blank = ("",) * (len(KOREAN) - 1)
    for row in [(total, *blank), ("", "", total, *blank[2:]), (*blank, total)]:
        text = suggested(KOREAN, PERSON, row)
        mapping = parse_mapping(text.encode())
        mapping.require_header(KOREAN)
        [rule] = mapping.refuse
        assert list(rule.because) == [total]
        assert text.count(f'"{total}"') == 1


def test_a_person_with_the_name_of_a_total_is_a_person() -> None:
    assert parse_mapping(suggested(KOREAN, ("총", *PERSON[1:])).encode()).refuse == ()


def test_a_file_without_names_says_what_is_missing() -> None:
    text = suggested(("번호", "성별"), ("1", "여"))
    assert text.count("no such column was found") == 2
    assert parse_mapping(text.encode()).member.gender.values == {"여": "female"}


def test_no_resident_number_and_no_words_of_a_person_are_in_a_suggestion() -> None:
    header = (*KOREAN, "흡연", "주민 910907-2123456")
    secret = "910907-2123456"
    text = suggested(
        header,
        (*PERSON, secret, secret),
        (*PERSON, "9109072123456", "끊으려고 매일 아침 달리면서 노력하고 있는 중입니다"),
    )
    assert "2123456" not in text
    assert "노력" not in text
    assert "한도경" not in text
    assert "2211" not in text


@pytest.mark.parametrize("code", sorted(set(VOCABULARY) - {"birth_year"}))
def test_every_attribute_is_recognised_by_its_own_names(code: str) -> None:
    attribute = VOCABULARY[code]
    for name in (attribute.ko, attribute.en, code):
        text = suggested(("이름", "성별", "생년", name), ("한도경", "남", "1986", ""))
        assert f"[facts.{code}]" in text
        parse_mapping(text.encode()).require_header(("이름", "성별", "생년", name))
