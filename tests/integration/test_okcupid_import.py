"""The OkCupid profiles, all of them: what comes in, what does not and why, in what time and memory.

Skipped where the data is not at hand (`../shared/data` beside the repository).
"""

import csv
import time
from collections.abc import AsyncIterator, Coroutine
from io import TextIOWrapper
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest

from tests.support.databases import opened
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.spreadsheets import SheetFiles
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.system import SystemClock, UlidIds
from ygs.application.actors import Actor
from ygs.application.importing.import_members import ImportReport, MemberImport
from ygs.application.importing.mapping import parse_mapping
from ygs.application.importing.rejections import RejectionReason
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.eligibility import compatible
from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Status
from ygs.entrypoints.testing.builders import SEOUL
from ygs.ports.storage import Storage

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared" / "data" / "okcupid_profiles.csv.zip"
MAPPING = ROOT / "examples" / "okcupid.toml"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the OkCupid profiles are not at hand")


@pytest.fixture
async def storage(sqlite_path: str) -> AsyncIterator[SqlStorage]:
    storage = await opened(sqlite_path)
    yield storage
    await storage.close()


def bring(storage: Storage, *, verdicts: str = "") -> Coroutine[Any, Any, ImportReport]:
    importing = MemberImport(storage, SheetFiles(), LibPhones(), SystemClock(), UlidIds(), SEOUL)
    mapping = parse_mapping(MAPPING.read_bytes())
    return importing.run(Actor.operator(), str(FILE), mapping, commit=True, verdicts=verdicts, language=Language.EN)


@pytest.mark.long
async def test_everybody_who_is_free_and_possible_comes_in_and_the_rest_is_listed(tmp_path: Path) -> None:
    """In memory: `test_the_whole_file_again_brings_nobody_twice` writes them to a file."""
    storage = MemoryStorage()
    began = time.process_time()
    report = await bring(storage, verdicts=str(tmp_path / "out.csv"))
    # Of processor time, so that a busy machine does not look like a slow import.
    assert time.process_time() - began < 60
    assert (report.rows, report.accepted, report.refused, report.duplicates) == (59_946, 57_412, 2_534, 0)
    assert {(tally.column, tally.why, tally.detail): tally.rows for tally in report.tallies} == {
        ("status", RejectionReason.LEFT_OUT, "is seeing someone"): 2_064,
        ("status", RejectionReason.LEFT_OUT, "is married"): 310,
        ("age", RejectionReason.IMPOSSIBLE, "birth_year: 18..99 age"): 92,
        ("height", RejectionReason.IMPOSSIBLE, "height_cm: 130..220"): 59,
        ("status", RejectionReason.LEFT_OUT, "may not be free"): 10,
    }
    out = SheetFiles().read(str(tmp_path / "out.csv")).rows
    assert len({row.cells[0] for row in out}) == 2_534
    assert out[0].cells == ("13", "status", "is left out by the mapping", "is seeing someone", "seeing someone", "")
    async with storage.read() as tx:
        assert await tx.users.count_by_status() == {Status.ACTIVE: 57_412}
        market = await tx.market.enrolled(capacity=1)
    assert_nothing_is_invented(market)
    assert 0.05 < share_of_sought_pairs_that_are_eligible(market) < 0.30


def assert_nothing_is_invented(market: Market) -> None:
    """The file's own words, counted by another reader, beside the facts that came in."""
    with ZipFile(FILE) as archive, archive.open(archive.namelist()[0]) as opened:
        rows = [row for row in csv.DictReader(TextIOWrapper(opened, "utf-8", newline="")) if taken(row)]
    assert len(rows) == len(market)
    for fact, answer, column, texts in (
        ("religion", "none", "religion", {"agnosticism", "atheism"}),
        ("religion", "jewish", "religion", {"judaism"}),
        ("education", "doctorate", "education", {"graduated from ph.d program"}),
        ("smoking", "daily", "smokes", {"yes"}),
        ("income_band", "from_30000", "income", {"500000", "1000000"}),
        ("pets", "both", "pets", {"has dogs and has cats"}),
    ):
        attribute = VOCABULARY[fact]
        told = sum(row[column] in texts or (fact == "religion" and row[column].split(" ")[0] in texts) for row in rows)
        assert sum(code == attribute.code_of(answer) for code in market.facts[fact]) == told, (fact, answer)
    assert sum(code != 0 for code in market.facts["income_band"]) == sum(row["income"] != "-1" for row in rows)
    assert sum(code != 0 for code in market.facts["religion"]) == sum(row["religion"] != "" for row in rows)
    assert sum(code != 0 for code in market.facts["height_cm"]) == sum(row["height"] != "NA" for row in rows)


def taken(row: dict[str, str]) -> bool:
    free = row["status"] in ("single", "available")
    tall = row["height"] == "NA" or 130 <= round(int(row["height"]) * 2.54) <= 220
    return free and tall and 18 <= int(row["age"]) <= 99


def share_of_sought_pairs_that_are_eligible(market: Market) -> float:
    random, policy = Random(2012), Policy()
    sought = eligible = 0
    while sought < 3_000:
        one, other = (market.person(random.randrange(len(market))) for _ in range(2))
        if one.id != other.id and one.seeks & other.gender and other.seeks & one.gender:
            sought += 1
            eligible += compatible(one, other, policy)
    return eligible / sought


@pytest.mark.slow
async def test_the_whole_file_again_brings_nobody_twice(storage: SqlStorage) -> None:
    began = time.process_time()
    assert (await bring(storage)).accepted == 57_412
    # Of processor time, so that a busy machine does not look like a slow import.
    assert time.process_time() - began < 60
    async with storage.read() as tx:
        assert_nothing_is_invented(await tx.market.enrolled(capacity=1))
    again = await bring(storage)
    assert (again.accepted, again.refused, again.duplicates) == (0, 2_534, 57_412)
