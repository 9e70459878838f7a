"""The parts of a workbook that are alike in every one that is written here."""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

MOST_ROWS_OF_A_SHEET = 1_048_576
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MARGINS = '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
# The formats of cells, by their places in `_styles`.
BOLD = 1
TEXT = 2
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def parts(sheets: Sequence[str], *, hidden: str = "", names: str = "") -> dict[str, str]:
    """Everything but the sheets of these titles, whose files are `xl/worksheets/sheet1.xml` and so on.

    `hidden`: the title of the one that people do not see. `names`: the defined names, as elements.
    """
    files = [f"worksheets/sheet{number}.xml" for number in range(1, len(sheets) + 1)]
    return {
        "[Content_Types].xml": _content_types(files),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(sheets, hidden, names),
        "xl/_rels/workbook.xml.rels": _relations(
            [*(("worksheet", file) for file in files), ("styles", "styles.xml")],
        ),
        "xl/styles.xml": _styles(),
    }


def _content_types(files: Sequence[str]) -> str:
    sheets = "".join(f'<Override PartName="/xl/{file}" ContentType="{_TYPE}.worksheet+xml"/>' for file in files)
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{sheets}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    each = (
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(each)}</Relationships>'


def _workbook(sheets: Sequence[str], hidden: str, names: str) -> str:
    listed = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{number}"'
        f'{" state=" + quoteattr("hidden") if title == hidden else ""} r:id="rId{number}"/>'
        for number, title in enumerate(sheets, start=1)
    )
    defined = f"<definedNames>{names}</definedNames>" if names else ""
    return f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets>{defined}</workbook>'


def _styles() -> str:
    """Three formats of cells: plain, bold, and text."""
    font = '<font>{}<sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    cell = '<xf numFmtId="{}" fontId="{}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    return (
        f'<styleSheet xmlns="{MAIN}"><fonts count="2">{font.format("")}{font.format("<b/>")}</fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="3">{cell.format(0, 0)}{cell.format(0, 1)}{cell.format(49, 0)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
