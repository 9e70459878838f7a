"""Empty workbooks that people fill in: named columns, lists to choose from, and a hidden sheet with the lists."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from ygs.adapters.spreadsheets.grid import letters
from ygs.adapters.spreadsheets.workbook_parts import BOLD, HEAD, MAIN, MARGINS, MOST_ROWS_OF_A_SHEET, TEXT, parts
from ygs.ports.spreadsheets import FormColumn, SheetForm

_LISTS = "_lists"


def write(path: Path, form: SheetForm) -> None:
    """Write the form as a workbook of two sheets."""
    files = parts([form.title, _LISTS], hidden=_LISTS)
    files["xl/worksheets/sheet1.xml"] = _form_sheet(form)
    files["xl/worksheets/sheet2.xml"] = _lists_sheet(form.columns)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, part in files.items():
            archive.writestr(name, HEAD + part)


def _form_sheet(form: SheetForm) -> str:
    columns = "".join(_column(number, column) for number, column in enumerate(form.columns, start=1))
    names = _row(1, [column.name for column in form.columns], BOLD)
    rules = [rule for place, column in enumerate(form.columns) for rule in _rules(place, column)]
    return (
        f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView tabSelected="1" workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{names}</sheetData>'
        f'<dataValidations count="{len(rules)}">{"".join(rules)}</dataValidations>{MARGINS}</worksheet>'
    )


def _column(number: int, column: FormColumn) -> str:
    style = f' style="{TEXT}"' if column.is_text else ""
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
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{MARGINS}</worksheet>'
