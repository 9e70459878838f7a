"""Tables in files: CSV by the standard library, workbooks by calamine (reading) and rust_xlsxwriter (writing)."""

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from ygs.adapters.spreadsheets import csv_files as csvfiles
from ygs.adapters.spreadsheets import workbooks
from ygs.domain.errors import BadFile
from ygs.ports.spreadsheets import MOST_BYTES, MOST_ROWS, Cell, Row, SheetTable

_Write = Callable[[Path, Sequence[str], Iterable[Sequence[Cell]], str], int]
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class SheetFiles:
    """`Sheets` over the files of this machine."""

    def read(self, file: str) -> SheetTable:
        """The table in the file; see the port."""
        try:
            return _checked(file, _lines(Path(file)))
        except OSError as error:
            raise BadFile(f"{file}: cannot be read ({error.strerror}); check its name and rights") from error

    def write(self, file: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str) -> int:
        """Write the table; see the port."""
        writers: dict[str, _Write] = {".csv": csvfiles.write, ".xlsx": workbooks.write}
        path = Path(file)
        if path.suffix.lower() not in writers:
            raise BadFile(f"{file}: name a file that ends in .csv or .xlsx")
        if len(set(header)) != len(header):
            raise ValueError("a column name twice: the reader of this file could not tell them apart")
        return _whole_or_nothing(path, writers[path.suffix.lower()], header, rows, title)


def _whole_or_nothing(
    path: Path, write: _Write, header: Sequence[str], rows: Iterable[Sequence[Cell]], title: str
) -> int:
    # Beside the target, so that the last step is a rename; mkstemp's rights (0600) stay: these are personal data.
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    except OSError as error:
        raise BadFile(f"{path}: cannot be written ({error.strerror}): choose another folder") from error
    os.close(handle)
    try:
        cut = write(Path(part), header, rows, title)
        Path(part).replace(path)
    except OSError as error:
        raise BadFile(f"{path}: cannot be written ({error.strerror}): choose another place") from error
    finally:
        Path(part).unlink(missing_ok=True)
    return cut


def _lines(path: Path) -> Iterable[Row]:
    with path.open("rb") as opened:
        start = opened.read(4)
    if start == _OLE:
        return workbooks.lines(path)
    if start == _ZIP:
        return _unpacked(path)
    if path.stat().st_size > MOST_BYTES:
        raise _too_large(path.name)
    return csvfiles.lines(path.read_bytes(), path.name)


def _unpacked(path: Path) -> Iterable[Row]:
    try:
        with ZipFile(path) as archive:
            # The sizes are the archive's own claim, but zipfile stops at them, so a bomb cannot grow past it.
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise _too_large(path.name)
            names = [member.filename for member in archive.infolist()]
            if any(name in ("[Content_Types].xml", "mimetype") for name in names):
                return workbooks.lines(path)
            tables = [name for name in names if name.lower().endswith(".csv") and not name.startswith("__MACOSX/")]
            if len(tables) != 1:
                raise BadFile(f"{path.name}: holds {len(tables)} CSV files; a ZIP must hold exactly one")
            return csvfiles.lines(archive.read(tables[0]), path.name)
    except (BadZipFile, RuntimeError, NotImplementedError) as error:
        # RuntimeError is zipfile's word for "needs a password".
        raise BadFile(f"{path.name}: a ZIP that is broken or locked; unpack it and give the CSV") from error


def _checked(file: str, lines: Iterable[Row]) -> SheetTable:
    name = Path(file).name
    rows = iter(lines)
    first = next(rows, None)
    if first is None:
        raise BadFile(f"{name}: is empty; the first row must name the columns")
    header = tuple(cell.strip() for cell in first.cells)
    _require_names(name, header)
    return SheetTable(header, _bounded(name, rows))


def _require_names(name: str, header: tuple[str, ...]) -> None:
    if any("\x00" in column for column in header):
        raise BadFile(f"{name}: is not a table; give a CSV file or an Excel workbook")
    for number, column in enumerate(header, start=1):
        if not column:
            raise BadFile(f"{name}: column {number} has no name in the first row; name it or remove it")
        if column in header[: number - 1]:
            raise BadFile(f"{name}: two columns are named {column!r}; rename one of them")


def _bounded(name: str, rows: Iterable[Row]) -> Sequence[Row]:
    kept: list[Row] = []
    for row in rows:
        if any(row.cells):
            kept.append(row)
        if len(kept) > MOST_ROWS:
            raise BadFile(f"{name}: more than {MOST_ROWS:,} rows; split it and bring the parts one by one")
    return kept


def _too_large(name: str) -> BadFile:
    return BadFile(f"{name}: more than {MOST_BYTES >> 20} MiB; split it and bring the parts one by one")
