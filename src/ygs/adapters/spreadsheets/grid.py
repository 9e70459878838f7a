"""A sheet as it is read, before its header is known: lines of cells that show something, within bounds."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import islice
from time import thread_time

from ygs.domain.errors import N_, BadFile
from ygs.domain.text import stripped
from ygs.ports.spreadsheets import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_SECONDS, FaultKind

# Excel's own words for what could not be computed; a CSV file holds them as text, "#####" for a column too narrow.
ERRORS = frozenset(
    [
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
    ]
)
_MOST_FILLED = 4 * MOST_CELLS


@dataclass(slots=True)
class Line:
    """One line: its cells up to the last, `faults` by column, and `beyond`: columns past `MOST_COLUMNS` with text."""

    number: int
    cells: list[str] = field(default_factory=list)
    hidden: bool = False
    faults: dict[int, FaultKind] = field(default_factory=dict)
    beyond: list[int] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it shows."""
        return not (self.faults or self.beyond or any(map(shows, self.cells)))

    def put(self, column: int, text: str) -> None:
        """Set a cell's text (columns count from 0)."""
        if column < len(self.cells):
            self.cells[column] = text
        elif column < MOST_COLUMNS:
            self.cells.extend([""] * (column - len(self.cells)))
            self.cells.append(text)
        elif shows(text):
            self.beyond.append(column)
        if text[:1] == "#" and (text in ERRORS or is_too_narrow(text)):
            self.faults[column] = FaultKind.ERROR

    def text(self, column: int) -> str:
        """The cell's text; empty where the line has ended."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged region: first and last row (from 1) and column (from 0), both included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(slots=True)
class Grid:
    """A sheet's lines that are not blank, in order."""

    name: str
    sheet: str = ""
    lines: list[Line] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden: list[tuple[int, int]] = field(default_factory=list)
    since_1904: bool = False
    other_sheets: tuple[str, ...] = ()
    _cells: int = 0

    def add(self, line: Line) -> None:
        """Keep a line unless it is blank; `BadFile` when the bounds are passed."""
        if line.is_blank:
            return
        self.lines.append(line)
        self._cells += len(line.cells)
        if len(self.lines) > MOST_ROWS + 1:
            raise BadFile(
                N_("{name}: more than {most_rows:,} rows; split it and bring the parts one by one"),
                name=self.name,
                most_rows=MOST_ROWS,
            )
        if self._cells > MOST_CELLS:
            raise BadFile(
                N_("{name}: more than {most_cells:,} cells; split it and bring the parts one by one"),
                name=self.name,
                most_cells=MOST_CELLS,
            )

    def hides(self, column: int) -> bool:
        """Whether the sheet hides that column."""
        return any(first <= column <= last for first, last in self.hidden)


class Stopwatch:
    """Stops a reading after `MOST_SECONDS` of its thread's own time, which a busy machine does not lengthen."""

    def __init__(self, name: str) -> None:
        self._name, self._end = name, thread_time() + MOST_SECONDS

    def check(self) -> None:
        """`BadFile` when the time is over."""
        if thread_time() > self._end:
            raise BadFile(
                N_("{name}: takes over {most_seconds} seconds to read; copy its rows to a new file"),
                name=self._name,
                most_seconds=MOST_SECONDS,
            )


def shows(text: str) -> bool:
    """Whether a person sees anything of a cell."""
    return bool(text) and bool(stripped(text))


def is_too_narrow(text: str) -> bool:
    """Whether it is what Excel shows, and writes into CSV, for a number in a column too narrow for it."""
    return len(text) >= 2 and not text.strip("#")


def letters(column: int) -> str:
    """A column's letters: 0 is A."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def fill_merges(grid: Grid) -> None:
    """Write each merged region's text into its cells on the lines and columns that the sheet uses.

    A line without a text of its own is part of the line above; it is no line of the grid, and does not become one.
    """
    widest = max((len(line.cells) for line in grid.lines), default=0)
    filled = 0
    for merge in grid.merges:
        start = bisect_left(grid.lines, merge.top, key=_number)
        if start == len(grid.lines) or grid.lines[start].number != merge.top:
            continue
        columns = range(merge.left, min(merge.right, widest - 1) + 1)
        for line in islice(grid.lines, start, bisect_right(grid.lines, merge.bottom, key=_number)):
            filled += len(columns)
            if filled > _MOST_FILLED:
                raise BadFile(
                    N_("{name}: its merged regions overlap; unmerge them in Excel and save it again"), name=grid.name
                )
            _fill(line, grid.lines[start], columns)


def _fill(line: Line, first: Line, columns: range) -> None:
    text, fault = first.text(columns.start), first.faults.get(columns.start)
    for column in columns:
        if line is not first or column != columns.start:
            line.put(column, text)
            if fault is not None:
                line.faults[column] = fault


def _number(line: Line) -> int:
    return line.number
