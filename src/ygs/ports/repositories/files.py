"""Photos, documents and uploads: what is known of them, not their bytes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.files import Album, Document, ObjectKey, Photo, Upload
from ygs.domain.ids import DocumentId, PhotoId, UploadId, UserId
from ygs.ports.repositories import MOST_PAGE


class FileReader(Protocol):
    """What is known of photos and documents."""

    async def album(self, user_id: UserId) -> Album:
        """A user's photos; an empty album when there are none."""
        ...

    async def owner_of_photo(self, id: PhotoId) -> UserId:
        """Whose photo it is, or `NotFound`."""
        ...

    async def photos_waiting(
        self, *, after: PhotoId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[tuple[UserId, Photo]]:
        """Photos of live users that staff have not looked at, ascending by id, those after `after`."""
        ...

    async def document(self, id: DocumentId) -> Document:
        """The document, or `NotFound`."""
        ...

    async def documents_of(self, user_id: UserId) -> Sequence[Document]:
        """A user's documents, ascending by id."""
        ...

    async def documents_waiting(self, *, after: DocumentId | None = None, limit: int = MOST_PAGE) -> Sequence[Document]:
        """Documents of live users that staff have not decided on, ascending by id, those after `after`."""
        ...

    async def pending_deletions(self, *, after: ObjectKey | None = None, limit: int = MOST_PAGE) -> Sequence[ObjectKey]:
        """Bytes that must go, in an order that stays; those after `after`."""
        ...

    async def count_pending_deletions(self) -> int:
        """How many files must go."""
        ...


class FileRepository(FileReader, Protocol):
    """Photos, documents and uploads, to be changed. Lock the user first: what is theirs here has no version of its
    own."""

    async def upload(self, id: UploadId) -> Upload:
        """The upload, or `NotFound`."""
        ...

    async def count_uploads(self, user_id: UserId, since: datetime) -> int:
        """How many the user began since then."""
        ...

    async def add_upload(self, upload: Upload) -> None:
        """Store a new upload; `Conflict` unless its user is live."""
        ...

    async def save_upload(self, upload: Upload) -> None:
        """Store a changed upload."""
        ...

    async def old_uploads(self, before: datetime, limit: int = MOST_PAGE) -> Sequence[Upload]:
        """Those begun before then, ascending by id."""
        ...

    async def remove_uploads(self, ids: Sequence[UploadId]) -> None:
        """Forget them."""
        ...

    async def save_album(self, album: Album) -> None:
        """Store a user's photos, in place of those there were."""
        ...

    async def add_document(self, document: Document) -> None:
        """Store a new document."""
        ...

    async def save_document(self, document: Document) -> None:
        """Store a changed document."""
        ...

    async def decided_documents(self, before: datetime, limit: int = MOST_PAGE) -> Sequence[Document]:
        """Documents decided on before then whose bytes are not removed, ascending by id."""
        ...

    async def expired_documents(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[Document]:
        """Verified documents that still stand for facts though they expired by then, ascending by id."""
        ...

    async def remove_all(self, user_ids: Sequence[UserId]) -> Sequence[ObjectKey]:
        """Forget these users' uploads, photos and documents, and say where their bytes lie."""
        ...

    async def schedule_deletion(self, object_keys: Sequence[ObjectKey]) -> None:
        """Write down that these bytes must go, with the change that makes them useless."""
        ...

    async def deletion_done(self, object_keys: Sequence[ObjectKey]) -> None:
        """They are gone."""
        ...
