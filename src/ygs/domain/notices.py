"""Notices: what a member or staff read of an event, and by which channels they hear of it besides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from ygs.domain.deliveries import Channel
from ygs.domain.events import STAFF_EVENTS, Event, EventType
from ygs.domain.ids import NoticeId, UserId
from ygs.domain.matching.attribute import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An event in the list of the person who is notified of it. `read_at`: when they had read it, UTC."""

    id: NoticeId
    user_id: UserId
    event: Event
    read_at: datetime | None = None


class EventGroup(StrEnum):
    """Events for which a person chooses channels together."""

    INTRODUCTIONS = "introductions"  # and meetings
    REMINDERS = "reminders"
    ACCOUNT = "account"  # decisions about the person's profile, files, reports and account, and consultations
    WORK = "work"  # what staff have to do


# The channels that reach a person, beside the list of notices, which nobody can switch off.
PERSONAL_CHANNELS = (Channel.EMAIL, Channel.TEXT, Channel.PUSH)
ChannelChoices: TypeAlias = Mapping[EventGroup, frozenset[Channel]]


def group_of(type: EventType) -> EventGroup:
    """The group that an event belongs to."""
    if type in STAFF_EVENTS or type is EventType.JOB_FAILED:
        return EventGroup.WORK
    if type is EventType.INTRODUCTION_REMINDER:
        return EventGroup.REMINDERS
    about_two = type.value.startswith(("introduction.", "meeting."))
    return EventGroup.INTRODUCTIONS if about_two else EventGroup.ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """In which language a person is notified, and by which channels. Groups without a choice follow the service's."""

    user_id: UserId
    language: Language
    channels: ChannelChoices = field(default_factory=dict)
