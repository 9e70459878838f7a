"""Files in a folder of this machine that nobody but its owner can enter: what works without any configuration."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ygs.domain.errors import NotFound, Unavailable
from ygs.domain.files import Place

Answer = TypeVar("Answer")

ONLY_OWNER = 0o700


# Where files are while they are written; no shelf is called so.
HALVES = "halves"


class FolderDrawers:
    """`Drawers` below `root`, which is made when first written to. A `Place` can name no path outside of it.

    What a process that was killed left half written goes when its place is removed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def write(self, place: Place, data: bytes) -> None:
        """Store under another name first: who reads meanwhile gets the old bytes or the new, never half of them."""
        await self._beside(lambda: self._write(place, data))

    async def read(self, place: Place, most_bytes: int) -> bytes:
        """What is there."""
        return await self._beside(lambda: self._read(self._path(place), most_bytes))

    async def remove(self, place: Place) -> None:
        """Remove it."""
        await self._beside(lambda: self._remove(place))

    def _path(self, place: Place) -> Path:
        return self._root / place.shelf / place.path

    def _half(self, place: Place) -> str:
        return f"{place.shelf}-{place.path.replace('/', '-')}-"

    def _remove(self, place: Place) -> None:
        self._path(place).unlink(missing_ok=True)
        # Few files are ever there: it takes no longer the more there are in all.
        for half in (self._root / HALVES).glob(f"{self._half(place)}*"):
            half.unlink(missing_ok=True)

    def _write(self, place: Place, data: bytes) -> None:
        path, halves = self._path(place), self._root / HALVES
        for folder in (self._root, halves, path.parent.parent, path.parent):
            folder.mkdir(mode=ONLY_OWNER, parents=True, exist_ok=True)
        # Made for its owner alone (0600), whatever the umask.
        handle, name = tempfile.mkstemp(dir=halves, prefix=self._half(place))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def _read(self, path: Path, most_bytes: int) -> bytes:
        with path.open("rb") as file:
            return file.read(most_bytes + 1)

    async def _beside(self, work: Callable[[], Answer]) -> Answer:
        try:
            return await asyncio.to_thread(work)
        except FileNotFoundError as error:
            raise NotFound("file") from error
        except OSError as error:
            raise Unavailable("the folder of files does not answer: look at its disk and permissions") from error
