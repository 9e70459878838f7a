"""Workbooks for tests, written as raw XML, so that a test says exactly what is in the file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
# Style 1 shows dates; the next ones show a number in these formats.
FORMATS = ("yyyy-mm-dd", "000-0000-0000", "000000", "0.00", '#,##0"원"')


def text(reference: str, value: str) -> str:
    """A cell with a text."""
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def number(reference: str, value: str, style: int = 0) -> str:
    """A cell with a number."""
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def row(at: int, *cells: str, hidden: bool = False) -> str:
    """A row with cells."""
    return f'<row r="{at}"{" hidden=" + quoteattr("1") if hidden else ""}>{"".join(cells)}</row>'


def texts(at: int, *values: str, hidden: bool = False) -> str:
    """A row of texts from column A; an empty one leaves its cell out."""
    cells = [text(f"{chr(ord('A') + place)}{at}", value) for place, value in enumerate(values) if value]
    return row(at, *cells, hidden=hidden)


def sheet(*rows: str, merges: Sequence[str] = (), hidden_columns: Sequence[int] = ()) -> str:
    """A worksheet's XML."""
    columns = "".join(f'<col min="{at}" max="{at}" width="9" hidden="1"/>' for at in hidden_columns)
    merged = "".join(f'<mergeCell ref="{reference}"/>' for reference in merges)
    return (
        f"<worksheet {_MAIN}>{f'<cols>{columns}</cols>' if columns else ''}<sheetData>{''.join(rows)}</sheetData>"
        f"{f'<mergeCells>{merged}</mergeCells>' if merged else ''}</worksheet>"
    )


def write_workbook(
    path: Path,
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    shared: Sequence[str] = (),
    since_1904: bool = False,
) -> Path:
    """Write a workbook of these sheets (name -> XML); `states`: "hidden" or "veryHidden" by name."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" state="{(states or {}).get(name, "visible")}" r:id="rId{at}"/>'
        for at, name in enumerate(names, 1)
    )
    relations = "".join(
        _relation(f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(names) + 1)
    )
    relations += _relation("rIdS", "styles", "styles.xml") + _relation("rIdT", "sharedStrings", "sharedStrings.xml")
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", _relations(_relation("rId1", "officeDocument", "xl/workbook.xml")))
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(relations))
        dates = ' date1904="1"' if since_1904 else ""
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {_MAIN} xmlns:r="{_RELATIONS}"><workbookPr{dates}/><sheets>{listed}</sheets></workbook>',
        )
        archive.writestr("xl/styles.xml", _styles())
        items = "".join(f"<si>{item}</si>" for item in shared)
        archive.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}>{items}</sst>")
        for at, name in enumerate(names, 1):
            archive.writestr(f"xl/worksheets/sheet{at}.xml", sheets[name])
    return path


def _relation(id: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{id}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def _relations(inner: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}">{inner}</Relationships>'


def _styles() -> str:
    formats = "".join(
        f"<numFmt numFmtId='{164 + at}' formatCode={quoteattr(code)}/>" for at, code in enumerate(FORMATS)
    )
    styles = "".join(f'<xf numFmtId="{164 + at}"/>' for at in range(len(FORMATS)))
    return f'<styleSheet {_MAIN}><numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>'
