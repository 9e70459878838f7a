"""The daily removal of expired rows."""

from dataclasses import dataclass
from datetime import UTC, timedelta

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.domain.idempotency import KEPT_FOR
from ygs.domain.rate_limit import COUNTERS_KEPT_FOR
from ygs.domain.service_dates import date_at
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

# Ended sessions stay this long, so that a sign-in from an address of theirs counts as one from a known address.
SESSIONS_KEPT_FOR = timedelta(days=90)
AUDIT_KEPT_FOR = timedelta(days=730)
# Jobs that are over, for whoever asks what became of them. Like everything about people who left, no longer than that.
JOBS_KEPT_FOR = timedelta(days=30)
# Whoever left is known again for five years: as long as contracts and disputes are kept.
RECOGNISED_FOR = timedelta(days=1826)
# Contracts with their payments after they were over, and disputes, as the law of electronic commerce asks.
CONTRACTS_KEPT_FOR = timedelta(days=1826)
DISPUTES_KEPT_FOR = timedelta(days=1096)


class RemovedRows(BaseModel):
    """How many rows of each kind were removed."""

    model_config = ConfigDict(frozen=True)

    sessions: int
    one_time_tokens: int
    attempts: int
    commands: int
    audit: int
    suspensions: int
    kept_pairs: int
    jobs: int
    memberships: int
    refunds: int


@dataclass(frozen=True, slots=True)
class ExpiredRows:
    """Removal of rows that no request needs any more."""

    storage: Storage
    clock: Clock

    async def remove(self, actor: Actor) -> RemovedRows:
        """Remove sessions that ended 90 days ago, expired one-time tokens, rate limit counters and idempotent replies
        older than a day, audit entries older than two years, jobs that were over 30 days ago,
        what knows people again who left five years ago, refunds assessed three years ago, and memberships that were
        over five years ago. Each kind has a short transaction of its own."""
        actor.require(Permission.OPERATE)
        now = self.clock.now()
        async with self.storage.write() as tx:
            sessions = await tx.sessions.purge(now - SESSIONS_KEPT_FOR)
        async with self.storage.write() as tx:
            one_time_tokens = await tx.one_time_tokens.purge(now)
        async with self.storage.write() as tx:
            attempts = await tx.rate_limits.purge(now - COUNTERS_KEPT_FOR)
        async with self.storage.write() as tx:
            commands = await tx.idempotency.purge(now - KEPT_FOR)
        async with self.storage.write() as tx:
            audit = await tx.audit.trim(now - AUDIT_KEPT_FOR)
        async with self.storage.write() as tx:
            suspensions = await tx.suspensions.purge(now - RECOGNISED_FOR)
        async with self.storage.write() as tx:
            kept_pairs = await tx.introductions.forget_kept_pairs(now - RECOGNISED_FOR)
        async with self.storage.write() as tx:
            jobs = await tx.jobs.purge(now - JOBS_KEPT_FOR)
        async with self.storage.write() as tx:
            refunds = await tx.memberships.purge_refunds(now - DISPUTES_KEPT_FOR)
        async with self.storage.write() as tx:
            # The day in UTC: which of two days it is does not matter after five years.
            memberships = await tx.memberships.purge(date_at(now - CONTRACTS_KEPT_FOR, UTC))
        return RemovedRows(
            sessions=sessions,
            one_time_tokens=one_time_tokens,
            attempts=attempts,
            commands=commands,
            audit=audit,
            suspensions=suspensions,
            kept_pairs=kept_pairs,
            jobs=jobs,
            memberships=memberships,
            refunds=refunds,
        )
