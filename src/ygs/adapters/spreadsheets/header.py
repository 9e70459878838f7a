"""Which of a grid's lines names the columns, and the table below it."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from ygs.adapters.spreadsheets.grid import Grid, Line, letters, shows
from ygs.domain.errors import N_, BadFile
from ygs.domain.text import column_name
from ygs.ports.spreadsheets import MOST_ROWS, CellFault, FaultKind, Row, SheetTable, TablePlace

_LOOKED_AT = 50
_SHOWN = 60


def table(grid: Grid, place: TablePlace) -> SheetTable:
    """The grid's table; `BadFile` when it has none, or a column twice or without a name."""
    if not grid.lines:
        raise _empty(grid)
    at = _header_at(grid, place)
    head = grid.lines[at]
    lines = grid.lines[at + 1 :]
    # A header merged downwards repeats on the lines that it covers.
    while lines and _same_cells(lines[0], head):
        lines = lines[1:]
    if len(lines) > MOST_ROWS:
        raise BadFile(
            N_("{name}: more than {most_rows:,} rows; split it and bring the parts one by one"),
            name=grid.name,
            most_rows=MOST_ROWS,
        )
    columns = _named_columns(grid, head, lines)
    return SheetTable(
        header=tuple(columns.values()),
        rows=[_row(line, list(columns)) for line in lines],
        header_row=head.number,
        sheet=grid.sheet,
        hidden_rows=sum(line.hidden for line in lines),
        hidden_columns=sum(map(grid.hides, columns)),
        since_1904=grid.since_1904,
        other_sheets=grid.other_sheets,
    )


def _empty(grid: Grid) -> BadFile:
    if not grid.other_sheets:
        return BadFile(N_("{name}: is empty; the first row must name the columns"), name=grid.name)
    return BadFile(
        N_("{name}: the sheet {sheet!r} is empty; say which one to read: {others}"),
        name=grid.name,
        sheet=grid.sheet,
        others=", ".join(map(repr, grid.other_sheets)),
    )


def _header_at(grid: Grid, place: TablePlace) -> int:
    candidates = grid.lines[:_LOOKED_AT]
    if place.header_row is not None:
        for at, line in enumerate(grid.lines):
            if line.number == place.header_row:
                return at
        raise BadFile(
            N_("{name}: row {header_row} is blank; give the row that names the columns"),
            name=grid.name,
            header_row=place.header_row,
        )
    found = [len(place.expected & set(map(column_name, line.cells))) for line in candidates]
    if any(found):
        return found.index(max(found))
    return _first_full(candidates)


def _first_full(lines: Sequence[Line]) -> int:
    """The first line with texts in more than half of the columns; a title or a heading over several columns is none.

    A text that is merged across several columns counts once, and a line that has one is taken only when all have.
    """
    names = [list(filter(None, map(column_name, line.cells))) for line in lines]
    apart = [[name for name, _ in groupby(each)] for each in names]
    widest = max(map(len, apart))
    full = [at for at, each in enumerate(apart) if len(each) * 2 > widest]
    return next((at for at in full if apart[at] == names[at]), full[0])


def _same_cells(line: Line, other: Line) -> bool:
    return list(map(column_name, line.cells)) == list(map(column_name, other.cells))


def _named_columns(grid: Grid, head: Line, lines: Sequence[Line]) -> dict[int, str]:
    """The table's columns with their names, in order.

    A column without a name, or with the name of the one before it, is none when it shows nothing, or nothing but what
    stands to its left: that is how a region merged across columns reads.
    """
    names = list(map(column_name, head.cells))
    if any("\x00" in name for name in names):
        raise BadFile(N_("{name}: is not a table; give a CSV file or an Excel workbook"), name=grid.name)
    for column in [*head.faults, *head.beyond]:
        where = f"{letters(column)}{head.number}"
        raise BadFile(
            N_("{name}: {where} names no column; write a name there, or say which row is the header"),
            name=grid.name,
            where=where,
        )
    columns: dict[int, str] = {}
    for column, name in enumerate(names):
        if not name or name in columns.values():
            _require_nothing_new(grid, head, lines, column, name)
        else:
            columns[column] = name
    return columns


def _require_nothing_new(grid: Grid, head: Line, lines: Iterable[Line], column: int, name: str) -> None:
    for line in lines:
        text = line.text(column)
        if shows(text) and not (column and text == line.text(column - 1)):
            if name:
                raise BadFile(
                    N_("{name}: two columns are named {name_2!r}; rename one of them"),
                    name=grid.name,
                    name_2=name[:_SHOWN],
                )
            raise BadFile(
                N_("{name}: column {column} has no name in row {header_row}, but text in row {row}: give it a name"),
                name=grid.name,
                column=letters(column),
                header_row=head.number,
                row=line.number,
            )


def _row(line: Line, columns: Sequence[int]) -> Row:
    cells = tuple(map(line.text, columns))
    faults: list[CellFault] = []
    for column, kind in line.faults.items():
        if column in columns:
            faults.append(CellFault(columns.index(column), f"{letters(column)}{line.number}", kind))
    last = columns[-1] if columns else -1
    unnamed = [column for column in range(last + 1, len(line.cells)) if shows(line.cells[column])]
    where = [f"{letters(column)}{line.number}" for column in [*unnamed, *line.beyond]]
    faults += [CellFault(len(columns), cell, FaultKind.UNNAMED) for cell in where]
    return Row(line.number, cells, tuple(faults))
