"""Group commit: run concurrent requests as one batch, in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from ygs.ports.repositories import MOST_PAGE

Item = TypeVar("Item")
Result = TypeVar("Result")

# What came of each item, in their order, or what was in its way.
Work: TypeAlias = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]


class GroupCommit(Generic[Item, Result]):
    """Gives items to `work` in batches of at most a hundred, one batch after another. An error that `work` raises goes
    to every item of its batch."""

    def __init__(self, work: Work[Item, Result]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None

    def add(self, item: Item) -> asyncio.Future[Result]:
        """Queue an item, and return a future of its result."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        # A task of its own: whoever came first may be cancelled, and the others' items are on their way with theirs.
        self._working = self._working or asyncio.create_task(self._all())
        return done

    async def _all(self) -> None:
        try:
            while lot := self._waiting[:MOST_PAGE]:
                del self._waiting[: len(lot)]
                results = await self._results([item for item, _ in lot])
                for (_, done), result in zip(lot, results, strict=True):
                    _tell(done, result)
        finally:
            self._working = None

    async def _results(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return await self._work(items)
        except Exception as error:  # noqa: BLE001 - whatever it is, all who wait for it are told
            return [error] * len(items)


def _tell(done: asyncio.Future[Result], result: Result | Exception) -> None:
    if done.done():  # by being cancelled
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
