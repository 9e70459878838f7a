"""Staff: introductions by hand, beside the week's round. Both requests are audited."""

from fastapi import Response

from ygs.application.introductions.manual_introductions import (
    ManualIntroduction,
    ManualIntroductionView,
    PairToIntroduce,
)
from ygs.entrypoints.http.dependencies import Idempotent, SignedIn, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/introductions", tags=["staff: weeks"], responses=refuses(*UNAUTHORISED, 503))


@router.post("/preview", responses=refuses(404))
async def preview_introduction(request: PairToIntroduce, actor: SignedIn, ygs: Ygs) -> ManualIntroductionView:
    """Return what an introduction of two members would be, and everything that is in its way. It changes nothing."""
    return await ygs.manual_introductions.preview(actor, request)


@router.post("", status_code=201, response_model=ManualIntroductionView, responses=refuses(404, 409))
async def introduce_members(request: ManualIntroduction, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Introduce two members now, in the running week. Refused with every reason when anything is in the way."""
    return await idempotent.run(lambda: ygs.manual_introductions.introduce(actor, request))
