"""Sheets are inert, nothing is lost on the way, and what is no table is refused with a word on what to do."""

import csv
import io
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ygs.adapters.spreadsheets import SheetFiles
from ygs.domain.errors import BadFile
from ygs.ports import spreadsheets as port
from ygs.ports.spreadsheets import Cell, Row, SheetTable

HEADER = ("이름", "=메모")
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.com","여기")',
    "\uff1d1+1",
    "'=1+1",
]
TEXTS = [
    *FORMULAS,
    "",
    "'",
    "''",
    "''-",
    "김세리",
    '쉼표, 따옴표" 그리고\r\n줄바꿈',
    " 앞뒤 공백 ",
    "010-1234-5678",
    "00123",
    "1E5",
    "2026-11-23",
    "TRUE",
    "http://example.com",
    "\x01\x08\x1b\x7f",
    "_x0041_",
    "😀🏳️‍🌈",
    "가" * 32_767,
]
FILES = SheetFiles()


def round_trip(path: Path, texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Two columns, so that a row of an empty text is still a row."""
    FILES.write(str(path), HEADER, [("x", text) for text in texts], title="회원")
    table = FILES.read(str(path))
    assert table.header == HEADER
    assert [row.number for row in table.rows] == list(range(2, len(texts) + 2))
    return [row.cells for row in table.rows]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "XLSX"])
def test_what_is_written_is_what_is_read(tmp_path: Path, ending: str) -> None:
    assert round_trip(tmp_path / f"회원.{ending}", TEXTS) == [("x", text) for text in TEXTS]


STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), max_size=8)
TRICKY = st.lists(st.sampled_from(["'", "=", "+", "-", "@", "\t", "\r", "\n", '"', ",", ";", "a", "가"]), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.one_of(STORABLE, TRICKY.map("".join)), min_size=1, max_size=8))
@example(texts=["'=x", "''=x", "=x"])
def test_any_text_survives_a_csv(tmp_path: Path, texts: list[str]) -> None:
    assert round_trip(tmp_path / "any.csv", texts) == [("x", text) for text in texts]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.one_of(STORABLE, TRICKY.map("".join)), min_size=1, max_size=8))
def test_any_text_survives_a_workbook(tmp_path: Path, texts: list[str]) -> None:
    assert round_trip(tmp_path / "any.xlsx", texts) == [("x", text) for text in texts]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_begins_like_a_formula(tmp_path: Path, text: str) -> None:
    FILES.write(str(tmp_path / "a.csv"), [text], [(text,)], title="회원")
    raw = (tmp_path / "a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    for line in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")):
        assert line[0].startswith("'")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(tmp_path: Path, text: str) -> None:
    FILES.write(str(tmp_path / "a.xlsx"), [text], [(text,)], title="회원")
    with ZipFile(tmp_path / "a.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        names = archive.namelist()
    assert not re.search(r"<f[ >]|<hyperlink|<dde", sheet)
    assert len(re.findall(r'<c [^>]*t="(?:s|inlineStr)"', sheet)) == 2
    assert not [name for name in names if "externalLink" in name or "vba" in name]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_numbers_stay_numbers_and_nothing_stays_nothing(tmp_path: Path, ending: str) -> None:
    rows: list[Sequence[Cell]] = [(-5, 76.3), (None, ""), (0, None), (10**9, 1)]
    FILES.write(str(tmp_path / f"a.{ending}"), ["가", "나"], rows, title="회원")
    read = [row.cells for row in FILES.read(str(tmp_path / f"a.{ending}")).rows]
    assert read == [("-5", "76.3"), ("0", ""), ("1000000000", "1")]


def test_a_text_longer_than_a_cell_is_cut_in_sight_in_a_workbook_and_whole_in_a_csv(tmp_path: Path) -> None:
    long, wide = "가" * 40_000, "😀" * 20_000
    assert FILES.write(str(tmp_path / "a.xlsx"), HEADER, [("x", long), ("y", wide)], title="회원") == 2
    [first, second] = FILES.read(str(tmp_path / "a.xlsx")).rows
    assert first.cells[1].startswith("가" * 32_000)
    assert first.cells[1].endswith(" … [cut: 40,000 characters, a cell holds 32,767]")
    assert len(first.cells[1]) == 32_767
    assert len(second.cells[1].encode("utf-16-le")) // 2 <= 32_767
    assert FILES.write(str(tmp_path / "a.csv"), HEADER, [("x", long)], title="회원") == 0
    assert FILES.read(str(tmp_path / "a.csv")).rows[0].cells[1] == long


def test_the_header_of_a_workbook_stays_in_sight_and_filters_the_rows(tmp_path: Path) -> None:
    FILES.write(str(tmp_path / "a.xlsx"), ["가", "나"], [("x", 1), ("y", 2)], title="회원")
    with ZipFile(tmp_path / "a.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert re.search('<pane ySplit="1" [^>]*state="frozen"', sheet)
    assert '<autoFilter ref="A1:B3"/>' in sheet


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_rows_leave_the_header(tmp_path: Path, ending: str) -> None:
    FILES.write(str(tmp_path / f"a.{ending}"), HEADER, [], title="회원")
    table = FILES.read(str(tmp_path / f"a.{ending}"))
    assert (table.header, table.rows) == (HEADER, [])


@pytest.mark.long
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_sixty_thousand_rows_in_are_sixty_thousand_rows_out(tmp_path: Path, ending: str) -> None:
    rows = [(f"사람 {number}", number) for number in range(60_000)]
    FILES.write(str(tmp_path / f"a.{ending}"), HEADER, iter(rows), title="회원")
    table = FILES.read(str(tmp_path / f"a.{ending}"))
    assert len(table.rows) == 60_000
    assert table.rows[-1] == Row(60_001, ("사람 59999", "59999"))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    FILES.write(str(path), HEADER, [("x", "옛것")], title="회원")
    old = path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        FILES.write(str(path), HEADER, (("x", str(1 // (3 - n))) for n in range(9)), title="회원")
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_only_the_owner_may_read_what_is_written(tmp_path: Path, ending: str) -> None:
    FILES.write(str(tmp_path / f"a.{ending}"), HEADER, [], title="회원")
    assert stat.S_IMODE((tmp_path / f"a.{ending}").stat().st_mode) == 0o600


PLAIN = "이름,키\r\n김세리,165\r\n\r\n이민수,178\r\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("cp949"),
        PLAIN.encode("euc-kr"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace("\r\n", "\n").encode(),
        PLAIN.replace("이름", '"이름"').encode(),
    ],
)
def test_csv_is_read_as_it_comes_out_of_korean_excel(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    table = FILES.read(str(tmp_path / "a.csv"))
    assert table == SheetTable(("이름", "키"), [Row(2, ("김세리", "165")), Row(4, ("이민수", "178"))])


def test_hangul_that_only_korean_windows_knows_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("이름\r\n똠방각하 믜\r\n".encode("cp949"))
    assert FILES.read(str(tmp_path / "a.csv")).rows[0].cells == ("똠방각하 믜",)


def zipped(path: Path, **members: bytes) -> str:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return str(path)


def test_one_csv_in_a_zip_is_read_past_what_a_mac_adds(tmp_path: Path) -> None:
    file = zipped(tmp_path / "a.zip", a__csv=PLAIN.encode())
    with ZipFile(file, "a") as archive:
        archive.writestr("__MACOSX/._a.csv", b"\x00\x05")
    assert len(FILES.read(file).rows) == 2


def refused(file: Path | str, content: bytes | None = None) -> str:
    if content is not None:
        Path(file).write_bytes(content)
    with pytest.raises(BadFile) as caught:
        FILES.read(str(file))
    return str(caught.value)


def test_what_is_no_table_is_refused_with_a_word_on_what_to_do(tmp_path: Path) -> None:
    csv_file, book = tmp_path / "a.csv", tmp_path / "a.xlsx"
    assert "check its name" in refused(tmp_path / "none.csv")
    assert "check its name" in refused(tmp_path)
    assert "is empty" in refused(csv_file, b"")
    assert "is empty" in refused(csv_file, b"\r\n\r\n")
    assert "not a table" in refused(csv_file, b"\x89PNG\r\n\x1a\n\x00\xff\xfe\x81\x20")
    assert "not a table" in refused(csv_file, b"\x89PNG\r\n\x1a\n" + bytes(300))
    assert "not a table" in refused(csv_file, b"a\x00b,c\r\n1,2\r\n")
    assert "web page" in refused(tmp_path / "a.xls", b"<html><table><tr><td>a</td></tr></table></html>")
    assert "row 3 breaks the rules of CSV" in refused(csv_file, b'a,b\r\n1,2\r\n"3,4\r\n5,6\r\n')
    assert "two columns are named 'a'" in refused(csv_file, b"a,b,a \r\n1,2,3\r\n")
    assert "column B has no name in row 1" in refused(csv_file, b"a,,c\r\n1,2,3\r\n")
    assert "broken or locked" in refused(book, b"PK\x03\x04 and nothing more")
    assert "not a workbook" in refused(book, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "holds 0 CSV files" in refused(zipped(tmp_path / "none.zip", a__txt=b"x"))
    assert "holds 2 CSV files" in refused(zipped(tmp_path / "two.zip", a__csv=b"a", b__csv=b"b"))
    assert "not a workbook" in refused(zipped(tmp_path / "hollow.xlsx", **{"[Content_Types]__xml": b"<Types/>"}))


def test_a_workbook_without_any_cell_is_empty(tmp_path: Path) -> None:
    FILES.write(str(tmp_path / "a.xlsx"), [], [], title="회원")
    assert "is empty" in refused(tmp_path / "a.xlsx")


def test_too_large_a_file_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "a.zip", a__csv=b"a\r\n" + b"1\r\n" * (port.MOST_BYTES // 3))
    assert Path(bomb).stat().st_size < port.MOST_BYTES // 100
    assert "more than 256 MiB" in refused(bomb)
    assert "more than 200,000 rows" in refused(tmp_path / "a.csv", b"a\r\n" + b"1\r\n" * (port.MOST_ROWS + 1))


def test_what_cannot_be_written_says_why(tmp_path: Path) -> None:
    for name, told in (("a.txt", "ends in .csv or .xlsx"), ("none/a.csv", "choose another folder")):
        with pytest.raises(BadFile, match=told):
            FILES.write(str(tmp_path / name), HEADER, [], title="회원")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(BadFile, match="choose another place"):
        FILES.write(str(tmp_path / "folder.csv"), HEADER, [], title="회원")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_a_sheet_of_many_rows_keeps_every_text_in_its_place(tmp_path: Path) -> None:
    """More different texts than the writer keeps, each twice, beside words that come again in every row."""
    rows: list[Sequence[Cell]] = [
        ("서울", number % 5_000, f"<{number % 5_000} & '끝'>", None) for number in range(10_000)
    ]
    FILES.write(str(tmp_path / "a.xlsx"), ("지역", "수", "글", "빈칸"), rows, title="새 회원")
    read = FILES.read(str(tmp_path / "a.xlsx"))
    assert [row.cells for row in read.rows] == [("서울", str(number), text, "") for _, number, text, _ in rows]
    assert read.sheet == "새 회원"
    with ZipFile(tmp_path / "a.xlsx") as archive:
        book = archive.read("xl/workbook.xml").decode()
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert ">'새 회원'!$A$1:$D$10001<" in book
    assert '<autoFilter ref="A1:D10001"/>' in sheet
    assert 'state="frozen"' in sheet


def test_a_sheet_larger_than_excel_opens_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ygs.adapters.spreadsheets.workbook_writer._MOST_BYTES", 1 << 20)
    rows: list[Sequence[Cell]] = [("가" * 1_000,)] * 1_000
    with pytest.raises(BadFile, match="more than 1 MiB"):
        FILES.write(str(tmp_path / "a.xlsx"), ("글",), rows, title="회원")
    assert list(tmp_path.iterdir()) == []


def test_a_workbooks_dates_and_numbers_come_as_people_see_them(tmp_path: Path) -> None:
    from datetime import date, datetime

    import rustpy_xlsxwriter

    row = {
        "생일": date(1990, 3, 12),
        "때": datetime(2026, 11, 23, 9, 30),  # noqa: DTZ001 - a sheet knows no time zone
        "키": 175.0,
        "몸": 17.5,
        "휴대폰": 1012345678,
    }
    rustpy_xlsxwriter.write_worksheet([row], str(tmp_path / "a.xlsx"))
    read = FILES.read(str(tmp_path / "a.xlsx")).rows[0].cells
    assert read == ("1990-03-12", "2026-11-23 09:30:00", "175", "17.5", "1012345678")
