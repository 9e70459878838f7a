"""Tables in files, as people hand them over and ask for them: CSV and Excel.

Both questions block: a use case asks them in a thread, and never inside a transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

# Whoever brings more is asked to split the file: everything read is held in memory, once.
MOST_ROWS = 200_000
MOST_COLUMNS = 512
MOST_CELLS = 10_000_000
MOST_BYTES = 256 << 20
MOST_SECONDS = 120

Cell: TypeAlias = str | int | float | None


class FaultKind(StrEnum):
    """Why a cell has no value that could be read."""

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

    A cell with a fault holds what is seen of it: the error's name, or nothing.
    """

    number: int
    cells: tuple[str, ...]
    faults: tuple[CellFault, ...] = ()


@dataclass(frozen=True, slots=True)
class TablePlace:
    """Where in a file the table is.

    `sheet`: a sheet's name; empty: the first visible one. `header_row`: the row that names the columns, as a
    spreadsheet numbers it; None: it is found. `expected`: names of columns that help to find it.
    """

    sheet: str = ""
    header_row: int | None = None
    expected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SheetTable:
    """What a file holds.

    `header`: names of the columns, as `column_name` spells them. `rows`: those below the header that are not blank,
    in order. `sheet`: the name of the sheet, empty for CSV. `hidden_rows` and `hidden_columns`: how many of these rows
    and columns the sheet hides. `since_1904`: day numbers count from 1904 and not from 1900.
    """

    header: tuple[str, ...]
    rows: Sequence[Row]
    header_row: int = 1
    sheet: str = ""
    hidden_rows: int = 0
    hidden_columns: int = 0
    since_1904: bool = False


ANYWHERE = TablePlace()


class Sheets(Protocol):
    """Reads and writes table files."""

    def read(self, file: str, place: TablePlace = ANYWHERE) -> SheetTable:
        """The table in a CSV file, in a ZIP of one CSV file, or on a sheet of an xlsx workbook, as a person sees it.

        The header is the row with the most `expected` names among the first 50, or, if none has any, the first row
        that fills more than half of the columns with different texts. Rows above it are left out; so are blank rows,
        and blank columns without a name. Hidden rows and columns are read. A merged region's text stands in each of
        its cells, but a row in which it stands alone is none. Formulas are never run. Numbers have at most 15
        significant digits ("175", "0.3"), dates are ISO ("1990-03-12"), booleans are TRUE and FALSE.

        CSV may be UTF-8, UTF-16 with a byte order mark, or Korean Windows' own (cp949, of which EUC-KR is a part),
        separated by commas, semicolons, tabs or what a ``sep=`` line says. Rows that end early have blank cells.

        `BadFile` when it is missing, no table, empty, locked, of another format (.xls, .xlsb, .ods), has a column
        twice or without a name, has no such sheet or row, or is over `MOST_ROWS`, `MOST_COLUMNS`, `MOST_CELLS`,
        `MOST_BYTES` (unpacked) or `MOST_SECONDS`. Blank cells count for nothing, wherever they are.
        """
        ...

    def write(self, file: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str) -> int:
        """Write a table as ``.csv`` or ``.xlsx`` by the file's ending, readable by its owner only; all of it or
        nothing.

        No cell is ever a formula, and `read` gives back what was written, except that Excel holds 32,767 characters a
        cell: longer text is cut there and says so at its end. Returns how many cells were cut. `title`: the sheet's
        name. `BadFile` for another ending, a folder that is not there, or more rows than a sheet can hold.
        """
        ...
