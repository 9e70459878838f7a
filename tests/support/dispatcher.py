"""A process that dispatches events until it is killed. Run as ``python -m tests.support.dispatcher URL``."""

import asyncio
import sys

from tests.support.databases import opened
from ygs.adapters.system import SystemClock, UlidIds
from ygs.application.notifications.dispatch import Dispatcher
from ygs.ports.channels import DeliveryChannels


async def main(url: str) -> None:
    """Dispatch."""
    await Dispatcher(await opened(url), SystemClock(), UlidIds(), DeliveryChannels(())).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
