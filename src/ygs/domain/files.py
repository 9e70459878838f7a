"""Photos, documents and uploads of a user, and their states."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, InvalidFact, LimitReached, NotFound, UploadExpired, WrongStatus
from ygs.domain.ids import DocumentId, ExportId, PhotoId, UploadId, UserId
from ygs.domain.text import LINE_LENGTH, required_text

MOST_PHOTOS = 6
# The time in which a client must upload the file, and the time in which it must confirm that.
UPLOAD_FOR = timedelta(seconds=300)
CONFIRM_FOR = timedelta(hours=1)
MOST_BYTES = 10 * 1024 * 1024
# Undecided documents of one member: two of each kind.
MOST_DOCUMENTS_WAITING = 10

JPEG = "image/jpeg"
PNG = "image/png"
PDF = "application/pdf"
HEIC = "image/heic"
HEIF = "image/heif"


class FileKind(StrEnum):
    """The kind of an uploaded file: a photo, or a document that proves facts."""

    PHOTO = "photo"
    IDENTITY = "identity"
    MARRIAGE = "marriage"
    EMPLOYMENT = "employment"
    EDUCATION = "education"
    INCOME = "income"

    @property
    def types(self) -> tuple[str, ...]:
        """The media types that are allowed for this kind."""
        pictures = (JPEG, PNG, HEIC, HEIF)
        return pictures if self is FileKind.PHOTO else (*pictures, PDF)


# The facts of the profile that a verified document proves, and for how long: incomes change, and marriages do.
PROVES: Mapping[FileKind, tuple[frozenset[str], timedelta]] = {
    FileKind.IDENTITY: (frozenset({"nationality"}), timedelta(days=5 * 365)),
    FileKind.MARRIAGE: (frozenset({"marital_history"}), timedelta(days=180)),
    FileKind.EMPLOYMENT: (frozenset({"job_group"}), timedelta(days=365)),
    FileKind.EDUCATION: (frozenset({"education"}), timedelta(days=10 * 365)),
    FileKind.INCOME: (frozenset({"income_band"}), timedelta(days=365)),
}


class Bucket(StrEnum):
    """A bucket of the blob store. Other members see approved photos and nothing else."""

    PHOTOS = "photos"
    DOCUMENTS = "documents"


_PATH = re.compile(r"(incoming|photos|thumbnails|documents|exports|imports)/[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """The key of one file in the blob store. Clients never choose its path."""

    bucket: Bucket
    path: str

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise NotFound("file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Permission to upload one file of a kind and media type.

    `key` names the bytes and is secret. `made` is the id of the photo or document that the upload became.
    """

    id: UploadId
    user_id: UserId
    kind: FileKind
    content_type: str
    key: str
    created_at: datetime
    made: str | None = None

    def __post_init__(self) -> None:
        if self.content_type not in self.kind.types:
            raise InvalidFact(
                "content_type",
                N_("of a file of kind {kind} may be {names}"),
                kind=self.kind,
                names=", ".join(self.kind.types),
            )

    @property
    def expires_at(self) -> datetime:
        """When its signed form expires."""
        return self.created_at + UPLOAD_FOR

    @property
    def incoming(self) -> ObjectKey:
        """The key of the uploaded bytes until they are inspected: with the documents, as they may show anything."""
        return ObjectKey(Bucket.DOCUMENTS, f"incoming/{self.key}")

    @property
    def object_keys(self) -> tuple[ObjectKey, ...]:
        """Every key under which bytes of this upload may be stored."""
        documents = (ObjectKey(Bucket.DOCUMENTS, f"documents/{self.key}"),)
        return (self.incoming, *(photo_object_keys(self.key) if self.kind is FileKind.PHOTO else documents))

    def require_confirmable(self, *, at: datetime) -> None:
        """Raise `UploadExpired` when the upload is too old to be confirmed."""
        if at > self.created_at + CONFIRM_FOR:
            raise UploadExpired

    def became(self, made: str) -> Self:
        """The upload after it became a photo or document."""
        return replace(self, made=made)


def export_object_key(export: ExportId) -> ObjectKey:
    """The key of the sheet of an export."""
    return ObjectKey(Bucket.DOCUMENTS, f"exports/{export.partition('_')[2]}")


def photo_object_keys(key: str) -> tuple[ObjectKey, ObjectKey]:
    """The keys of a photo and of its thumbnail."""
    return ObjectKey(Bucket.PHOTOS, f"photos/{key}"), ObjectKey(Bucket.PHOTOS, f"thumbnails/{key}")


