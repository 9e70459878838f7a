"""Files that our own service hands out and takes in, at signed addresses below one of its own."""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Protocol

from ygs.adapters.blobs.grants import Grant, Signer
from ygs.domain.errors import N_, BadFile, NotFound, UploadExpired
from ygs.domain.files import ObjectKey
from ygs.ports.blob_store import READ_SECONDS, UPLOAD_SECONDS, UploadForm
from ygs.ports.signed_urls import ServedFile

# The path at which the service is mounted, as the client of the present request sees it; "" at the root of its host.
_ROOT_PATH: ContextVar[str] = ContextVar("_ROOT_PATH", default="")


class Blobs(Protocol):
    """Bytes by object key, without asking who wants them."""

    async def write(self, object_key: ObjectKey, data: bytes) -> None:
        """Store, all or nothing."""
        ...

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        """At most so many bytes and one more, or `NotFound`."""
        ...

    async def remove(self, object_key: ObjectKey) -> None:
        """Remove; nothing there is fine."""
        ...


class SignedUrlBlobStore:
    """`BlobStore` and `SignedUrlEndpoint` over drawers. `below`: where the service's desk is, such as
    ``/api/v1/files``."""

    def __init__(self, blobs: Blobs, signer: Signer, below: str) -> None:
        self._blobs = blobs
        self._signer = signer
        self._below = below

    async def presign_upload(self, object_key: ObjectKey, content_type: str, most_bytes: int) -> UploadForm:
        """Grant to store, for 300 s."""
        grant = Grant(
            bucket=object_key.bucket,
            path=object_key.path,
            content_type=content_type,
            until=self._in(UPLOAD_SECONDS),
            most=most_bytes,
        )
        return UploadForm(self._url(grant), {"Content-Type": content_type})

    async def presign_read(self, object_key: ObjectKey, content_type: str, *, attachment: str = "") -> str:
        """Grant to read, for 60 s."""
        grant = Grant(
            bucket=object_key.bucket,
            path=object_key.path,
            content_type=content_type,
            until=self._in(READ_SECONDS),
            attachment=attachment,
        )
        return self._url(grant)

    def _url(self, grant: Grant) -> str:
        """The signed URL. One without a host is found below the path at which the service is mounted."""
        start = _ROOT_PATH.get() if self._below.startswith("/") else ""
        return f"{start}{self._below}/{self._signer.sign(grant)}"

    def sign_below(self, root_path: str) -> None:
        """Each request is answered in a task of its own, and so in a context of its own."""
        _ROOT_PATH.set(root_path)

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        """What is there, or `NotFound`, or `BadFile`."""
        data = await self._blobs.read(object_key, most_bytes)
        if len(data) > most_bytes:
            raise BadFile(N_("this file is larger than agreed: begin a new upload"))
        return data

    async def put(self, object_key: ObjectKey, data: bytes, content_type: str) -> None:
        """Store it. The type is in the address that it is read by."""
        await self._blobs.write(object_key, data)

    async def delete(self, object_keys: Sequence[ObjectKey]) -> None:
        """Remove what is there."""
        for object_key in object_keys:
            await self._blobs.remove(object_key)

    def most_bytes(self, token: str) -> int:
        """How much may be stored with this grant."""
        return self._to_store(token).most

    async def take(self, token: str, content_type: str, data: bytes) -> None:
        """Store a client's file."""
        grant = self._to_store(token)
        if content_type != grant.content_type:
            raise BadFile(
                N_("this upload was begun for {content_type}: send that type, or begin another"),
                content_type=grant.content_type,
            )
        if not 1 <= len(data) <= grant.most:
            raise BadFile(N_("send 1 to {most:,} bytes"), most=grant.most)
        await self._blobs.write(grant.object_key, data)

    async def give(self, token: str) -> ServedFile:
        """The file at a signed address."""
        grant = self._signer.read(token)
        if grant.most:
            raise NotFound("file")
        # Whatever was stored was looked at before, and was short enough then.
        return ServedFile(await self._blobs.read(grant.object_key, 1 << 30), grant.content_type, grant.attachment)

    def _to_store(self, token: str) -> Grant:
        grant = self._signer.verified(token)
        if not grant.most:
            raise NotFound("file")
        if self._signer.is_over(grant):
            raise UploadExpired
        return grant

    def _in(self, seconds: int) -> int:
        return int(self._signer.seconds()) + seconds
