"""Notices: what a member or staff read of an event."""

from dataclasses import dataclass
from datetime import datetime

from ygs.domain.events import Event
from ygs.domain.ids import NoticeId, UserId
from ygs.domain.matching.attribute import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An event in the list of the person who is notified of it. `read_at`: when they had read it, UTC."""

    id: NoticeId
    user_id: UserId
    event: Event
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """In which language a person is notified."""

    user_id: UserId
    language: Language
