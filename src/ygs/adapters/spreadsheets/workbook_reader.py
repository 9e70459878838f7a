"""Excel workbooks (.xlsx, .xlsm) read as they stand in their XML: types of cells, hidden sheets, merged regions.

Parts are read as a stream and in bounds. A document type, which only an attack would have, is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

from ygs.adapters.spreadsheets.grid import Grid, Stopwatch, fill_merges
from ygs.adapters.spreadsheets.number_formats import is_date, padding
from ygs.adapters.spreadsheets.sheet_parser import DATE, Attributes, SheetParser, unescaped
from ygs.domain.errors import N_, BadFile
from ygs.domain.text import column_name
from ygs.ports.spreadsheets import MOST_BYTES, MOST_CELLS

_CHUNK = 1 << 16
_MOST_STYLES = 100_000
_YES = ("1", "true")
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    state: str
    relation: str


@dataclass(slots=True)
class _Contents:
    """The workbook's own part: its sheets in order, and where days count from."""

    sheets: list[_Sheet] = field(default_factory=list)
    since_1904: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            state = attributes.get("state", "visible")
            self.sheets.append(_Sheet(unescaped(attributes.get("name", "")), state, relation))
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904") in _YES


@dataclass(slots=True)
class _Relations:
    """Where the parts that another part names are: by id, the target and the kind."""

    targets: dict[str, tuple[str, str]] = field(default_factory=dict)

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.targets[attributes.get("Id", "")] = (attributes.get("Target", ""), kind)


@dataclass(slots=True)
class _Strings:
    """The texts that cells share."""

    name: str
    texts: list[str] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _reading: bool = False
    _phonetic: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._phonetic += 1
        elif name == "t":
            self._reading = not self._phonetic

    def end(self, name: str) -> None:
        if name == "t":
            self._reading = False
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "si":
            self.texts.append(unescaped("".join(self._pieces)))
            if len(self.texts) > MOST_CELLS:
                raise BadFile(
                    N_("{name}: more than {most_cells:,} texts; split it and bring the parts one by one"),
                    name=self.name,
                    most_cells=MOST_CELLS,
                )

    def text(self, text: str) -> None:
        if self._reading:
            self._pieces.append(text)


@dataclass(slots=True)
class _Styles:
    """What each style says of a number: `DATE`, places for its digits, or nothing."""

    styles: list[str] = field(default_factory=list)
    _codes: dict[int, str] = field(default_factory=dict)
    _counts: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "cellXfs":
            self._counts = True
        elif name == "numFmt":
            self._codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "xf" and self._counts and len(self.styles) < _MOST_STYLES:
            number = int(attributes.get("numFmtId", "0"))
            code = self._codes.get(number, "")
            self.styles.append(DATE if is_date(number, code) else padding(code))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._counts = False


