"""Staff: photos to approve, and documents to read and decide on. Every look is on record."""

from collections.abc import Sequence

from ygs.application.files.documents import DocumentView, OpenedDocument, Verification
from ygs.application.files.photos import PhotoView, WaitingPhotoView
from ygs.application.members.review import Decision
from ygs.entrypoints.http.dependencies import (
    AfterDocument,
    AfterPhoto,
    DocumentInPath,
    Page,
    PageLimit,
    PhotoInPath,
    SignedIn,
    UserInPath,
    Ygs,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin", tags=["staff: files"], responses=refuses(*UNAUTHORISED, 503))


@router.get("/photos")
async def list_waiting_photos(
    actor: SignedIn, ygs: Ygs, after: AfterPhoto = None, limit: PageLimit = MOST_PAGE
) -> Page[WaitingPhotoView]:
    """Photos nobody of us has looked at, those that came first first."""
    return page(await ygs.photos.list_waiting(actor, after=after, limit=limit), limit, lambda each: each.id)


@router.post("/photos/{id}/approve", status_code=204, responses=refuses(404, 409))
async def approve_photo(id: PhotoInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Let others see a photo."""
    await ygs.photos.approve(actor, id)


@router.post("/photos/{id}/refuse", status_code=204, responses=refuses(404, 409))
async def refuse_photo(id: PhotoInPath, decision: Decision, actor: SignedIn, ygs: Ygs) -> None:
    """Never show a photo to others; the member reads the reason."""
    await ygs.photos.refuse(actor, id, decision)


@router.get("/members/{id}/photos", responses=refuses(404))
async def list_photos_of_member(id: UserInPath, actor: SignedIn, ygs: Ygs) -> Sequence[PhotoView]:
    """All photos of one member; that they were read is on record."""
    return await ygs.photos.list_of_member(actor, id)


@router.get("/members/{id}/documents", responses=refuses(404))
async def list_documents_of_member(id: UserInPath, actor: SignedIn, ygs: Ygs) -> Sequence[DocumentView]:
    """One member's documents, without what they show."""
    return await ygs.documents.list_of_member(actor, id)


@router.get("/documents")
async def list_waiting_documents(
    actor: SignedIn, ygs: Ygs, after: AfterDocument = None, limit: PageLimit = MOST_PAGE
) -> Page[DocumentView]:
    """Documents nobody has decided on, those that came first first; without what they show."""
    return page(await ygs.documents.list_waiting(actor, after=after, limit=limit), limit, lambda each: each.id)


@router.get("/documents/{id}", responses=refuses(404))
async def open_document(id: DocumentInPath, actor: SignedIn, ygs: Ygs) -> OpenedDocument:
    """An address where one document can be saved from for a minute; on record before it is given."""
    return await ygs.documents.read(actor, id)


@router.post("/documents/{id}/verify", responses=refuses(404, 409))
async def verify_document(id: DocumentInPath, verification: Verification, actor: SignedIn, ygs: Ygs) -> DocumentView:
    """The document proves what the member's profile said when it was read."""
    return await ygs.documents.verify(actor, id, verification)


@router.post("/documents/{id}/refuse", responses=refuses(404, 409))
async def refuse_document(id: DocumentInPath, decision: Decision, actor: SignedIn, ygs: Ygs) -> DocumentView:
    """The document proves nothing; the member reads the reason."""
    return await ygs.documents.refuse(actor, id, decision)
