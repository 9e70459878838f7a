"""Staff: what was learned from the answers of closed weeks."""

from typing import Annotated

from fastapi import Query

from ygs.application.learning.views import LearnedVersionView
from ygs.entrypoints.http.dependencies import Page, PageLimit, SignedIn, Ygs, page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin/learning", tags=["staff: match weeks"], responses=refuses(*UNAUTHORISED, 503))

_Version = Annotated[
    int | None, Query(ge=1, lt=2**31, description="The versions before this one: `next` of the page before.")
]


@router.get("")
async def list_learned_versions(
    actor: SignedIn, ygs: Ygs, after: _Version = None, limit: PageLimit = MOST_PAGE
) -> Page[LearnedVersionView]:
    """List what was learned from answers, the latest first, and how its predictions held."""
    return page(await ygs.learning.versions(actor, after=after, limit=limit), limit, lambda each: each.number)
