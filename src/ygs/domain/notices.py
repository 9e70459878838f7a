"""Notices: what a member or staff read of an event, and through which channels they want to be told of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ygs.domain.events import Event
from ygs.domain.ids import NoticeId, UserId
from ygs.domain.matching.attribute import Language


class Channel(StrEnum):
    """A way to send notices to a person, beside the list that everybody has."""

    EMAIL = "email"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An event in the list of the person who is notified of it. `read_at`: when they had read it, UTC."""

    id: NoticeId
    user_id: UserId
    event: Event
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """In which language a person is notified, and the channels that they agreed to: none unless they chose some."""

    user_id: UserId
    language: Language
    channels: frozenset[Channel] = field(default=frozenset())
