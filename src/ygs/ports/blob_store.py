"""The blob store: the bytes of photos and documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ygs.domain.files import ObjectKey

READ_SECONDS = 60
UPLOAD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class UploadForm:
    """How a client uploads a file: POST ``multipart/form-data`` with `fields` in their order, then ``file``, to `url`.

    `url` is relative to the service when the service itself takes the file.
    """

    url: str
    fields: Mapping[str, str]


class BlobStore(Protocol):
    """Bytes by object key. Every method raises `Unavailable` when the store does not answer within seconds."""

    async def presign_upload(self, object_key: ObjectKey, content_type: str, most_bytes: int) -> UploadForm:
        """A signed form with which a client uploads 1..`most_bytes` bytes of that type to that object key in 300 s.

        The store refuses another type, length or object key, and a form that was changed or has expired.
        """
        ...

    async def presign_read(self, object_key: ObjectKey, content_type: str, *, attachment: str = "") -> str:
        """A signed URL that reads the file for 60 s. With `attachment` a browser saves it under that name."""
        ...

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        """The bytes, or `NotFound`; `BadFile` when there are more than `most_bytes`."""
        ...

    async def put(self, object_key: ObjectKey, data: bytes, content_type: str) -> None:
        """Store bytes atomically, replacing what was there."""
        ...

    async def delete(self, object_keys: Sequence[ObjectKey]) -> None:
        """Delete these objects, as far as they exist."""
        ...
