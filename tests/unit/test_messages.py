"""Every sentence that a person reads is in the catalogue, in Korean, with the same fields; and nothing else is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
import typer
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import ygs
from ygs.application.labels import KOREAN_NAMES
from ygs.application.messages.catalogue import LOCALE, catalogue
from ygs.application.messages.translate import explain_error, headline, translate
from ygs.domain import errors
from ygs.domain.errors import N_, Conflict, Incomplete, InvalidFact, InvalidWish, Listed, NotFound, WrongStatus
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.korean_particles import PARTICLES
from ygs.domain.reports import ReportState
from ygs.domain.users import Status
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.cli.help_texts import help_texts

SOURCE = Path(ygs.__file__).parent
KO, EN = Language.KO, Language.EN
# A name, and what is wrong with it.
UNTRANSLATED = {"{about}: "}


def templates() -> set[str]:
    """Everything that the source marks for translation."""
    marked = {"N_": None, "say": None}
    found = extract_from_dir(str(SOURCE), method_map=[("**.py", "python"), ("**.html", "jinja2")], keywords=marked)
    helped = {text for _, _, text in help_texts(typer.main.get_command(app))}
    return {str(message) for _, _, message, _, _ in found} - UNTRANSLATED | helped


def korean() -> dict[str, str]:
    with (LOCALE / "ko/LC_MESSAGES/messages.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_message_has_a_korean_translation_and_no_other_is_kept() -> None:
    """`make messages` adds what is new and drops what is gone."""
    assert korean().keys() == templates()


def test_a_translation_fills_in_the_same_fields_and_is_korean() -> None:
    for english, translated in korean().items():
        assert fields(translated) == fields(english), english
        only_fields = not re.search("[a-z]", re.sub(r"\{[^}]*\}", "", english))
        assert only_fields or re.search("[가-힣]", translated) or english == translated, english


def refusals() -> set[str]:
    """The templates that errors are raised with."""
    return {
        str(marked.args[0].value)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise)
        for marked in ast.walk(node)
        if isinstance(marked, ast.Call) and isinstance(marked.func, ast.Name) and marked.func.id == "N_"
        if isinstance(marked.args[0], ast.Constant)
    }


def test_a_refusal_in_korean_is_a_sentence_with_its_full_stop() -> None:
    """Faults stand below each other in a form: some with a full stop and some without look like a mistake."""
    translations = korean()
    without = [translations[each] for each in refusals() if re.search("(니다|세요)$", translations[each])]
    assert without == []


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    compiled = catalogue(KO)
    assert {english: compiled.gettext(english) for english in korean()} == korean()


def unmarked() -> Iterator[str]:
    """Errors that are given a text nobody can translate."""
    kinds = {name for name, each in vars(errors).items() if isinstance(each, type)} - {
        "InvalidId",
        "Incomplete",
        "Listed",
        "NotFound",
        "TooManyAttempts",
        "UnknownValue",
    }
    second = {"InvalidFact", "InvalidText", "InvalidWish", "WeakPassword"}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                given = node.args[1 if node.func.id in second else 0 :][:1]
                if any(isinstance(each, ast.JoinedStr | ast.Constant) for each in given):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}"


def test_no_error_is_raised_with_a_text_that_is_not_marked() -> None:
    assert list(unmarked()) == []


@pytest.mark.parametrize(
    ("error", "ko"),
    [
        (NotFound("match week", "mw_1"), "매칭 주를 찾을 수 없습니다: mw_1"),
        (NotFound("user"), "회원을 찾을 수 없습니다."),
        (NotFound("introduction"), "소개를 찾을 수 없습니다."),
        (NotFound("override", "pin.usr_1.usr_2"), "조정을 찾을 수 없습니다: pin.usr_1.usr_2"),
        (InvalidFact("height_cm", N_("is a single value")), "키: 값을 하나만 적어 주세요."),
        (InvalidWish("height_cm", N_("needs at least one accepted value")), "희망 조건(키): "),
        (Incomplete(("region", "introduction")), "거주 지역, 자기소개"),
    ],
)
def test_codes_in_a_message_are_shown_by_their_labels(error: errors.YgsError, ko: str) -> None:
    assert ko in explain_error(error, KO)
    assert explain_error(error, EN) == str(error)


def things_not_found() -> set[str]:
    """Every constant that `NotFound` is raised with."""
    return {
        thing
        for path in SOURCE.rglob("*.py")
        for thing in re.findall(r'\bNotFound\(\s*"([^"]+)"', path.read_text("utf-8"))
    }


@pytest.mark.parametrize("thing", sorted(things_not_found()))
def test_whatever_may_not_be_found_is_named_in_korean(thing: str) -> None:
    named = explain_error(NotFound(thing), KO).removesuffix(" 찾을 수 없습니다.")
    assert re.fullmatch("[가-힣 ]+", named), named


def test_a_state_is_named_by_its_own_kind() -> None:
    shown = [translate("{state}", KO, state=state) for state in (WeekState.OPEN, ReportState.OPEN)]
    assert shown == ["모집 중", "접수"]


def test_a_list_of_codes_is_a_list_of_labels() -> None:
    assert translate("{states}", KO, states=Listed([Status.DRAFT, Status.PAUSED])) == "작성 중, 쉬는 중"
    assert str(Listed([Status.DRAFT, Status.PAUSED])) == "draft, paused"


@pytest.mark.parametrize(
    ("word", "shown"), [("서울", "서울은"), ("경기", "경기는"), ("YGS_KEY", "YGS_KEY는"), ("mw_3", "mw_3은")]
)
def test_a_particle_takes_the_form_that_the_word_asks_for(word: str, shown: str) -> None:
    assert translate("{word:은}", KO, word=word) == shown


# Filled in with Korean words, names of people or numbers, whose last sound is known.
_TAKE_PARTICLES = {"person", "what", "code", "pairs", "needed", "version"}
_PARTICLE_AFTER_A_FIELD = re.compile(
    r"\}['\"”]?(?:은|는|이|가|을|를|과|와|으로|로)(?![가-힣])|은\(는\)|이\(가\)|을\(를\)"
)


def test_no_particle_follows_a_file_a_setting_or_another_foreign_word() -> None:
    """Nobody can tell from its letters how cut.zip is read: a Korean word stands between, as in {file} 파일은."""
    for translated in korean().values():
        assert not _PARTICLE_AFTER_A_FIELD.search(translated), translated
        parsed = Formatter().parse(translated)
        assert {name for _, name, spec, _ in parsed if name and spec in PARTICLES} <= _TAKE_PARTICLES, translated


def test_an_error_of_the_domain_says_english_by_itself() -> None:
    error = WrongStatus(
        N_("week {week} is {state}; this needs one of: {needed}"), week="2026-W48", state="open", needed=""
    )
    assert str(error) == "week 2026-W48 is open; this needs one of: "
    assert (error.template, error.fields["week"]) == ("week {week} is {state}; this needs one of: {needed}", "2026-W48")


def test_every_kind_of_error_has_a_headline_in_korean() -> None:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.YgsError):
            assert re.search("[가-힣]", headline(kind, KO)), kind


def test_an_error_without_a_text_of_its_own_says_only_its_headline() -> None:
    assert explain_error(Conflict(), KO) == ""
    assert headline(Conflict(), KO) == "이미 있거나 다른 작업과 겹칩니다."


def test_names_of_fields_are_korean() -> None:
    assert all(re.search("[가-힣]", name) for name in KOREAN_NAMES.values())


def test_no_message_is_looked_up_inside_an_f_string_where_babel_cannot_find_it() -> None:
    for path in sorted((SOURCE / "entrypoints/cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                called = {ast.unparse(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
                assert "say" not in called, f"{path.name}:{node.lineno}"
