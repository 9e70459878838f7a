"""Empty workbooks that people fill in: named columns, lists to choose from, and a second, hidden sheet with the lists.

Written part by part, since the writer of tables can only put short lists into a cell's rule, and not refer to a sheet.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from ygs.adapters.spreadsheets.grid import letters
from ygs.adapters.spreadsheets.workbook_writer import MOST_ROWS_OF_A_SHEET
from ygs.ports.spreadsheets import FormColumn, SheetForm

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LISTS = "_lists"
_BOLD = 1
_TEXT = 2
_MARGINS = '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'


def write(path: Path, form: SheetForm) -> None:
    """Write the form as a workbook of two sheets."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(form.title),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", "worksheets/sheet1.xml"), ("worksheet", "worksheets/sheet2.xml"), ("styles", "styles.xml")]
        ),
        "xl/styles.xml": _styles(),
        "xl/worksheets/sheet1.xml": _form_sheet(form),
        "xl/worksheets/sheet2.xml": _lists_sheet(form.columns),
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, _HEAD + part)


def _content_types() -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in (1, 2)
    )
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


def _workbook(title: str) -> str:
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(title)} sheetId="1" r:id="rId1"/>'
        f'<sheet name="{_LISTS}" sheetId="2" state="hidden" r:id="rId2"/></sheets></workbook>'
    )


def _styles() -> str:
    """Three formats of cells: plain, bold, and text."""
    font = '<font>{}<sz val="11"/><name val="Calibri"/><family val="2"/></font>'
    cell = '<xf numFmtId="{}" fontId="{}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="2">{font.format("")}{font.format("<b/>")}</fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="3">{cell.format(0, 0)}{cell.format(0, 1)}{cell.format(49, 0)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _form_sheet(form: SheetForm) -> str:
    columns = "".join(_column(number, column) for number, column in enumerate(form.columns, start=1))
    names = _row(1, [column.name for column in form.columns], _BOLD)
    rules = [rule for place, column in enumerate(form.columns) for rule in _rules(place, column)]
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{names}</sheetData>'
        f'<dataValidations count="{len(rules)}">{"".join(rules)}</dataValidations>{_MARGINS}</worksheet>'
    )


def _column(number: int, column: FormColumn) -> str:
    style = f' style="{_TEXT}"' if column.is_text else ""
    return f'<col min="{number}" max="{number}" width="18"{style} customWidth="1"/>'


def _row(number: int, texts: Sequence[str], style: int = 0) -> str:
    cells = (
        f'<c r="{letters(place)}{number}" s="{style}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        for place, text in enumerate(texts)
        if text
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


def _rules(place: int, column: FormColumn) -> Iterator[str]:
    """The rule of a column's cells: an answer of its list, a number in its range, or anything."""
    where = f"{letters(place)}2:{letters(place)}{MOST_ROWS_OF_A_SHEET}"
    shown = f' showInputMessage="1" prompt={quoteattr(column.note)}' if column.note else ""
    # Somebody may write several answers of a list, so another text is no mistake there.
    strict = "" if column.takes_several else ' showErrorMessage="1"'
    if column.choices:
        letter = letters(place)
        listed = f"{_LISTS}!${letter}$1:${letter}${len(column.choices)}"
        yield (
            f'<dataValidation type="list" allowBlank="1"{strict}{shown} sqref="{where}">'
            f"<formula1>{listed}</formula1></dataValidation>"
        )
    elif column.between:
        low, high = column.between
        yield (
            f'<dataValidation type="whole" operator="between" allowBlank="1"{strict}{shown} sqref="{where}">'
            f"<formula1>{low}</formula1><formula2>{high}</formula2></dataValidation>"
        )
    elif column.note:
        yield f'<dataValidation allowBlank="1"{shown} sqref="{where}"/>'


def _lists_sheet(columns: Sequence[FormColumn]) -> str:
    """Below each column's place its answers."""
    longest = max(len(column.choices) for column in columns)
    lines = ([column.choices[at] if at < len(column.choices) else "" for column in columns] for at in range(longest))
    rows = "".join(_row(number, line) for number, line in enumerate(lines, start=1))
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{_MARGINS}</worksheet>'
