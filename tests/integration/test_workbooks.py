"""A workbook is read as a person sees it, in bounded time and memory, and nothing in it becomes a quiet blank."""

import time
import tracemalloc
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.workbooks import number, row, sheet, text, texts, write_workbook
from ygs.adapters.spreadsheets import SheetFiles
from ygs.domain.errors import BadFile
from ygs.ports.spreadsheets import FaultKind, Row, SheetTable, TablePlace

FILES = SheetFiles()
HEADER = texts(1, "성명", "키", "비고")
ANY_FILE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, *rows: str, place: TablePlace | None = None, **how: object) -> SheetTable:
    write_workbook(path / "a.xlsx", {"회원": sheet(*rows, **how)})  # type: ignore[arg-type]
    return FILES.read(str(path / "a.xlsx"), place or TablePlace())


def refused(path: Path, place: TablePlace | None = None) -> str:
    with pytest.raises(BadFile) as caught:
        FILES.read(str(path), place or TablePlace())
    return str(caught.value)


def cells(table: SheetTable) -> list[tuple[str, ...]]:
    return [each.cells for each in table.rows]


@ANY_FILE
@given(
    at=st.integers(3, 1_048_576),
    column=st.sampled_from(["A", "D", "CZ", "ZZ", "XFD"]),
    blank=st.sampled_from([" ", "\u200b", "\u3164"]),
)
def test_a_blank_anywhere_costs_nothing(tmp_path: Path, at: int, column: str, blank: str) -> None:
    begun = time.monotonic()
    table = read(tmp_path, HEADER, texts(2, "한도경", "176"), row(at, text(f"{column}{at}", blank)))
    assert cells(table) == [("한도경", "176", "")]
    assert time.monotonic() - begun < 1


def test_a_blank_in_the_last_cell_takes_little_memory(tmp_path: Path) -> None:
    last = row(1_048_576, text("XFD1048576", " "))
    path = write_workbook(
        tmp_path / "a.xlsx", {"회원": sheet(HEADER, texts(2, "한도경"), last, merges=["A2:XFD1048576"])}
    )
    tracemalloc.start()
    try:
        assert len(FILES.read(str(path)).rows) == 1
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_a_text_far_outside_refuses_its_row_and_names_the_cell(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER, row(2, text("A2", "한도경"), text("XFD2", "x")), texts(3, "오세린", "", "", "y"))
    assert [(fault.cell, fault.kind) for each in table.rows for fault in each.faults] == [
        ("XFD2", FaultKind.UNNAMED),
        ("D3", FaultKind.UNNAMED),
    ]


@pytest.mark.parametrize("states", [{"옛": "hidden"}, {"옛": "veryHidden"}])
def test_the_first_visible_sheet_is_read_or_the_named_one(tmp_path: Path, states: dict[str, str]) -> None:
    old, new = sheet(HEADER, texts(2, "옛사람")), sheet(HEADER, texts(2, "한도경"))
    path = write_workbook(tmp_path / "a.xlsx", {"옛": old, "회원": new, "메모": old}, states=states)
    assert FILES.read(str(path)).sheet == "회원"
    assert FILES.read(str(path)).other_sheets == ("메모",)
    assert cells(FILES.read(str(path)))[0][0] == "한도경"
    assert cells(FILES.read(str(path), TablePlace("메모")))[0][0] == "옛사람"
    assert "has no sheet '없음'; its visible sheets are: '회원', '메모'" in refused(path, TablePlace("없음"))
    hidden = write_workbook(tmp_path / "b.xlsx", {"옛": old}, states=states)
    assert "no visible sheet" in refused(hidden)


def test_an_empty_sheet_is_refused_with_the_names_of_the_others(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"Sheet1": sheet(), "회원": sheet(HEADER, texts(2, "한도경"))})
    assert "the sheet 'Sheet1' is empty; say which one to read: '회원'" in refused(path)


