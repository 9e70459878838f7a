"""Files in memory, for tests and trying out."""

from ygs.domain.errors import NotFound
from ygs.domain.files import ObjectKey


class MemoryBlobs:
    """`Blobs` that last as long as this object."""

    def __init__(self) -> None:
        self.kept: dict[ObjectKey, bytes] = {}

    async def write(self, object_key: ObjectKey, data: bytes) -> None:
        """Keep it."""
        self.kept[object_key] = data

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        """What is kept."""
        if object_key not in self.kept:
            raise NotFound("file")
        return self.kept[object_key][: most_bytes + 1]

    async def remove(self, object_key: ObjectKey) -> None:
        """Forget it."""
        self.kept.pop(object_key, None)
