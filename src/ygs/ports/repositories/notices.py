"""Notices of members and staff, and how they want to be notified."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import NoticeId, UserId
from ygs.domain.notices import Notice, NoticeSettings
from ygs.ports.repositories import MOST_PAGE


class NoticeReader(Protocol):
    """Notices, to be read."""

    async def page(self, user_id: UserId, *, after: NoticeId | None = None, limit: int = MOST_PAGE) -> Sequence[Notice]:
        """At most `limit` notices of a person with ids before `after`, the newest first (by id)."""
        ...

    async def count_unread(self, user_id: UserId) -> int:
        """The number of a person's notices that are not read."""
        ...

    async def settings(self, user_ids: Collection[UserId]) -> Mapping[UserId, NoticeSettings]:
        """The settings of those among these people who have chosen some, in one statement."""
        ...


class NoticeRepository(NoticeReader, Protocol):
    """Notices, to be changed."""

    async def add_all(self, notices: Sequence[Notice]) -> None:
        """Add notices in a bounded number of statements. A person has one notice of an event: others are left out, and
        so are those for users who are not stored."""
        ...

    async def mark_read(self, user_id: UserId, up_to: NoticeId, at: datetime) -> int:
        """Mark a person's unread notices up to that one as read; return how many."""
        ...

    async def keep_settings(self, settings: NoticeSettings) -> None:
        """Store a user's settings, replacing earlier ones; `Conflict` for a user who is not stored."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the notices of events before that moment; return how many."""
        ...
