"""The event loop of a simulation: a seed chooses which ready callback runs next, and time is virtual."""

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

Result = TypeVar("Result")

# How long work in a thread takes at most, in virtual seconds.
LONGEST_WORK = 2.0


class Deadlock(RuntimeError):
    """Nothing can run any more: every task waits for another one."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Runs one ready callback at a time, in an order chosen by `random`.

    Time stands still while a callback is ready and then jumps to the next timer, so that waiting costs nothing. Work
    for a thread runs here, at a later virtual time.
    """

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _stopping: bool

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
        return func(*args)

    def _run_once(self) -> None:
        held = self._ready
        if held:
            place = self._random.randrange(len(held))
            self._ready = deque([held[place]])
            del held[place]
        elif not self._stopping:
            self._skip_to_next_timer()
        try:
            super()._run_once()  # type: ignore[misc]
        finally:
            if held is not self._ready:
                held.extend(self._ready)
                self._ready = held

    def _skip_to_next_timer(self) -> None:
        timers = [each.when() for each in self._scheduled if not each.cancelled()]
        if not timers:
            raise Deadlock("every task waits, and no timer will wake one")
        self._elapsed = max(self._elapsed, min(timers))
