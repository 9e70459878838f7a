"""The ledgers of all memberships that staff have not ended, read a page at a time."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import date, tzinfo

from ygs.domain.ids import MembershipId
from ygs.domain.promises import Ledger, MembershipRecord, ledger_on
from ygs.ports.storage import Reading, Writing


async def open_ledgers(
    reading: Reading | Writing, day: date, zone: tzinfo, *, at_once: int, after: MembershipId | None = None
) -> AsyncGenerator[Ledger, None]:
    """Yield the ledgers of a day, by id of the membership, those that follow `after`; `at_once` are read together."""
    while page := await reading.memberships.open_records(after=after, limit=at_once):
        # In a thread: thousands of ledgers would keep the event loop from everybody else for tenths of a second.
        for ledger in await asyncio.to_thread(_ledgers, page, day, zone):
            yield ledger
        if len(page) < at_once:
            return
        after = page[-1].membership.id


def _ledgers(page: Sequence[MembershipRecord], day: date, zone: tzinfo) -> list[Ledger]:
    return [ledger_on(record, day, zone) for record in page]
