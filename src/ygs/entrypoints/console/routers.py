"""All pages of the console. The HTTP service includes them below its own routes."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.pages import (
    audit,
    consultations,
    consulting_times,
    deliveries,
    drafts,
    exports,
    files,
    imports,
    jobs,
    learning,
    members,
    memberships,
    previews,
    reports,
    settings,
    sign_in,
    staff,
    today,
    weeks,
)
from ygs.entrypoints.console.routing import go, no_such_page, staff_router

unknown = staff_router()


@unknown.get("")
async def open_console(request: Request) -> Response:
    """The address without its last stroke."""
    return go(request, f"{root(request)}/")


@unknown.get("/{path:path}")
async def find_no_page(path: Annotated[str, Path(max_length=2000)]) -> Response:
    """Any other address."""
    raise no_such_page()


ROUTERS: Sequence[APIRouter] = (
    sign_in.public,
    sign_in.router,
    today.router,
    members.router,
    files.router,
    consulting_times.router,
    consultations.router,
    previews.router,
    drafts.router,
    memberships.router,
    reports.router,
    weeks.router,
    imports.router,
    jobs.router,
    learning.router,
    audit.router,
    exports.router,
    deliveries.router,
    staff.router,
    settings.router,
    unknown,
)
