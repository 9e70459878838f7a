"""Group commit: run concurrent requests as one batch, in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from ygs.ports.repositories import MOST_PAGE

Item = TypeVar("Item")
Result = TypeVar("Result")

# Returns the result or the error of each item, in their order.
Work: TypeAlias = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]


class GroupCommit(Generic[Item, Result]):
    """Passes items to `work` in batches of at most a hundred, one batch after another.

    An error that `work` raises goes to every item of its batch.
    """

    def __init__(self, work: Work[Item, Result]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None

    def add(self, item: Item) -> asyncio.Future[Result]:
        """Queue an item, and return a future of its result."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        # A task of its own, because the first caller may be cancelled while its batch holds others' items.
        self._working = self._working or asyncio.create_task(self._work_off())
        return future

    async def _work_off(self) -> None:
        try:
            while batch := self._waiting[:MOST_PAGE]:
                del self._waiting[: len(batch)]
                results = await self._results([item for item, _ in batch])
                for (_, future), result in zip(batch, results, strict=True):
                    _resolve(future, result)
        finally:
            self._working = None

    async def _results(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return await self._work(items)
        except Exception as error:  # noqa: BLE001 - the whole batch gets the error
            return [error] * len(items)


def _resolve(future: asyncio.Future[Result], result: Result | Exception) -> None:
    if future.done():  # The caller was cancelled.
        return
    if isinstance(result, Exception):
        future.set_exception(result)
        # Retrieved here, since the caller may be cancelled in this moment; asyncio would log that nobody did.
        future.exception()
    else:
        future.set_result(result)
