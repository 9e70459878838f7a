"""One worksheet's XML, read as a stream: no memory for cells that show nothing, wherever they are."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ygs.adapters.spreadsheets.grid import Grid, Line, Merge
from ygs.adapters.spreadsheets.number_formats import date_text, number_text, padded
from ygs.domain.errors import N_, BadFile
from ygs.ports.spreadsheets import MOST_ROWS, FaultKind

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
# Excel writes characters that XML cannot hold as _x0007_, and a text that looks like that as _x005F_x0007_.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")

# What a cell's style says of its numbers: a date, or places for its digits ("000-0000-0000"), or nothing ("").
DATE = "date"
Attributes: TypeAlias = Mapping[str, str]


class SheetParser:
    """Fills a grid from the start, end and text of XML elements; names of elements come without their prefix."""

    def __init__(self, grid: Grid, strings: Sequence[str], styles: Sequence[str]) -> None:
        self._grid = grid
        self._strings = strings
        self._styles = styles
        self._same: dict[str, str] = {}
        self._columns: dict[str, int] = {}
        self._line = Line(0)
        self._column = -1
        self._kind = self._style = ""
        self._text: list[str] = []
        self._reading = self._has_value = self._has_formula = False
        self._phonetic = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        match name:
            case "c":
                self._begin_cell(attributes)
            case "v":
                self._reading = self._has_value = True
            case "t":
                self._reading = not self._phonetic
            case "f":
                self._has_formula = True
            case "rPh":
                self._phonetic += 1
            case _:
                self._start_of_several(name, attributes)

    def _start_of_several(self, name: str, attributes: Attributes) -> None:
        match name:
            case "row":
                self._begin_line(attributes)
            case "col":
                self._hide(attributes)
            case "mergeCell":
                self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        """An element ends."""
        match name:
            case "c":
                self._end_cell()
            case "v" | "t":
                self._reading = False
            case "rPh":
                self._phonetic -= 1
            case "row":
                self._grid.add(self._line)

    def text(self, text: str) -> None:
        """A piece of text."""
        if self._reading:
            self._text.append(text)

    def _begin_line(self, attributes: Attributes) -> None:
        number = int(attributes.get("r") or self._line.number + 1)
        if not self._line.number < number <= LAST_ROW:
            raise self._broken_at(number)
        self._line = Line(number, hidden=attributes.get("hidden") in ("1", "true") or attributes.get("ht") == "0")
        self._column = -1

    def _begin_cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r")
        self._column = self._column + 1 if reference is None else self._column_of(reference)
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._has_value = self._has_formula = False
        self._text = []

    def _end_cell(self) -> None:
        written = "".join(self._text)
        # An empty text is a result, as of =IF(A1="","",A1); an empty number is none.
        if self._has_formula and not (written or (self._has_value and self._kind == "str")):
            self._line.faults[self._column] = FaultKind.UNCOMPUTED
        elif written:
            self._put(written)

    def _put(self, written: str) -> None:
        try:
            text = self._shown(written)
        except (ValueError, IndexError, OverflowError) as error:
            raise self._broken_at(self._line.number) from error
        self._line.put(self._column, self._same.setdefault(text, text))
        if self._kind == "e":
            self._line.faults[self._column] = FaultKind.ERROR

    def _shown(self, written: str) -> str:
        match self._kind:
            case "s":
                return self._strings[int(written)]
            case "n":
                return self._number(written)
            case "b":
                return "TRUE" if written.strip() in ("1", "true") else "FALSE"
            case "d":
                return written.removesuffix("Z").removesuffix("T00:00:00").removesuffix("T00:00:00.000")
            case _:
                return unescaped(written)

    def _number(self, written: str) -> str:
        style = self._styles[int(self._style)] if self._style else ""
        if not style:
            return number_text(written)
        if style == DATE:
            return date_text(written, since_1904=self._grid.since_1904)
        return padded(number_text(written), style)

    def _column_of(self, reference: str) -> int:
        name = reference.rstrip("0123456789")
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = self._place(reference)[1]
        return column

    def _place(self, reference: str) -> tuple[int, int]:
        found = _REFERENCE.fullmatch(reference.replace("$", ""))
        column = 0
        for letter in found[1].upper() if found else "":
            column = column * 26 + ord(letter) - ord("A") + 1
        if found is None or not (0 < column <= LAST_COLUMN and 0 < int(found[2]) <= LAST_ROW):
            raise self._broken_at(self._line.number)
        return int(found[2]), column - 1

    def _hide(self, attributes: Attributes) -> None:
        if attributes.get("hidden") in ("1", "true") or attributes.get("width") == "0":
            self._grid.hidden.append((int(attributes.get("min", "1")) - 1, int(attributes.get("max", "1")) - 1))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if len(self._grid.merges) >= MOST_ROWS:
            raise BadFile(
                N_("{name}: more than {most_rows:,} merged regions; unmerge them in Excel"),
                name=self._grid.name,
                most_rows=MOST_ROWS,
            )
        top, left = self._place(first)
        bottom, right = self._place(last or first)
        self._grid.merges.append(Merge(top, bottom, left, right))

    def _broken_at(self, row: int) -> BadFile:
        return BadFile(
            N_("{name}: the workbook is broken at row {row}; open it in Excel and save it again as .xlsx"),
            name=self._grid.name,
            row=row,
        )


def unescaped(text: str) -> str:
    """A text of a workbook without its escapes."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)
