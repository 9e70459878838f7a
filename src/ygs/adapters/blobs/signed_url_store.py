"""Files that our own service hands out and takes in, at signed addresses below one of its own."""

from collections.abc import Sequence
from typing import Protocol

from ygs.adapters.blobs.signed_urls import Leave, Signer
from ygs.domain.errors import BadFile, NotFound
from ygs.domain.files import Place
from ygs.ports.blob_store import READ_SECONDS, UPLOAD_SECONDS, UploadForm
from ygs.ports.signed_urls import Given


class Drawers(Protocol):
    """Bytes by place, without asking who wants them."""

    async def write(self, place: Place, data: bytes) -> None:
        """Store, all or nothing."""
        ...

    async def read(self, place: Place, most_bytes: int) -> bytes:
        """At most so many bytes and one more, or `NotFound`."""
        ...

    async def remove(self, place: Place) -> None:
        """Remove; nothing there is fine."""
        ...


class OwnFiles:
    """`FileStore` and `FileDesk` over drawers. `below`: where the service's desk is, such as ``/api/v1/files``."""

    def __init__(self, drawers: Drawers, signer: Signer, below: str) -> None:
        self._drawers, self._signer, self._below = drawers, signer, below

    async def presign_upload(self, place: Place, content_type: str, most_bytes: int) -> UploadForm:
        """Leave to store, for 300 s."""
        leave = Leave(
            shelf=place.shelf,
            path=place.path,
            content_type=content_type,
            until=self._in(UPLOAD_SECONDS),
            most=most_bytes,
        )
        return UploadForm(f"{self._below}/{self._signer.sign(leave)}", {"Content-Type": content_type})

    async def presign_read(self, place: Place, content_type: str, *, attachment: str = "") -> str:
        """Leave to read, for 60 s."""
        leave = Leave(
            shelf=place.shelf,
            path=place.path,
            content_type=content_type,
            until=self._in(READ_SECONDS),
            attachment=attachment,
        )
        return f"{self._below}/{self._signer.sign(leave)}"

    async def read(self, place: Place, most_bytes: int) -> bytes:
        """What is there, or `NotFound`, or `BadFile`."""
        data = await self._drawers.read(place, most_bytes)
        if len(data) > most_bytes:
            raise BadFile("this file is larger than agreed: begin a new upload")
        return data

    async def put(self, place: Place, data: bytes, content_type: str) -> None:
        """Store it. The type is in the address that it is read by."""
        await self._drawers.write(place, data)

    async def delete(self, places: Sequence[Place]) -> None:
        """Remove what is there."""
        for place in places:
            await self._drawers.remove(place)

    def most_bytes(self, token: str) -> int:
        """How much may be stored with this leave."""
        return self._to_store(token).most

    async def take(self, token: str, content_type: str, data: bytes) -> None:
        """Store a client's file."""
        leave = self._to_store(token)
        if content_type != leave.content_type:
            raise BadFile(f"this upload was begun for {leave.content_type}: send that type, or begin another")
        if not 1 <= len(data) <= leave.most:
            raise BadFile(f"send 1 to {leave.most:,} bytes")
        await self._drawers.write(leave.place, data)

    async def give(self, token: str) -> Given:
        """The file at a signed address."""
        leave = self._signer.read(token)
        if leave.most:
            raise NotFound("file")
        # Whatever was stored was looked at before, and was short enough then.
        return Given(await self._drawers.read(leave.place, 1 << 30), leave.content_type, leave.attachment)

    def _to_store(self, token: str) -> Leave:
        leave = self._signer.read(token)
        if not leave.most:
            raise NotFound("file")
        return leave

    def _in(self, seconds: int) -> int:
        return int(self._signer.seconds()) + seconds