@pytest.mark.parametrize(
    ("cell", "shown", "kind"),
    [
        *[
            (f'<c r="B2" t="e"><v>{error}</v></c>', error, FaultKind.ERROR)
            for error in ("#REF!", "#N/A", "#DIV/0!", "#새것!")
        ],
        ('<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!", FaultKind.ERROR),
        ('<c r="B2"><f>160+3</f><v></v></c>', "", FaultKind.UNCOMPUTED),
        ('<c r="B2"><f>160+3</f></c>', "", FaultKind.UNCOMPUTED),
        ('<c r="B2" t="str"><f>"a"</f></c>', "", FaultKind.UNCOMPUTED),
        ('<c r="B2"><f t="shared" si="0"/></c>', "", FaultKind.UNCOMPUTED),
        ('<c r="B2" t="str"><f>IF(A1="",1,"")</f><v></v></c>', "", None),
        ('<c r="B2"><f>160+3</f><v>163</v></c>', "163", None),
        ('<c r="B2" t="str"><f>A1</f><v>가</v></c>', "가", None),
        ('<c r="B2" t="b"><v>1</v></c>', "TRUE", None),
        ('<c r="B2" t="b"><v>0</v></c>', "FALSE", None),
        ('<c r="B2" t="d"><v>1991-09-07T00:00:00</v></c>', "1991-09-07", None),
        ('<c r="B2" t="s"><v>1</v></c>', "굵은 글", None),
        ('<c t="inlineStr"><is><t>참조 없음</t></is></c>', "참조 없음", None),
    ],
)
def test_a_cell_is_read_by_its_type(tmp_path: Path, cell: str, shown: str, kind: FaultKind | None) -> None:
    shared = ["<t>하나</t>", "<r><rPr/><t>굵은</t></r><r><t> 글</t></r><rPh><t>ㄱ</t></rPh>"]
    rows = sheet(HEADER, row(2, text("A2", "한도경"), cell))
    [read_row] = FILES.read(str(write_workbook(tmp_path / "a.xlsx", {"회원": rows}, shared=shared))).rows
    assert read_row.cells == ("한도경", shown, "")
    assert [(fault.place, fault.cell, fault.kind) for fault in read_row.faults] == ([(1, "B2", kind)] if kind else [])


@pytest.mark.parametrize(
    ("written", "style", "shown"),
    [
        ("175", 0, "175"),
        ("163.5", 0, "163.5"),
        ("0.30000000000000004", 0, "0.3"),
        ("163.09999999999999", 0, "163.1"),
        ("1.02211333E9", 0, "1022113330"),
        ("1.0E-4", 0, "0.0001"),
        ("-0", 0, "0"),
        ("1022113301", 2, "010-2211-3301"),
        ("50412", 3, "050412"),
        ("33488", 1, "1991-09-07"),
        ("33488.75", 1, "1991-09-07 18:00:00"),
        ("33488", 0, "33488"),
        ("59", 1, "1900-02-28"),
        ("60", 1, "1900-02-29"),
        ("61", 1, "1900-03-01"),
        ("5200", 5, "5200"),
    ],
)
def test_a_number_comes_as_it_is_seen(tmp_path: Path, written: str, style: int, shown: str) -> None:
    table = read(tmp_path, HEADER, row(2, text("A2", "한도경"), number("B2", written, style)))
    assert table.rows[0].cells[1] == shown


@ANY_FILE
@given(day=st.dates(date(1904, 1, 2), date(2100, 1, 1)), since_1904=st.booleans())
def test_any_date_is_read_in_both_systems(tmp_path: Path, day: date, since_1904: bool) -> None:
    begin = date(1904, 1, 1) if since_1904 else date(1899, 12, 30)
    rows = sheet(HEADER, row(2, text("A2", "한도경"), number("B2", str((day - begin) // timedelta(days=1)), 1)))
    table = FILES.read(str(write_workbook(tmp_path / "a.xlsx", {"회원": rows}, since_1904=since_1904)))
    assert table.rows[0].cells[1] == day.isoformat()
    assert table.since_1904 is since_1904


def test_a_merged_region_has_its_text_in_every_row_and_makes_no_row(tmp_path: Path) -> None:
    rows = [texts(2, "한도경", "176", "강남"), texts(3, "오세린", "163"), texts(5, "문태양", "171"), texts(6, "서다인")]
    table = read(tmp_path, HEADER, *rows, merges=["C2:C5", "B5:C5"])
    assert [(it.number, it.cells) for it in table.rows] == [
        (2, ("한도경", "176", "강남")),
        (3, ("오세린", "163", "강남")),
        (5, ("문태양", "171", "171")),
        (6, ("서다인", "", "")),
    ]


def test_a_header_below_titles_is_found_or_stated(tmp_path: Path) -> None:
    rows = [
        texts(2, "2026년 상반기"),
        texts(4, "인적사항", "", "조건"),
        texts(5, "성명", "키", "비고"),
        texts(6, "한도경", "176", "x"),
    ]
    found = read(tmp_path, *rows, merges=["A2:C2", "A4:B4"])
    expected = read(tmp_path, *rows, place=TablePlace(expected=frozenset({"성명", "비고"})))
    stated = read(tmp_path, *rows, place=TablePlace(header_row=5))
    for table in (found, expected, stated):
        assert (table.header, table.header_row, cells(table)) == (("성명", "키", "비고"), 5, [("한도경", "176", "x")])
    assert "row 3 is blank" in refused(tmp_path / "a.xlsx", TablePlace(header_row=3))


def test_a_header_merged_downwards_is_one_row(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER, texts(2, "", "", "비고"), texts(3, "한도경"), merges=["A1:A2", "B1:B2"])
    assert cells(table) == [("한도경", "", "")]


def test_hidden_rows_and_columns_are_read_and_counted(tmp_path: Path) -> None:
    table = read(
        tmp_path, HEADER, texts(2, "한도경", "176"), texts(3, "오세린", "163", hidden=True), hidden_columns=[2, 9]
    )
    assert cells(table) == [("한도경", "176", ""), ("오세린", "163", "")]
    assert (table.hidden_rows, table.hidden_columns) == (1, 1)


def test_blank_rows_and_columns_are_none(tmp_path: Path) -> None:
    rows = [texts(1, "", "성명", "", "키"), texts(2, "", "\u3164", "", " "), texts(3, " ", "한도경", "\u200b", "176")]
    assert read(tmp_path, *rows).header == ("성명", "키")
    assert cells(read(tmp_path, *rows)) == [("한도경", "176")]


def test_headers_have_no_invisible_characters(tmp_path: Path) -> None:
    assert read(tmp_path, texts(1, "\ufeff성\u200b명", "키\n(cm) "), texts(2, "한도경", "1")).header == (
        "성명",
        "키 (cm)",
    )


def test_a_faulty_header_cell_is_named(tmp_path: Path) -> None:
    cell = '<c r="B1" t="e"><v>#REF!</v></c>'
    assert "B1 names no column" in _refusal(tmp_path, row(1, text("A1", "성명"), cell), texts(2, "한도경", "1"))


def _refusal(tmp_path: Path, *rows: str) -> str:
    return refused(write_workbook(tmp_path / "a.xlsx", {"회원": sheet(*rows)}))


@pytest.mark.parametrize(
    "xml",
    [
        "<worksheet>",
        "not xml",
        '<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>',
        sheet(row(2_000_000)),
        sheet(row(2), row(1)),
    ]
    + [sheet(row(1, f'<c r="{cell}"><v>1</v></c>')) for cell in ("XFE1", "A", "1", "AAAA1")]
    + [sheet(row(1, '<c r="A1" t="s"><v>7</v></c>')), sheet(row(1, '<c r="A1"><v>viele</v></c>'))],
)
def test_a_broken_workbook_is_refused_with_what_to_do(tmp_path: Path, xml: str) -> None:
    assert "save it again as .xlsx" in refused(write_workbook(tmp_path / "a.xlsx", {"회원": xml}))


def test_other_formats_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path, ole = tmp_path / "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)
    path.write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    assert "remove the password" in refused(path)
    path.write_bytes(ole + "Workbook".encode("utf-16-le"))
    assert "an old workbook (.xls); open it in Excel and save it as .xlsx" in refused(path)
    with ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "save it as .xlsx" in refused(tmp_path / "a.ods")


def test_a_bomb_of_a_sheet_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with ZipFile(write_workbook(tmp_path / "a.xlsx", {"회원": sheet(HEADER)}), "a") as archive:
        archive.writestr("xl/other.xml", " " * 1000)
    bomb = write_workbook(tmp_path / "b.xlsx", {"회원": "<worksheet>" + " " * (257 << 20)})
    assert "more than 256 MiB" in refused(bomb)


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\n성명;키\r\n한도경;176\r\n",
        '"sep=;"\n성명;키\n한도경;176\n',
        "sep=|\n성명|키\n한도경|176\n",
    ],
)
def test_a_stated_separator_counts_and_its_line_does_not(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8-sig", newline="")
    table = FILES.read(str(tmp_path / "a.csv"))
    assert (table.header, table.rows) == (("성명", "키"), [Row(2, ("한도경", "176"))])


def test_csv_has_titles_short_rows_errors_and_formulas_too(tmp_path: Path) -> None:
    lines = [
        "회원 현황",
        "",
        "성명,키,비고",
        "한도경",
        '오세린,="0163",',
        "문태양,#REF!,x",
        "서다인,=160+3,####",
        "남,1,2,",
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    table = FILES.read(str(tmp_path / "a.csv"))
    assert table.header_row == 3
    assert cells(table)[:3] == [("한도경", "", ""), ("오세린", "0163", ""), ("문태양", "#REF!", "x")]
    assert [(it.number, [(f.cell, f.kind) for f in it.faults]) for it in table.rows if it.faults] == [
        (6, [("B6", FaultKind.ERROR)]),
        (7, [("B7", FaultKind.UNCOMPUTED), ("C7", FaultKind.ERROR)]),
    ]
    assert cells(table)[-1] == ("남", "1", "2")


def test_a_separator_is_found_below_a_title_with_a_comma_and_among_texts_with_others(tmp_path: Path) -> None:
    lines = ["회원 현황, 2026", "성명\t연봉\t비고", "한도경\t5,200만원\ta;b;c", "오세린\t4,800만원\t;"]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    table = FILES.read(str(tmp_path / "a.csv"))
    assert (table.header, len(table.rows)) == (("성명", "연봉", "비고"), 2)
    (tmp_path / "b.csv").write_text("성명,비고\n한도경,;;;;\n", encoding="utf-8")
    assert cells(FILES.read(str(tmp_path / "b.csv"))) == [("한도경", ";;;;")]
