"""The event loop of a simulation: a seed chooses which ready callback runs next, and time is virtual."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from heapq import heappop
from random import Random
from typing import Any, Generic, TypeVar

from sqlalchemy.util import await_only, greenlet_spawn

Result = TypeVar("Result")

# How long work in a thread takes at most, in virtual seconds.
LONGEST_WORK = 2.0


class Deadlock(RuntimeError):
    """Nothing can run any more: every task waits for another one."""


class AwaitedByThread(Generic[Result]):
    """What `asyncio.run_coroutine_threadsafe` returns in a simulation, to work that believes to be in a thread."""

    def __init__(self, work: Coroutine[Any, Any, Result], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work

    def result(self) -> Result:
        """Let others run until the work is done."""
        return await_only(self._work)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Runs one ready callback at a time, in an order chosen by `random`.

    Time stands still while a callback is ready and then jumps to the next timer, so that waiting costs nothing. Work
    for a thread runs here, at a later virtual time; it waits for this loop by `AwaitedByThread`.
    """

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _timer_cancelled_count: int

    def __init__(self, random: Random) -> None:
        self._random = random
        self._elapsed = 0.0
        super().__init__()

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._elapsed

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Result], *args: Any
    ) -> "asyncio.Future[Result]":
        """Run `func` in this thread after a while, so that other tasks run meanwhile as they would beside a thread."""
        return asyncio.ensure_future(self._work(func, *args), loop=self)

    async def _work(self, func: Callable[..., Result], *args: Any) -> Result:
        await asyncio.sleep(self._random.uniform(0, LONGEST_WORK))
        return await greenlet_spawn(func, *args)

    def _write_to_self(self) -> None:
        """Nothing: there is no other thread that would have to wake this one."""

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As in asyncio, without its checks."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def _run_once(self) -> None:
        ready = self._ready
        if not ready:
            self._elapsed = max(self._elapsed, self._next_timer().when())
        self._wake_due_timers()
        place = int(self._random.random() * len(ready))
        handle = ready[place]
        del ready[place]
        if not handle._cancelled:
            handle._run()

    def _next_timer(self) -> asyncio.TimerHandle:
        timers = self._scheduled
        while timers and timers[0].cancelled():
            self._pop_timer()
            self._timer_cancelled_count -= 1
        if not timers:
            raise Deadlock("every task waits, and no timer will wake one")
        return timers[0]

    def _wake_due_timers(self) -> None:
        timers = self._scheduled
        while timers and timers[0].when() <= self._elapsed:
            timer = self._pop_timer()
            if timer.cancelled():
                self._timer_cancelled_count -= 1
            else:
                self._ready.append(timer)

    def _pop_timer(self) -> asyncio.TimerHandle:
        timer = heappop(self._scheduled)
        timer._scheduled = False  # type: ignore[attr-defined]
        return timer
