"""Promises that are due, as the first objective of a round."""

from collections.abc import AsyncIterator
from datetime import date, tzinfo

from ygs.domain.ids import UserId
from ygs.domain.matching.market import Market
from ygs.domain.promises import ledger_on
from ygs.ports.storage import Reading, Writing

AT_ONCE = 5_000


async def mark_due(market: Market, reading: Reading | Writing, today: date, zone: tzinfo) -> None:
    """Mark those people of a market whose membership is due an introduction in the coming week."""
    places = market.places()
    async for user in _due(reading, today, zone):
        if user in places:
            market.due[places[user]] = 1


async def _due(reading: Reading | Writing, today: date, zone: tzinfo) -> AsyncIterator[UserId]:
    after = None
    while page := await reading.memberships.open_records(after=after, limit=AT_ONCE):
        for record in page:
            if ledger_on(record, today, zone).due:
                yield record.membership.user_id
        after = page[-1].membership.id
