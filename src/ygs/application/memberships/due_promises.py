"""Promises that are due, as the first objective of a round."""

from datetime import date, tzinfo

from ygs.application.memberships.open_ledgers import open_ledgers
from ygs.domain.matching.market import Market
from ygs.ports.storage import Reading, Writing

AT_ONCE = 5_000


async def mark_due(market: Market, reading: Reading | Writing, today: date, zone: tzinfo) -> None:
    """Mark those people of a market whose membership is due an introduction in the coming week."""
    places = market.places()
    async for ledger in open_ledgers(reading, today, zone, at_once=AT_ONCE):
        user = ledger.membership.user_id
        if ledger.due and user in places:
            market.due[places[user]] = 1
