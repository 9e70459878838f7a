"""The lease on a match week: one worker at a time plans or publishes it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import NewType

from ygs.application.actors import Actor, Permission
from ygs.application.changes import begin_change
from ygs.domain.errors import LeaseLost, Unavailable
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import MatchWeek
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

# A lease is renewed three times before it would end, so that one slow write does not lose the round.
RENEWALS_A_LEASE = 3

LeaseSeconds = NewType("LeaseSeconds", int)


@asynccontextmanager
async def week_lease(
    storage: Storage,
    clock: Clock,
    seconds: LeaseSeconds,
    actor: Actor,
    id: WeekId,
    require_ready: Callable[[MatchWeek], None],
) -> AsyncIterator[int]:
    """Hold the lease on a week for an actor, renewed until the block ends; yield its fencing token.

    `Forbidden` unless the actor may run weeks. `require_ready` raises when the week is not in a state to work on; then
    no lease is taken. `LeaseLost` while another worker holds one.
    """
    async with begin_change(storage, actor, Permission.RUN_WEEKS) as tx:
        week = await tx.weeks.get(id)
        require_ready(week)
        week = await tx.weeks.save(week.leased(at=clock.now(), seconds=seconds))
    renewing = asyncio.create_task(_renew(storage, clock, seconds, id, week.fence))
    try:
        yield week.fence
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError, LeaseLost):
            await renewing
        await _release(storage, id, week.fence)


async def _renew(storage: Storage, clock: Clock, seconds: LeaseSeconds, id: WeekId, fence: int) -> None:
    while True:
        await asyncio.sleep(seconds / RENEWALS_A_LEASE)
        # A busy store may refuse one renewal; the next comes well before the lease ends. While the week is being
        # published, its row is locked and every renewal is refused.
        with suppress(Unavailable):
            async with storage.write() as tx:
                week = await tx.weeks.get(id)
                await tx.weeks.save(week.renewed(fence=fence, at=clock.now(), seconds=seconds))


async def _release(storage: Storage, id: WeekId, fence: int) -> None:
    # What was written stays written when a busy store refuses this: the lease then ends by itself.
    with suppress(Unavailable):
        async with storage.write() as tx:
            week = await tx.weeks.get(id)
            if week.fence == fence and week.lease_until is not None:
                await tx.weeks.save(week.released(fence=fence))
