"""Work that repeats until it is stopped, with a pause whenever there is nothing to do."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ygs.domain.errors import Unavailable

# How long to wait after there was nothing to do.
IDLE_SECONDS = 1.0


async def poll(step: Callable[[], Awaitable[object]], stopping: asyncio.Event) -> None:
    """Call `step` until `stopping` is set; a falsy result means that there was nothing to do, as `Unavailable` does."""
    while not stopping.is_set():
        try:
            busy = await step()
        except Unavailable:
            busy = None
        if not busy:
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), IDLE_SECONDS)
