"""Texts to phones and e-mail addresses: written to a developer's log, or handed to a webhook that sends them."""

import asyncio
import hashlib
import hmac
import json
import logging
import time

import httpx

from ygs.adapters.text_queue import FIRST_PAUSE_SECONDS, QueuedText, TextQueue
from ygs.ports.channels import Refused, TryAgain

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0


class LogMessenger:
    """`Messenger` that sends nothing. `show`: write to whom, and the text, to the log, which development needs and
    production must not; without it the log says only that a text was not sent."""

    def __init__(self, *, show: bool) -> None:
        self._show = show

    async def send(self, to: str, text: str) -> None:
        """Log it."""
        if self._show:
            log.warning("to %s: %s", to, text)
        else:
            log.error("a text was not sent: set YGS_MESSENGER_URL to a webhook that sends texts")


class WebhookMessenger:
    """`Messenger` over HTTP: POSTs ``{"id", "to", "text"}`` in the background; `to` is a phone in
    E.164 or, with an @ in it, an e-mail address.

    Signed like the service's other webhooks: ``Ygs-Signature: t=SECONDS,v1=HEX``, HMAC-SHA256 of ``SECONDS.BODY``.
    2xx is success; 429, 5xx and no answer are tried again, up to four times with the same id; anything else is not.
    """

    def __init__(
        self, url: str, key: bytes, *, pause: float = FIRST_PAUSE_SECONDS, total: float = TOTAL_SECONDS
    ) -> None:
        self._url = url
        self._key = key
        self._total = total
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(total, connect=CONNECT_SECONDS), follow_redirects=False)
        self._queue = TextQueue("the messenger's webhook", self._post, pause=pause)

    async def send(self, to: str, text: str) -> None:
        """Take it for delivery."""
        self._queue.put(to, text)

    async def close(self) -> None:
        """Wait a little for what is under way, then close the connections."""
        await self._queue.close()
        await self._client.aclose()

    async def _post(self, queued: QueuedText) -> None:
        body = json.dumps({"id": queued.id, "to": queued.to, "text": queued.text}, ensure_ascii=False).encode()
        moment = str(int(time.time()))
        mac = hmac.digest(self._key, moment.encode() + b"." + body, hashlib.sha256).hex()
        headers = {"content-type": "application/json", "ygs-signature": f"t={moment},v1={mac}"}
        try:
            async with asyncio.timeout(self._total):
                status = (await self._client.post(self._url, content=body, headers=headers)).status_code
        except (httpx.HTTPError, TimeoutError):
            raise TryAgain("no_answer") from None
        if status == 429 or status >= 500:
            raise TryAgain("webhook_failed", status)
        if status >= 300:
            raise Refused("webhook_refused", status)
