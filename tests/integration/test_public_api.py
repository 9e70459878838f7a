"""What embedders import: the README's example runs, and a round can be planned from objects, tables and data frames."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import ygs
from ygs.domain.errors import BadFile, RoundRefused, UnknownValue
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.rules import Importance, Wish
from ygs.domain.matching.vocabulary import VOCABULARY

README = Path(__file__).parents[2] / "README.md"

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


def test_an_empty_market_has_an_empty_plan() -> None:
    plan = ygs.plan_round([])
    assert (plan.pairs, plan.unmatched) == ((), ())


def test_every_public_name_is_there() -> None:
    assert all(getattr(ygs, name) for name in ygs.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = ygs.nothing_like_it


def test_the_readmes_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert example is not None
    assert sum(bool(line) for line in example[1].splitlines()) <= 13
    exec(compile(example[1], "README.md", "exec"), {})
    assert "proposed" in capsys.readouterr().out
