"""Spreadsheets as agencies keep them, each with what is right about it.

Skipped where the files are not at hand (`../shared/cases` beside the repository). What holds for every file of a kind
is tested in `test_workbooks.py`, `test_birth_dates.py` and `test_wish_columns.py`.
"""

import resource
from dataclasses import dataclass
from pathlib import Path

import pytest

from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.spreadsheets import SheetFiles
from ygs.adapters.system import SystemClock, UlidIds
from ygs.application.actors import Actor
from ygs.application.importing.import_members import ImportReport, MemberImport
from ygs.application.importing.mapping import parse_mapping
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.users import User
from ygs.entrypoints.testing.builders import SEOUL

CASES = Path(__file__).parents[2].parent / "shared" / "cases"
WISH_BY_BIRTH_YEAR = """
[[wishes]]
attribute = "birth_year"
importance = "strong"
range = { column = "희망나이", unit = "year" }
"""

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the agencies' files are not at hand")


@dataclass(frozen=True)
class Imported:
    """What came of a file."""

    report: ImportReport
    users: tuple[User, ...]


async def imported(
    file: str, *, mapping: str = "full.toml", edit: tuple[str, str] = ("", ""), more: str = ""
) -> Imported:
    """Import a file by the mapping beside it, with one edit of the mapping and something added to its end."""
    (path,) = CASES.glob(file)
    text = path.with_name(mapping).read_text("utf-8").replace(*edit) + more
    storage = MemoryStorage()
    importing = MemberImport(storage, SheetFiles(), LibPhones(), SystemClock(), UlidIds(), SEOUL)
    report = await importing.run(
        Actor.operator(), str(path), parse_mapping(text.encode()), commit=True, verdicts="", language=Language.EN
    )
    async with storage.read() as reading:
        users = await reading.users.page()
    return Imported(report, tuple(users))


@pytest.mark.parametrize("file", ["lastcell.xlsx", "lastcz.xlsx", "lastrow.xlsx"])
async def test_a_stray_cell_in_the_last_row_or_column_costs_nothing(file: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = await imported(f"04-*/{file}", mapping="base.toml")
    assert (found.report.accepted, found.report.refused) == (2, 0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


@pytest.mark.parametrize("file", ["a03.xlsx", "a04.xlsx"])
async def test_the_visible_sheet_is_read_and_named(file: str) -> None:
    found = await imported(f"05-*/{file}")
    assert (found.report.sheet, found.report.accepted) == ("회원", 4)


async def test_errors_and_formulas_that_were_never_computed_refuse_their_rows() -> None:
    found = await imported("06-*/a06.xlsx")
    assert [(each.row, each.column, each.detail) for each in found.report.verdicts] == [
        (2, "종교", "I2"),
        (3, "키", "E3"),
        (4, "연락처", "D4"),
    ]


async def test_a_phone_in_scientific_notation_is_converted_exactly_or_refused() -> None:
    found = await imported("07-*/a13.csv")
    assert {each.column for each in found.report.verdicts} == {"연락처"}
    assert {user.phone for user in found.users} <= {"+821022113301", "+821022113302", "+821022113303", "+821022113304"}


async def test_births_are_read_however_they_are_written_and_no_resident_number_is_kept() -> None:
    found = await imported("08-*/a08.xlsx")
    assert [user.birth_year for user in found.users] == [1986, 1991, 1983, 1989]
    assert "910907" not in f"{found.users}{found.report}"


async def test_a_wish_is_read_from_its_column() -> None:
    found = await imported("09-*/a01.csv", edit=('"희망나이", ', ""), more=WISH_BY_BIRTH_YEAR)
    wishes = [user.wishes.get("birth_year") for user in found.users]
    assert wishes[0] == Wish.between("birth_year", 1985, 1993, Importance.STRONG)
    assert [wish is not None for wish in wishes] == [True, True, True, False]


@pytest.mark.parametrize("file", ["13-*/a07.csv", "14-*/a05.xlsx", "20-*/a15.xlsx"])
async def test_short_rows_merged_cells_and_invisible_characters_lose_nobody(file: str) -> None:
    found = await imported(file)
    assert (found.report.accepted, found.report.refused) == (4, 0)
    assert all(user.name.isprintable() for user in found.users)
    assert all("region" in user.facts for user in found.users)


@pytest.mark.parametrize("file", ["a02.xlsx", "a19.xlsx"])
async def test_a_header_below_titles_is_found(file: str) -> None:
    found = await imported(f"15-*/{file}")
    assert (found.report.header_row, found.report.accepted) == (3, 4)


async def test_a_serial_number_in_a_column_of_dates_is_its_day() -> None:
    found = await imported("21-*/a09.xlsx")
    assert 1991 in [user.birth_year for user in found.users]
    assert found.report.accepted == 4
