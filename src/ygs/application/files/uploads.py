"""Uploads of photos and documents: a signed upload, then an inspection before the file is kept."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change, own_user
from ygs.application.rate_limits import hit_rate_limit, raise_if_limited
from ygs.domain.errors import N_, BadFile, NotFound, NotUploaded, Unavailable, UploadExpired
from ygs.domain.files import (
    JPEG,
    MOST_BYTES,
    PDF,
    Album,
    Bucket,
    Document,
    FileKind,
    ObjectKey,
    Photo,
    Upload,
    photo_object_keys,
    require_room_for_document,
)
from ygs.domain.ids import DocumentId, PhotoId, UploadId, UserId
from ygs.domain.rate_limit import UPLOADS_PER_DAY, UPLOADS_PER_HOUR, RateLimit
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.images import ImageProcessor, ProcessedImage
from ygs.ports.storage import Storage, Writing

# The most pixels of the longer side: a photo fills a screen, and an A4 page stays readable.
LONGEST_PHOTO = 2048
LONGEST_DOCUMENT = 3508

_PDF_BEGINS = b"%PDF-"
_PDF_ENDS = b"%%EOF"


class UploadRequest(BaseModel):
    """The kind and type of a file to upload."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FileKind
    content_type: str = Field(max_length=40, examples=[JPEG])


class UploadView(BaseModel):
    """How to send the file: POST `fields` in this order, then ``file``, to `url` as ``multipart/form-data`` before
    `expires_at`; then confirm. A `url` without a host is the service's own."""

    model_config = ConfigDict(frozen=True)

    id: UploadId
    url: str
    fields: dict[str, str]
    most_bytes: int
    expires_at: datetime


