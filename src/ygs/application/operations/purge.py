"""Erasing people who left, once the retention period is over. What stays, and why: docs/decisions/0006."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from pydantic import BaseModel, ConfigDict

from ygs.application.accounts.expired_rows import ExpiredRows, RemovedRows
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.storage import Storage

# People in a transaction: some tenths of a second, after which whoever waits to write has their turn.
AT_ONCE = 100


# How long the data of people who left is kept, in case they change their mind or a bill is open.
Retention = NewType("Retention", timedelta)


class Purged(BaseModel):
    """What went: people, match weeks' inputs, and old rows by kind."""

    model_config = ConfigDict(frozen=True)

    people: int
    weeks: int
    old: RemovedRows


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a daily job removes for good."""

    storage: Storage
    clock: Clock
    retention: Retention

    async def purge(self, actor: Actor, progress: Progress = silent) -> Purged:
        """Erase whoever left longer ago than the retention period, the match weeks' inputs they were part of, and what
        else has served.

        In transactions of a hundred people: stopped midway, it goes on when run again, and two at once share the work.
        Their files' bytes are marked to be removed, in the same transaction.
        """
        actor.require(Permission.OPERATE)
        now = self.clock.now()
        before = now - self.retention
        async with self.storage.write() as tx:
            # Whoever left before then can only be in the inputs of weeks that were made before they left.
            weeks = await tx.erasure.forget_inputs(before)
            total = await tx.erasure.count_left_before(before)
            if weeks:
                await tx.audit.add(audit_entry(actor, "week.inputs_removed", at=now, what=f"weeks={weeks}"))
        people = 0
        while batch := await self._erase(actor, before):
            people += batch
            # More when somebody's time came meanwhile.
            progress("erase", people, max(people, total))
        old = await ExpiredRows(self.storage, self.clock).remove(actor)
        return Purged(people=people, weeks=weeks, old=old)

    async def _erase(self, actor: Actor, before: datetime) -> int:
        now = self.clock.now()
        async with self.storage.write() as tx:
            people = await tx.erasure.left_before(before, AT_ONCE)
            await tx.files.schedule_deletion(await tx.files.remove_all(people))
            await tx.erasure.erase(people, now)
            if people:
                await tx.audit.add(*(audit_entry(actor, "member.erased", at=now, subject=person) for person in people))
        return len(people)
