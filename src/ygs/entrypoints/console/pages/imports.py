"""Imports: send a sheet, see and change its mapping, judge its rows, store its members, and undo all of it."""

from typing import Annotated

from fastapi import File, Form, Query, Request, Response, UploadFile
from pydantic import Field

from ygs.application.importing.import_members import ImportReport
from ygs.application.importing.outline import item_words
from ygs.application.importing.suggestion import COLUMN_ITEMS
from ygs.application.importing.template import FILE_NAME
from ygs.application.jobs.import_jobs import (
    MOST_ADMITTED,
    MOST_COLUMN_NAME,
    ImportDraft,
    ImportRowVerdict,
    ImportRun,
    NewImport,
)
from ygs.application.jobs.queue import JobView
from ygs.domain.advice import DraftKind
from ygs.domain.errors import NotFound
from ygs.domain.ids import ImportId, JobId
from ygs.domain.imports import MOST_MAPPING, ImportState, SheetType
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import filled_in, go, sheet_router
from ygs.entrypoints.http.dependencies import AfterImport, ImportInPath, Ygs
from ygs.ports.spreadsheets import MOST_COLUMNS, MOST_ROWS

router = sheet_router()

IMPORTS_SHOWN = 30
VERDICTS_SHOWN = 50
# More fields than twice as many no form can hold.
COLUMNS_SHOWN = 400
_Rows = Annotated[list[Annotated[int, Field(ge=1, le=MOST_ROWS * 10)]] | None, Form(max_length=MOST_ADMITTED)]
_Columns = Annotated[list[Annotated[str, Field(max_length=MOST_COLUMN_NAME)]] | None, Form(max_length=MOST_COLUMNS)]
_Items = Annotated[list[Annotated[str, Field(max_length=40)]] | None, Form(max_length=MOST_COLUMNS)]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/imports")
async def list_imports(request: Request, ygs: Ygs, after: AfterImport = None) -> Response:
    """All imports, the newest first, and the form for another."""
    found = await ygs.import_jobs.list(request.state.visit.actor, after=after, limit=IMPORTS_SHOWN)
    further = found[-1].id if len(found) == IMPORTS_SHOWN else ""
    proposed = ygs.drafter.writes(DraftKind.COLUMNS)
    return render(request, "imports.html", imports=found, further=further, columns_proposed=proposed)


@router.get("/imports/template")
async def download_template(request: Request, ygs: Ygs, sensitive: Annotated[bool, Query()] = False) -> Response:
    """An empty sheet to fill in, in the language of the page."""
    content = await ygs.import_template.download(request.state.visit.actor, language_of(request), sensitive=sensitive)
    return Response(content, 200, {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}, _XLSX)


@router.post("/imports/upload")
async def take_sheet(
    request: Request, ygs: Ygs, sheet: Annotated[UploadFile, File()], ask_model: Annotated[bool, Form()] = False
) -> Response:
    """Begin an import of the sheet, and show how far the job is that suggests a mapping."""
    ending = (sheet.filename or "").rpartition(".")[2].lower()
    # What a file is shows when it is read: a workbook and a CSV do not begin alike, whatever their names are.
    sheet_type = SheetType(ending) if ending in {*SheetType} else SheetType.XLSX
    made = await ygs.import_jobs.take(
        request.state.visit.actor, NewImport(format=sheet_type), await sheet.read(), ask_model=ask_model
    )
    return go(request, _progress(request, made.id, made.job_id))


@router.get("/imports/{id}")
async def show_import(request: Request, id: ImportInPath, ygs: Ygs) -> Response:
    """One import: its mapping, what came of judging its rows, and what is to be done next."""
    actor = request.state.visit.actor
    made = await ygs.import_jobs.get(actor, id)
    draft = await ygs.import_jobs.draft(actor, id) if made.state is ImportState.OPEN else None
    report = await _report(request, ygs, id)
    verdicts = [ImportRowVerdict.of(number, each) for number, each in enumerate(report.verdicts, 1)] if report else []
    return render(
        request,
        "import.html",
        made=made,
        job=await _job(request, ygs, made.job_id),
        draft=draft,
        choices=_choices(draft),
        items=[(item, item_words(item)) for item in COLUMN_ITEMS],
        report=report,
        verdicts=verdicts[:VERDICTS_SHOWN],
        more=VERDICTS_SHOWN if len(verdicts) > VERDICTS_SHOWN else 0,
    )


@router.post("/imports/{id}/run")
async def run_import(
    request: Request,
    id: ImportInPath,
    ygs: Ygs,
    mapping: Annotated[str, Form(max_length=MOST_MAPPING)] = "",
    commit: Annotated[bool, Form()] = False,
    admit: _Rows = None,
    column: _Columns = None,
    item: _Items = None,
) -> Response:
    """Make a mapping, also from what was chosen for each column, judge the rows by one, or store the accepted ones, and
    show how far the job is."""
    asked = filled_in(
        ImportRun,
        mapping=mapping,
        columns=dict(zip(column or (), item or (), strict=False)),
        commit=commit,
        admit=admit or [],
        language=language_of(request),
    )
    job = await ygs.import_jobs.run(request.state.visit.actor, id, asked)
    return go(request, _progress(request, id, job.id))


@router.get("/imports/{id}/verdicts")
async def list_verdicts(
    request: Request, id: ImportInPath, ygs: Ygs, after: Annotated[int, Query(ge=0, le=100_000_000)] = 0
) -> Response:
    """Why rows are not imported, page by page."""
    actor = request.state.visit.actor
    found = await ygs.import_jobs.verdicts(actor, id, after=after, limit=VERDICTS_SHOWN)
    more = found[-1].number if len(found) == VERDICTS_SHOWN else 0
    made = await ygs.import_jobs.get(actor, id)
    return render(request, "import_verdicts.html", made=made, verdicts=found, more=more)


@router.post("/imports/{id}/undo")
async def undo_import(request: Request, id: ImportInPath, ygs: Ygs) -> Response:
    """Let the members that it added leave."""
    await ygs.import_undo.undo(request.state.visit.actor, id)
    return go(request, _page(request, id), "undone")


def _choices(draft: ImportDraft | None) -> list[tuple[str, str]]:
    """Every column of the sheet, with the code of what it is taken for; empty for one that is left out."""
    if draft is None or draft.outline is None or len(draft.outline.columns) > COLUMNS_SHOWN:
        return []
    taken = {item.columns[0]: item.code for item in reversed(draft.outline.items) if item.columns}
    return [(column, taken.get(column, "")) for column in draft.outline.columns]


async def _report(request: Request, ygs: Ygs, id: ImportId) -> ImportReport | None:
    try:
        return await ygs.import_jobs.report(request.state.visit.actor, id)
    except NotFound:
        return None


async def _job(request: Request, ygs: Ygs, id: JobId | None) -> JobView | None:
    """The latest job; None once it was purged."""
    try:
        return await ygs.jobs.get(request.state.visit.actor, id) if id else None
    except NotFound:
        return None


def _progress(request: Request, id: ImportId, job: JobId | None) -> str:
    return f"{root(request)}/jobs/{job}?next={_page(request, id)}"


def _page(request: Request, id: ImportId) -> str:
    return f"{root(request)}/imports/{id}"