class ConfirmedView(BaseModel):
    """The photo or document that the upload became."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: FileKind


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """An inspected and re-encoded file: the `objects` to store, each with its key."""

    objects: tuple[tuple[ObjectKey, bytes], ...]
    content_type: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Uploads:
    """Use cases of uploads. Calls of the store and image processing run outside of transactions."""

    storage: Storage
    store: BlobStore
    pictures: ImageProcessor
    clock: Clock
    ids: Ids

    async def begin(self, actor: Actor, request: UploadRequest) -> UploadView:
        """Begin the upload of one file.

        `InvalidFact` for a type that its kind may not have, `LimitReached` when the member has too many files,
        `TooManyAttempts` after 30 uploads in an hour or 60 in a day.
        """
        actor.require(Permission.OWN_PROFILE)
        me = actor.require_id()
        now = self.clock.now()
        upload = Upload(
            id=UploadId(self.ids.make("upl")),
            user_id=me,
            kind=request.kind,
            content_type=request.content_type,
            key=self.ids.make("key").removeprefix("key_"),
            created_at=now,
        )
        async with self.storage.write() as tx:
            await own_user(tx, actor, Permission.OWN_PROFILE)
            wait = await hit_rate_limit(tx, _limits(me), now)
            if not wait:
                await self._require_room(tx, upload)
                await tx.files.add_upload(upload)
        raise_if_limited(wait)
        form = await self.store.presign_upload(upload.incoming, upload.content_type, MOST_BYTES)
        return UploadView(
            id=upload.id, url=form.url, fields=dict(form.fields), most_bytes=MOST_BYTES, expires_at=upload.expires_at
        )

    async def _require_room(self, tx: Writing, upload: Upload) -> None:
        if upload.kind is FileKind.PHOTO:
            (await tx.files.album(upload.user_id)).require_room()
        else:
            require_room_for_document(await tx.files.documents_of(upload.user_id))

    async def confirm(self, actor: Actor, id: UploadId) -> ConfirmedView:
        """Confirm that the file was sent: inspect it, re-encode it and keep it. A repeated call returns the same view.

        `NotUploaded` when nothing was sent. `BadFile`, which says what to do, when the file is not acceptable; another
        may be sent until the upload expires. `UploadExpired` an hour after `begin`, or when nothing was sent in time.
        """
        actor.require(Permission.OWN_PROFILE)
        upload = await self._own_upload(actor, id)
        if upload.made is None:
            upload.require_confirmable(at=self.clock.now())
            upload = await self._store(actor, upload, await self._inspect(upload))
            # If this fails, or the file is sent again, `FileCleanup` deletes it a day later.
            with suppress(Unavailable):
                await self.store.delete([upload.incoming])
        return ConfirmedView(id=str(upload.made), kind=upload.kind)

    async def _store(self, actor: Actor, upload: Upload, inspected: InspectedFile) -> Upload:
        """Store the file and return the used upload.

        Reads the upload again first: the inspection takes seconds, and the slower of two concurrent confirmations must
        not replace a photo that staff may have approved by now.
        """
        upload = await self._own_upload(actor, upload.id)
        if upload.made is not None:
            return upload
        for object_key, data in inspected.objects:
            await self.store.put(object_key, data, inspected.content_type)
        return await self._add_file(actor, upload, inspected)

    async def _own_upload(self, actor: Actor, id: UploadId) -> Upload:
        async with begin_change(self.storage, actor, Permission.OWN_PROFILE) as tx:
            upload = await tx.files.upload(id)
        if upload.user_id != actor.require_id():
            raise NotFound("upload")
        return upload

    async def _inspect(self, upload: Upload) -> InspectedFile:
        try:
            data = await self.store.read(upload.incoming, MOST_BYTES)
        except NotFound as error:
            if self.clock.now() > upload.expires_at:
                raise UploadExpired from error
            raise NotUploaded(N_("nothing has been sent yet: send the file to the upload's url first")) from error
        if upload.content_type == PDF:
            require_pdf(data)
            return InspectedFile(((_document(upload), data),), PDF)
        photo = upload.kind is FileKind.PHOTO
        longest = LONGEST_PHOTO if photo else LONGEST_DOCUMENT
        picture = await self.pictures.remake(data, upload.content_type, longest=longest)
        return InspectedFile(_objects(upload, picture), JPEG, picture.width, picture.height)

    async def _add_file(self, actor: Actor, upload: Upload, inspected: InspectedFile) -> Upload:
        """Add the photo or document of a stored file, unless a concurrent confirmation did. Return the used upload."""
        now = self.clock.now()
        async with self.storage.write() as tx:
            user = await own_user(tx, actor, Permission.OWN_PROFILE)
            stored = await tx.files.upload(upload.id)
            if stored.made is not None:
                return stored
            used = upload.became(await self._make(tx, upload, inspected, now))
            await tx.files.save_upload(used)
            await tx.audit.add(audit_entry(actor, "file.added", at=now, subject=user.id, what=upload.kind))
        return used

    async def _make(self, tx: Writing, upload: Upload, inspected: InspectedFile, at: datetime) -> str:
        """Add the photo or document that the upload becomes. Return its id."""
        await self._require_room(tx, upload)
        if upload.kind is FileKind.PHOTO:
            photo = Photo(
                id=PhotoId(self.ids.make("pho")),
                key=upload.key,
                width=inspected.width,
                height=inspected.height,
                created_at=at,
            )
            album: Album = await tx.files.album(upload.user_id)
            await tx.files.save_album(album.with_photo(photo))
            return photo.id
        document = Document(
            id=DocumentId(self.ids.make("doc")),
            user_id=upload.user_id,
            kind=upload.kind,
            content_type=inspected.content_type,
            size=sum(len(data) for _, data in inspected.objects),
            key=upload.key,
            created_at=at,
        )
        await tx.files.add_document(document)
        return document.id


def _limits(me: UserId) -> tuple[tuple[str, RateLimit], ...]:
    return ((f"uploads_an_hour:{me}", UPLOADS_PER_HOUR), (f"uploads_a_day:{me}", UPLOADS_PER_DAY))


def _document(upload: Upload) -> ObjectKey:
    return ObjectKey(Bucket.DOCUMENTS, f"documents/{upload.key}")


def _objects(upload: Upload, picture: ProcessedImage) -> tuple[tuple[ObjectKey, bytes], ...]:
    if upload.kind is not FileKind.PHOTO:
        return ((_document(upload), picture.data),)
    full, thumbnail = photo_object_keys(upload.key)
    return (full, picture.data), (thumbnail, picture.thumbnail)


def require_pdf(data: bytes) -> None:
    """`BadFile` unless the bytes begin and end as a PDF, with nothing after it.

    Its content is not inspected: staff only save it, and never open it in the service's pages.
    """
    if not data.startswith(_PDF_BEGINS):
        raise BadFile(N_("the file is not what it was announced as: send a PDF, or begin an upload of another type"))
    _, end, after = data.rpartition(_PDF_ENDS)
    if not end or after.strip(b"\r\n\t \x00"):
        raise BadFile(N_("this PDF is cut off, or has something else after it: save it anew"))
