"""The notices of members and staff, and how they want to be notified."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.messages.translate import translate
from ygs.application.notifications.personal_channel import DefaultChannels
from ygs.application.notifications.texts import TEXTS
from ygs.domain.deliveries import Channel
from ygs.domain.events import EventType
from ygs.domain.ids import (
    ULID,
    ConsultationId,
    IntroductionId,
    JobId,
    MembershipId,
    NoticeId,
    ReportId,
    UserId,
    WebhookId,
    WeekId,
)
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import PERSONAL_CHANNELS, ChannelChoices, EventGroup, Notice, NoticeSettings
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage, Writing


class NoticeView(BaseModel):
    """A notice: that something happened, in the language the person chose, and the ids of what it is about."""

    model_config = ConfigDict(frozen=True)

    id: NoticeId
    type: EventType = Field(description="What happened.")
    title: str = Field(description="In one sentence what happened. It tells nothing private.")
    text: str = Field(description="What to do next.")
    created_at: datetime = Field(description="When it happened, UTC.")
    read_at: datetime | None = Field(description="When it was marked as read, UTC; null before.")
    introduction_id: IntroductionId | None = Field(default=None, description="The introduction that it is about.")
    week_id: WeekId | None = Field(default=None, description="The match week that it is about.")
    report_id: ReportId | None = Field(default=None, description="Staff only.")
    membership_id: MembershipId | None = Field(default=None, description="Staff only.")
    webhook_id: WebhookId | None = Field(default=None, description="Staff only.")
    consultation_id: ConsultationId | None = Field(default=None, description="The consultation that it is about.")
    job_id: JobId | None = Field(default=None, description="Staff only.")
    member_id: UserId | None = Field(default=None, description="Staff only: the member whom it is about.")

    @classmethod
    def of(cls, notice: Notice, language: Language) -> Self:
        """The view of a notice."""
        event = notice.event
        title, text = TEXTS[event.type]
        return cls(
            id=notice.id,
            type=event.type,
            title=translate(title, language),
            text=translate(text, language),
            created_at=event.at,
            read_at=notice.read_at,
            introduction_id=event.introduction_id,
            week_id=event.week_id,
            report_id=event.report_id,
            membership_id=event.membership_id,
            webhook_id=event.webhook_id,
            consultation_id=event.consultation_id,
            job_id=event.job_id,
            member_id=event.user_id if event.for_staff else None,
        )


class NoticeList(BaseModel):
    """Some notices, the newest first. `next` is the `after` of the following page, or null on the last one."""

    model_config = ConfigDict(frozen=True)

    items: list[NoticeView]
    next: NoticeId | None
    unread: int = Field(description="How many notices are not read, on all pages.", ge=0)


class ReadNotices(BaseModel):
    """Up to which notice, inclusive, all are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to: NoticeId = Field(pattern=f"^ntc_{ULID}$", examples=["ntc_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])


PersonalChannel: TypeAlias = Literal[Channel.EMAIL, Channel.TEXT, Channel.PUSH]
_Channels: TypeAlias = Annotated[frozenset[PersonalChannel] | None, Field(max_length=len(PERSONAL_CHANNELS))]
_OR_DEFAULT = "Left out: as the service has it."


class NoticeChannels(BaseModel):
    """By which channels a person hears of which events, besides their list of notices, which always shows all.

    An empty list: by none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    introductions: _Channels = Field(
        default=None, description=f"New introductions, what becomes of them, and meetings. {_OR_DEFAULT}"
    )
    reminders: _Channels = Field(default=None, description=f"Reminders to answer. {_OR_DEFAULT}")
    account: _Channels = Field(
        default=None,
        description=f"Decisions about one's profile, files, reports and account, and consultations. {_OR_DEFAULT}",
    )
    work: _Channels = Field(default=None, description=f"Staff only: what is to be done. {_OR_DEFAULT}")

    @classmethod
    def of(cls, choices: ChannelChoices) -> Self:
        """The view of choices."""
        return cls.model_validate({group.value: chosen for group, chosen in choices.items()})

    @property
    def choices(self) -> ChannelChoices:
        """The choices that were made."""
        chosen = {group: getattr(self, group.value) for group in EventGroup}
        return {group: channels for group, channels in chosen.items() if channels is not None}


class NoticePreferences(BaseModel):
    """How a person wants to be notified."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language = Field(description="The language of notices.")
    channels: NoticeChannels = Field(default=NoticeChannels(), description="By which channels.")


@dataclass(frozen=True, slots=True)
class Notices:
    """A person's own notices. `language` and `defaults` are for people who chose none."""

    storage: Storage
    clock: Clock
    language: Language
    defaults: DefaultChannels

    async def list(self, actor: Actor, *, after: NoticeId | None = None, limit: int = MOST_PAGE) -> NoticeList:
        """List the actor's notices, the newest first, at most `limit` (1..100)."""
        actor.require(Permission.OWN_ACCOUNT)
        me = actor.require_id()
        limit = min(limit, MOST_PAGE)
        async with self.storage.read(latest=True) as reading:
            found = await reading.notices.page(me, after=after, limit=limit)
            unread = await reading.notices.count_unread(me)
            chosen = await self._settings(reading, me)
        items = [NoticeView.of(notice, chosen.language) for notice in found]
        return NoticeList(items=items, next=items[-1].id if len(items) == limit else None, unread=unread)

    async def mark_read(self, actor: Actor, read: ReadNotices) -> None:
        """Mark the actor's notices up to that one as read."""
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            await tx.notices.mark_read(actor.require_id(), read.up_to, self.clock.now())

    async def get_preferences(self, actor: Actor) -> NoticePreferences:
        """Return how the actor is notified: what they chose, and the service's defaults where they did not."""
        actor.require(Permission.OWN_ACCOUNT)
        me = actor.require_id()
        async with self.storage.read(latest=True) as reading:
            chosen = await self._settings(reading, me)
        return self._preferences(chosen)

    async def set_preferences(self, actor: Actor, preferences: NoticePreferences) -> NoticePreferences:
        """Store how the actor wants to be notified."""
        actor.require(Permission.OWN_ACCOUNT)
        me = actor.require_id()
        choices = preferences.channels.choices
        settings = NoticeSettings(user_id=me, language=preferences.language, channels=choices)
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            await tx.notices.keep_settings(settings)
            await tx.audit.add(
                audit_entry(actor, "notices.chosen", at=self.clock.now(), subject=me, what=_consent_text(choices))
            )
        return self._preferences(settings)

    def _preferences(self, settings: NoticeSettings) -> NoticePreferences:
        channels = NoticeChannels.of({**self.defaults, **settings.channels})
        return NoticePreferences(language=settings.language, channels=channels)

    async def _settings(self, reading: Reading | Writing, me: UserId) -> NoticeSettings:
        found = await reading.notices.settings([me])
        return found.get(me) or NoticeSettings(user_id=me, language=self.language)


def _consent_text(choices: ChannelChoices) -> str:
    """What was chosen, for the audit log: ``introductions: email, push; reminders: none``."""
    groups = {group.value: ", ".join(sorted(chosen)) or "none" for group, chosen in choices.items()}
    return "; ".join(f"{group}: {chosen}" for group, chosen in groups.items())
