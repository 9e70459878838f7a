"""Running a worker in this process until it is told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ygs.application.jobs.worker import Worker

# What runs has so long to finish; its lease ends soon after, and another worker takes it up.
LETTING_GO_SECONDS = 3


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """Run jobs beside the block. At its end, the job that runs has some seconds to finish."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await asyncio.wait([task], timeout=LETTING_GO_SECONDS)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def work_until_stopped(worker: Worker) -> None:
    """Run jobs until SIGINT or SIGTERM, then finish the one that runs."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, worker.stop)
    await worker.run()
