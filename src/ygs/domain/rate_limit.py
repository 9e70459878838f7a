"""How often something may be tried before one must wait: a counter per account, per address, per whatever has a key."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

# Somebody who kept quiet for this long starts over with the shortest wait.
FORGIVEN_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`most` tries within `per`; who wants more waits, `shortest` at first and twice as long each time, up to
    `longest`."""

    most: int
    per: timedelta
    shortest: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(minutes=15)

    def wait(self, waits: int) -> timedelta:
        """How long the wait is after `waits` earlier ones."""
        return min(self.longest, self.shortest * (1 << min(waits, 32)))


# Wrong passwords for one account, wrong passwords from one address, and so on: see `guarantees` in docs.
PER_ACCOUNT = RateLimit(most=5, per=timedelta(minutes=5))
PER_ADDRESS = RateLimit(most=10, per=timedelta(minutes=1))
MESSAGES_PER_PHONE = RateLimit(most=3, per=timedelta(minutes=10))
MESSAGES_PER_ADDRESS = RateLimit(most=10, per=timedelta(minutes=10))
# Everything of somebody with all their files: a few a day, since each is read and packed.
EXPORTS_PER_PERSON = RateLimit(
    most=3, per=timedelta(hours=12), shortest=timedelta(hours=12), longest=timedelta(hours=12)
)
# Every one counts, right or not: a household or an office at its first meeting fits in, two hundred accounts do not.
SIGN_UPS_PER_ADDRESS = RateLimit(most=20, per=timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCount:
    """What was tried under one key since `since`; until `blocked_until` nothing more is allowed.

    A try is counted before it is known to be wrong, so that a hundred at once are not all let through, and given back
    when it was right. Tries during a wait are refused and change nothing: hammering prolongs no wait.
    """

    count: int = 0
    since: datetime
    waits: int = 0
    blocked_until: datetime | None = None

    def take(self, limit: RateLimit, *, at: datetime) -> tuple[Self, timedelta]:
        """One more try, and how long to wait instead: zero when it is allowed."""
        if self.blocked_until is not None and at < self.blocked_until:
            return self, self.blocked_until - at
        fresh = self._forgiven(limit, at)
        if fresh.count < limit.most:
            return replace(fresh, count=fresh.count + 1), timedelta(0)
        wait = limit.wait(fresh.waits)
        return replace(fresh, count=0, since=at + wait, waits=fresh.waits + 1, blocked_until=at + wait), wait

    def give_back(self) -> Self:
        """That try was right after all."""
        return replace(self, count=max(0, self.count - 1))

    def _forgiven(self, limit: RateLimit, at: datetime) -> Self:
        if at - self.since >= FORGIVEN_AFTER:
            return replace(self, count=0, since=at, waits=0, blocked_until=None)
        return replace(self, count=0, since=at) if at - self.since >= limit.per else self
