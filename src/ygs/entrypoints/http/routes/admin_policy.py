"""Staff: the club's policy for its rounds."""

from fastapi import Response

from ygs.application.rounds.policies import PolicySettings, PolicyView
from ygs.entrypoints.http.dependencies import IfMatch, SignedIn, Ygs, set_etag
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/policy", tags=["staff: match weeks"], responses=refuses(*UNAUTHORISED, 503))


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
async def list_policies(actor: SignedIn, ygs: Ygs) -> list[PolicyView]:
    """List the latest hundred policies that were set, the one in force first."""
    return await ygs.policies.history(actor)


def _with_etag(response: Response, view: PolicyView) -> PolicyView:
    set_etag(response, view.version)
    return view
