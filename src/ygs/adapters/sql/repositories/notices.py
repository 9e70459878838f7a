"""Notices: rows to entities and back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.outbox import notice_settings, notices
from ygs.adapters.sql.tables.users import users
from ygs.domain.deliveries import Channel
from ygs.domain.events import Event, EventType
from ygs.domain.ids import NoticeId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import EventGroup, Notice, NoticeSettings
from ygs.ports.repositories import MOST_PAGE


def to_row(notice: Notice) -> dict[str, Any]:
    """A notice as a row of `notices`."""
    return {
        "id": notice.id,
        "user_id": notice.user_id,
        "type": notice.event.type.value,
        "event_key": notice.event.key,
        "ids": dict(notice.event.ids),
        "created_at": notice.event.at,
        "read_at": notice.read_at,
    }


def to_notice(row: Found) -> Notice:
    """The notice that `to_row` wrote."""
    return Notice(
        id=NoticeId(row.id),
        user_id=UserId(row.user_id),
        event=Event(type=EventType(row.type), key=row.event_key, at=row.created_at, **row.ids),
        read_at=row.read_at,
    )


class SqlNoticeReader:
    """Notices."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def page(self, user_id: UserId, *, after: NoticeId | None = None, limit: int = MOST_PAGE) -> Sequence[Notice]:
        query = select(notices).where(notices.c.user_id == user_id).order_by(notices.c.id.desc()).limit(limit)
        if after is not None:
            query = query.where(notices.c.id < after)
        return [to_notice(row) for row in await self.tx.rows(query)]

    async def count_unread(self, user_id: UserId) -> int:
        unread = select(func.count()).where(notices.c.user_id == user_id, notices.c.read_at.is_(None))
        return int(await self.tx.scalar(unread))

    async def settings(self, user_ids: Collection[UserId]) -> Mapping[UserId, NoticeSettings]:
        rows = await self.tx.rows(select(notice_settings).where(among(notice_settings.c.user_id, user_ids)))
        return {row.user_id: _to_settings(row) for row in rows}


class SqlNoticeRepository(SqlNoticeReader):
    """Notices, to be changed."""

    async def add_all(self, added: Sequence[Notice]) -> None:
        ids = {notice.user_id for notice in added}
        there = {row.id for row in await self.tx.rows(select(users.c.id).where(among(users.c.id, ids)))}
        rows = [to_row(notice) for notice in added if notice.user_id in there]
        await insert_all(self.tx, notices, rows, skip_known=True)

    async def mark_read(self, user_id: UserId, up_to: NoticeId, at: datetime) -> int:
        unread = update(notices).where(notices.c.user_id == user_id, notices.c.read_at.is_(None))
        return await self.tx.run(unread.where(notices.c.id <= up_to).values(read_at=at))

    async def keep_settings(self, settings: NoticeSettings) -> None:
        await self.tx.run(delete(notice_settings).where(notice_settings.c.user_id == settings.user_id))
        await insert_all(self.tx, notice_settings, [_settings_row(settings)])

    async def purge(self, before: datetime) -> int:
        return await self.tx.run(delete(notices).where(notices.c.created_at < before))


def _settings_row(settings: NoticeSettings) -> dict[str, Any]:
    channels = {group.value: sorted(chosen) for group, chosen in settings.channels.items()}
    return {"user_id": settings.user_id, "language": settings.language.value, "channels": channels}


def _to_settings(row: Found) -> NoticeSettings:
    channels = {EventGroup(group): frozenset(map(Channel, chosen)) for group, chosen in row.channels.items()}
    return NoticeSettings(user_id=UserId(row.user_id), language=Language(row.language), channels=channels)
