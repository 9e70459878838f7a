"""Signed URLs that the service itself answers, for a blob store without a server of its own."""

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
        """From now on begin URLs that are signed for the present request with the path at which the service is mounted,
        unless they have a host of their own."""
        ...

    def most_bytes(self, token: str) -> int:
        """The size limit of an upload; `NotFound` for a token that is wrong, changed or expired."""
        ...

    async def take(self, token: str, content_type: str, data: bytes) -> None:
        """Store an uploaded file; `NotFound` as above, `BadFile` for another type or length than the token allows."""
        ...

    async def give(self, token: str) -> ServedFile:
        """The file of a token; `NotFound` for a token that is wrong, changed or expired, or a file that is gone."""
        ...
