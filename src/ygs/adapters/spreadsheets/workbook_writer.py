"""Excel workbooks, written row by row: memory does not grow with the rows.

Cells are inline text or numbers by type, so nothing one writes can become a formula.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from ygs.adapters.spreadsheets.grid import letters
from ygs.adapters.spreadsheets.workbook_parts import BOLD, HEAD, MAIN, MARGINS, MOST_ROWS_OF_A_SHEET, parts
from ygs.domain.errors import N_, BadFile
from ygs.ports.spreadsheets import Cell, Cover

_MOST_OF_A_CELL = 32_767
# Of the XML of one sheet: just under what a ZIP holds without its 64-bit extension.
_MOST_BYTES = 2_000 << 20
# Of a column, in characters.
_WIDTH = 16
_COVER_WIDTH = 40
# Rows compressed at a time: enough for zlib to be worth letting go of the interpreter.
_ROWS_AT_ONCE = 64
# Level 1 takes a third of the time of level 6, and the file is a fifth larger.
_COMPRESSION = 1
# How many texts are kept with their markup, and how long they may be. The words of codes come in the first rows and
# again in most of the others.
_KEPT_TEXTS = 4_096
_KEPT_LENGTH = 60
# What XML cannot hold or would change, and what would read as the escape of such a character.
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def write(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], title: str, *, cover: Cover | None = None
) -> int:
    """Write a sheet, its header fixed at the top and with filters, and the cover as a second one; returns how many
    cells were cut to what a cell can hold."""
    markup = _Markup()
    titles = [title, *([cover.title] if cover else [])]
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w") as opened:
            count = _write_sheet(opened, header, rows, markup, _WIDTH, filters=True)
        if cover is not None:
            with archive.open("xl/worksheets/sheet2.xml", "w") as opened:
                _write_sheet(opened, cover.header, cover.lines, markup, _COVER_WIDTH, filters=False)
        for name, part in parts(titles, names=_filtered(title, len(header), count)).items():
            archive.writestr(name, HEAD + part)
    return markup.cut


def _write_sheet(
    opened: IO[bytes],
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    markup: "_Markup",
    width: int,
    *,
    filters: bool,
) -> int:
    """Write one sheet; returns its rows with the header."""
    opened.write(_beginning(len(header), width, selected=filters).encode())
    places = [f'<c r="{letters(place)}' for place in range(len(header))]
    waiting = [_row(places, 1, [markup[name] for name in header], f' s="{BOLD}"')]
    count = 1
    size = 0
    for count, row in enumerate(_fitting(rows), start=2):
        waiting.append(_row(places, count, [markup[cell] for cell in row]))
        if len(waiting) == _ROWS_AT_ONCE:
            size += opened.write("".join(waiting).encode())
            waiting.clear()
            _require_fitting(size)
    opened.write("".join(waiting).encode())
    filtered = f'<autoFilter ref="{_range(len(header), count)}"/>' if filters and header else ""
    opened.write(f"</sheetData>{filtered}{MARGINS}</worksheet>".encode())
    return count


def _beginning(columns: int, width: int, *, selected: bool) -> str:
    tab = ' tabSelected="1"' if selected else ""
    widths = f'<cols><col min="1" max="{columns}" width="{width}" customWidth="1"/></cols>' if columns else ""
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView{tab} workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/>{widths}<sheetData>'
    )


def _row(places: Sequence[str], number: int, marked: Sequence[str], style: str = "") -> str:
    after = f'{number}"{style}'
    cells = [f"{place}{after}{cell}" for place, cell in zip(places, marked, strict=True) if cell]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _require_fitting(size: int) -> None:
    # Excel does not open a sheet of a larger size that was not known when it was begun.
    if size > _MOST_BYTES:
        raise BadFile(N_("a sheet of more than {value} MiB does not fit; write .csv instead"), value=_MOST_BYTES >> 20)


def _fitting(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS_OF_A_SHEET:
            raise BadFile(
                N_("more than {value:,} rows do not fit a sheet; write .csv instead"), value=MOST_ROWS_OF_A_SHEET - 1
            )
        yield row


def _range(columns: int, rows: int) -> str:
    return f"A1:{letters(columns - 1)}{rows}"


def _filtered(title: str, columns: int, rows: int) -> str:
    """The name by which LibreOffice and older Excel know the rows that filters apply to."""
    if not columns:
        return ""
    quoted = title.replace("'", "''")
    where = f"'{escape(quoted)}'!$A$1:${letters(columns - 1)}${rows}"
    return f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">{where}</definedName>'


class _Markup(dict[Cell, str]):
    """What follows the place of a cell in the XML, by the cell: nothing for an empty one. It keeps the first texts that
    it is asked for. `cut`: how many were cut to what a cell can hold."""

    def __init__(self) -> None:
        super().__init__({None: "", "": ""})
        self.cut = 0

    def __missing__(self, cell: Cell) -> str:
        if not isinstance(cell, str):
            return f"><v>{cell!r}</v></c>"
        made = f' t="inlineStr"><is><t{_spaced(cell)}>{self._escaped(cell)}</t></is></c>'
        if len(self) < _KEPT_TEXTS and len(cell) <= _KEPT_LENGTH:
            self[cell] = made
        return made

    def _escaped(self, text: str) -> str:
        fitted = text if len(text) * 2 <= _MOST_OF_A_CELL else self._fitted(text)
        return escape(_ESCAPED.sub(_escape, fitted) if _ESCAPED.search(fitted) else fitted)

    def _fitted(self, text: str) -> str:
        """What Excel can hold of a text: it counts UTF-16 units, two for an emoji."""
        units = text.encode("utf-16-le")
        if len(units) <= _MOST_OF_A_CELL * 2:
            return text
        self.cut += 1
        mark = f" … [cut: {len(text):,} characters, a cell holds {_MOST_OF_A_CELL:,}]"
        return units[: (_MOST_OF_A_CELL - len(mark)) * 2].decode("utf-16-le", errors="ignore") + mark


def _escape(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _spaced(text: str) -> str:
    """Excel drops spaces and line breaks at the ends of a text without this."""
    return ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
