"""The round's inputs, from columns to columns: no user is ever built."""

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, text

from ygs.adapters.sql.repositories.blocks import BLOCKED, BLOCKED_BY_CONTACT
from ygs.adapters.sql.repositories.contacts import PairColumns, market_pairs
from ygs.adapters.sql.repositories.introductions import MET_BY_CONTACT
from ygs.adapters.sql.repositories.users import ATTRIBUTES
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.tables.rounds import introductions, match_weeks, participants
from ygs.adapters.sql.tables.users import CODED, LIVE, users, wishes
from ygs.domain.matching.market import Column, Market, pair_keys
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Status

ENROLLED = and_(LIVE, users.c.status == Status.ACTIVE.value)
# The longest wait that a uint16 column can hold.
MOST_COUNTED = (1 << 16) - 1


class SqlMarketReader:
    """Markets."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def enrolled(self, *, capacity: int) -> Market:
        """Runs at most twelve statements. A writing transaction locks what it reads."""
        await self.tx.long_timeout()
        await self._hold()
        people = await self._people()
        market = Market.blank((person.id for person in people), capacity=capacity)
        if people:
            places = market.places()
            _put_people(market, people)
            await self._put_wishes(market, places)
            await self._put_history(market, places, people)
            market.met.extend(await self._pairs((introductions.c.a, introductions.c.b), MET_BY_CONTACT, places))
            market.blocked.extend(await self._pairs(BLOCKED, BLOCKED_BY_CONTACT, places))
        return market

    async def _hold(self) -> None:
        # At READ COMMITTED each statement sees a moment of its own, and somebody could leave between the check of
        # eligibility and the introduction. Edits wait until the week is published, or fail as busy.
        if self.tx.locking and self.tx.postgresql:
            await self.tx.run(
                text("LOCK TABLE users, wishes, blocks, contact_blocks, former_contacts, met_contacts IN SHARE MODE")
            )

    async def _people(self) -> Sequence[Found]:
        found: list[Found] = []
        own = users.c.id, users.c.gender, users.c.seeks, users.c.birth_year, users.c.capacity
        since = func.coalesce(users.c.activated_at, users.c.created_at, type_=users.c.activated_at.type).label("since")
        facts = (users.c[code] for code in CODED)
        await self.tx.stream(select(*own, since, *facts).where(ENROLLED).order_by(users.c.id), found.extend)
        return found

    async def _put_wishes(self, market: Market, places: Mapping[str, int]) -> None:
        columns = {position: market.wishes[code] for position, code in ATTRIBUTES.items()}

        def put(rows: Sequence[Found]) -> None:
            for user_id, attribute, importance, low, high, accepts in rows:
                wished = columns[attribute]
                place = places[user_id]
                wished.importance[place] = importance
                wished.accepts[place] = accepts
                wished.low[place] = low
                wished.high[place] = high

        wish = wishes.c
        query = select(wish.user_id, wish.attribute, wish.importance, wish.low, wish.high, wish.accepts)
        await self.tx.stream(query.join(users, wish.user_id == users.c.id).where(ENROLLED), put)

    async def _put_history(self, market: Market, places: Mapping[str, int], people: Sequence[Found]) -> None:
        published = [moment for (moment,) in await self.tx.rows(_publications())]
        since: list[datetime] = [person.since for person in people]
        for user_id, introduced, last in await self.tx.rows(_last_introduced()):
            if user_id in places:
                market.introduced[places[user_id]] = min(introduced, MOST_COUNTED)
                since[places[user_id]] = last or since[places[user_id]]
        for place, moment in enumerate(since):
            market.weeks_waited[place] = min(len(published) - bisect_right(published, moment), MOST_COUNTED)

    async def _pairs(self, ids: PairColumns, contacts: PairColumns, places: Mapping[str, int]) -> Sequence[int]:
        """The keys of the pairs that one table stores by ids, and another by contacts too."""
        by_id = await self._keys(select(*ids), places)
        by_contact = pair_keys(await market_pairs(self.tx, contacts, ENROLLED), places)
        return sorted({*by_id, *by_contact}) if by_contact else by_id

    async def _keys(self, pairs: Query, places: Mapping[str, int]) -> Sequence[int]:
        found: list[Found] = []
        await self.tx.stream(pairs, found.extend)
        return pair_keys(((one, other) for one, other in found), places)


def _put_people(market: Market, people: Sequence[Found]) -> None:
    names = people[0]._fields
    columns = dict(zip(names, zip(*people, strict=True), strict=True))
    _fill(market.genders, columns["gender"])
    _fill(market.seeks, columns["seeks"])
    _fill(market.capacity, (own or default for own, default in zip(columns["capacity"], market.capacity, strict=True)))
    first = VOCABULARY["birth_year"].low
    _fill(market.facts["birth_year"], (year - first + 1 for year in columns["birth_year"]))
    for code in CODED:
        _fill(market.facts[code] if code in market.facts else market.sets[code], columns[code])


def _fill(column: Column, values: Any) -> None:
    column[:] = array(column.typecode, values)


def _publications() -> Query:
    published = match_weeks.c.published_at
    return select(published).where(published.is_not(None)).order_by(published)


def _last_introduced() -> Query:
    last: ColumnElement[Any] = func.max(match_weeks.c.published_at, type_=match_weeks.c.published_at.type)
    query = select(participants.c.user_id, func.count(), last)
    return query.join(match_weeks, participants.c.week_id == match_weeks.c.id).group_by(participants.c.user_id)
