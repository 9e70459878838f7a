"""An introduction as one of its members sees it."""

from fastapi import Request, Response

from ygs.domain.advice import DraftKind
from ygs.entrypoints.console.rendering import render
from ygs.entrypoints.console.routing import staff_router
from ygs.entrypoints.http.dependencies import IntroductionInPath, UserInPath, Ygs

router = staff_router()


@router.get("/introductions/{introduction}/as/{id}")
async def show_preview(request: Request, introduction: IntroductionInPath, id: UserInPath, ygs: Ygs) -> Response:
    """What one of the two members sees of their introduction."""
    view = await ygs.member_previews.show(request.state.visit.actor, introduction, id)
    return render(request, "preview.html", view=view, member=id, messaged=ygs.drafter.writes(DraftKind.MESSAGES))
