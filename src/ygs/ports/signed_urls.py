"""The port of signed URLs that the service itself answers, for a blob store without a server of its own."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file as it is sent to a client."""

    data: bytes
    content_type: str
    attachment: str


class SignedUrlEndpoint(Protocol):
    """Answers the signed URLs of a `BlobStore`. `token` is the last part of the URL."""

    def sign_below(self, root_path: str) -> None:
        """Set the path at which the service is mounted. URLs signed later in the current request begin with it, unless
        they have a host of their own."""
        ...

    def most_bytes(self, token: str) -> int:
        """The size limit of an upload; `NotFound` for a token that is wrong, `UploadExpired` for one that is over."""
        ...

    async def take(self, token: str, content_type: str, data: bytes) -> None:
        """Store an uploaded file.

        `NotFound` and `UploadExpired` as for `most_bytes`; `BadFile` for another type or length than the token allows.
        """
        ...

    async def give(self, token: str) -> ServedFile:
        """Return the file of a token; `NotFound` for a token that is wrong or expired, and for a deleted file."""
        ...
