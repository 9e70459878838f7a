"""The other end of a blob store whose signed URLs our own service answers."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file as it is handed out."""

    data: bytes
    content_type: str
    attachment: str


class SignedUrlEndpoint(Protocol):
    """The other end of a `BlobStore` whose addresses our own service answers. `token` is the address's last part."""

    def most_bytes(self, token: str) -> int:
        """How much may be stored with this leave; `NotFound` for one that is wrong, changed or expired."""
        ...

    async def take(self, token: str, content_type: str, data: bytes) -> None:
        """Store a client's file; `NotFound` as above, `BadFile` for another type or length than was agreed."""
        ...

    async def give(self, token: str) -> ServedFile:
        """The file at a signed address; `NotFound` for one that is wrong, changed or expired, or when it is gone."""
        ...
