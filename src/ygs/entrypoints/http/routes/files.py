"""Uploads, and a member's own photos and documents."""

from fastapi import Response

from ygs.application.files.documents import DocumentView
from ygs.application.files.photos import PhotoEdit, PhotoView
from ygs.application.files.uploads import ConfirmedView, UploadRequest, UploadView
from ygs.domain.files import UPLOAD_FOR
from ygs.entrypoints.http.dependencies import Idempotent, Page, PhotoInPath, SignedIn, UploadInPath, Ygs, only_page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(tags=["files"], responses=refuses(*UNAUTHORISED, 503))


@router.post("/uploads", status_code=201, response_model=UploadView, responses=refuses(404, 409, 429))
async def begin_upload(request: UploadRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Begin an upload: returns a URL to send one photo or document to within five minutes. Then confirm
    it. A request that is repeated later begins anew."""
    return await idempotent.run(lambda: ygs.uploads.begin(actor, request), kept_for=UPLOAD_FOR)


@router.post("/uploads/{id}/confirm", responses=refuses(404, 409))
async def confirm_upload(id: UploadInPath, actor: SignedIn, ygs: Ygs) -> ConfirmedView:
    """Confirm that the file was sent: it is checked, stripped of metadata and stored. Repeating the call is safe."""
    return await ygs.uploads.confirm(actor, id)


@router.get("/users/me/photos")
async def list_photos(actor: SignedIn, ygs: Ygs) -> Page[PhotoView]:
    """List my photos in their order, with URLs that work for a minute."""
    return only_page(await ygs.photos.list(actor))


@router.patch("/users/me/photos/{id}", responses=refuses(404))
async def edit_photo(id: PhotoInPath, edit: PhotoEdit, actor: SignedIn, ygs: Ygs) -> Page[PhotoView]:
    """Move a photo, or make it the cover. Returns all photos in their new order."""
    return only_page(await ygs.photos.edit(actor, id, edit))


@router.delete("/users/me/photos/{id}", status_code=204, responses=refuses(404))
async def delete_photo(id: PhotoInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Delete a photo for good."""
    await ygs.photos.delete(actor, id)


@router.get("/users/me/documents")
async def list_documents(actor: SignedIn, ygs: Ygs) -> Page[DocumentView]:
    """List my documents and the decisions about them, without their contents."""
    return only_page(await ygs.documents.list(actor))
