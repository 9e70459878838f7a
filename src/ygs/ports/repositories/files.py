"""Photos, documents and uploads: their records, not their bytes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.files import Album, Document, ObjectKey, Photo, Upload
from ygs.domain.ids import DocumentId, PhotoId, UploadId, UserId
from ygs.ports.repositories import MOST_PAGE


class FileReader(Protocol):
    """Photos, documents and pending deletions, to be read."""

    async def album(self, user_id: UserId) -> Album:
        """The album of a user; an empty one when there are no photos."""
        ...

    async def albums(self, user_ids: Collection[UserId]) -> Mapping[UserId, Album]:
        """The albums of these users that have photos, in one statement."""
        ...

    async def owner_of_photo(self, id: PhotoId) -> UserId:
        """The owner of a photo, or `NotFound`."""
        ...

    async def photos_waiting(
        self, *, after: PhotoId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[tuple[UserId, Photo]]:
        """At most `limit` unreviewed photos of live users, with ids after `after`, ascending by id."""
        ...

    async def document(self, id: DocumentId) -> Document:
        """The document, or `NotFound`."""
        ...

    async def documents_of(self, user_id: UserId) -> Sequence[Document]:
        """A user's documents, ascending by id."""
        ...

    async def documents_waiting(self, *, after: DocumentId | None = None, limit: int = MOST_PAGE) -> Sequence[Document]:
        """At most `limit` undecided documents of live users, with ids after `after`, ascending by id."""
        ...

    async def pending_deletions(self, *, after: ObjectKey | None = None, limit: int = MOST_PAGE) -> Sequence[ObjectKey]:
        """At most `limit` object keys whose bytes are to be deleted, after `after`, in a stable order."""
        ...

    async def count_pending_deletions(self) -> int:
        """The number of object keys whose bytes are to be deleted."""
        ...


class FileRepository(FileReader, Protocol):
    """Photos, documents and uploads, to be changed.

    They have no versions, so lock their user before changing them.
    """

    async def upload(self, id: UploadId) -> Upload:
        """The upload, or `NotFound`."""
        ...

    async def add_upload(self, upload: Upload) -> None:
        """Store a new upload; `Conflict` unless its user is live."""
        ...

    async def save_upload(self, upload: Upload) -> None:
        """Store a changed upload."""
        ...

    async def old_uploads(self, before: datetime, limit: int = MOST_PAGE) -> Sequence[Upload]:
        """At most `limit` uploads that were begun before that moment, ascending by id."""
        ...

    async def remove_uploads(self, ids: Sequence[UploadId]) -> None:
        """Delete these uploads."""
        ...

    async def save_album(self, album: Album) -> None:
        """Replace the photos of a user."""
        ...

    async def add_document(self, document: Document) -> None:
        """Store a new document."""
        ...

    async def save_document(self, document: Document) -> None:
        """Store a changed document."""
        ...

    async def decided_documents(self, before: datetime, limit: int = MOST_PAGE) -> Sequence[Document]:
        """At most `limit` documents that were decided before that moment and whose bytes remain, ascending by id."""
        ...

    async def expired_documents(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[Document]:
        """At most `limit` verified documents that expired by that moment and still list facts, ascending by id."""
        ...

    async def remove_all(self, user_ids: Sequence[UserId]) -> Sequence[ObjectKey]:
        """Delete these users' uploads, photos and documents; return the object keys of their bytes."""
        ...

    async def schedule_deletion(self, object_keys: Sequence[ObjectKey]) -> None:
        """Record that these bytes are to be deleted, in the transaction that makes them useless."""
        ...

    async def deletion_done(self, object_keys: Sequence[ObjectKey]) -> None:
        """Remove the record once these bytes are deleted."""
        ...
