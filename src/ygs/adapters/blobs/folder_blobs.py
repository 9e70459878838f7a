"""Files in a folder of this machine that nobody but its owner can enter: what works without any configuration."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ygs.domain.errors import N_, NotFound, Unavailable
from ygs.domain.files import ObjectKey

Answer = TypeVar("Answer")

ONLY_OWNER = 0o700


# Where files are while they are written; no shelf is called so.
HALVES = "halves"


class FolderBlobs:
    """`Blobs` below `root`, which is made when first written to. A `ObjectKey` can name no path outside of it.

    What a process that was killed left half written goes when its object key is removed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def write(self, object_key: ObjectKey, data: bytes) -> None:
        """Store under another name first: who reads meanwhile gets the old bytes or the new, never half of them."""
        await self._beside(lambda: self._write(object_key, data))

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        """What is there."""
        return await self._beside(lambda: self._read(self._path(object_key), most_bytes))

    async def remove(self, object_key: ObjectKey) -> None:
        """Remove it."""
        await self._beside(lambda: self._remove(object_key))

    def _path(self, object_key: ObjectKey) -> Path:
        return self._root / object_key.bucket / object_key.path

    def _half(self, object_key: ObjectKey) -> str:
        return f"{object_key.bucket}-{object_key.path.replace('/', '-')}-"

    def _remove(self, object_key: ObjectKey) -> None:
        self._path(object_key).unlink(missing_ok=True)
        # Few files are ever there: it takes no longer the more there are in all.
        for half in (self._root / HALVES).glob(f"{self._half(object_key)}*"):
            half.unlink(missing_ok=True)

    def _write(self, object_key: ObjectKey, data: bytes) -> None:
        path = self._path(object_key)
        halves = self._root / HALVES
        for folder in (self._root, halves, path.parent.parent, path.parent):
            folder.mkdir(mode=ONLY_OWNER, parents=True, exist_ok=True)
        # Made for its owner alone (0600), whatever the umask.
        handle, name = tempfile.mkstemp(dir=halves, prefix=self._half(object_key))
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
            raise Unavailable(N_("the folder of files does not answer: look at its disk and permissions")) from error
