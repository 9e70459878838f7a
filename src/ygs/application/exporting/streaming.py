"""Writing a sheet while its rows are still being read, so that a large one needs little memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from threading import Event
from typing import TypeVar

from ygs.ports.spreadsheets import Cell

Item = TypeVar("Item")
Rows = Iterator[Sequence[Cell]]


class _Stopped(Exception):
    """Nobody waits for the sheet any more."""


async def write_streamed(
    write: Callable[[Rows], int], pages: AsyncIterator[Sequence[Item]], row: Callable[[Item], Sequence[Cell]]
) -> int:
    """Run `write` in a thread over the rows of all pages, and return what it returns.

    The thread asks for a page when it has written the one before, so one is in memory. `pages` is advanced on this
    event loop only, one page at a time; whatever it raises, `write` raises. When this call is cancelled it waits until
    the thread has stopped: what `pages` reads from may be closed afterwards.
    """
    loop = asyncio.get_running_loop()
    stopped = Event()

    def rows() -> Rows:
        while not stopped.is_set():
            page = asyncio.run_coroutine_threadsafe(_next(pages), loop).result()
            if page is None:
                return
            yield from map(row, page)
        raise _Stopped

    writing = asyncio.ensure_future(asyncio.to_thread(write, rows()))
    writing.add_done_callback(_retrieve)
    try:
        return await asyncio.shield(writing)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.wait({writing})
        raise


def _retrieve(writing: asyncio.Future[int]) -> None:
    """Look at how it ended: after a cancellation nobody else does, and asyncio would log it as forgotten."""
    if not writing.cancelled():
        writing.exception()


async def _next(pages: AsyncIterator[Sequence[Item]]) -> Sequence[Item] | None:
    return await anext(pages, None)
