"""Consultations for calendar programs: one of a member's as a file, and a consultant's own as a feed.

Neither tells a name or a contact. A feed is read with the secret in its address alone, of which only a digest
is stored.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.introductions.calendar_file import CalendarItem, calendar_of
from ygs.application.messages.translate import translate
from ygs.domain.consultations import CalendarFeed, Consultation, ConsultationState
from ygs.domain.errors import N_, NotFound
from ygs.domain.ids import ConsultationId, SlotId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.one_time_token import one_time_token_digest
from ygs.domain.users import Role, Status
from ygs.ports.authentication import Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage

_TITLE = N_("A consultation")
_SECRET_BYTES = 32
# What a feed shows: calendars keep what is older.
BEFORE = timedelta(days=31)
AHEAD = timedelta(days=92)


class CalendarFeedView(BaseModel):
    """The address of a feed, shown this once."""

    model_config = ConfigDict(frozen=True)

    path: str = Field(description="Below the API's address, for a calendar program. Whoever has it reads the feed.")
    created_at: datetime = Field(description="When it was made, UTC; an earlier one ended then.")


@dataclass(frozen=True, slots=True)
class ConsultationCalendars:
    """Calendar files of consultations."""

    storage: Storage
    clock: Clock
    secrets: Secrets
    language: Language

    async def file(self, actor: Actor, id: ConsultationId) -> bytes:
        """The calendar file of one of the actor's booked consultations; `NotFound` otherwise."""
        actor.require(Permission.BOOK_CONSULTATIONS)
        me = actor.require_id()
        async with self.storage.read(latest=True) as reading:
            found = await reading.consultations.get(id)
        if found.member != me or found.state is not ConsultationState.BOOKED:
            raise NotFound("consultation")
        return calendar_of([self._item(found)], "consultations")

    async def create_feed(self, actor: Actor) -> CalendarFeedView:
        """Make the address of the actor's own feed; an earlier one no longer works."""
        actor.require(Permission.MANAGE_CONSULTATIONS)
        me = actor.require_id()
        secret = urlsafe_b64encode(self.secrets.random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            feed = CalendarFeed(consultant=me, digest=one_time_token_digest(secret), created_at=now)
            await tx.consulting_hours.keep_feed(feed)
            await tx.audit.add(audit_entry(actor, "calendar_feed.created", at=now, subject=me))
        return CalendarFeedView(path=f"/calendars/{secret}.ics", created_at=now)

    async def revoke_feed(self, actor: Actor) -> None:
        """End the actor's own feed, if there is one."""
        me = actor.require_id()
        async with begin_change(self.storage, actor, Permission.MANAGE_CONSULTATIONS) as tx:
            await tx.consulting_hours.remove_feed(me)
            await tx.audit.add(audit_entry(actor, "calendar_feed.revoked", at=self.clock.now(), subject=me))

    async def read(self, secret: str) -> bytes:
        """The booked consultations of the consultant whose feed has that secret; `NotFound` for any other secret, and
        once they are suspended or no longer staff."""
        async with self.storage.read(latest=True) as reading:
            feed = await reading.consulting_hours.find_feed(one_time_token_digest(secret))
            if feed is None or not await _works(reading, feed.consultant):
                raise NotFound("calendar")
            booked = await self._booked(reading, feed.consultant)
        return calendar_of([self._item(each) for each in booked], "consultations")

    async def _booked(self, reading: Reading, consultant: UserId) -> list[Consultation]:
        now = self.clock.now()
        found = list[Consultation]()
        after: SlotId | None = None
        while page := await reading.consultations.calendar(
            now - BEFORE, now + AHEAD, consultant=consultant, after=after, limit=MOST_PAGE
        ):
            found += [each.consultation for each in page if each.consultation]
            after = page[-1].slot.id
        return found

    def _item(self, consultation: Consultation) -> CalendarItem:
        return CalendarItem(
            uid=f"{consultation.id}@ygs",
            sequence=consultation.version,
            changed_at=consultation.changed_at,
            starts_at=consultation.starts_at,
            ends_at=consultation.ends_at,
            title=translate(_TITLE, self.language),
        )


async def _works(reading: Reading, consultant: UserId) -> bool:
    users = await reading.users.by_ids([consultant])
    return any(user.role is not Role.MEMBER and user.status is not Status.SUSPENDED for user in users)
