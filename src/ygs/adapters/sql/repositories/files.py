"""Photos, documents and uploads: rows to entities and back, and their queries."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, String, Table, delete, func, literal, select, update

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.tables.files import documents, pending_deletions, photos, uploads
from ygs.adapters.sql.tables.users import LIVE, users
from ygs.domain.errors import N_, Conflict, NotFound
from ygs.domain.files import (
    Album,
    Bucket,
    Document,
    DocumentState,
    FileKind,
    ObjectKey,
    Photo,
    PhotoState,
    Upload,
)
from ygs.domain.ids import DocumentId, PhotoId, UploadId, UserId
from ygs.ports.repositories import MOST_PAGE


def upload_row(upload: Upload, keyring: Keyring) -> dict[str, Any]:
    """An upload as a row of `uploads`."""
    return {
        "id": upload.id,
        "user_id": upload.user_id,
        "kind": upload.kind.value,
        "content_type": upload.content_type,
        "key": keyring.seal(uploads.c.key, upload.id, upload.key),
        "created_at": upload.created_at,
        "made": upload.made,
    }


def to_upload(row: Found, keyring: Keyring) -> Upload:
    """The upload that `upload_row` wrote."""
    return Upload(
        id=UploadId(row.id),
        user_id=UserId(row.user_id),
        kind=FileKind(row.kind),
        content_type=row.content_type,
        key=keyring.open(uploads.c.key, row.id, row.key),
        created_at=row.created_at,
        made=row.made,
    )


def photo_rows(album: Album, keyring: Keyring) -> list[dict[str, Any]]:
    """An album as rows of `photos`."""
    return [
        {
            "id": photo.id,
            "user_id": album.user_id,
            "position": position,
            "cover": photo.id == album.cover,
            "key": keyring.seal(photos.c.key, photo.id, photo.key),
            "width": photo.width,
            "height": photo.height,
            "state": photo.state.value,
            "reason": photo.reason,
            "created_at": photo.created_at,
        }
        for position, photo in enumerate(album.photos)
    ]


def to_photo(row: Found, keyring: Keyring) -> Photo:
    """One photo that `photo_rows` wrote."""
    return Photo(
        id=PhotoId(row.id),
        key=keyring.open(photos.c.key, row.id, row.key),
        width=row.width,
        height=row.height,
        state=PhotoState(row.state),
        reason=row.reason,
        created_at=row.created_at,
    )


def document_row(document: Document, keyring: Keyring) -> dict[str, Any]:
    """A document as a row of `documents`."""
    return {
        "id": document.id,
        "user_id": document.user_id,
        "kind": document.kind.value,
        "content_type": document.content_type,
        "size": document.size,
        "key": keyring.seal(documents.c.key, document.id, document.key),
        "state": document.state.value,
        "facts": sorted(document.facts),
        "reason": document.reason,
        "created_at": document.created_at,
        "decided_at": document.decided_at,
        "expires_at": document.expires_at,
        "removed_at": document.removed_at,
    }


def to_document(row: Found, keyring: Keyring) -> Document:
    """The document that `document_row` wrote."""
    return Document(
        id=DocumentId(row.id),
        user_id=UserId(row.user_id),
        kind=FileKind(row.kind),
        content_type=row.content_type,
        size=row.size,
        key=keyring.open(documents.c.key, row.id, row.key),
        state=DocumentState(row.state),
        facts=frozenset(row.facts),
        reason=row.reason,
        created_at=row.created_at,
        decided_at=row.decided_at,
        expires_at=row.expires_at,
        removed_at=row.removed_at,
    )


def _documents(condition: ColumnElement[bool], limit: int | None) -> Query:
    return select(documents).where(condition).order_by(documents.c.id).limit(limit)


class SqlFileReader:
    """Photos, documents and uploads, to be read."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def album(self, user_id: UserId) -> Album:
        rows = await self.tx.rows(select(photos).where(photos.c.user_id == user_id).order_by(photos.c.position))
        return self._album(user_id, rows)

    async def albums(self, user_ids: Collection[UserId]) -> Mapping[UserId, Album]:
        theirs = among(photos.c.user_id, sorted(user_ids))
        rows = await self.tx.rows(select(photos).where(theirs).order_by(photos.c.user_id, photos.c.position))
        owned = groupby(rows, key=lambda row: UserId(row.user_id))
        return {owner: self._album(owner, list(those)) for owner, those in owned}

    def _album(self, user_id: UserId, rows: Sequence[Found]) -> Album:
        cover = next((PhotoId(row.id) for row in rows if row.cover), None)
        return Album(user_id=user_id, photos=tuple(to_photo(row, self.tx.keyring) for row in rows), cover=cover)

    async def owner_of_photo(self, id: PhotoId) -> UserId:
        owner = await self.tx.scalar(select(photos.c.user_id).where(photos.c.id == id))
        if owner is None:
            raise NotFound("photo")
        return UserId(owner)

    async def photos_waiting(
        self, *, after: PhotoId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[tuple[UserId, Photo]]:
        live = select(users.c.id).where(LIVE, users.c.id == photos.c.user_id).exists()
        waiting = (photos.c.state == _spelled(PhotoState.UPLOADED)) & (photos.c.id > (after or "")) & live
        rows = await self.tx.rows(select(photos).where(waiting).order_by(photos.c.id).limit(limit))
        return [(UserId(row.user_id), to_photo(row, self.tx.keyring)) for row in rows]

    async def document(self, id: DocumentId) -> Document:
        found = await self._documents(documents.c.id == id, 1)
        if not found:
            raise NotFound("document")
        return found[0]

    async def documents_of(self, user_id: UserId) -> Sequence[Document]:
        return await self._documents(documents.c.user_id == user_id, None)

    async def documents_waiting(self, *, after: DocumentId | None = None, limit: int = MOST_PAGE) -> Sequence[Document]:
        live = select(users.c.id).where(LIVE, users.c.id == documents.c.user_id).exists()
        waiting = (documents.c.state == _spelled(DocumentState.SUBMITTED)) & (documents.c.id > (after or "")) & live
        return await self._documents(waiting, limit)

    async def _documents(self, condition: ColumnElement[bool], limit: int | None) -> list[Document]:
        rows = await self.tx.rows(_documents(condition, limit))
        return [to_document(row, self.tx.keyring) for row in rows]

    async def pending_deletions(self, *, after: ObjectKey | None = None, limit: int = MOST_PAGE) -> Sequence[ObjectKey]:
        left = pending_deletions.c.id > (self._deletion_id(after) if after else "")
        rows = await self.tx.rows(select(pending_deletions).where(left).order_by(pending_deletions.c.id).limit(limit))
        texts = (self.tx.keyring.open(pending_deletions.c.object_key, row.id, row.object_key) for row in rows)
        return [ObjectKey(Bucket(bucket), path) for bucket, path in (text.split(":") for text in texts)]

    async def count_pending_deletions(self) -> int:
        return int(await self.tx.scalar(select(func.count()).select_from(pending_deletions)))

    def _deletion_id(self, object_key: ObjectKey) -> str:
        return self.tx.keyring.index(pending_deletions.c.object_key, f"{object_key.bucket}:{object_key.path}")


def _spelled(state: PhotoState | DocumentState) -> ColumnElement[str]:
    """A state spelled out in the statement: SQLite proves from no parameter that the index of those who wait serves."""
    return literal(state.value, String(), literal_execute=True)


class SqlFileRepository(SqlFileReader):
    """Photos, documents and uploads, to be changed."""

    async def upload(self, id: UploadId) -> Upload:
        row = await self.tx.row(self.tx.for_update(select(uploads).where(uploads.c.id == id)))
        if row is None:
            raise NotFound("upload")
        return to_upload(row, self.tx.keyring)

    async def add_upload(self, upload: Upload) -> None:
        if await self.tx.row(select(users.c.id).where(LIVE, users.c.id == upload.user_id)) is None:
            raise Conflict(N_("an upload has an id of its own, and is a live user's"))
        async with self.tx.savepoint():
            await insert_all(self.tx, uploads, [upload_row(upload, self.tx.keyring)])

    async def save_upload(self, upload: Upload) -> None:
        row = upload_row(upload, self.tx.keyring)
        await self.tx.run(update(uploads).where(uploads.c.id == upload.id).values(row))

    async def old_uploads(self, before: datetime, limit: int = MOST_PAGE) -> Sequence[Upload]:
        query = select(uploads).where(uploads.c.created_at < before).order_by(uploads.c.id).limit(limit)
        return [to_upload(row, self.tx.keyring) for row in await self.tx.rows(self.tx.for_update(query))]

    async def remove_uploads(self, ids: Sequence[UploadId]) -> None:
        await self.tx.run(delete(uploads).where(among(uploads.c.id, ids)))

    async def save_album(self, album: Album) -> None:
        async with self.tx.savepoint():
            await self.tx.run(delete(photos).where(photos.c.user_id == album.user_id))
            await insert_all(self.tx, photos, photo_rows(album, self.tx.keyring))

    async def add_document(self, document: Document) -> None:
        async with self.tx.savepoint():
            await insert_all(self.tx, documents, [document_row(document, self.tx.keyring)])

    async def save_document(self, document: Document) -> None:
        row = document_row(document, self.tx.keyring)
        await self.tx.run(update(documents).where(documents.c.id == document.id).values(row))

    async def decided_documents(self, before: datetime, limit: int = MOST_PAGE) -> Sequence[Document]:
        return await self._to_clean_up((documents.c.decided_at < before) & documents.c.removed_at.is_(None), limit)

    async def expired_documents(self, at: datetime, limit: int = MOST_PAGE) -> Sequence[Document]:
        return await self._to_clean_up((documents.c.expires_at <= at) & (documents.c.facts != []), limit)

    async def _to_clean_up(self, condition: ColumnElement[bool], limit: int) -> list[Document]:
        """Documents to clean up, locked: the second of two concurrent cleanups waits, and finds the remaining ones."""
        rows = await self.tx.rows(self.tx.for_update(_documents(condition, limit)))
        return [to_document(row, self.tx.keyring) for row in rows]

    async def remove_all(self, user_ids: Sequence[UserId]) -> Sequence[ObjectKey]:
        object_keys = set[ObjectKey]()
        for row in await self._remove_of(uploads, user_ids):
            object_keys.update(to_upload(row, self.tx.keyring).object_keys)
        for row in await self._remove_of(photos, user_ids):
            object_keys.update(to_photo(row, self.tx.keyring).object_keys)
        for row in await self._remove_of(documents, user_ids):
            object_keys.add(to_document(row, self.tx.keyring).object_key)
        return sorted(object_keys)

    async def _remove_of(self, table: Table, user_ids: Sequence[UserId]) -> Sequence[Found]:
        return await self.tx.rows(delete(table).where(among(table.c.user_id, user_ids)).returning(table))

    async def schedule_deletion(self, object_keys: Sequence[ObjectKey]) -> None:
        rows = []
        for object_key in object_keys:
            deletion_id = self._deletion_id(object_key)
            text = f"{object_key.bucket}:{object_key.path}"
            sealed = self.tx.keyring.seal(pending_deletions.c.object_key, deletion_id, text)
            rows.append({"id": deletion_id, "object_key": sealed})
        await insert_all(self.tx, pending_deletions, rows, skip_known=True)

    async def deletion_done(self, object_keys: Sequence[ObjectKey]) -> None:
        await self.tx.run(
            delete(pending_deletions).where(among(pending_deletions.c.id, map(self._deletion_id, object_keys)))
        )
