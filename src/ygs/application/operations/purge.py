"""The daily purge, which deletes data at the end of its retention period.

It deletes:

- people who left longer ago than the retention period: profile, facts, wishes, consents, account, links, sessions,
  one-time tokens, blocks of members, reports by and about them, staff's notes on them, photos, documents, uploads,
  undelivered events, their answers and feedback, and what others wrote about introductions to them;
- snapshots, plans, keys and releases to auditors of the match weeks created longer ago than the retention period;
- expired rows of other kinds, such as ended sessions and old audit entries: `ExpiredRows` lists them;
- documents some time after the decision, old uploads, and the files of everything deleted above: `FileCleanup`, which
  the purge's callers run after it.

What stays of people who left, and why: docs/decisions/0006-what-erasure-leaves.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from pydantic import BaseModel, ConfigDict

from ygs.application.accounts.expired_rows import ExpiredRows, RemovedRows
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.storage import Storage

# People erased in one transaction, which takes some tenths of a second, so that other writers do not wait long.
AT_ONCE = 100

# How long the data of people who left is kept, in case they come back or a bill is open.
Retention = NewType("Retention", timedelta)


class Purged(BaseModel):
    """The numbers of erased people, of match weeks whose inputs were deleted, and of expired rows by kind."""

    model_config = ConfigDict(frozen=True)

    people: int
    weeks: int
    old: RemovedRows


@dataclass(frozen=True, slots=True)
class Erasure:
    """Deletes data for good at the end of its retention period."""

    storage: Storage
    clock: Clock
    retention: Retention

    async def purge(self, actor: Actor, progress: Progress = silent) -> Purged:
        """Erase people who left longer ago than the retention period, and delete old inputs and expired rows.

        People are erased in transactions of a hundred. If the purge is stopped, the next run continues; two concurrent
        runs share the work. The deletion of people's files is scheduled in the same transactions: run `FileCleanup`
        afterwards.
        """
        now = self.clock.now()
        before = now - self.retention
        async with begin_change(self.storage, actor, Permission.OPERATE) as tx:
            # People who left before then are only in inputs of weeks that were created before they left.
            weeks = await tx.erasure.forget_inputs(before)
            total = await tx.erasure.count_left_before(before)
            if weeks:
                await tx.audit.add(audit_entry(actor, "week.inputs_removed", at=now, what=f"weeks={weeks}"))
        people = 0
        while batch := await self._erase(actor, before):
            people += batch
            # `people` exceeds `total` if somebody's retention period ended meanwhile.
            progress("erase", people, max(people, total))
        old = await ExpiredRows(self.storage, self.clock).remove(actor)
        return Purged(people=people, weeks=weeks, old=old)

    async def _erase(self, actor: Actor, before: datetime) -> int:
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.OPERATE) as tx:
            people = await tx.erasure.left_before(before, AT_ONCE)
            await tx.files.schedule_deletion(await tx.files.remove_all(people))
            await tx.erasure.erase(people, now)
            if people:
                await tx.audit.add(*(audit_entry(actor, "member.erased", at=now, subject=person) for person in people))
        return len(people)
