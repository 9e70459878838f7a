"""The port of spreadsheet files, which reads and writes tables as CSV and Excel.

Both methods block: a use case calls them in a thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

# Limits of one file, because a table is held in memory. A larger file is refused and has to be split.
MOST_ROWS = 200_000
MOST_COLUMNS = 512
MOST_CELLS = 10_000_000
MOST_BYTES = 256 << 20
MOST_SECONDS = 120

Cell: TypeAlias = str | int | float | None


class FaultKind(StrEnum):
    """Why a cell has no readable value."""

    ERROR = "error"
    UNCOMPUTED = "uncomputed"
    UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell without a value: an Excel error (``#N/A``), a formula whose result the file does not hold, or a text
    beyond the last named column. `place`: its position in the row; `cell`: its name in the sheet ("C5")."""

    place: int
    cell: str
    kind: FaultKind


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells as text, as many as the header has.

    A cell with a fault holds the name of the error, or nothing.
    """

    number: int
    cells: tuple[str, ...]
    faults: tuple[CellFault, ...] = ()


@dataclass(frozen=True, slots=True)
class TablePlace:
    """The place of a table in a file.

    `sheet`: a sheet's name; empty: the first visible one. `header_row`: the row that names the columns, as a
    spreadsheet numbers it; None: `read` finds it. `expected`: column names that help to find it.
    """

    sheet: str = ""
    header_row: int | None = None
    expected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A table read from a file.

    `header`: names of the columns, as `column_name` spells them. `rows`: those below the header that are not blank,
    in order. `sheet`: the name of the sheet, empty for CSV. `hidden_rows` and `hidden_columns`: how many of these rows
    and columns the sheet hides. `since_1904`: day numbers count from 1904 and not from 1900. `other_sheets`: the
    names of the other visible sheets, which were not read.
    """

    header: tuple[str, ...]
    rows: Sequence[Row]
    header_row: int = 1
    sheet: str = ""
    hidden_rows: int = 0
    hidden_columns: int = 0
    since_1904: bool = False
    other_sheets: tuple[str, ...] = ()


ANYWHERE = TablePlace()


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of a form, and what may stand in its cells.

    `note`: a hint, at most 255 characters. `choices`: the answers to choose from; none: any text. `takes_several`:
    whether several answers may be written with commas. `between`: the least and the most of a whole number. `is_text`:
    whether digits stay as they are typed, as those of a phone must.
    """

    name: str
    note: str = ""
    choices: tuple[str, ...] = ()
    takes_several: bool = False
    between: tuple[int, int] | None = None
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class SheetForm:
    """An empty sheet that people fill in. `title`: the name of the sheet."""

    title: str
    columns: tuple[FormColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A second sheet of a workbook that says what the first one is. `title`: the name of the sheet; `lines`: a name and
    a text each, below `header`."""

    title: str
    header: tuple[str, str]
    lines: Sequence[tuple[str, str]]


class Sheets(Protocol):
    """Reads and writes table files."""

    def read(self, file: str, place: TablePlace = ANYWHERE) -> SheetTable:
        """Read the table of a CSV file, of a ZIP with one CSV file, or of a sheet of an xlsx workbook.

        The table is what a person sees. The header is the row with the most `expected` names among the first 50, or, if
        none has any, the first row that fills more than half of the columns with different texts. Rows above it are
        skipped; so are blank rows, and blank columns without a name. Hidden rows and columns are read. A merged
        region's text stands in each of its cells, but a row with nothing else is skipped. Formulas are never run.
        Numbers have at most 15 significant digits ("175", "0.3"), dates are ISO ("1990-03-12"), booleans are TRUE and
        FALSE.

        CSV may be UTF-8, UTF-16 with a byte order mark, or cp949 (Korean Windows; includes EUC-KR), separated by
        commas, semicolons, tabs or what a ``sep=`` line says. Missing cells at the end of a row are blank.

        `BadFile` when the file is missing, no table, empty, locked, of another format (.xls, .xlsb, .ods), has a column
        twice or without a name, has no such sheet or row, or is over `MOST_ROWS`, `MOST_COLUMNS`, `MOST_CELLS`,
        `MOST_BYTES` (unpacked) or `MOST_SECONDS`. Blank cells do not count.
        """
        ...

    def write(
        self,
        file: str,
        header: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        title: str,
        cover: Cover | None = None,
    ) -> int:
        """Write a table as ``.csv`` or ``.xlsx`` by the file's ending, readable by its owner only; all of it or
        nothing.

        No cell is ever a formula, and `read` gives back what was written, except that Excel holds 32,767 characters a
        cell: longer text is cut there and says so at its end. Returns how many cells were cut. `title`: the sheet's
        name. `cover`: left out of a CSV file, which has no place for it. `BadFile` for another ending, a folder that is
        not there, or more rows than a sheet can hold.
        """
        ...


class SheetForms(Protocol):
    """Writes empty sheets to fill in."""

    def write_form(self, file: str, form: SheetForm) -> None:
        """Write an empty ``.xlsx`` sheet with a form's columns, their lists and hints, readable by its owner only.

        `Sheets.read` finds its header and, once people filled it in, their rows. `BadFile` for another ending or a
        folder that is not there.
        """
        ...
