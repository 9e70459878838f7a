"""Staff: imports of members from a sheet."""

from typing import Annotated

from fastapi import Body, Query, Response

from ygs.application.importing.import_members import ImportReport
from ygs.application.importing.template import FILE_NAME
from ygs.application.jobs.import_jobs import (
    ImportMapping,
    ImportRowVerdict,
    ImportRun,
    ImportUpload,
    ImportView,
    NewImport,
)
from ygs.application.jobs.queue import JobView
from ygs.domain.files import UPLOAD_FOR
from ygs.domain.matching.attribute import Language
from ygs.entrypoints.http.dependencies import (
    AfterImport,
    Idempotent,
    ImportInPath,
    Page,
    PageLimit,
    SignedIn,
    Ygs,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"schema": {"type": "string", "format": "binary"}}

router = PrefixRouter(prefix="/admin/imports", tags=["staff: imports"], responses=refuses(*UNAUTHORISED, 503))


@router.get("")
async def list_imports(actor: SignedIn, ygs: Ygs, after: AfterImport = None, limit: PageLimit = 20) -> Page[ImportView]:
    """List imports, the newest first, page by page. Administrators may."""
    return page(await ygs.import_jobs.list(actor, after=after, limit=limit), limit, lambda made: made.id)


@router.post("", status_code=201, response_model=ImportUpload, responses=refuses(409))
async def begin_import(
    request: Annotated[NewImport, Body(default_factory=NewImport)],
    actor: SignedIn,
    ygs: Ygs,
    idempotent: Idempotent,
) -> Response:
    """Begin an import: returns a URL to send one sheet to within five minutes. Then run it."""
    return await idempotent.run(
        lambda: ygs.import_jobs.begin(actor, request), below="/admin/imports", kept_for=UPLOAD_FOR
    )


@router.get("/template", response_class=Response, responses={200: {"content": {XLSX: _BINARY}}})
async def download_import_template(
    actor: SignedIn,
    ygs: Ygs,
    language: Annotated[Language, Query(description="The language of its headers and answers.")] = Language.KO,
    sensitive: Annotated[
        bool, Query(description="With columns that need the members' consent: religion, marital history, children.")
    ] = False,
) -> Response:
    """Download an empty sheet of members to fill in, with lists to choose from; an import reads it as it is."""
    content = await ygs.import_template.download(actor, language, sensitive=sensitive)
    attachment = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(content, media_type=XLSX, headers=attachment)


@router.get("/{id}", responses=refuses(404))
async def get_import(id: ImportInPath, actor: SignedIn, ygs: Ygs) -> ImportView:
    """Return one import and where it stands."""
    return await ygs.import_jobs.get(actor, id)


@router.post("/{id}", status_code=202, response_model=JobView, responses=refuses(404, 409))
async def run_import(
    id: ImportInPath,
    request: Annotated[ImportRun, Body(default_factory=ImportRun)],
    actor: SignedIn,
    ygs: Ygs,
    idempotent: Idempotent,
) -> Response:
    """Queue a job that judges the rows of the sheet, or stores the accepted ones. Without a mapping it suggests one."""
    return await idempotent.run(lambda: ygs.import_jobs.run(actor, id, request), status=202, below="/admin/jobs")


@router.get("/{id}/mapping", responses=refuses(404))
async def get_import_mapping(id: ImportInPath, actor: SignedIn, ygs: Ygs) -> ImportMapping:
    """Return the mapping that was given or suggested last, for a person to check and edit."""
    return await ygs.import_jobs.mapping(actor, id)


@router.get("/{id}/report", responses=refuses(404))
async def get_import_report(id: ImportInPath, actor: SignedIn, ygs: Ygs) -> ImportReport:
    """Return how many rows are accepted and why others are not. Each time is on record."""
    return await ygs.import_jobs.report(actor, id)


@router.get("/{id}/verdicts", responses=refuses(404))
async def list_import_verdicts(
    id: ImportInPath,
    actor: SignedIn,
    ygs: Ygs,
    after: Annotated[int, Query(ge=0, le=100_000_000, description="The verdicts after this number.")] = 0,
    limit: PageLimit = 20,
) -> Page[ImportRowVerdict]:
    """List why rows are not imported, in order of rows, page by page. Each time is on record."""
    found = await ygs.import_jobs.verdicts(actor, id, after=after, limit=limit)
    return page(found, limit, lambda verdict: verdict.number)


@router.post("/{id}/undo", responses=refuses(404, 409))
async def undo_import(id: ImportInPath, actor: SignedIn, ygs: Ygs) -> ImportView:
    """Let the members that an import added leave, all or none: refused once one of them is in use."""
    return await ygs.import_undo.undo(actor, id)
