"""Texts to phones and e-mail addresses: written to a developer's log, or handed to a webhook that sends them."""

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import time
from dataclasses import dataclass, field

import httpx

from ygs.domain.errors import N_, Unavailable

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
MOST_TRIES = 4
FIRST_PAUSE_SECONDS = 1.0
MOST_WAITING = 1000
AT_ONCE = 4
# As long as a code is good: those that a receiver in trouble left waiting must not delay the fresh ones.
STALE_SECONDS = 600.0
CLOSING_SECONDS = 10.0


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


@dataclass(frozen=True, slots=True)
class _Letter:
    id: str
    body: bytes = field(repr=False)
    until: float


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
        self._pause = pause
        self._total = total
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(total, connect=CONNECT_SECONDS), follow_redirects=False)
        self._line = asyncio.Semaphore(AT_ONCE)
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, to: str, text: str) -> None:
        """Take it for delivery."""
        if len(self._sending) >= MOST_WAITING:
            raise Unavailable(N_("too many texts are waiting to be sent: try again in a moment"))
        id = f"msg_{secrets.token_hex(16)}"  # noqa: A001 - the receiver's word for it
        body = json.dumps({"id": id, "to": to, "text": text}, ensure_ascii=False).encode()
        task = asyncio.create_task(self._deliver(_Letter(id, body, time.monotonic() + STALE_SECONDS)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """Wait a little for what is under way, then give up on the rest."""
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._client.aclose()

    async def _deliver(self, letter: _Letter) -> None:
        for attempt in range(MOST_TRIES):
            if attempt:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
            async with self._line:
                stale = time.monotonic() > letter.until
                status = None if stale else await self._post(letter)
            if stale or (status is not None and status < 500 and status != 429):
                break
        if status is None or status >= 300:
            # Neither phone nor text, and not the address either: webhook URLs hold tokens.
            log.error("text %s was not sent: the messenger's webhook answered %s", letter.id, status or "nothing")

    async def _post(self, letter: _Letter) -> int | None:
        moment = str(int(time.time()))
        mac = hmac.digest(self._key, moment.encode() + b"." + letter.body, hashlib.sha256).hex()
        headers = {"content-type": "application/json", "ygs-signature": f"t={moment},v1={mac}"}
        try:
            async with asyncio.timeout(self._total):
                return (await self._client.post(self._url, content=letter.body, headers=headers)).status_code
        except (httpx.HTTPError, TimeoutError):
            return None
