"""The removal of expired rows, run daily."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.changes import begin_change
from ygs.domain.idempotency import KEPT_FOR
from ygs.domain.imports import SHEET_KEPT_FOR
from ygs.domain.rate_limit import COUNTERS_KEPT_FOR
from ygs.domain.service_dates import date_at
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing

# Ended sessions are kept to recognise a network address from which the user has signed in before.
SESSIONS_KEPT_FOR = timedelta(days=90)
AUDIT_KEPT_FOR = timedelta(days=730)
# Finished jobs are kept to look up their outcome. They may name people who left, hence not for longer than their data.
JOBS_KEPT_FOR = timedelta(days=30)
# Requested exports: their filters may name people who left. The audit log says for longer who exported whom.
EXPORTS_KEPT_FOR = timedelta(days=30)
# Dispatched events are kept so that another system can fetch them again.
EVENTS_KEPT_FOR = timedelta(days=30)
NOTICES_KEPT_FOR = timedelta(days=90)
# Slots that nobody booked; the others stay with their consultations.
SLOTS_KEPT_FOR = timedelta(days=30)
# So that a receiver that was down for weeks can have them sent again.
DELIVERIES_KEPT_FOR = timedelta(days=30)
# What counts against a budget counts for a day; addresses are kept, to tell a new one from one that was used before.
READINGS_KEPT_FOR = timedelta(days=30)
# Answers of a language model about pairs, as members are told before they consent.
ADVICE_KEPT_FOR = timedelta(days=30)
# Forecasts that no contract followed: whoever asked has decided by then.
FORECASTS_KEPT_FOR = timedelta(days=90)
# People who left are recognised for five years, as long as their contracts are kept.
RECOGNISED_FOR = timedelta(days=1826)
# Contracts with their payments, after they ended, and disputes: the terms of the act on electronic commerce.
CONTRACTS_KEPT_FOR = timedelta(days=1826)
DISPUTES_KEPT_FOR = timedelta(days=1096)


class RemovedRows(BaseModel):
    """The number of removed rows of each kind."""

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
    forecasts: int
    events: int
    notices: int
    deliveries: int
    read_budgets: int
    slots: int
    imports: int
    exports: int
    advice: int


@dataclass(frozen=True, slots=True)
class ExpiredRows:
    """Removes rows that no request needs any more."""

    storage: Storage
    clock: Clock

    async def remove(self, actor: Actor) -> RemovedRows:
        """Remove the expired rows of each kind, each kind in a short transaction of its own.

        Removed are: sessions that ended 90 days ago; expired one-time tokens; rate limit counters and idempotent
        replies older than a day; advice of a language model and read budgets older than 30 days; audit entries older
        than two years; jobs that finished, events that were dispatched and deliveries that ended 30 days ago; notices
        older than 90 days; slots that ended 30 days ago and that nobody ever booked; imports that stored nothing
        within seven days, and others older than two years; exports requested 30 days ago; refunds assessed three years
        ago; forecasts made 90 days ago that no contract followed; memberships that ended five years ago; and, of people
        who left five years ago, the contacts by which a suspended person is recognised and the pairs that must not be
        introduced again.
        """
        actor.require(Permission.OPERATE)
        removed = {}
        for kind, purge in _purges(self.clock.now()).items():
            async with begin_change(self.storage, actor, Permission.OPERATE) as tx:
                removed[kind] = await purge(tx)
        return RemovedRows(**removed)


def _purges(now: datetime) -> Mapping[str, Callable[[Writing], Awaitable[int]]]:
    """How rows of each kind of `RemovedRows` are removed, in order."""
    return {
        "sessions": lambda tx: tx.sessions.purge(now - SESSIONS_KEPT_FOR),
        "one_time_tokens": lambda tx: tx.one_time_tokens.purge(now),
        "attempts": lambda tx: tx.rate_limits.purge(now - COUNTERS_KEPT_FOR),
        "commands": lambda tx: tx.idempotency.purge(now - KEPT_FOR),
        "audit": lambda tx: tx.audit.trim(now - AUDIT_KEPT_FOR),
        "suspensions": lambda tx: tx.suspensions.purge(now - RECOGNISED_FOR),
        "kept_pairs": lambda tx: tx.introductions.forget_kept_pairs(now - RECOGNISED_FOR),
        "slots": lambda tx: tx.consultations.purge(now - SLOTS_KEPT_FOR),
        "jobs": lambda tx: tx.jobs.purge(now - JOBS_KEPT_FOR),
        "refunds": lambda tx: tx.memberships.purge_refunds(now - DISPUTES_KEPT_FOR),
        "forecasts": lambda tx: tx.forecasts.purge(now - FORECASTS_KEPT_FOR),
        # The day in UTC: which of two days it is does not matter after five years.
        "memberships": lambda tx: tx.memberships.purge(date_at(now - CONTRACTS_KEPT_FOR, UTC)),
        "events": lambda tx: tx.outbox.purge(now - EVENTS_KEPT_FOR),
        "notices": lambda tx: tx.notices.purge(now - NOTICES_KEPT_FOR),
        "deliveries": lambda tx: tx.deliveries.purge(now - DELIVERIES_KEPT_FOR),
        "read_budgets": lambda tx: tx.read_budgets.purge(date_at(now - READINGS_KEPT_FOR, UTC)),
        "imports": lambda tx: _purge_imports(tx, now),
        "exports": lambda tx: tx.exports.purge(now - EXPORTS_KEPT_FOR),
        "advice": lambda tx: tx.advice.purge(now - ADVICE_KEPT_FOR),
    }


async def _purge_imports(tx: Writing, now: datetime) -> int:
    """Remove verdicts with the sheets that they quote, imports that stored nothing meanwhile, and those older than the
    audit log."""
    await tx.imports.purge_verdicts(now - SHEET_KEPT_FOR)
    abandoned = await tx.imports.purge(now - SHEET_KEPT_FOR, only_open=True)
    return abandoned + await tx.imports.purge(now - AUDIT_KEPT_FOR)
