"""Excel workbooks, written. Cells are text or numbers by type, so nothing one writes can become a formula."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ygs.domain.errors import N_, BadFile, NotSetUp
from ygs.ports.spreadsheets import Cell, Cover

MOST_ROWS_OF_A_SHEET = 1_048_576
_MOST_OF_A_CELL = 32_767
# Of a column, in characters.
_WIDTH = 16.0
_COVER_WIDTH = 40.0


def write(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], title: str, *, cover: Cover | None = None
) -> int:
    """Write a sheet, its header fixed at the top and with filters, and the cover as a second one; returns how many
    cells were cut to what a cell can hold."""
    try:
        import rustpy_xlsxwriter
    except ModuleNotFoundError as error:
        raise NotSetUp(N_("workbooks cannot be written here: pip install 'ygs[xlsx]', or write a .csv file")) from error

    cuts = _Cuts()
    records = _records(header, rows, cuts)
    # The writer learns its columns from the first record: an empty one still writes the header, and no cell.
    some = next(records, dict.fromkeys(header))
    sheets: list[tuple[str, Any]] = [(title, _chained(some, records))]
    if cover is not None:
        sheets.append((cover.title, _lines(cover)))
    rustpy_xlsxwriter.write_worksheets(
        sheets,
        str(path),
        freeze_panes={"general": {"row": 1}},
        bold_headers=True,
        autofilter={title: True},
        column_width={"general": _WIDTH} | ({cover.title: _COVER_WIDTH} if cover else {}),
    )
    return cuts.count


def _lines(cover: Cover) -> Iterator[dict[str, Cell]]:
    return iter([dict(zip(cover.header, line, strict=True)) for line in cover.lines])


class _Cuts:
    count = 0

    def fitted(self, cell: Cell) -> Cell:
        """The cell, or what Excel can hold of it: it counts UTF-16 units, two for an emoji."""
        if not isinstance(cell, str) or len(cell) * 2 <= _MOST_OF_A_CELL:
            return cell
        units = cell.encode("utf-16-le")
        if len(units) <= _MOST_OF_A_CELL * 2:
            return cell
        self.count += 1
        mark = f" … [cut: {len(cell):,} characters, a cell holds {_MOST_OF_A_CELL:,}]"
        return units[: (_MOST_OF_A_CELL - len(mark)) * 2].decode("utf-16-le", errors="ignore") + mark


def _records(header: Sequence[str], rows: Iterable[Sequence[Cell]], cuts: _Cuts) -> Iterator[dict[str, Cell]]:
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS_OF_A_SHEET:
            raise BadFile(
                N_("more than {value:,} rows do not fit a sheet; write .csv instead"), value=MOST_ROWS_OF_A_SHEET - 1
            )
        yield dict(zip(header, map(cuts.fitted, row), strict=True))


def _chained(first: dict[str, Cell], rest: Iterator[dict[str, Cell]]) -> Iterator[dict[str, Cell]]:
    yield first
    yield from rest
