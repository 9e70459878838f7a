"""Idempotency: a client repeats a request under the same key, and it acts once."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from ygs.domain.errors import N_, InvalidFact, KeyReused, StillRunning

KEPT_FOR = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{8,128}")


def checked_key(text: str) -> str:
    """Check an `Idempotency-Key`: 8 to 128 visible ASCII characters, such as a UUID; `InvalidFact` otherwise."""
    if not _KEY.fullmatch(text):
        raise InvalidFact("Idempotency-Key", N_("must be 8 to 128 visible ASCII characters, such as a UUID"))
    return text


@dataclass(frozen=True, slots=True)
class Reply:
    """A stored response: status and body."""

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyRecord:
    """One request under an actor's key. `digest` is the SHA-256 of the request; without `reply` it is still running."""

    actor: str
    key: str
    digest: bytes
    started_at: datetime
    reply: Reply | None = None

    def again(self, digest: bytes) -> Reply:
        """The stored reply for a repeated request.

        `KeyReused` if the key was used for another request; `StillRunning` while there is no reply.
        """
        if digest != self.digest:
            raise KeyReused(N_("that Idempotency-Key was used for another request: use a new one"))
        if self.reply is None:
            raise StillRunning(
                N_("the first request with that Idempotency-Key is still running: ask again in a moment")
            )
        return self.reply

    def repeats(self, digest: bytes) -> bool:
        """Whether a request is this one again, and has a reply."""
        return digest == self.digest and self.reply is not None

    def done(self, reply: Reply) -> Self:
        """The record with its reply."""
        return replace(self, reply=reply)
