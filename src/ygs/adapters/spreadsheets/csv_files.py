"""CSV, as it comes out of Excel and other people's systems, and as Excel may safely open it.

Excel runs a CSV cell that begins like a formula, quoted or not, so such text is written with an apostrophe in front
(the mark Excel itself uses for "this is text"), and reading takes exactly that apostrophe away again. Text that begins
with apostrophes and then like a formula gets one more, so that nothing is lost: the round trip is exact.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ygs.adapters.spreadsheets.grid import Grid, Line, Stopwatch
from ygs.domain.errors import N_, BadFile
from ygs.ports.spreadsheets import Cell, FaultKind

# What Excel, LibreOffice or a Korean or Japanese input method's full-width keys would begin a formula with (OWASP).
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_SEPARATORS = ",;\t"
_STATED = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
# Digits that Excel would take for a number are often written as a formula that is nothing but a text.
_AS_TEXT = re.compile(r'="([^"]*)"')
_LOOKED_AT = 50
_CHECKED_EVERY = 1_000


def read(content: bytes, name: str) -> Grid:
    """The file's lines with their numbers, those without any cell left out."""
    text = _decoded(content, name)
    if text[:100].lstrip().startswith("<"):
        raise BadFile(
            N_("{name}: is a web page, whatever its ending says; open it in Excel and save it as .xlsx"), name=name
        )
    text, separator = _separated(text)
    # Without strict, a quote that is never closed would swallow the rest of the file as one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    grid = Grid(name)
    watch = Stopwatch(name)
    same: dict[str, str] = {}
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            line = Line(number)
            for column, written in enumerate(cells):
                _put(line, column, written, same)
            grid.add(line)
            if number % _CHECKED_EVERY == 0:
                watch.check()
    except csv.Error as error:
        raise BadFile(
            N_("{name}: row {value} breaks the rules of CSV ({error}); repair its quotes"),
            name=name,
            value=number + 1,
            error=error,
        ) from error
    return grid


def _put(line: Line, column: int, written: str, same: dict[str, str]) -> None:
    if written[:1] == "=":
        as_text = _AS_TEXT.fullmatch(written)
        if as_text is None:
            line.faults[column] = FaultKind.UNCOMPUTED
            return
        written = as_text[1]
    elif not written:
        return
    text = _unmarked(written)
    line.put(column, same.setdefault(text, text))


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
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Pictures and other files that only have the name of a table are full of NULs.
        if "\0" not in text:
            return text
    raise BadFile(N_("{name}: is not a table, or in an unknown encoding; save it as CSV UTF-8 or as .xlsx"), name=name)


def _separated(text: str) -> tuple[str, str]:
    """The text without Excel's ``sep=`` line, which Excel does not show or count, and the separator."""
    stated = _STATED.match(text)
    if stated is not None:
        return text[stated.end() :], stated[1]
    return text, _separator(text)


def _separator(text: str) -> str:
    """The separator that stands equally often, outside quotes, on most of the first lines; of two such the more
    frequent one. Titles have none, and separators within texts come irregularly."""
    unquoted = re.sub(r'"[^"]*"', "", text[: 1 << 16])
    lines = [line for line in re.split(r"\r\n|\r|\n", unquoted)[: 2 * _LOOKED_AT] if line.strip()][:_LOOKED_AT]
    return max(_SEPARATORS, key=lambda separator: _regularity(separator, lines))


def _regularity(separator: str, lines: Sequence[str]) -> tuple[int, int]:
    """On how many lines the separator stands equally often, and how often."""
    counts = Counter(count for line in lines if (count := line.count(separator)))
    return max(((many, count) for count, many in counts.items()), default=(0, 0))
