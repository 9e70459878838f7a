"""Warnings to staff of memberships that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ygs.application.memberships.open_ledgers import open_ledgers
from ygs.domain.events import membership_due
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.promises import Ledger
from ygs.domain.service_dates import date_at
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

# Memberships that are read together, and events that are stored in one transaction.
AT_ONCE = 500


class WarnedMemberships(NamedTuple):
    """How many memberships need staff, and how many of them are late: owed more than was delivered."""

    memberships: int
    late: int


@dataclass(frozen=True, slots=True)
class MembershipWarnings:
    """Notifies staff of memberships that are due an introduction, late, or nearly three months without a meeting, and
    marks their members in the directory."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo

    async def warn(self) -> WarnedMemberships:
        """Add an event for each such membership, once in an ISO week; return how many memberships there are now.

        Nobody can be introduced during a pause, so staff are not warned then.
        """
        now = self.clock.now()
        needing = await self._needing_staff(date_at(now, self.zone))
        async with self.storage.write() as tx:
            await tx.directory.mark_due({ledger.membership.user_id for ledger in needing})
        week = IsoWeek.at(now, self.zone)
        events = [membership_due(ledger.membership, week, now) for ledger in needing]
        for first in range(0, len(events), AT_ONCE):
            async with self.storage.write() as tx:
                await tx.outbox.add(events[first : first + AT_ONCE])
        return WarnedMemberships(len(needing), sum(ledger.late > 0 for ledger in needing))

    async def _needing_staff(self, today: date) -> Sequence[Ledger]:
        async with self.storage.read(latest=True) as reading:
            ledgers = open_ledgers(reading, today, self.zone, at_once=AT_ONCE)
            return [each async for each in ledgers if _needs_staff(each)]


def _needs_staff(ledger: Ledger) -> bool:
    if ledger.membership.is_paused(ledger.on):
        return False
    return ledger.due or ledger.late > 0 or ledger.warned
