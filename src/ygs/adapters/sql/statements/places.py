"""Places: at most so many at a time, and whoever would wait too long is refused."""

import asyncio
from collections import deque

from ygs.adapters.sql.statements.errors import BUSY
from ygs.domain.errors import Unavailable


class Places:
    """A semaphore whose waiters are served in turn, each for at most `seconds`; then `Unavailable`.

    One timer watches all who wait: under load nearly every query waits, and a timer of its own would cost as much as
    the query.
    """

    def __init__(self, places: int, seconds: float) -> None:
        self._free = places
        self._seconds = seconds
        self._waiting = deque[tuple[float, asyncio.Future[None]]]()
        self._timer: asyncio.TimerHandle | None = None

    async def acquire(self) -> None:
        """Take a place; `Unavailable` when none becomes free in time."""
        if self._free:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiting.append((loop.time() + self._seconds, waiter))
        if self._timer is None:
            self._timer = loop.call_at(self._waiting[0][0], self._refuse)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                # The place was given in the moment of the cancellation.
                self.release()
            raise

    def release(self) -> None:
        """Give a place to whoever has waited longest."""
        while self._waiting:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    def _refuse(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        while self._waiting and self._waiting[0][0] <= loop.time():
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(Unavailable(BUSY))
        if self._waiting:
            self._timer = loop.call_at(self._waiting[0][0], self._refuse)

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
