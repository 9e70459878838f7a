"""Running workers in this process until they are told to stop."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ygs.application.jobs.worker import Worker
from ygs.application.notifications.deliver import Deliverer
from ygs.application.notifications.dispatch import Dispatcher

# What runs has so long to finish; its lease ends soon after, and another worker takes it up.
LETTING_GO_SECONDS = 3

_log = logging.getLogger("ygs.worker")


@asynccontextmanager
async def working(*workers: Worker | Dispatcher | Deliverer) -> AsyncIterator[None]:
    """Run jobs, dispatch events and deliver messages beside the block. At its end, what runs has some seconds to
    finish."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        await asyncio.wait(tasks, timeout=LETTING_GO_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def work_until_stopped(*workers: Worker | Dispatcher | Deliverer) -> None:
    """Run jobs, dispatch events and deliver messages until SIGINT or SIGTERM, then finish what runs."""
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        _log.info("%s: finishing what runs", number.name)
        for worker in workers:
            worker.stop()

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop, each)
    _log.info("worker started")
    await asyncio.gather(*(worker.run() for worker in workers))
    _log.info("worker stopped")
