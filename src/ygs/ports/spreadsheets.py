"""Tables in files, as people hand them over and ask for them: CSV and Excel.

Both questions block: a use case asks them in a thread, and never inside a transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

# Whoever brings more is asked to split the file: everything read is held in memory, once.
MOST_ROWS = 200_000
MOST_BYTES = 256 << 20

Cell: TypeAlias = str | int | float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it (the header is 1), and its cells as text, as many as there are."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetTable:
    """What a file holds. `header`: column names, without surrounding space. `rows`: those that are not blank, in
    order."""

    header: tuple[str, ...]
    rows: Sequence[Row]


class Sheets(Protocol):
    """Reads and writes table files."""

    def read(self, file: str) -> SheetTable:
        """The table in a CSV file, in a ZIP of one CSV file, or on a workbook's first sheet.

        CSV may be UTF-8, UTF-16 with a byte order mark, or Korean Windows' own (cp949, of which EUC-KR is a part),
        separated by commas, semicolons or tabs. Text is as it was written; formulas are never run, and numbers and
        dates of a workbook come as digits: "175", "17.5", "1990-03-12".

        `BadFile` when it is missing, no table, empty, has a column twice or without a name, or is over `MOST_ROWS` or
        `MOST_BYTES` (unpacked).
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
