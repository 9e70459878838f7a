"""Messages about events that go to the log only, so that development needs no mail server."""

import logging

from ygs.domain.deliveries import Channel
from ygs.ports.message_senders import Address, PersonalMessage

log = logging.getLogger(__name__)


class LogSender:
    """`MessageSender` that sends nothing and logs what would go by a channel, without the address."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def send(self, to: Address, message: PersonalMessage) -> int | None:
        """Log it."""
        log.warning("would go by %s: %s %s %s", self._channel, message.title, message.text, message.link)
        return None
