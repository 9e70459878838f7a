"""Rate limits: counters of attempts by key, such as an account or an address, with growing waits."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

# After this long without attempts, waits start with the shortest again.
FORGIVEN_AFTER = timedelta(hours=12)
# The longest `per` of any limit below: older counters refuse nothing.
COUNTERS_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Allows `most` attempts within `per`; after that a wait of `shortest`, doubled each time up to `longest`."""

    most: int
    per: timedelta
    shortest: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(minutes=15)

    def wait(self, waits: int) -> timedelta:
        """The length of the wait after `waits` earlier waits."""
        return min(self.longest, self.shortest * (1 << min(waits, 32)))


PER_ACCOUNT = RateLimit(most=5, per=timedelta(minutes=5))
PER_ADDRESS = RateLimit(most=10, per=timedelta(minutes=1))
MESSAGES_PER_PHONE = RateLimit(most=3, per=timedelta(minutes=10))
MESSAGES_PER_ADDRESS = RateLimit(most=10, per=timedelta(minutes=10))
# An export reads and packs all files of a member.
EXPORTS_PER_PERSON = RateLimit(
    most=3, per=timedelta(hours=12), shortest=timedelta(hours=12), longest=timedelta(hours=12)
)
# A proof about a round unpacks the snapshot of the whole market.
PROOFS_PER_PERSON = RateLimit(
    most=10, per=timedelta(hours=1), shortest=timedelta(minutes=10), longest=timedelta(hours=1)
)
# A forecast takes seconds of a processor; and many narrow ones, compared, would single people out.
FORECASTS_PER_ACCOUNT = RateLimit(
    most=20, per=timedelta(hours=1), shortest=timedelta(minutes=10), longest=timedelta(hours=1)
)
# A member who uploads six photos and a few documents, and some of them twice, stays far below both. An unconfirmed
# upload is kept for a day, so the second limit bounds the space that one member can fill.
UPLOADS_PER_HOUR = RateLimit(most=30, per=timedelta(hours=1), shortest=timedelta(hours=1), longest=timedelta(hours=1))
UPLOADS_PER_DAY = RateLimit(most=60, per=timedelta(days=1), shortest=timedelta(days=1), longest=timedelta(days=1))
# Successful sign-ups count too: enough for a household or an office, too few for hundreds of made-up accounts.
SIGN_UPS_PER_ADDRESS = RateLimit(most=20, per=timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCount:
    """The attempts under one key since `since`. Until `blocked_until` further attempts are refused.

    An attempt is counted before its result is known, so that a hundred concurrent ones do not all pass, and given back
    if it succeeds. Refused attempts change nothing, so they do not prolong the wait.
    """

    count: int = 0
    since: datetime
    waits: int = 0
    blocked_until: datetime | None = None

    def take(self, limit: RateLimit, *, at: datetime) -> tuple[Self, timedelta]:
        """Count one attempt; return the new count and how long to wait instead (zero when the attempt is allowed)."""
        if self.blocked_until is not None and at < self.blocked_until:
            return self, self.blocked_until - at
        fresh = self._forgiven(limit, at)
        if fresh.count < limit.most:
            return replace(fresh, count=fresh.count + 1), timedelta(0)
        wait = limit.wait(fresh.waits)
        return replace(fresh, count=0, since=at + wait, waits=fresh.waits + 1, blocked_until=at + wait), wait

    def give_back(self) -> Self:
        """The count without an attempt that succeeded."""
        return replace(self, count=max(0, self.count - 1))

    def _forgiven(self, limit: RateLimit, at: datetime) -> Self:
        if at - self.since >= max(FORGIVEN_AFTER, limit.per):
            return replace(self, count=0, since=at, waits=0, blocked_until=None)
        return replace(self, count=0, since=at) if at - self.since >= limit.per else self
