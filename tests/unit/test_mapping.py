"""A mapping says what a foreign file means, and its own mistakes are named before any row is read."""

import re
from pathlib import Path

import pytest

from ygs.application.importing.mapping import parse_mapping
from ygs.application.messages.translate import explain_error
from ygs.domain.errors import BadFile
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = """
title = "작은 명부"
{top}
[consents]
terms = {{ version = "1", given = 2026-01-02 }}
privacy = {{ version = "1", given = 2026-01-02 }}
{consents}
[member]
name = {{ column = "이름" }}
gender = {{ column = "성별", values = {{ "남" = "male", "여" = "female" }} }}
seeks = {{ column = "성별", values = {{ "남" = "female", "여" = "male" }} }}
birth_year = {{ column = "생년", unit = "year" }}
{member}
{rest}
"""


def small(*, top: str = "", consents: str = "", member: str = "", rest: str = "") -> bytes:
    return SMALL.format(top=top, consents=consents, member=member, rest=rest).encode()


@pytest.mark.parametrize("name", ["okcupid.toml", "korean_members.toml"])
def test_the_examples_hold_no_mistake(name: str) -> None:
    assert parse_mapping((EXAMPLES / name).read_bytes()).title


def test_a_byte_order_mark_and_hangul_typed_on_a_mac_are_read_alike() -> None:
    import unicodedata

    split = unicodedata.normalize("NFD", small().decode()).encode("utf-8-sig")
    assert parse_mapping(split) == parse_mapping(small())


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (b"title = x", "line 1"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"", "title"),
        (small(top="colour = 1"), "colour: is not known here"),
        (small(top='status = "withdrawn"'), "status: write one of draft, pending, active"),
        (small(rest='[facts.shoe]\ncolumn = "신발"'), "'shoe' is no attribute"),
        (small(rest='[facts.birth_year]\ncolumn = "생년"\nunit = "year"'), "belongs under member"),
        (
            small(rest='[facts.region]\ncolumn = "거주지"\nvalues = { "서울" = "soul" }'),
            "'soul' is not an answer of it",
        ),
        (small(rest='[facts.region]\nalways = "atlantis"'), "facts.region: 'atlantis'"),
        (small(rest='[facts.region]\ncolumn = "거주지"\nvalues = { "서울" = ["seoul", "busan"] }'), "a single answer"),
        (
            small(rest='[facts.region]\ncolumn = "거주지"\nseparator = ","'),
            "region.separator: has no effect here",
        ),
        (small(rest='[facts.height_cm]\ncolumn = "키"'), "facts.height_cm: needs a unit"),
        (small(rest='[facts.height_cm]\ncolumn = "키"\nunit = "ell"'), "facts.height_cm.unit"),
        (small(rest='[facts.mbti]\ncolumn = "MBTI"\nunit = "cm"'), "mbti.unit: has no effect here"),
        (small(rest='[facts.mbti]\ncolumn = "MBTI"\nalways = "intj"'), "exactly one of: column, always, row"),
        (small(rest="[facts.mbti]"), "exactly one of: column, always, row"),
        (small(rest='[facts.mbti]\ncolumn = "MBTI"\ntake = "(.*"'), "not a regular expression"),
        (small(rest='[facts.mbti]\ncolumn = "MBTI"\ntake = ".*"'), "exactly one (group)"),
        (small(rest='[facts.mbti]\ncolumn = "MBTI"\ndrop = ["x"]'), "needs a separator"),
        (small(rest='[facts.religion]\ncolumn = "종교"'), "facts.religion: is sensitive"),
        (small(consents='sensitive = { version = "1", given = 2026-01-02, column = "동의" }'), "column and yes"),
        (small(member='phone = { colum = "전화" }'), "member.phone.colum"),
        (small(rest='[[wishes]]\nattribute = "smoking"\nimportance = "must"'), "between, among, around, same"),
        (small(rest='[[wishes]]\nattribute = "region"\nimportance = "must"\nsame = true\nat_least = 2'), "at_least"),
        (small(rest='[[wishes]]\nattribute = "smoke"\nimportance = "must"\nsame = true'), "'smoke' is no attribute"),
        (
            small(rest='[[wishes]]\nattribute = "smoking"\nimportance = "must"\nbetween = ["daily", "no"]'),
            "the first value is after the last: nobody can meet that",
        ),
        (small(rest='[[wishes]]\nattribute = "region"\nimportance = "must"\naround = [-1, 1]'), "an ordered attribute"),
        (small(rest='[[wishes]]\nattribute = "region"\nimportance = "high"\nsame = true'), "wishes.0.importance"),
        (
            small(
                rest='[[wishes]]\nattribute = "region"\nimportance = "must"\nsame = true\nwhen = { smoking = ["x"] }'
            ),
            "'smoking' cannot be 'x'; it may be 'no'",
        ),
        (small().replace(b'unit = "year"', b'unit = "age"'), "an age needs the year"),
        (small(top="year = 2026"), "year: has no effect without a unit of age"),
        (small(top='left_out = ["이름"]'), "'이름' is mapped too"),
        (small(top="header_row = 0"), "header_row"),
        (small(member='phone = { column = "전화", values = { "없음" = "" } }'), "phone.values: has no effect here"),
        (small(member='school = { always = "한국대", unknown = ["-"] }'), "unknown: has no effect without a column"),
        (small().replace(b', unit = "year"', b""), "birth_year: needs a unit: write unit = 'year' or unit = 'age'"),
        (
            small().replace(b', unit = "year"', b', unit = "cm"'),
            "birth_year: needs a unit: write unit = 'year' or unit = 'age'",
        ),
        (small(rest='[facts.height_cm]\ncolumn = "키"\nunit = "cm"\nvalues = { "큼" = 180 }'), "values: has no effect"),
        (small(rest='[facts.height_cm]\ncolumn = "키"\nunit = "cm"\nseparator = ","'), "separator: has no effect"),
        (small(rest='[facts.mbti]\ncolumn = "MBTI"\nbetween = [1, 2]'), "between: has no effect"),
        (
            small(rest='[[wishes]]\nattribute = "birth_year"\nimportance = "fair"\nrange = { column = "희망" }'),
            "a unit",
        ),
        (small().replace(b'"male", "\xec\x97\xac" = "female"', b'"man"'), "'man' is no gender"),
        (
            small().replace(b"privacy", b"marketing"),
            "consents.privacy: members with status = 'pending' have agreed to it",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(document: bytes, named: str) -> None:
    with pytest.raises(BadFile) as caught:
        parse_mapping(document)
    assert named in str(caught.value)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(BadFile, match=r"(?s)facts\.mbti.*colour"):
        parse_mapping(small(top="colour = 1", rest='[facts.mbti]\ncolumn = "MBTI"\nunit = "mile"'))


@pytest.mark.parametrize(
    ("document", "line", "said"),
    [
        (
            b'[consents]\nunknown = [""]\nleft_out = ["a"]\ntitle = "x"',
            2,
            "consents.unknown: [consents] 아래에 있습니다",
        ),
        (b'[facts]\nunknown = [""]', 2, "facts.unknown: [facts] 아래에 있습니다"),
        (small(member='title = "x"'), 13, "member.title: [member] 아래에 있습니다"),
        (small(consents='gossip = { version = "1", given = 2026-01-02 }'), 7, "'terms', 'privacy'"),
        (small(consents="marketing = 3"), 7, "consents.marketing: "),
        (small(top="year = 1"), 3, "1990 이상"),
        (small().replace(b"2026-01-02", b'"soon"', 1), 5, "2026-12-31"),
        (small(rest='[facts.region]\nalways = "atlantis"'), 14, "`ygs vocabulary region`"),
        (small(member='phone = { column = "전화"'), 13, "따옴표"),
        (small(rest="[consents]"), 14, "두 번"),
    ],
)
def test_a_mistake_is_a_korean_sentence_with_its_line(document: bytes, line: int, said: str) -> None:
    with pytest.raises(BadFile) as caught:
        parse_mapping(document)
    words = explain_error(caught.value, Language.KO)
    assert f"{line}번째 줄" in words
    assert said in words
    assert not re.search("Input should|instance|dictionary|Expected|Cannot", words)


def test_the_lines_that_are_missing_can_be_pasted() -> None:
    document = re.sub(rb"(?m)^(terms|privacy) = .*$", b"", small()).replace(b"[consents]", b"")
    with pytest.raises(BadFile) as caught:
        parse_mapping(document)
    lines = re.findall(r"(?m)^(?:\[consents\]|(?:terms|privacy) = .*)$", explain_error(caught.value, Language.KO))
    assert len(lines) == 3
    assert set(parse_mapping(document + "\n".join(lines).encode()).consents) == {"terms", "privacy"}


def test_a_mistake_is_named_once() -> None:
    with pytest.raises(BadFile) as caught:
        parse_mapping(b'[consents]\nunknown = [""]')
    assert str(caught.value).count("consents.unknown") == 1


def test_a_column_the_file_has_not_and_one_the_mapping_has_not_are_named() -> None:
    mapping = parse_mapping(small(top='left_out = ["비고"]'))
    mapping.require_header(("이름", "성별", "생년", "비고"))
    with pytest.raises(BadFile, match="no column '생년'"):
        mapping.require_header(("이름", "성별", "비고"))
    with pytest.raises(BadFile, match="what column '주민번호', '지문' is"):
        mapping.require_header(("이름", "성별", "생년", "비고", "주민번호", "지문"))


def wish(rule: str, own: int | None) -> Wish | None:
    return parse_mapping(small(rest=f"[[wishes]]\n{rule}")).wish_rules[0].wish(own)


def test_a_wish_around_the_own_answer_ends_where_the_attribute_ends() -> None:
    rule = 'attribute = "birth_year"\nimportance = "must"\naround = [-2, 6]'
    assert wish(rule, 51) == Wish(attribute="birth_year", importance=Importance.MUST, low=49, high=57)
    assert wish(rule, 1) == Wish(attribute="birth_year", importance=Importance.MUST, low=1, high=7)
    assert wish(rule, 71) == Wish(attribute="birth_year", importance=Importance.MUST, low=69, high=71)
    assert wish(rule, None) is None


def test_the_same_answer_is_wished_for_in_every_kind() -> None:
    same = 'importance = "fair"\nsame = true\nattribute = '
    protestant = VOCABULARY["religion"].code_of("protestant")
    assert wish(same + '"religion"', protestant) == Wish.among("religion", ["protestant"], Importance.FAIR)
    assert wish(same + '"education"', 3) == Wish.between("education", "bachelor", "bachelor", Importance.FAIR)
    assert wish(same + '"interests"', 0b101) == Wish(attribute="interests", importance=Importance.FAIR, accepts=0b101)
    assert wish(same + '"religion"', None) is None
    several = wish(same + '"interests"\nat_least = 3', 0b11101)
    assert several == Wish(attribute="interests", importance=Importance.FAIR, low=3, accepts=0b11101)
    fewer = wish(same + '"interests"\nat_least = 3', 0b101)
    assert fewer == Wish(attribute="interests", importance=Importance.FAIR, low=2, accepts=0b101)
