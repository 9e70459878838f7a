"""What embedders import: the README's example runs, and a round can be planned from objects, tables and data frames."""

import json
import re
import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import ygs
from ygs.adapters.dataframes import columns_of
from ygs.application.rounds.dataframes import market_of
from ygs.application.rounds.policies import policy_from
from ygs.domain.errors import BadFile, NotFound, RoundRefused
from ygs.domain.matching.attribute import Kind, Language
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
    [COLUMNS, pl.DataFrame(COLUMNS), pl.LazyFrame(COLUMNS), pd.DataFrame(COLUMNS), pa.table(COLUMNS)],
    ids=["dict", "polars", "lazy polars", "pandas", "arrow"],
)
def test_a_table_is_the_same_round_as_its_people(table: Any) -> None:
    history = [("나", "가")]
    by_objects = ygs.plan_round(people(), history)
    assert by_objects.pairs
    assert ygs.plan_round(table, history).plan == by_objects
    assert ygs.plan_round(Market.of(people(), met=history)) == by_objects
    assert not any({pair.a, pair.b} == {"나", "가"} for pair in by_objects.pairs)


def test_a_table_names_what_is_wrong_with_it() -> None:
    with pytest.raises(BadFile, match="no column gender"):
        ygs.plan_round({"id": ["a"], "seeks": ["male"]})
    with pytest.raises(BadFile, match="shoe_size"):
        ygs.plan_round({**COLUMNS, "shoe_size": [1, 2, 3, 4]})
    with pytest.raises(BadFile, match="column gender"):
        ygs.plan_round({**COLUMNS, "gender": ["m", "f", "f", "m"]})
    with pytest.raises(BadFile, match="row 3, column region, value 'atlantis'"):
        ygs.plan_round({**COLUMNS, "region": ["seoul", None, "atlantis", None]})
    with pytest.raises(BadFile, match="row 2, column id, value '가'"):
        ygs.plan_round({**COLUMNS, "id": ["가", "가", "다", "라"]})


TWO: dict[str, list[Any]] = {"id": ["가", "나"], "gender": ["male", "female"], "seeks": ["female", "male"]}


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("capacity", [1, 8], "row 2, column capacity, value 8: write whole numbers from 1 to 7"),
        ("capacity", [0, 1], "row 1, column capacity, value 0: .* from 1 to 7"),
        ("weeks_waited", [-1, 1], "row 1, column weeks_waited, value -1"),
        ("introduced", [1, 70_000], "row 2, column introduced, value 70000"),
        ("due", [2, 0], "row 1, column due, value 2"),
        ("due", [0, "no"], "row 2, column due, value 'no'"),
        ("height_cm", [172.5, 160.0], "row 1, column height_cm, value 172.5: write whole numbers"),
        ("height_cm", [160.0, float("inf")], "row 2, column height_cm, value inf"),
        ("birth_year", [date(1990, 1, 1), None], "row 1, column birth_year, value datetime.date"),
        ("birth_year", [1990], "column birth_year has 1 rows, and id has 2"),
        ("id", ["가", None], "row 2, column id, value None: every row needs an id"),
        ("id", ["가", 7], "row 2, column id, value 7: .* write all alike"),
        ("id", [1, "1"], "row 2, column id, value '1': .* write all alike"),
        ("id", [1, 1], "row 2, column id, value 1: another row has that id"),
        ("id", [["가"], "나"], r"row 1, column id, value \['가'\]"),
        ("seeks", ["female", ["male"]], r"row 2, column seeks, value \['male'\]: write male, female, both"),
        ("interests", [["hiking"], "hiking"], "row 2, column interests, value 'hiking'"),
        ("wish_region", [None, "seoul"], "row 2, column wish_region, value 'seoul': .*as a list"),
        ("wish_height_cm_low", [None, 300], "row 2, column wish_height_cm, value .300, None"),
    ],
)
def test_a_wrong_cell_is_refused_by_its_row_column_and_value(column: str, cells: list[Any], words: str) -> None:
    with pytest.raises(BadFile, match=words):
        ygs.plan_round({**TWO, column: cells})


def test_an_importance_nobody_knows_is_refused() -> None:
    wish = {"wish_region": [["seoul"], None], "wish_region_importance": ["very", None]}
    with pytest.raises(BadFile, match=r"row 1, column wish_region.* ignore, slight, fair, strong, must"):
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
    assert market_of(columns_of(frame)[0]) == market_of({**TWO, "birth_year": [1990, None], "due": [1, 0]})


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("code", [code for code, attribute in VOCABULARY.items() if attribute.kind is Kind.ORDINAL])
def test_an_end_of_zero_is_read_and_not_passed_over(code: str, end: str) -> None:
    """0 is a value like another: one that the attribute has, or a mistake that is named. Never no wish."""
    wish: dict[str, list[Any]] = {f"wish_{code}_{end}": [0, None], f"wish_{code}_importance": ["must", None]}
    with pytest.raises(BadFile, match=f"row 1, column wish_{code}"):
        market_of({**TWO, **wish})


