"""Passwords by Argon2id (RFC 9106); bcrypt hashes of an older system are still read."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

import argon2
import bcrypt

from ygs.domain.errors import N_, Unavailable

Result = TypeVar("Result")


def at_once(cores: int) -> int:
    """How many hash at once: each takes a core and 64 MiB for a moment, so two, and never all the cores there are.

    With none left to the event loop, the slowest hundredth of everybody else's requests takes three times as long.
    """
    return max(1, min(2, cores - 1))


AT_ONCE = at_once(len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1)
# Who waits behind fifty would give up anyway.
MOST_WAITING = 50
_NICE = 19

_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}")
_BCRYPT_BYTES = 72
# From this cost on bcrypt takes about as long as a hash of ours, and both would take twice as long.
_BCRYPT_AS_DEAR = 11


def _step_back() -> None:
    """Let everything else go first; Linux alone gives threads a priority of their own."""
    if sys.platform == "linux":
        os.nice(_NICE)


class _Queue:
    """Those who wait, counted."""

    def __init__(self) -> None:
        self._waiting = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for a while; `Unavailable` when there is none."""
        if self._waiting >= MOST_WAITING:
            raise Unavailable(N_("too many people are signing in: try again in a moment"))
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


class ArgonPasswords:
    """`Passwords`; the costs are the production defaults (about 150 ms), to be lowered in tests only.

    `memory` is in KiB.
    """

    def __init__(self, *, passes: int = 3, memory: int = 64 * 1024, lanes: int = 1) -> None:
        self._hasher = argon2.PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords", initializer=_step_back)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._for_a_turn = _Queue()
        self._for_a_hash = _Queue()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One of as many as may hash."""
        with self._for_a_turn.place():
            await self._turns.acquire()
        try:
            yield
        finally:
            self._turns.release()

    async def hash(self, password: str) -> str:
        """The encoded hash."""
        return await self._beside(lambda: self._hasher.hash(password))

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Whether the hash is of this password; as long for None."""
        return await self._beside(lambda: self._verify(password, encoded))

    def outdated(self, encoded: str) -> bool:
        """Whether it is bcrypt, or Argon2 at other costs."""
        return bool(_BCRYPT.fullmatch(encoded)) or self._hasher.check_needs_rehash(encoded)

    async def close(self) -> None:
        """Give the threads back; a hash under way takes a fraction of a second."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, password: str, encoded: str | None) -> bool:
        if encoded is None:
            return self._in_vain(password)
        if old := _BCRYPT.fullmatch(encoded):
            # What made these hashes cut passwords off there without a word.
            right = bcrypt.checkpw(password.encode()[:_BCRYPT_BYTES], encoded.encode())
            return right or (int(old[1]) < _BCRYPT_AS_DEAR and self._in_vain(password))
        try:
            return self._hasher.verify(encoded, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError, ValueError):
            return False

    def _in_vain(self, password: str) -> bool:
        """False, at what comparing costs: neither an unknown phone nor a quick old hash is answered sooner."""
        self._hasher.hash(password)
        return False

    async def _beside(self, work: Callable[[], Result]) -> Result:
        with self._for_a_hash.place():
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
