"""Where the bytes of photos and documents are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ygs.domain.files import ObjectKey

READ_SECONDS = 60
UPLOAD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class UploadForm:
    """Where and how a client sends a file: POST ``multipart/form-data`` of `fields` in their order and then ``file``.

    `url` is relative to the service when the service itself takes the file.
    """

    url: str
    fields: Mapping[str, str]


class BlobStore(Protocol):
    """Bytes at object keys. Every question raises `Unavailable` when the store does not answer within seconds."""

    async def presign_upload(self, object_key: ObjectKey, content_type: str, most_bytes: int) -> UploadForm:
        """Leave for somebody to store 1..`most_bytes` bytes of that type at exactly that object key, within 300 s.

        The store itself refuses another type, length or object key, and a leave that is changed or expired.
        """
        ...

    async def presign_read(self, object_key: ObjectKey, content_type: str, *, attachment: str = "") -> str:
        """An address where anybody can read the file for 60 s; `attachment`: saved under that name, never shown."""
        ...

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        """What is there, or `NotFound`; `BadFile` when it is longer."""
        ...

    async def put(self, object_key: ObjectKey, data: bytes, content_type: str) -> None:
        """Store it, all or nothing, in place of what was there."""
        ...

    async def delete(self, object_keys: Sequence[ObjectKey]) -> None:
        """Remove what is there; nothing is fine."""
        ...
