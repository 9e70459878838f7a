"""CSV, as it comes out of Excel and other people's systems, and as Excel may safely open it.

Excel runs a CSV cell that begins like a formula, quoted or not, so such text is written with an apostrophe in front
(the mark Excel itself uses for "this is text"), and reading takes exactly that apostrophe away again. Text that begins
with apostrophes and then like a formula gets one more, so that nothing is lost: the round trip is exact.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ygs.domain.errors import BadFile
from ygs.ports.spreadsheets import Cell, Row

# What Excel, LibreOffice or a Korean or Japanese input method's full-width keys would begin a formula with (OWASP).
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_SEPARATORS = ",;\t"


def lines(content: bytes, name: str) -> Iterator[Row]:
    """The file's lines with their numbers, those without any cell left out."""
    text = _decoded(content, name)
    if text[:100].lstrip().startswith("<"):
        raise BadFile(f"{name}: is a web page, whatever its ending says; open it in Excel and save it as .xlsx")
    # Without strict, a quote that is never closed would swallow the rest of the file as one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    same: dict[str, str] = {}
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if cells:
                yield Row(number, tuple(same.setdefault(cell, cell) for cell in map(_unmarked, cells)))
    except csv.Error as error:
        raise BadFile(f"{name}: row {number + 1} breaks the rules of CSV ({error}); repair its quotes") from error


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], title: str) -> int:
    """Write UTF-8 with a byte order mark, without which Excel on a Korean Windows would show Hangul as noise."""
    with path.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow([_marked(column) for column in header])
        writer.writerows([_marked(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return 0


def _marked(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _unmarked(text: str) -> str:
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def _decoded(content: bytes, name: str) -> str:
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp949")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(f"{name}: is not a table, or in an unknown encoding; save it as CSV UTF-8 or as .xlsx")


def _separator(text: str) -> str:
    """The separator that the first line has most of, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text[: 1 << 16]).lstrip("\r\n").splitlines()[:1]
    return max(_SEPARATORS, key="".join(first).count)
