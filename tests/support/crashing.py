"""A process that dies, or fails, at its n-th call of a port, before or after the call's effect."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast

from ygs.domain.errors import OutcomeUnknown, Unavailable
from ygs.ports.storage import HotReads, Reading, Storage, Writing

Result = TypeVar("Result")


class Crashed(BaseException):
    """The process is dead: none of its calls has an effect any more."""


class CrashPoint:
    """Counts the calls of all ports, and lets one of them fail. 0 lets every call pass.

    `dies`: the process ends there. Otherwise the call raises `Unavailable`, and the process goes on.
    """

    def __init__(self, at: int = 0, *, after: bool = False, dies: bool = True) -> None:
        self.at = at
        self.after = after
        self.dies = dies
        self.calls = 0
        self.dead = asyncio.Event()

    def before_call(self) -> int:
        """Count a call, and fail before its effect if this is the one; return its number."""
        self._require_alive()
        self.calls += 1
        if self.calls == self.at and not self.after:
            self._fail(Unavailable("the call failed"))
        return self.calls

    def after_call(self, call: int, error: Unavailable | None = None) -> None:
        """Fail after the effect of that call if this is the one."""
        self._require_alive()
        if call == self.at and self.after:
            self._fail(error or Unavailable("the reply was lost"))

    def _require_alive(self) -> None:
        if self.dead.is_set():
            raise Crashed

    def _fail(self, error: Unavailable) -> None:
        if not self.dies:
            raise error
        self.dead.set()
        raise Crashed

    async def run(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Run work in this process; `Crashed` when the process dies meanwhile."""
        task = asyncio.ensure_future(work())
        death = asyncio.ensure_future(self.dead.wait())
        await asyncio.wait([task, death], return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        if self.dead.is_set():
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()
            raise Crashed
        return await task


class MortalStorage:
    """A storage as a process sees it that dies at a crash point. Storage and point can be exchanged."""

    schema = "mortal"

    def __init__(self) -> None:
        self.point = CrashPoint()
        self.storage: Any = None

    @property
    def hot_reads(self) -> HotReads:
        """Queries outside any transaction."""
        return cast(HotReads, mortal(self.storage.hot_reads, self.point))

    def read(self, *, latest: bool = False) -> AbstractAsyncContextManager[Reading]:
        """Read."""
        return self._transaction(lambda: self.storage.read(latest=latest), writes=False)

    def write(self, *, long: bool = False) -> AbstractAsyncContextManager[Writing]:
        """Write; beginning and committing are calls too."""
        return self._transaction(lambda: self.storage.write(long=long), writes=True)

    @asynccontextmanager
    async def _transaction(self, begin: Callable[[], Any], *, writes: bool) -> AsyncIterator[Any]:
        point = self.point
        point.before_call()
        async with begin() as tx:
            yield _Repositories(tx, point)
            if not writes:
                return
            commit = point.before_call()
        point.after_call(commit, OutcomeUnknown("no reply to the commit"))

    async def close(self) -> None:
        """Whoever opened the storage closes it."""


class _Repositories:
    def __init__(self, repositories: object, point: CrashPoint) -> None:
        self._repositories = repositories
        self._point = point

    def __getattr__(self, name: str) -> Any:
        repository = getattr(self._repositories, name)
        return repository if callable(repository) else mortal(repository, self._point)


class _MortalPort:
    def __init__(self, port: object, point: CrashPoint) -> None:
        self._port = port
        self._point = point

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not iscoroutinefunction(attribute):
            return attribute

        async def call(*args: Any, **kwargs: Any) -> Any:
            number = self._point.before_call()
            result = await attribute(*args, **kwargs)
            self._point.after_call(number)
            return result

        return call


def mortal(port: object, point: CrashPoint) -> Any:
    """A port whose calls are counted."""
    return _MortalPort(port, point)


def mortal_storage() -> tuple[MortalStorage, Storage]:
    """The same storage twice: to exchange what is behind it, and as the application takes it."""
    storage = MortalStorage()
    return storage, cast(Storage, storage)
