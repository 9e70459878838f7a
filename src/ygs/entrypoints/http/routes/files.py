"""Sending in photos and documents, and one's own of them."""

from collections.abc import Sequence

from fastapi import Response

from ygs.application.files.documents import DocumentView
from ygs.application.files.photos import PhotoEdit, PhotoView
from ygs.application.files.uploads import ConfirmedView, UploadRequest, UploadView
from ygs.entrypoints.http.dependencies import Idempotent, PhotoInPath, SignedIn, UploadInPath, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(tags=["files"], responses=refuses(*UNAUTHORISED, 503))


@router.post("/uploads", status_code=201, response_model=UploadView, responses=refuses(404, 409, 429))
async def begin_upload(request: UploadRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Get an address to send one photo or document to, within five minutes. Then confirm."""
    return await idempotent.run(lambda: ygs.uploads.begin(actor, request))


@router.post("/uploads/{id}/confirm", responses=refuses(404, 409))
async def confirm_upload(id: UploadInPath, actor: SignedIn, ygs: Ygs) -> ConfirmedView:
    """Say that it was sent: it is looked at, stripped of everything but the picture, and kept. Repeating is safe."""
    return await ygs.uploads.confirm(actor, id)


@router.get("/users/me/photos")
async def list_photos(actor: SignedIn, ygs: Ygs) -> Sequence[PhotoView]:
    """My photos in their order, at addresses that can be read for a minute."""
    return await ygs.photos.list(actor)


@router.patch("/users/me/photos/{id}", responses=refuses(404))
async def edit_photo(id: PhotoInPath, edit: PhotoEdit, actor: SignedIn, ygs: Ygs) -> Sequence[PhotoView]:
    """Move a photo, or make it the cover; all of them as they stand now."""
    return await ygs.photos.edit(actor, id, edit)


@router.delete("/users/me/photos/{id}", status_code=204, responses=refuses(404))
async def delete_photo(id: PhotoInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Remove a photo for good."""
    await ygs.photos.delete(actor, id)


@router.get("/users/me/documents")
async def list_documents(actor: SignedIn, ygs: Ygs) -> Sequence[DocumentView]:
    """My documents and what became of them, without what they show."""
    return await ygs.documents.list(actor)