class WorkbookReader:
    """One workbook, opened."""

    def __init__(self, archive: ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._parts: Mapping[str, ZipInfo] = {_spelled(info.filename): info for info in archive.infolist()}
        self._watch = Stopwatch(name)
        self._left = MOST_BYTES

    def grid(self, wanted: str) -> Grid:
        """The lines of the sheet named `wanted`, or of the first visible one."""
        contents = _Contents()
        relations = _Relations()
        strings = _Strings(self._name)
        styles = _Styles()
        book = self._book()
        self._read(book, start=contents.start)
        self._read(_relations_of(book), start=relations.start)
        sheet = self._chosen(contents.sheets, relations, wanted)
        for target, kind in relations.targets.values():
            if kind == "sharedStrings":
                self._read(_beside(book, target), start=strings.start, end=strings.end, text=strings.text)
            elif kind == "styles":
                self._read(_beside(book, target), start=styles.start, end=styles.end)
        others = tuple(it.name for it in contents.sheets if it.state == "visible" and it is not sheet)
        grid = Grid(self._name, sheet=sheet.name, since_1904=contents.since_1904, other_sheets=others)
        parser = SheetParser(grid, strings.texts, styles.styles)
        self._read(
            _beside(book, relations.targets[sheet.relation][0]), start=parser.start, end=parser.end, text=parser.text
        )
        fill_merges(grid)
        return grid

    def _book(self) -> str:
        relations = _Relations()
        self._read("_rels/.rels", start=relations.start)
        targets = [target for target, kind in relations.targets.values() if kind == "officeDocument"]
        book = _beside("", targets[0] if targets else "xl/workbook.xml")
        if book.endswith(".bin"):
            raise BadFile(
                N_("{name}: is a binary workbook (.xlsb); open it in Excel and save it as .xlsx"), name=self._name
            )
        return book

    def _chosen(self, sheets: list[_Sheet], relations: _Relations, wanted: str) -> _Sheet:
        # A chart that fills a sheet has no cells.
        tables = [it for it in sheets if relations.targets.get(it.relation, ("", ""))[1] == "worksheet"]
        if wanted:
            tables = [it for it in tables if column_name(it.name) == column_name(wanted)]
        else:
            tables = [it for it in tables if it.state == "visible"]
        if not tables:
            raise self._without_sheet(sheets, wanted)
        return tables[0]

    def _without_sheet(self, sheets: list[_Sheet], wanted: str) -> BadFile:
        if not wanted:
            return BadFile(
                N_("{name}: has no visible sheet with cells; unhide one in Excel and save it again"), name=self._name
            )
        visible = ", ".join(repr(each.name) for each in sheets[:_SHOWN] if each.state == "visible") or "-"
        return BadFile(
            N_("{name}: has no sheet {wanted!r}; its visible sheets are: {visible}"),
            name=self._name,
            wanted=wanted,
            visible=visible,
        )

    def _read(
        self,
        part: str,
        *,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        info = self._parts.get(_spelled(part))
        if info is None:
            raise self._broken(part)
        self._left -= info.file_size
        if self._left < 0:
            raise BadFile(
                N_("{name}: more than {value} MiB; split it and bring the parts one by one"),
                name=self._name,
                value=MOST_BYTES >> 20,
            )
        parser = self._parser(start, end, text)
        try:
            with self._archive.open(info) as opened:
                while chunk := opened.read(_CHUNK):
                    parser.Parse(chunk, False)
                    self._watch.check()
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise self._broken(part) from error

    def _parser(
        self,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None,
        text: Callable[[str], None] | None,
    ) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_document_type
        local = _LocalNames()
        parser.StartElementHandler = lambda name, attributes: start(local[name], attributes)
        if end is not None:
            parser.EndElementHandler = lambda name: end(local[name])
        if text is not None:
            parser.CharacterDataHandler = text
        return parser

    def _refuse_document_type(self, *_: object) -> None:
        raise self._broken("DOCTYPE")

    def _broken(self, part: str) -> BadFile:
        return BadFile(
            N_("{name}: is not a workbook, or a broken one ({part}); open it in Excel and save it again as .xlsx"),
            name=self._name,
            part=part,
        )


class _LocalNames(dict[str, str]):
    """Names of elements without their prefix, each cut once."""

    def __missing__(self, name: str) -> str:
        local = self[name] = name.rpartition(":")[2]
        return local


def _spelled(part: str) -> str:
    return part.replace("\\", "/").lstrip("/").lower()


def _beside(part: str, target: str) -> str:
    """The part that `target` names in the relations of `part`."""
    target = target.replace("\\", "/")
    if target.startswith("/"):
        return target
    pieces: list[str] = []
    for piece in (PurePosixPath(part).parent / target).parts:
        if piece == "..":
            pieces = pieces[:-1]
        else:
            pieces.append(piece)
    return "/".join(pieces)


def _relations_of(part: str) -> str:
    path = PurePosixPath(part)
    return str(path.parent / "_rels" / f"{path.name}.rels")
