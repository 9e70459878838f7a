"""A process that sends webhooks until it is killed. Run as ``python -m tests.support.deliverer URL``."""

import asyncio
import sys
from zoneinfo import ZoneInfo

from tests.support.databases import opened
from ygs.adapters.system import SystemClock
from ygs.adapters.webhooks.http_sender import HttpWebhookSender
from ygs.application.notifications.deliver import Deliverer
from ygs.application.notifications.webhook_channel import WebhookChannel
from ygs.ports.channels import DeliveryChannels


async def main(url: str) -> None:
    """Deliver."""
    clock = SystemClock()
    channels = DeliveryChannels((WebhookChannel(clock, HttpWebhookSender(insecure=True)),))
    await Deliverer(await opened(url), clock, ZoneInfo("Asia/Seoul"), channels).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
