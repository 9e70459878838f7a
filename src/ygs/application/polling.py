"""Work that repeats until it is stopped, with a pause whenever there is nothing to do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ygs.domain.errors import Unavailable

# How long to wait after there was nothing to do.
IDLE_SECONDS = 1.0

_log = logging.getLogger("ygs.polling")


async def poll(step: Callable[[], Awaitable[object]], stopping: asyncio.Event) -> None:
    """Call `step` until `stopping` is set; a falsy result means that there was nothing to do, as `Unavailable` does.

    The log says when storage stops answering and when it answers again, and not how often it was asked meanwhile.
    """
    away = False
    while not stopping.is_set():
        try:
            busy = await step()
        except Unavailable as error:
            if not away:
                _log.warning("storage does not answer (%s); asking again until it does", error.code)
            busy = None
            away = True
        else:
            if away:
                _log.info("storage answers again")
            away = False
        if not busy:
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), IDLE_SECONDS)
