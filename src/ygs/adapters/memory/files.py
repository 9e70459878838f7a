"""Photos, documents and uploads in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict, NotFound
from ygs.domain.files import Album, Document, DocumentState, ObjectKey, Photo, PhotoState, Upload
from ygs.domain.ids import DocumentId, PhotoId, UploadId, UserId
from ygs.domain.text import storable_text
from ygs.ports.repositories import MOST_PAGE


class MemoryFileReader:
    """Photos, documents and uploads, to be read."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def album(self, user_id: UserId) -> Album:
        return (await self._tx.step()).albums.get(user_id) or Album(user_id=user_id)

    async def albums(self, user_ids: Collection[UserId]) -> Mapping[UserId, Album]:
        albums = (await self._tx.step()).albums
        return {each: albums[each] for each in user_ids if each in albums and albums[each].photos}

    async def owner_of_photo(self, id: PhotoId) -> UserId:
        for owner, album in (await self._tx.step()).albums.items():
            if any(photo.id == id for photo in album.photos):
                return owner
        raise NotFound("photo")

    async def photos_waiting(
        self, *, after: PhotoId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[tuple[UserId, Photo]]:
        tables = await self._tx.step()
        albums = [album for owner, album in tables.albums.items() if owner in tables.users]
        photos = ((album.user_id, photo) for album in albums for photo in album.photos)
        waiting = [
            (owner, photo) for owner, photo in photos if photo.state is PhotoState.UPLOADED and photo.id > (after or "")
        ]
        return sorted(waiting, key=lambda each: each[1].id)[:limit]

    async def document(self, id: DocumentId) -> Document:
        found = (await self._tx.step()).documents.get(id)
        if found is None:
            raise NotFound("document")
        return found

    async def documents_of(self, user_id: UserId) -> Sequence[Document]:
        documents = (await self._tx.step()).documents
        return [documents[each] for each in sorted(documents) if documents[each].user_id == user_id]

    async def documents_waiting(self, *, after: DocumentId | None = None, limit: int = MOST_PAGE) -> Sequence[Document]:
        tables = await self._tx.step()
        waiting = (
            each
            for each in tables.documents.values()
            if each.state is DocumentState.SUBMITTED and each.user_id in tables.users and each.id > (after or "")
        )
        return sorted(waiting, key=lambda each: each.id)[:limit]

    async def pending_deletions(self, *, after: ObjectKey | None = None, limit: int = MOST_PAGE) -> Sequence[ObjectKey]:
        object_keys = sorted((await self._tx.step()).pending)
        return [object_key for object_key in object_keys if after is None or object_key > after][:limit]

    async def count_pending_deletions(self) -> int:
        return len((await self._tx.step()).pending)


class MemoryFileRepository(MemoryFileReader):
    """Photos, documents and uploads, to be changed."""

    async def upload(self, id: UploadId) -> Upload:
        found = (await self._tx.step()).uploads.get(id)
        if found is None:
            raise NotFound("upload")
        return found

    async def add_upload(self, upload: Upload) -> None:
        tables = await self._tx.step()
        if upload.id in tables.uploads or upload.user_id not in tables.users:
            raise Conflict(N_("an upload has an id of its own, and is a live user's"))
        tables.uploads.put({upload.id: upload})

    async def save_upload(self, upload: Upload) -> None:
        (await self._tx.step()).uploads.put({upload.id: upload})

    async def old_uploads(self, before: datetime, limit: int = MOST_PAGE) -> Sequence[Upload]:
        uploads = (await self._tx.step()).uploads.values()
        return sorted((each for each in uploads if each.created_at < before), key=lambda each: each.id)[:limit]

    async def remove_uploads(self, ids: Sequence[UploadId]) -> None:
        (await self._tx.step()).uploads.drop(ids)

    async def save_album(self, album: Album) -> None:
        tables = await self._tx.step()
        for photo in album.photos:
            storable_text("reason", photo.reason)
        tables.albums.put({album.user_id: album})

    async def add_document(self, document: Document) -> None:
        tables = await self._tx.step()
        if document.id in tables.documents:
            raise Conflict(N_("that document is there already"))
        tables.documents.put({document.id: document})

    async def save_document(self, document: Document) -> None:
        tables = await self._tx.step()
        storable_text("reason", document.reason)
        tables.documents.put({document.id: document})

    async def decided_documents(self, before: datetime, limit: int = MOST_PAGE) -> Sequence[Document]:
        documents = (await self._tx.step()).documents.values()
        old = (
            each
            for each in documents
            if each.removed_at is None and each.decided_at is not None and each.decided_at < before
        )
        return sorted(old, key=lambda each: each.id)[:limit]

    async def expired_documents(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[Document]:
        documents = (await self._tx.step()).documents.values()
        expired = (each for each in documents if each.facts and each.expires_at is not None and each.expires_at <= at)
        return sorted(expired, key=lambda each: each.id)[:limit]

    async def remove_all(self, user_ids: Sequence[UserId]) -> Sequence[ObjectKey]:
        tables = await self._tx.step()
        those = frozenset(user_ids)
        uploads = [each for each in tables.uploads.values() if each.user_id in those]
        documents = [each for each in tables.documents.values() if each.user_id in those]
        albums = [tables.albums[each] for each in those if each in tables.albums]
        tables.uploads.drop([each.id for each in uploads])
        tables.documents.drop([each.id for each in documents])
        tables.albums.drop(those)
        shown = set[ObjectKey]()
        for album in albums:
            shown.update(*(photo.object_keys for photo in album.photos))
        return sorted(shown.union(*(each.object_keys for each in uploads), {each.object_key for each in documents}))

    async def schedule_deletion(self, object_keys: Sequence[ObjectKey]) -> None:
        (await self._tx.step()).pending.put(dict.fromkeys(object_keys, True))

    async def deletion_done(self, object_keys: Sequence[ObjectKey]) -> None:
        (await self._tx.step()).pending.drop(object_keys)
