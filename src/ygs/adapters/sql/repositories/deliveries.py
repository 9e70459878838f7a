"""Deliveries: rows to entities and back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all, update_all
from ygs.adapters.sql.statements.transaction import Found, Query, SqlTransaction
from ygs.adapters.sql.tables.deliveries import deliveries, delivery_attempts
from ygs.domain.deliveries import Channel, DeliveryAttempt, DeliveryState, EventDelivery
from ygs.domain.errors import NotFound
from ygs.domain.events import Event, EventType
from ygs.domain.ids import DeliveryId
from ygs.ports.repositories import MOST_PAGE

_WAITING = deliveries.c.state == DeliveryState.WAITING.value
_FAILED = deliveries.c.state == DeliveryState.FAILED.value
_OF_NO_REMINDER = deliveries.c.type != EventType.INTRODUCTION_REMINDER.value


def to_row(delivery: EventDelivery) -> dict[str, Any]:
    """A delivery as a row of `deliveries`."""
    event = delivery.event
    return {
        "id": delivery.id,
        "channel": delivery.channel.value,
        "recipient_id": delivery.recipient_id,
        "lane": delivery.lane,
        "type": event.type.value,
        "event_key": event.key,
        "user_id": event.user_id,
        "ids": dict(event.ids),
        "created_at": event.at,
        **_changing(delivery),
    }


def _changing(delivery: EventDelivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "state": delivery.state.value,
        "due_at": delivery.due_at,
        "attempts": delivery.attempts,
        "fence": delivery.fence,
        "status": delivery.status,
        "error": delivery.error,
        "finished_at": delivery.finished_at,
    }


def to_delivery(row: Found) -> EventDelivery:
    """The delivery that `to_row` wrote."""
    return EventDelivery(
        id=DeliveryId(row.id),
        channel=Channel(row.channel),
        recipient_id=row.recipient_id,
        event=Event(type=EventType(row.type), key=row.event_key, at=row.created_at, **row.ids),
        state=DeliveryState(row.state),
        due_at=row.due_at,
        attempts=row.attempts,
        fence=row.fence,
        status=row.status,
        error=row.error,
        finished_at=row.finished_at,
    )


class SqlDeliveryReader:
    """Deliveries."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: DeliveryId) -> EventDelivery:
        row = await self.tx.row(self.tx.for_update(select(deliveries).where(deliveries.c.id == id)))
        if row is None:
            raise NotFound("delivery", id)
        return to_delivery(row)

    async def due_lanes(self, at: datetime) -> Collection[str]:
        due = select(deliveries.c.lane).where(_WAITING, deliveries.c.due_at <= at)
        return {row.lane for row in await self.tx.rows(due.distinct())}

    async def page(
        self,
        *,
        channel: Channel | None = None,
        recipient_id: str | None = None,
        state: DeliveryState | None = None,
        after: DeliveryId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[EventDelivery]:
        query = select(deliveries).where(_OF_NO_REMINDER).order_by(deliveries.c.id.desc()).limit(limit)
        if channel is not None:
            query = query.where(deliveries.c.channel == channel.value)
        if recipient_id is not None:
            query = query.where(deliveries.c.recipient_id == recipient_id)
        if state is not None:
            query = query.where(deliveries.c.state == state.value)
        if after is not None:
            query = query.where(deliveries.c.id < after)
        return [to_delivery(row) for row in await self.tx.rows(query)]

    async def attempts(self, ids: Collection[DeliveryId]) -> Sequence[DeliveryAttempt]:
        query = select(delivery_attempts).where(among(delivery_attempts.c.delivery_id, ids))
        ordered = query.order_by(delivery_attempts.c.delivery_id, delivery_attempts.c.number)
        return [_to_attempt(row) for row in await self.tx.rows(ordered)]


class SqlDeliveryRepository(SqlDeliveryReader):
    """Deliveries, to be changed."""

    async def add_all(self, added: Sequence[EventDelivery]) -> None:
        await insert_all(self.tx, deliveries, [to_row(each) for each in added], skip_known=True)

    async def claim(self, lane: str, *, at: datetime, seconds: int, limit: int) -> Sequence[EventDelivery]:
        due = select(deliveries).where(_WAITING, deliveries.c.lane == lane, deliveries.c.due_at <= at)
        longest = due.order_by(deliveries.c.due_at, deliveries.c.id).limit(limit)
        rows = await self.tx.rows(self._skipping_locked(longest))
        claimed = [to_delivery(row).claimed(at=at, seconds=seconds) for row in rows]
        await update_all(self.tx, deliveries, [_changing(each) for each in claimed])
        return claimed

    def _skipping_locked(self, query: Query) -> Query:
        return query.with_for_update(skip_locked=True) if self.tx.postgresql else query

    async def record(self, tried: Sequence[EventDelivery], attempts: Sequence[DeliveryAttempt]) -> None:
        fences = await self._fences(tried)
        mine = [each for each in tried if fences.get(each.id) == each.fence]
        await update_all(self.tx, deliveries, [_changing(each) for each in mine])
        ids = {each.id for each in mine}
        rows = [_attempt_row(each) for each in attempts if each.delivery_id in ids]
        await insert_all(self.tx, delivery_attempts, rows)

    async def _fences(self, tried: Sequence[EventDelivery]) -> dict[str, int]:
        """The latest fencing tokens of those that wait, locked."""
        query = select(deliveries.c.id, deliveries.c.fence).where(_WAITING)
        mine = query.where(among(deliveries.c.id, [each.id for each in tried])).order_by(deliveries.c.id)
        return {row.id: row.fence for row in await self.tx.rows(self.tx.for_update(mine))}

    async def save(self, delivery: EventDelivery) -> None:
        await update_all(self.tx, deliveries, [_changing(delivery)])

    async def requeue_since(self, channel: Channel, recipient_id: str, since: datetime, *, at: datetime) -> int:
        failed = update(deliveries).where(_failed_of(channel, recipient_id, since))
        again = {"state": DeliveryState.WAITING.value, "attempts": 0, "due_at": at, "finished_at": None}
        return await self.tx.run(failed.values(again))

    async def remove(self, ids: Collection[DeliveryId]) -> None:
        await self.tx.run(delete(deliveries).where(among(deliveries.c.id, ids)))

    async def purge(self, before: datetime) -> int:
        return await self.tx.run(delete(deliveries).where(deliveries.c.finished_at < before))


def _failed_of(channel: Channel, recipient_id: str, since: datetime) -> ColumnElement[bool]:
    theirs = and_(deliveries.c.channel == channel.value, deliveries.c.recipient_id == recipient_id)
    return and_(theirs, _FAILED, _OF_NO_REMINDER, deliveries.c.created_at >= since)


def _attempt_row(attempt: DeliveryAttempt) -> dict[str, Any]:
    names = ("delivery_id", "number", "at", "milliseconds", "status", "error")
    return {name: getattr(attempt, name) for name in names}


def _to_attempt(row: Found) -> DeliveryAttempt:
    return DeliveryAttempt(
        delivery_id=DeliveryId(row.delivery_id),
        number=row.number,
        at=row.at,
        milliseconds=row.milliseconds,
        status=row.status,
        error=row.error,
    )
