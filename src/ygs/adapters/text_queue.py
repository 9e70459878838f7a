"""A queue of texts to people, sent in the background: whoever asks for a code does not wait until it is on its way."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ygs.domain.errors import N_, Unavailable
from ygs.ports.channels import Refused, TryAgain

log = logging.getLogger(__name__)

MOST_TRIES = 4
FIRST_PAUSE_SECONDS = 1.0
MOST_WAITING = 1000
AT_ONCE = 4
# As long as a code is good: those that a receiver in trouble left waiting must not delay the fresh ones.
STALE_SECONDS = 600.0
CLOSING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class QueuedText:
    """A text and whom it is to. `id`: the same at each try. `until`: when it is of no use any more, in seconds of the
    monotonic clock."""

    id: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    until: float


class TextQueue:
    """Sends texts in the background, four at once, each up to four times.

    `send` makes one try: `TryAgain` when another may succeed, `Refused` when none will. `receiver`: what the log calls
    whatever takes the texts.
    """

    def __init__(
        self, receiver: str, send: Callable[[QueuedText], Awaitable[object]], *, pause: float = FIRST_PAUSE_SECONDS
    ) -> None:
        self._receiver = receiver
        self._send = send
        self._pause = pause
        self._line = asyncio.Semaphore(AT_ONCE)
        self._sending: set[asyncio.Task[None]] = set()

    def put(self, to: str, text: str) -> None:
        """Take a text for delivery; `Unavailable` when too many wait."""
        if len(self._sending) >= MOST_WAITING:
            raise Unavailable(N_("too many texts are waiting to be sent: try again in a moment"))
        queued = QueuedText(f"msg_{secrets.token_hex(16)}", to, text, time.monotonic() + STALE_SECONDS)
        task = asyncio.create_task(self._deliver(queued))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """Wait a little for what is under way, then give up on the rest."""
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _deliver(self, queued: QueuedText) -> None:
        failure: TryAgain | Refused | None = None
        for attempt in range(MOST_TRIES):
            if attempt:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
            async with self._line:
                if time.monotonic() > queued.until:
                    break
                try:
                    await self._send(queued)
                except TryAgain as again:
                    failure = again
                except Refused as refused:
                    failure = refused
                    break
                else:
                    return
        # Neither whom it is to nor the text, and not the receiver's address either: webhook URLs hold tokens.
        answer = (failure.status or failure.error) if failure else "nothing"
        log.error("text %s was not sent: %s answered %s", queued.id, self._receiver, answer)
