"""Photos and documents of a user, and the leave to upload one: what each may be, and what becomes of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.errors import DeadlinePassed, InvalidFact, NotFound, WrongStatus
from ygs.domain.ids import DocumentId, PhotoId, UploadId, UserId
from ygs.domain.text import LINE_LENGTH, required_text

MOST_PHOTOS = 6
# The client sends the file within this, and says so within that.
UPLOAD_FOR = timedelta(seconds=300)
CONFIRM_FOR = timedelta(hours=1)
MOST_BYTES = 10 * 1024 * 1024
# That staff have not decided on, of one member: two of each kind.
MOST_DOCUMENTS_WAITING = 10

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
HEIC, HEIF = "image/heic", "image/heif"


class FileKind(StrEnum):
    """What a file is uploaded as: a photo, or one of the documents that prove something."""

    PHOTO = "photo"
    IDENTITY = "identity"
    MARRIAGE = "marriage"
    EMPLOYMENT = "employment"
    EDUCATION = "education"
    INCOME = "income"

    @property
    def types(self) -> tuple[str, ...]:
        """The media types it may have."""
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
    """Where bytes lie: approved photos are shown to others, everything else is never."""

    PHOTOS = "photos"
    DOCUMENTS = "documents"


_PATH = re.compile(r"(incoming|photos|thumbnails|documents)/[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """Where one file's bytes lie; a path of ours, never of a client's making."""

    bucket: Bucket
    path: str

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path):
            raise NotFound("file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The leave to send one file of a kind and media type. `key` names the bytes and is told to nobody.

    `made`: the id of the photo or document that it became.
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
            raise InvalidFact("content_type", f"of a file of kind {self.kind} may be {', '.join(self.kind.types)}")

    @property
    def expires_at(self) -> datetime:
        """When the address it is sent to stops taking it."""
        return self.created_at + UPLOAD_FOR

    @property
    def incoming(self) -> ObjectKey:
        """Where the client's bytes wait to be looked at; with the documents, since nobody knows what they show."""
        return ObjectKey(Bucket.DOCUMENTS, f"incoming/{self.key}")

    @property
    def object_keys(self) -> tuple[ObjectKey, ...]:
        """Everywhere bytes of this upload may lie."""
        documents = (ObjectKey(Bucket.DOCUMENTS, f"documents/{self.key}"),)
        return (self.incoming, *(photo_object_keys(self.key) if self.kind is FileKind.PHOTO else documents))

    def require_confirmable(self, *, at: datetime) -> None:
        """`DeadlinePassed` when the client waited too long to say that the file is there."""
        if at > self.created_at + CONFIRM_FOR:
            raise DeadlinePassed("this upload is too old: begin a new one")

    def became(self, made: str) -> Self:
        """The same upload, used."""
        return replace(self, made=made)


def photo_object_keys(key: str) -> tuple[ObjectKey, ObjectKey]:
    """Where a photo and its thumbnail lie."""
    return ObjectKey(Bucket.PHOTOS, f"photos/{key}"), ObjectKey(Bucket.PHOTOS, f"thumbnails/{key}")


