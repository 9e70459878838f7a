"""Notices in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict
from ygs.domain.ids import NoticeId, UserId
from ygs.domain.notices import Notice, NoticeSettings
from ygs.ports.repositories import MOST_PAGE


class MemoryNoticeReader:
    """Notices."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def page(self, user_id: UserId, *, after: NoticeId | None = None, limit: int = MOST_PAGE) -> Sequence[Notice]:
        notices = (await self._tx.step()).notices.get(user_id, {})
        newest = sorted(notices.values(), key=lambda notice: notice.id, reverse=True)
        return [notice for notice in newest if after is None or notice.id < after][:limit]

    async def count_unread(self, user_id: UserId) -> int:
        notices = (await self._tx.step()).notices.get(user_id, {})
        return sum(notice.read_at is None for notice in notices.values())

    async def settings(self, user_ids: Collection[UserId]) -> Mapping[UserId, NoticeSettings]:
        settings = (await self._tx.step()).notice_settings
        return {each: settings[each] for each in user_ids if each in settings}


class MemoryNoticeRepository(MemoryNoticeReader):
    """Notices, to be changed."""

    async def add_all(self, notices: Sequence[Notice]) -> None:
        tables = await self._tx.step()
        new = dict[UserId, dict[str, Notice]]()
        for notice in notices:
            if notice.user_id in tables.users or notice.user_id in tables.gone:
                earlier = new.setdefault(notice.user_id, dict(tables.notices.get(notice.user_id, {})))
                earlier.setdefault(notice.event.key, notice)
        tables.notices.put(new)

    async def mark_read(self, user_id: UserId, up_to: NoticeId, at: datetime) -> int:
        tables = await self._tx.step()
        notices = tables.notices.get(user_id, {})
        unread = {key: one for key, one in notices.items() if one.read_at is None and one.id <= up_to}
        read = {key: replace(one, read_at=at) for key, one in unread.items()}
        tables.notices.put({user_id: {**notices, **read}})
        return len(unread)

    async def keep_settings(self, settings: NoticeSettings) -> None:
        tables = await self._tx.step()
        if settings.user_id not in tables.users and settings.user_id not in tables.gone:
            raise Conflict(N_("there is no such user"))
        tables.notice_settings.put({settings.user_id: settings})

    async def purge(self, before: datetime) -> int:
        tables = await self._tx.step()
        kept = {
            user_id: {key: notice for key, notice in notices.items() if notice.event.at >= before}
            for user_id, notices in tables.notices.items()
        }
        count = sum(map(len, tables.notices.values())) - sum(map(len, kept.values()))
        tables.notices.put(kept)
        return count
