"""Photos and documents that wait for a decision."""

from typing import Annotated

from fastapi import Form, Request, Response

from ygs.application.files.documents import Verification
from ygs.application.members.review import Decision
from ygs.domain.text import LINE_LENGTH
from ygs.entrypoints.console.pages.members import values_of
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import filled_in, go, own_page, staff_router
from ygs.entrypoints.http.dependencies import DocumentInPath, PhotoInPath, Ygs

router = staff_router()

FILES_SHOWN = 20

_Reason = Annotated[str, Form(max_length=LINE_LENGTH)]
_Back = Annotated[str, Form(max_length=200)]
_Approve = Annotated[bool, Form()]


@router.get("/files")
async def list_waiting_files(request: Request, ygs: Ygs) -> Response:
    """Photos side by side, and documents, that wait for a decision, oldest first."""
    actor = request.state.visit.actor
    photos = await ygs.photos.list_waiting(actor, limit=FILES_SHOWN)
    documents = await ygs.documents.list_waiting(actor, limit=FILES_SHOWN)
    return render(request, "files.html", photos=photos, documents=documents)


@router.post("/photos/{id}/decide")
async def decide_photo(
    request: Request, id: PhotoInPath, ygs: Ygs, approve: _Approve, back: _Back = "", reason: _Reason = ""
) -> Response:
    """Approve a photo, or refuse it with a reason that the member reads."""
    actor = request.state.visit.actor
    if approve:
        await ygs.photos.approve(actor, id)
    else:
        await ygs.photos.refuse(actor, id, filled_in(Decision, reason=reason))
    return go(request, own_page(request, back), "photo_approved" if approve else "photo_refused")


@router.get("/documents/{id}")
async def show_document(request: Request, id: DocumentInPath, ygs: Ygs) -> Response:
    """A document beside the facts that it could prove. Its address is good for a minute; audited."""
    actor = request.state.visit.actor
    opened = await ygs.documents.read(actor, id)
    member = await ygs.member_review.get_member(actor, opened.document.user_id)
    known = values_of(member, language_of(request))
    return render(request, "document.html", opened=opened, member=member, known=known)


@router.post("/documents/{id}/decide")
async def decide_document(
    request: Request,
    id: DocumentInPath,
    ygs: Ygs,
    approve: _Approve,
    member_version: Annotated[int, Form(ge=0)],
    reason: _Reason = "",
) -> Response:
    """Verify the facts that a document proves, or refuse it with a reason that the member reads."""
    actor = request.state.visit.actor
    if approve:
        await ygs.documents.verify(actor, id, filled_in(Verification, member_version=member_version))
    else:
        await ygs.documents.refuse(actor, id, filled_in(Decision, reason=reason))
    return go(request, own_page(request, "files"), "document_verified" if approve else "document_refused")
