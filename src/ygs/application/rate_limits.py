"""Rate limits in use cases, and the client's address that they count by."""

from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv6Address
from math import ceil
from typing import Self

from ygs.domain.errors import InvalidText, TooManyAttempts
from ygs.domain.rate_limit import MESSAGES_PER_PHONE, PER_ACCOUNT, AttemptCount, RateLimit
from ygs.domain.text import checked_text
from ygs.ports.authentication import Secrets
from ygs.ports.storage import Writing

_DEVICE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class ClientAddress:
    """The client of a request: its IP address as the server sees it, and the name it gives itself."""

    address: str = ""
    device: str = ""

    @classmethod
    def of(cls, address: str, device: str) -> Self:
        """Make one from the address and the User-Agent, which is shortened, or left out when it cannot be stored."""
        kept = "".join(character for character in device if character.isprintable())[:_DEVICE_LENGTH]
        with suppress(InvalidText):
            return cls(address, checked_text("device", kept, at_most=_DEVICE_LENGTH))
        return cls(address)

    def hashed(self, secrets: Secrets) -> str:
        """The address as it is stored and counted, unreadable. Of an IPv6 address the network: a home or a phone has
        2^64 addresses of its own, and would otherwise have that many tries. An IPv4 address in IPv6's clothes, as a
        socket for both shows them, is that IPv4 address, and not one network with all others."""
        try:
            address = IPv6Address(self.address)
        except AddressValueError:
            return secrets.keyed_hash("address", self.address)
        network = address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64)
        return secrets.keyed_hash("address", str(network))


@dataclass(frozen=True, slots=True)
class RateLimitState:
    """How a client stands under one limit: `remaining` attempts until `reset` seconds have passed."""

    name: str
    most: int
    seconds: int
    remaining: int
    reset: int


# The tightest limit of the client of the present request; none before one was counted.
RATE_LIMIT_STATE: ContextVar[RateLimitState | None] = ContextVar("RATE_LIMIT_STATE", default=None)
# Counted by account or phone: how many attempts are left would tell one stranger of another's, or of the owner's.
_UNTOLD = (PER_ACCOUNT, MESSAGES_PER_PHONE)


def _tell(key: str, limit: RateLimit, attempts: AttemptCount, wait: timedelta, at: datetime) -> None:
    left = 0 if wait else limit.most - attempts.count
    tightest = RATE_LIMIT_STATE.get()
    if limit in _UNTOLD or (tightest is not None and tightest.remaining <= left):
        return
    until = wait or attempts.since + limit.per - at
    RATE_LIMIT_STATE.set(
        RateLimitState(
            name=key.partition(":")[0],
            most=limit.most,
            seconds=ceil(limit.per.total_seconds()),
            remaining=left,
            reset=ceil(until.total_seconds()),
        )
    )


async def hit_rate_limit(tx: Writing, tries: Sequence[tuple[str, RateLimit]], at: datetime) -> timedelta:
    """Count an attempt under each key; return how long to wait when a limit is reached, else zero.

    Keys are locked in the order given, so that two requests cannot deadlock. After the first refusal no further key is
    counted.
    """
    for key, limit in tries:
        attempts, wait = (await tx.rate_limits.get(key, at)).take(limit, at=at)
        await tx.rate_limits.save(key, attempts)
        _tell(key, limit, attempts, wait, at)
        if wait:
            return wait
    return timedelta(0)


def raise_if_limited(wait: timedelta) -> None:
    """Raise `TooManyAttempts` when there is a wait. Call it after the transaction, or the count is rolled back."""
    if wait:
        _tell_none_left(wait)
        raise TooManyAttempts(ceil(wait.total_seconds()))


def _tell_none_left(wait: timedelta) -> None:
    """What is told of a limit with attempts left does not hold when another, which is not told, refuses."""
    state = RATE_LIMIT_STATE.get()
    if state is not None and state.remaining:
        RATE_LIMIT_STATE.set(replace(state, remaining=0, reset=ceil(wait.total_seconds())))
