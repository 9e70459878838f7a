"""An introduction as one of its members sees it."""

from fastapi import Request, Response

from ygs.domain.advice import DraftKind
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import staff_router
from ygs.entrypoints.http.dependencies import IntroductionInPath, UserInPath, Ygs

router = staff_router()


@router.get("/introductions/{introduction}/as/{id}")
async def show_preview(request: Request, introduction: IntroductionInPath, id: UserInPath, ygs: Ygs) -> Response:
    """What one of the two members sees of their introduction."""
    actor, language = request.state.visit.actor, language_of(request)
    view, member = await ygs.member_previews.show_with_member(actor, introduction, id, language)
    return render(request, "preview.html", view=view, member=member, messaged=ygs.drafter.writes(DraftKind.MESSAGES))
