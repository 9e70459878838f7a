"""What embedders import: the README's example runs, and a round can be planned from objects, tables and data frames."""

import re
import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import ygs
from ygs.application.rounds.dataframes import market_of
from ygs.application.rounds.policies import policy_from
from ygs.domain.errors import BadFile, InvalidFact, InvalidWish, RoundRefused, UnknownValue
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish

README = Path(__file__).parents[2] / "README.md"
WITHOUT_A_DATABASE = README.parent / "docs" / "how-to" / "plan-a-round.md"

COLUMNS: dict[str, list[Any]] = {
    "id": ["나", "가", "다", "라"],
    "gender": ["male", "female", "female", "male"],
    "seeks": ["female", "male", "male", "both"],
    "birth_year": [1990, 1991, None, 1985],
    "region": ["seoul", None, "busan", "gyeonggi"],
    "interests": [["hiking"], [], None, ["hiking"]],
    "weeks_waited": [0, 3, 1, 0],
    "wish_birth_year_low": [1988, None, 1980, None],
    "wish_birth_year_high": [1995, None, 1990, None],
    "wish_birth_year_importance": ["must", None, "strong", None],
    "wish_region": [None, ["seoul", "gyeonggi"], None, None],
}


def people() -> list[Candidate]:
    """The same people as objects."""
    born, region, interests = (VOCABULARY[code] for code in ("birth_year", "region", "interests"))
    hiking = interests.mask_of(["hiking"])
    must, strong, fair = Importance.MUST, Importance.STRONG, Importance.FAIR
    return [
        Candidate(
            id="나",
            gender=Genders.MALE,
            seeks=Genders.FEMALE,
            facts={"birth_year": born.code_of(1990), "region": region.code_of("seoul"), "interests": hiking},
            wishes={"birth_year": Wish.between("birth_year", 1988, 1995, must)},
        ),
        Candidate(
            id="가",
            gender=Genders.FEMALE,
            seeks=Genders.MALE,
            facts={"birth_year": born.code_of(1991)},
            wishes={"region": Wish.among("region", ["seoul", "gyeonggi"], fair)},
            weeks_waited=3,
        ),
        Candidate(
            id="다",
            gender=Genders.FEMALE,
            seeks=Genders.MALE,
            facts={"region": region.code_of("busan")},
            wishes={"birth_year": Wish.between("birth_year", 1980, 1990, strong)},
            weeks_waited=1,
        ),
        Candidate(
            id="라",
            gender=Genders.MALE,
            seeks=Genders.MALE | Genders.FEMALE,
            facts={"birth_year": born.code_of(1985), "region": region.code_of("gyeonggi"), "interests": hiking},
        ),
    ]


@pytest.mark.parametrize(
    "table",
    [COLUMNS, pl.DataFrame(COLUMNS), pd.DataFrame(COLUMNS)],
    ids=["dict", "polars", "pandas"],
)
def test_a_table_is_the_same_round_as_its_people(table: Any) -> None:
    history = [("나", "가")]
    by_objects = ygs.plan_round(people(), history)
    assert by_objects.pairs
    assert ygs.plan_round(table, history) == by_objects
    assert ygs.plan_round(Market.of(people(), met=history)) == by_objects
    assert not any({pair.a, pair.b} == {"나", "가"} for pair in by_objects.pairs)


def test_a_table_names_what_is_wrong_with_it() -> None:
    with pytest.raises(BadFile, match="no column gender"):
        ygs.plan_round({"id": ["a"], "seeks": ["male"]})
    with pytest.raises(BadFile, match="shoe_size"):
        ygs.plan_round({**COLUMNS, "shoe_size": [1, 2, 3, 4]})
    with pytest.raises(BadFile, match="column gender"):
        ygs.plan_round({**COLUMNS, "gender": ["m", "f", "f", "m"]})
    with pytest.raises(UnknownValue, match="region"):
        ygs.plan_round({**COLUMNS, "region": ["seoul", None, "atlantis", None]})
    with pytest.raises(RoundRefused, match="twice"):
        ygs.plan_round({**COLUMNS, "id": ["가", "가", "다", "라"]})


TWO: dict[str, list[Any]] = {"id": ["가", "나"], "gender": ["male", "female"], "seeks": ["female", "male"]}


