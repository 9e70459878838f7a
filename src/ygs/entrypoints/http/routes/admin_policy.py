"""Staff: the club's policy for its rounds."""

from typing import Annotated

from fastapi import Query, Response

from ygs.application.rounds.policies import PolicySettings, PolicyView
from ygs.entrypoints.http.dependencies import IfMatch, Page, PageLimit, SignedIn, Ygs, page, set_etag
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin/policy", tags=["staff: match weeks"], responses=refuses(*UNAUTHORISED, 503))

_Version = Annotated[
    int | None, Query(ge=1, lt=2**31, description="The policies before this version: `next` of the page before.")
]


@router.get("")
async def get_policy(actor: SignedIn, ygs: Ygs, response: Response) -> PolicyView:
    """Read the policy that new weeks are planned under."""
    return _with_etag(response, await ygs.policies.current(actor))


@router.put("", responses=refuses(409))
async def set_policy(
    request: PolicySettings, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> PolicyView:
    """Set the policy for weeks that are created from now on; administrators may."""
    return _with_etag(response, await ygs.policies.set(actor, request.policy(), version))


@router.get("/history")
async def list_policies(
    actor: SignedIn, ygs: Ygs, after: _Version = None, limit: PageLimit = MOST_PAGE
) -> Page[PolicyView]:
    """List the policies that were set, the latest first."""
    return page(await ygs.policies.history(actor, after=after, limit=limit), limit, lambda each: each.version)


def _with_etag(response: Response, view: PolicyView) -> PolicyView:
    set_etag(response, view.version)
    return view
