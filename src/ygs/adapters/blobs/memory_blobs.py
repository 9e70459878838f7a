"""Files in memory, for tests and trying out."""

from ygs.domain.errors import NotFound
from ygs.domain.files import Place


class MemoryDrawers:
    """`Drawers` that last as long as this object."""

    def __init__(self) -> None:
        self.kept: dict[Place, bytes] = {}

    async def write(self, place: Place, data: bytes) -> None:
        """Keep it."""
        self.kept[place] = data

    async def read(self, place: Place, most_bytes: int) -> bytes:
        """What is kept."""
        if place not in self.kept:
            raise NotFound("file")
        return self.kept[place][: most_bytes + 1]

    async def remove(self, place: Place) -> None:
        """Forget it."""
        self.kept.pop(place, None)