@pytest.mark.parametrize(
    ("column", "cells", "error", "words"),
    [
        ("capacity", [1, 8], BadFile, "column capacity: write whole numbers from 1 to 7"),
        ("capacity", [0, 1], BadFile, "from 1 to 7"),
        ("weeks_waited", [-1, 1], BadFile, "column weeks_waited"),
        ("introduced", [1, 70_000], BadFile, "column introduced"),
        ("due", [2, 0], BadFile, "column due"),
        ("due", ["yes", "no"], BadFile, "column due"),
        ("height_cm", [172.5, 160.0], BadFile, "column height_cm: write whole numbers"),
        ("height_cm", [float("inf"), 160.0], BadFile, "column height_cm"),
        ("birth_year", [date(1990, 1, 1), None], BadFile, "column birth_year"),
        ("birth_year", [1990], BadFile, "column birth_year has 1 rows, and id has 2"),
        ("id", ["가", None], BadFile, "column id: every row needs one"),
        ("seeks", [["male"], "male"], BadFile, "column seeks: write male, female, both"),
        ("interests", ["hiking", None], InvalidFact, "interests"),
        ("wish_region", ["seoul", None], InvalidWish, "region: give the accepted values as a list"),
        ("wish_height_cm_low", [300, None], UnknownValue, "height_cm"),
    ],
)
def test_a_wrong_cell_is_refused_by_its_column(
    column: str, cells: list[Any], error: type[ygs.YgsError], words: str
) -> None:
    with pytest.raises(error, match=words):
        ygs.plan_round({**TWO, column: cells})


def test_an_importance_nobody_knows_is_refused() -> None:
    wish = {"wish_region": [["seoul"], None], "wish_region_importance": ["very", None]}
    with pytest.raises(InvalidWish, match="ignore, slight, fair, strong, must"):
        ygs.plan_round({**TWO, **wish})


def test_a_wish_with_one_end_is_open_at_the_other() -> None:
    born, must = VOCABULARY["birth_year"], {"wish_birth_year_importance": ["must", "must"]}
    for end, given, expected in (("low", 1990, (1990, born.high)), ("high", 1990, (born.low, 1990))):
        market = market_of({**TWO, f"wish_birth_year_{end}": [given, None], **must})
        assert dict(market.person(0).wishes) == {"birth_year": Wish.between("birth_year", *expected, Importance.MUST)}
        assert dict(market.person(1).wishes) == {}


def test_empty_cells_are_what_they_are_without_their_column() -> None:
    empty: dict[str, list[Any]] = {
        **{name: [None, None] for name in ("weeks_waited", "due", "capacity", "introduced", "birth_year", "region")},
        "interests": [[], None],
        "wish_region": [[], None],
        "wish_height_cm_low": [None, float("nan")],
    }
    assert market_of({**TWO, **empty}) == market_of(TWO)
    frame = pd.DataFrame(
        {**TWO, "birth_year": pd.array([1990, None], "Int64"), "due": pd.array([True, None], "boolean")}
    )
    assert market_of(frame) == market_of({**TWO, "birth_year": [1990, None], "due": [1, 0]})


def test_an_empty_market_has_an_empty_plan() -> None:
    plan = ygs.plan_round([])
    assert (plan.pairs, plan.unmatched) == ((), ())


def test_the_readmes_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert sum(bool(line) for line in example.splitlines()) <= 13
    exec(compile(example, "README.md", "exec"), {})
    assert "proposed" in capsys.readouterr().out


def test_a_round_is_planned_from_a_table_as_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    examples = re.findall(r"```python\n(.*?)```", WITHOUT_A_DATABASE.read_text("utf-8"), re.DOTALL)
    exec(compile("\n".join(examples), WITHOUT_A_DATABASE.name, "exec"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert "('민준', '서연'" in first
    assert "('도윤', '서연')" not in second


def test_the_example_policy_is_the_default_written_out() -> None:
    example = README.parent / "examples" / "policy.toml"
    assert policy_from(example.read_text("utf-8")) == ygs.Policy()
    assert {field.name for field in fields(ygs.Policy)} == tomllib.loads(example.read_text("utf-8")).keys()
