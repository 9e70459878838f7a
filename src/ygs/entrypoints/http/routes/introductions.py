"""The people a member is introduced to."""

from typing import Annotated

from fastapi import Query, Response

from ygs.application.introductions.introduction_view import CurrentMatch, IntroductionView
from ygs.application.introductions.member_introductions import AnswerRequest, FeedbackRequest
from ygs.application.introductions.partner_view import PartnerView
from ygs.domain.ids import ULID, IntroductionId
from ygs.entrypoints.http.dependencies import (
    Idempotent,
    IntroductionInPath,
    Page,
    PageLimit,
    SignedIn,
    UserInPath,
    Ygs,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(tags=["match"], responses=refuses(*UNAUTHORISED, 503))

_AFTER = Query(pattern=f"^mh_{ULID}$", description="Those before this one: `next` of the page before.")


@router.get("/match/current")
async def list_current_introductions(actor: SignedIn, ygs: Ygs) -> CurrentMatch:
    """Return my introductions to answer or to tell of, the last round, and when the next is."""
    return await ygs.member_introductions.current(actor)


@router.get("/match/history")
async def list_introductions(
    actor: SignedIn, ygs: Ygs, after: Annotated[IntroductionId | None, _AFTER] = None, limit: PageLimit = MOST_PAGE
) -> Page[IntroductionView]:
    """List all my introductions, latest first."""
    found = await ygs.member_introductions.list(actor, after=after, limit=limit)
    return page(found, limit, lambda each: each.id)


@router.get("/match/history/{id}", responses=refuses(404))
async def get_introduction(id: IntroductionInPath, actor: SignedIn, ygs: Ygs) -> IntroductionView:
    """Return one of my introductions."""
    return await ygs.member_introductions.get(actor, id)


@router.put("/match/history/{id}/answer", responses=refuses(404, 409))
async def answer_introduction(
    id: IntroductionInPath, request: AnswerRequest, actor: SignedIn, ygs: Ygs
) -> IntroductionView:
    """Accept or decline an introduction. The other's answer shows only after both have answered."""
    return await ygs.member_introductions.answer(actor, id, request)


@router.post("/match/history/{id}/feedback", status_code=204, responses=refuses(404, 409))
async def give_feedback(
    id: IntroductionInPath, request: FeedbackRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent
) -> Response:
    """Give feedback on a meeting, once. The other member never reads it."""
    return await idempotent.run(lambda: ygs.member_introductions.give_feedback(actor, id, request))


@router.get("/users/{id}", responses=refuses(404))
async def get_introduced_member(id: UserInPath, actor: SignedIn, ygs: Ygs) -> PartnerView:
    """Return a member I am introduced to: photos and facts; the whole name and the phone once both accepted."""
    return await ygs.partners.get(actor, id)
