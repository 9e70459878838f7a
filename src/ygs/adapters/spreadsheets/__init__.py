"""Tables in files: CSV and workbooks, read and written by the standard library."""

import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile, ZipFile

from ygs.adapters.spreadsheets import csv_files, form_writer, workbook_writer
from ygs.adapters.spreadsheets import header as headers
from ygs.adapters.spreadsheets.grid import Grid
from ygs.adapters.spreadsheets.workbook_reader import WorkbookReader
from ygs.domain.errors import N_, BadFile
from ygs.ports.spreadsheets import ANYWHERE, MOST_BYTES, Cell, Cover, SheetForm, SheetTable, TablePlace

_Write = Callable[[Path, Sequence[str], Iterable[Sequence[Cell]], str], int]
_Result = TypeVar("_Result")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


class SheetFiles:
    """`Sheets` and `SheetForms` over the files of this machine."""

    def read(self, file: str, place: TablePlace = ANYWHERE) -> SheetTable:
        try:
            return headers.table(_grid(Path(file), place.sheet), place)
        except OSError as error:
            raise BadFile(
                N_("{file}: cannot be read ({strerror}); check its name and rights"), file=file, strerror=error.strerror
            ) from error

    def write(
        self,
        file: str,
        header: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        title: str,
        cover: Cover | None = None,
    ) -> int:
        writers: dict[str, _Write] = {
            ".csv": csv_files.write,
            ".xlsx": partial(workbook_writer.write, cover=cover),
        }
        path = Path(file)
        if path.suffix.lower() not in writers:
            raise BadFile(N_("{file}: name a file that ends in .csv or .xlsx"), file=file)
        if len(set(header)) != len(header):
            raise ValueError("a column name twice: the reader of this file could not tell them apart")
        write = writers[path.suffix.lower()]
        return _whole_or_nothing(path, lambda part: write(part, header, rows, title))

    def write_form(self, file: str, form: SheetForm) -> None:
        path = Path(file)
        if path.suffix.lower() != ".xlsx":
            raise BadFile(N_("{file}: name a file that ends in .xlsx"), file=file)
        _whole_or_nothing(path, lambda part: form_writer.write(part, form))


def _whole_or_nothing(path: Path, write: Callable[[Path], _Result]) -> _Result:
    # Beside the target, so that the last step is a rename; mkstemp's rights (0600) stay: these are personal data.
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    except OSError as error:
        raise BadFile(
            N_("{path}: cannot be written ({strerror}): choose another folder"), path=path, strerror=error.strerror
        ) from error
    os.close(handle)
    try:
        result = write(Path(part))
        Path(part).replace(path)
    except OSError as error:
        raise BadFile(
            N_("{path}: cannot be written ({strerror}): choose another place"), path=path, strerror=error.strerror
        ) from error
    finally:
        Path(part).unlink(missing_ok=True)
    return result


def _grid(path: Path, sheet: str) -> Grid:
    with path.open("rb") as opened:
        start = opened.read(4)
    if start == _OLE:
        raise _old_or_locked(path)
    if start == _ZIP:
        return _unpacked(path, sheet)
    if path.stat().st_size > MOST_BYTES:
        raise _too_large(path.name)
    _require_no_sheet(path.name, sheet)
    return csv_files.read(path.read_bytes(), path.name)


def _unpacked(path: Path, sheet: str) -> Grid:
    try:
        with ZipFile(path) as archive:
            members = {member.filename: member for member in archive.infolist()}
            if "[Content_Types].xml" in members:
                return WorkbookReader(archive, path.name).grid(sheet)
            if "mimetype" in members:
                raise BadFile(N_("{name}: is an OpenDocument file; save it as .xlsx and give that"), name=path.name)
            tables = [name for name in members if name.lower().endswith(".csv") and not name.startswith("__MACOSX/")]
            if len(tables) != 1:
                raise BadFile(
                    N_("{name}: holds {count} CSV files; a ZIP must hold exactly one"),
                    name=path.name,
                    count=len(tables),
                )
            # The size is the archive's own claim, but zipfile stops at it, so a bomb cannot grow past it.
            if members[tables[0]].file_size > MOST_BYTES:
                raise _too_large(path.name)
            _require_no_sheet(path.name, sheet)
            return csv_files.read(archive.read(tables[0]), path.name)
    except (BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        # RuntimeError is zipfile's word for "needs a password".
        raise BadFile(
            N_("{name}: a broken or locked workbook or ZIP; save it again as .xlsx, or unpack it and give the CSV"),
            name=path.name,
        ) from error


def _old_or_locked(path: Path) -> BadFile:
    """What to say of a file in Microsoft's older container; a workbook with a password is in one too."""
    names = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    if "EncryptedPackage".encode("utf-16-le") in names:
        return BadFile(
            N_("{name}: is locked by a password; open it in Excel, remove the password, and save it"), name=path.name
        )
    if any(part.encode("utf-16-le") in names for part in ("Workbook", "Book")):
        return BadFile(N_("{name}: is an old workbook (.xls); open it in Excel and save it as .xlsx"), name=path.name)
    return BadFile(
        N_("{name}: is not a workbook, or an old one; open it in Excel and save it as .xlsx"), name=path.name
    )


def _require_no_sheet(name: str, sheet: str) -> None:
    if sheet:
        raise BadFile(
            N_("{name}: is a CSV file and has no sheet {sheet!r}; leave the sheet out"), name=name, sheet=sheet
        )


def _too_large(name: str) -> BadFile:
    return BadFile(
        N_("{name}: more than {value} MiB; split it and bring the parts one by one"), name=name, value=MOST_BYTES >> 20
    )