class PhotoState(StrEnum):
    """The review state of a photo. Other members see approved ones only."""

    UPLOADED = "uploaded"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo, re-encoded after upload; `width` and `height` in pixels."""

    id: PhotoId
    key: str
    width: int
    height: int
    created_at: datetime
    state: PhotoState = PhotoState.UPLOADED
    reason: str = ""

    @property
    def object_keys(self) -> tuple[ObjectKey, ObjectKey]:
        """The keys of the photo and of its thumbnail."""
        return photo_object_keys(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """The photos of a user in their order, at most six. Unless it is empty, one of them is the cover."""

    user_id: UserId
    photos: tuple[Photo, ...] = ()
    cover: PhotoId | None = None

    def __post_init__(self) -> None:
        if len(self.photos) > MOST_PHOTOS:
            raise LimitReached(
                N_("an album holds at most {most_photos} photos: delete one first"), most_photos=MOST_PHOTOS
            )
        if self.cover not in {photo.id for photo in self.photos}:
            object.__setattr__(self, "cover", self.photos[0].id if self.photos else None)

    @property
    def shown(self) -> tuple[Photo, ...]:
        """The approved photos, which others may see; the cover first, if it is approved."""
        approved = (photo for photo in self.photos if photo.state is PhotoState.APPROVED)
        return tuple(sorted(approved, key=lambda photo: photo.id != self.cover))

    def get(self, id: PhotoId) -> Photo:
        """The photo, or `NotFound`."""
        for photo in self.photos:
            if photo.id == id:
                return photo
        raise NotFound("photo")

    def require_room(self) -> None:
        """Raise `LimitReached` when the album is full."""
        replace(self, photos=(*self.photos, *self.photos[:1]))

    def with_photo(self, photo: Photo) -> Self:
        """The album with a photo added at the end."""
        return replace(self, photos=(*self.photos, photo))

    def without(self, id: PhotoId) -> Self:
        """The album without a photo; if it was the cover, the first remaining photo becomes the cover."""
        removed = self.get(id)
        return replace(self, photos=tuple(photo for photo in self.photos if photo is not removed))

    def moved(self, id: PhotoId, position: int) -> Self:
        """The album with a photo moved to a position from 0; a position beyond the end is the end."""
        photo = self.get(id)
        others = [each for each in self.photos if each is not photo]
        others.insert(position, photo)
        return replace(self, photos=tuple(others))

    def covered_by(self, id: PhotoId) -> Self:
        """The album with another cover."""
        return replace(self, cover=self.get(id).id)

    def approve(self, id: PhotoId) -> Self:
        """Approve a photo, so that others see it."""
        return self._decided(id, PhotoState.APPROVED, "")

    def refuse(self, id: PhotoId, reason: str) -> Self:
        """Refuse a photo, also an approved one, with a reason that its owner reads."""
        return self._decided(id, PhotoState.REFUSED, required_text("reason", reason, at_most=LINE_LENGTH))

    def _decided(self, id: PhotoId, state: PhotoState, reason: str) -> Self:
        photo = self.get(id)
        if photo.state is PhotoState.REFUSED or photo.state is state:
            raise WrongStatus(N_("this photo is {state} already"), state=photo.state)
        decided = replace(photo, state=state, reason=reason)
        return replace(self, photos=tuple(decided if each is photo else each for each in self.photos))


class DocumentState(StrEnum):
    """The review state of a document."""

    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document for staff to review.

    It proves `facts` until `expires_at`. Its bytes were deleted at `removed_at`.
    """

    id: DocumentId
    user_id: UserId
    kind: FileKind
    content_type: str
    size: int
    key: str
    created_at: datetime
    state: DocumentState = DocumentState.SUBMITTED
    facts: frozenset[str] = frozenset()
    reason: str = ""
    decided_at: datetime | None = None
    expires_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def object_key(self) -> ObjectKey:
        """The key of its bytes."""
        return ObjectKey(Bucket.DOCUMENTS, f"documents/{self.key}")

    def verify(self, known: frozenset[str], *, at: datetime, expires_at: datetime | None = None) -> Self:
        """Verify the document: it proves the `known` facts of its kind, for its kind's time or until `expires_at`."""
        facts, valid = PROVES[self.kind]
        until = min(expires_at or at + valid, at + valid)
        if until <= at:
            raise WrongStatus(N_("this document has expired: refuse it, and ask for a newer one"))
        if not facts & known:
            raise WrongStatus(
                N_("the profile says nothing that it could prove: {names}"), names=", ".join(sorted(facts))
            )
        return replace(self._decided(DocumentState.VERIFIED, at), facts=facts & known, expires_at=until)

    def refuse(self, reason: str, *, at: datetime) -> Self:
        """Refuse the document, with a reason that its owner reads."""
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        return replace(self._decided(DocumentState.REFUSED, at), reason=reason)

    def end(self, *, at: datetime) -> Self:
        """The document after the profile changed and no longer agrees with it: it proves nothing from now on."""
        until = at if self.expires_at is None else min(self.expires_at, at)
        return replace(self, facts=frozenset(), expires_at=until)

    def proven(self, *, at: datetime) -> frozenset[str]:
        """The facts that it proves at a moment."""
        return self.facts if self.expires_at is not None and at < self.expires_at else frozenset()

    def _decided(self, state: DocumentState, at: datetime) -> Self:
        if self.state is not DocumentState.SUBMITTED:
            raise WrongStatus(N_("this document is {state} already"), state=self.state)
        return replace(self, state=state, decided_at=at)


def require_room_for_document(documents: Iterable[Document]) -> None:
    """Raise `LimitReached` when too many of a member's documents wait for review."""
    if sum(document.state is DocumentState.SUBMITTED for document in documents) >= MOST_DOCUMENTS_WAITING:
        raise LimitReached(
            N_("{most_documents_waiting} documents wait to be looked at already: wait for what becomes of them"),
            most_documents_waiting=MOST_DOCUMENTS_WAITING,
        )