NUMBERED: dict[str, list[Any]] = {
    "id": [9, 10, 201, 202],
    "gender": ["male", "male", "female", "female"],
    "seeks": ["female", "female", "male", "male"],
}


@pytest.mark.parametrize(
    "table",
    [NUMBERED, pl.DataFrame(NUMBERED), pl.LazyFrame(NUMBERED), pd.DataFrame(NUMBERED), pa.table(NUMBERED)],
    ids=["dict", "polars", "lazy polars", "pandas", "arrow"],
)
def test_numbers_as_ids_come_back_as_numbers_and_the_history_holds(table: Any) -> None:
    history = [(9, 201), (202, 10)]
    plan = ygs.plan_round(table, history)
    assert {(pair.a, pair.b) for pair in plan.pairs} == {(202, 9), (10, 201)}
    assert all(type(person) is int for pair in plan.pairs for person in (pair.a, pair.b))
    texts = {**NUMBERED, "id": [str(person) for person in NUMBERED["id"]]}
    assert plan.plan == ygs.plan_round(texts, [("9", "201"), ("202", "10")]).plan
    frame = ygs.to_frame(plan)
    eager = table.collect() if isinstance(table, pl.LazyFrame) else table
    assert type(frame) is type(eager)
    columns, _ = columns_of(frame)
    assert set(zip(columns["a"], columns["b"], strict=True)) == {(202, 9), (10, 201)}
    assert list(columns["mutual"]) == [pair.mutual for pair in plan.pairs]


def test_people_without_an_introduction_and_overrides_keep_their_numbers() -> None:
    overrides: Any = ygs.Overrides.of(forbids=[(9, 201), (9, 202)], pins=[(10, 202)])  # type: ignore[list-item]
    plan = ygs.plan_round(NUMBERED, overrides=overrides)
    assert [(pair.a, pair.b) for pair in plan.pairs] == [(10, 202)]
    assert plan.unmatched == (201, 9)


@pytest.mark.parametrize(
    ("table", "history"),
    [(NUMBERED, [("9", "201")]), (NUMBERED, [(9, "201")]), (COLUMNS, [(1, 2)]), (COLUMNS, [("나", 2)])],
)
def test_an_id_that_is_text_here_and_a_number_there_is_an_error(table: Any, history: Any) -> None:
    with pytest.raises(BadFile, match="write all alike"):
        ygs.plan_round(table, history)


def test_candidates_with_numbers_for_ids_are_an_error() -> None:
    number: Any = 7
    with pytest.raises(BadFile, match="write all alike"):
        ygs.plan_round([Candidate(id=number, gender=Genders.MALE, seeks=Genders.FEMALE)])
    with pytest.raises(BadFile, match="write all alike"):
        ygs.plan_round(people(), [(number, "나")])


def test_a_history_of_people_who_take_no_part_is_reported() -> None:
    with pytest.warns(ygs.UnknownHistory, match=r"1 of 2 pairs .* \(9, 999\)"):
        ygs.plan_round(NUMBERED, [(9, 999), (9, 201)])
    with pytest.warns(ygs.UnknownHistory, match="1 of 1 pairs"):
        ygs.plan_round(people(), [("나", "마")])


def test_what_is_no_table_is_refused() -> None:
    class Columns:
        columns = ("id", "gender", "seeks")

    with pytest.raises(BadFile, match="no table"):
        ygs.plan_round(Columns())


def test_a_plan_is_explained_without_a_database() -> None:
    table = {**NUMBERED, "height_cm": [170, 180, 160, 165], "wish_height_cm_low": [None, None, 175, 175]}
    table |= {"wish_height_cm_importance": [None, None, "must", "must"]}
    plan = ygs.plan_round(table, [(10, 201)])
    assert [(pair.a, pair.b) for pair in plan.pairs] == [(10, 202)]
    explained = ygs.explain(plan, table, [(10, 201)])
    assert not explained.pair(9, 201).eligible
    assert explained.pair(10, 202).eligible
    assert explained.why_not(10, 201).objections
    assert not explained.why_not(10, 202).objections
    assert explained.why_unmatched(201).sentences(Language.EN)
    with pytest.raises(NotFound):
        explained.pair(9, 999)
    with pytest.raises(BadFile, match="write all alike"):
        explained.pair("9", 201)
    with pytest.raises(RoundRefused, match="other people"):
        ygs.explain(plan, table)


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
    assert policy_from(example.read_bytes()) == ygs.Policy()
    assert {field.name for field in fields(ygs.Policy)} == tomllib.loads(example.read_text("utf-8")).keys()


def test_the_notebook_runs(capsys: pytest.CaptureFixture[str]) -> None:
    notebook = json.loads((README.parent / "examples" / "plan_a_round.ipynb").read_text("utf-8"))
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    assert isinstance(names["pairs"], pl.DataFrame)
    assert names["pairs"]["a"].dtype == pl.Int64
    assert "nobody could do better: True" in capsys.readouterr().out
