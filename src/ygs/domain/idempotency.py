"""Commands that a client may repeat without knowing whether the first one arrived: kept under the client's own key."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from ygs.domain.errors import InvalidFact, KeyReused, StillRunning

KEPT_FOR = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{8,128}")


def checked_key(text: str) -> str:
    """A client's key: 8 to 128 visible ASCII characters, such as a UUID; `InvalidFact` otherwise."""
    if not _KEY.fullmatch(text):
        raise InvalidFact("Idempotency-Key", "must be 8 to 128 visible ASCII characters, such as a UUID")
    return text


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered, to be answered again."""

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyRecord:
    """One command under an actor's key. `digest`: SHA-256 of what was asked; without `reply` it is still running."""

    actor: str
    key: str
    digest: bytes
    started_at: datetime
    reply: Reply | None = None

    def again(self, digest: bytes) -> Reply:
        """The reply to the same command asked again.

        `KeyReused` when something else is asked under its key; `StillRunning` while the first has no reply.
        """
        if digest != self.digest:
            raise KeyReused("that Idempotency-Key was used for another request: use a new one")
        if self.reply is None:
            raise StillRunning("the first request with that Idempotency-Key is still running: ask again in a moment")
        return self.reply

    def done(self, reply: Reply) -> Self:
        """With what was answered."""
        return replace(self, reply=reply)