class PhotoState(StrEnum):
    """What staff said of a photo; only approved ones are shown to others."""

    UPLOADED = "uploaded"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """One photo, already looked at and stored anew; `width` and `height` in pixels."""

    id: PhotoId
    key: str
    width: int
    height: int
    created_at: datetime
    state: PhotoState = PhotoState.UPLOADED
    reason: str = ""

    @property
    def object_keys(self) -> tuple[ObjectKey, ObjectKey]:
        """Where it and its thumbnail lie."""
        return photo_object_keys(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """A user's photos in their order, at most six; one is the cover as long as there is any."""

    user_id: UserId
    photos: tuple[Photo, ...] = ()
    cover: PhotoId | None = None

    def __post_init__(self) -> None:
        if len(self.photos) > MOST_PHOTOS:
            raise WrongStatus(f"an album holds at most {MOST_PHOTOS} photos: delete one first")
        if self.cover not in {photo.id for photo in self.photos}:
            object.__setattr__(self, "cover", self.photos[0].id if self.photos else None)

    @property
    def shown(self) -> tuple[Photo, ...]:
        """What others may see: the approved ones, the cover first when it is among them."""
        approved = (photo for photo in self.photos if photo.state is PhotoState.APPROVED)
        return tuple(sorted(approved, key=lambda photo: photo.id != self.cover))

    def get(self, id: PhotoId) -> Photo:
        """The photo, or `NotFound`."""
        for photo in self.photos:
            if photo.id == id:
                return photo
        raise NotFound("photo")

    def require_room(self) -> None:
        """`WrongStatus` when it is full."""
        replace(self, photos=(*self.photos, *self.photos[:1]))

    def with_photo(self, photo: Photo) -> Self:
        """With one more at the end."""
        return replace(self, photos=(*self.photos, photo))

    def without(self, id: PhotoId) -> Self:
        """With one less; the first of the others becomes the cover when it was that."""
        gone = self.get(id)
        return replace(self, photos=tuple(photo for photo in self.photos if photo is not gone))

    def moved(self, id: PhotoId, position: int) -> Self:
        """With a photo at another position, from 0; beyond the end is the end."""
        photo = self.get(id)
        others = [each for each in self.photos if each is not photo]
        others.insert(position, photo)
        return replace(self, photos=tuple(others))

    def covered_by(self, id: PhotoId) -> Self:
        """With another cover."""
        return replace(self, cover=self.get(id).id)

    def approve(self, id: PhotoId) -> Self:
        """Let others see a photo."""
        return self._decided(id, PhotoState.APPROVED, "")

    def refuse(self, id: PhotoId, reason: str) -> Self:
        """Never show it; the member reads why. One approved before can be refused too."""
        return self._decided(id, PhotoState.REFUSED, required_text("reason", reason, at_most=LINE_LENGTH))

    def _decided(self, id: PhotoId, state: PhotoState, reason: str) -> Self:
        photo = self.get(id)
        if photo.state is PhotoState.REFUSED or photo.state is state:
            raise WrongStatus(f"this photo is {photo.state} already")
        decided = replace(photo, state=state, reason=reason)
        return replace(self, photos=tuple(decided if each is photo else each for each in self.photos))


class DocumentState(StrEnum):
    """What staff said of a document."""

    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that staff look at. `expires_at`: until when it proves `facts`. `removed_at`: since when only this
    record of it is left."""

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
        """Where it lies."""
        return ObjectKey(Bucket.DOCUMENTS, f"documents/{self.key}")

    def verify(self, known: frozenset[str], *, at: datetime, expires_at: datetime | None = None) -> Self:
        """It proves, of the facts that are `known`, those of its kind; for the time of its kind unless said shorter."""
        facts, valid = PROVES[self.kind]
        until = min(expires_at or at + valid, at + valid)
        if until <= at:
            raise WrongStatus("this document has expired: refuse it, and ask for a newer one")
        if not facts & known:
            raise WrongStatus(f"the profile says nothing that it could prove: {', '.join(sorted(facts))}")
        return replace(self._decided(DocumentState.VERIFIED, at), facts=facts & known, expires_at=until)

    def refuse(self, reason: str, *, at: datetime) -> Self:
        """It proves nothing; the member reads why."""
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        return replace(self._decided(DocumentState.REFUSED, at), reason=reason)

    def proven(self, *, at: datetime) -> frozenset[str]:
        """The facts it proves then."""
        return self.facts if self.expires_at is not None and at < self.expires_at else frozenset()

    def _decided(self, state: DocumentState, at: datetime) -> Self:
        if self.state is not DocumentState.SUBMITTED:
            raise WrongStatus(f"this document is {self.state} already")
        return replace(self, state=state, decided_at=at)


def require_room_for_document(documents: Iterable[Document]) -> None:
    """`WrongStatus` when as many of a member's documents wait for staff as may."""
    if sum(document.state is DocumentState.SUBMITTED for document in documents) >= MOST_DOCUMENTS_WAITING:
        raise WrongStatus(
            f"{MOST_DOCUMENTS_WAITING} documents wait to be looked at already: wait for what becomes of them"
        )
