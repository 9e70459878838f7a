"""A sheet is written while it is read: one page at a time, and whatever fails on one side stops the other."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from threading import Event

import pytest

from ygs.application.exporting.streaming import Rows, write_streamed

PAGES = 5


class Pages:
    """Pages of ten numbers. `asked`: how many were asked for; `fails_at`: the page that cannot be read."""

    def __init__(self, fails_at: int = PAGES + 1) -> None:
        self.asked = 0
        self.fails_at = fails_at

    async def __aiter__(self) -> AsyncIterator[Sequence[int]]:
        for number in range(PAGES):
            self.asked += 1
            if self.asked == self.fails_at:
                raise ConnectionError("the storage is gone")
            await asyncio.sleep(0)
            yield range(number * 10, number * 10 + 10)


async def endless() -> AsyncIterator[Sequence[int]]:
    while True:
        await asyncio.sleep(0)
        yield (1,)


def row(number: int) -> Sequence[int]:
    return (number,)


async def test_all_rows_are_written_in_order() -> None:
    written: list[Sequence[object]] = []

    def write(rows: Rows) -> int:
        written.extend(rows)
        return len(written)

    assert await write_streamed(write, aiter(Pages()), row) == PAGES * 10
    assert written == [(number,) for number in range(PAGES * 10)]


async def test_a_page_is_read_only_when_the_one_before_is_written() -> None:
    pages = Pages()
    ahead: list[int] = []

    def write(rows: Rows) -> int:
        for written, _ in enumerate(rows):
            ahead.append(pages.asked - 1 - written // 10)
        return 0

    await write_streamed(write, aiter(pages), row)
    assert max(ahead) == 0


async def test_what_the_storage_raises_reaches_the_writer_and_the_caller() -> None:
    seen: list[Exception] = []

    def write(rows: Rows) -> int:
        try:
            return len(list(rows))
        except ConnectionError as error:
            seen.append(error)
            raise

    with pytest.raises(ConnectionError, match="gone"):
        await write_streamed(write, aiter(Pages(fails_at=3)), row)
    assert len(seen) == 1


async def test_after_the_writer_failed_no_page_is_read() -> None:
    pages = Pages()

    def write(rows: Rows) -> int:
        next(rows)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        await write_streamed(write, aiter(pages), row)
    assert pages.asked == 1


async def test_cancelling_waits_until_the_writer_has_stopped() -> None:
    begun, ended = Event(), Event()

    def write(rows: Rows) -> int:
        try:
            for _ in rows:
                begun.set()
            return 0
        finally:
            ended.set()

    writing = asyncio.create_task(write_streamed(write, endless(), row))
    await asyncio.to_thread(begun.wait, 5)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert ended.is_set()


async def test_a_cancelled_writing_leaves_no_error_that_nobody_retrieved() -> None:
    begun = Event()
    forgotten: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: forgotten.append(context))

    def write(rows: Rows) -> int:
        begun.set()
        return len(list(rows))

    writing = asyncio.create_task(write_streamed(write, endless(), row))
    await asyncio.to_thread(begun.wait, 5)
    writing.cancel()
    await asyncio.wait({writing})
    del writing
    gc.collect()
    assert not forgotten
