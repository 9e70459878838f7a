"""Staff: photos to approve, and documents to read and decide on. Every read is audited."""

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
    only_page,
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
    """List photos that wait for review, oldest first."""
    return page(await ygs.photos.list_waiting(actor, after=after, limit=limit), limit, lambda each: each.id)


@router.post("/photos/{id}/approve", status_code=204, responses=refuses(404, 409))
async def approve_photo(id: PhotoInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Approve a photo: others may see it."""
    await ygs.photos.approve(actor, id)


@router.post("/photos/{id}/refuse", status_code=204, responses=refuses(404, 409))
async def refuse_photo(id: PhotoInPath, decision: Decision, actor: SignedIn, ygs: Ygs) -> None:
    """Refuse a photo: others never see it, and the member reads the reason."""
    await ygs.photos.refuse(actor, id, decision)


@router.get("/members/{id}/photos", responses=refuses(404))
async def list_photos_of_member(id: UserInPath, actor: SignedIn, ygs: Ygs) -> Page[PhotoView]:
    """List all photos of one member; audited."""
    return only_page(await ygs.photos.list_of_member(actor, id))


@router.get("/members/{id}/documents", responses=refuses(404))
async def list_documents_of_member(id: UserInPath, actor: SignedIn, ygs: Ygs) -> Page[DocumentView]:
    """List one member's documents, without their contents; audited."""
    return only_page(await ygs.documents.list_of_member(actor, id))


@router.get("/documents")
async def list_waiting_documents(
    actor: SignedIn, ygs: Ygs, after: AfterDocument = None, limit: PageLimit = MOST_PAGE
) -> Page[DocumentView]:
    """List documents that wait for a decision, oldest first, without their contents."""
    return page(await ygs.documents.list_waiting(actor, after=after, limit=limit), limit, lambda each: each.id)


@router.get("/documents/{id}", responses=refuses(404))
async def open_document(id: DocumentInPath, actor: SignedIn, ygs: Ygs) -> OpenedDocument:
    """Return a URL that downloads one document, valid for a minute; audited."""
    return await ygs.documents.read(actor, id)


@router.post("/documents/{id}/verify", responses=refuses(404, 409))
async def verify_document(id: DocumentInPath, verification: Verification, actor: SignedIn, ygs: Ygs) -> DocumentView:
    """Verify facts of the member's profile by a document."""
    return await ygs.documents.verify(actor, id, verification)


@router.post("/documents/{id}/refuse", responses=refuses(404, 409))
async def refuse_document(id: DocumentInPath, decision: Decision, actor: SignedIn, ygs: Ygs) -> DocumentView:
    """Refuse a document; the member reads the reason."""
    return await ygs.documents.refuse(actor, id, decision)
