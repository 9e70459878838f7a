"""Failed deliveries: messages that nobody took by any channel, for staff to see and send again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.changes import begin_change
from ygs.domain.deliveries import Channel, DeliveryState, EventDelivery
from ygs.domain.errors import NotFound
from ygs.domain.events import EventType
from ygs.domain.ids import DeliveryId, UserId, WebhookId
from ygs.domain.read_budgets import ReadKind
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage


class FailedDelivery(BaseModel):
    """A message to one recipient by one channel that was given up, without its words and the address."""

    model_config = ConfigDict(frozen=True)

    id: DeliveryId
    channel: Channel = Field(description="By which channel it was sent.")
    recipient_id: str = Field(description="Whom it is for: a user or a webhook endpoint, by id.")
    type: EventType = Field(description="What happened, as a code.")
    attempts: int = Field(ge=0, description="How often it was sent since it was last queued.")
    status: int | None = Field(description="What the receiver answered last, as 550 of SMTP; null without an answer.")
    error: str = Field(description="The code of the latest error.")
    failed_at: datetime = Field(description="When it was given up, UTC.")

    @classmethod
    def of(cls, delivery: EventDelivery) -> Self:
        """Build the view of a delivery that failed."""
        same = ("id", "channel", "recipient_id", "attempts", "status", "error")
        values = {name: getattr(delivery, name) for name in same}
        return cls(type=delivery.event.type, failed_at=delivery.finished_at or delivery.due_at, **values)


@dataclass(frozen=True, slots=True)
class FailedDeliveries:
    """Lists what failed, and sends it again. Reminders are never among them: they tell who has not answered."""

    storage: Storage
    clock: Clock
    audit_writer: AuditWriter

    async def list(
        self,
        actor: Actor,
        *,
        channel: Channel | None = None,
        after: DeliveryId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[FailedDelivery]:
        """List failed deliveries, the newest first: those before `after`, at most `limit`."""
        actor.require(Permission.OPERATE)
        async with self.storage.read(latest=True) as reading:
            found = await reading.deliveries.page(
                channel=channel, state=DeliveryState.FAILED, after=after, limit=min(limit, MOST_PAGE)
            )
        people = [UserId(each.recipient_id) for each in found if each.channel is not Channel.WEBHOOK]
        now = self.clock.now()
        await self.audit_writer.shown(actor, "deliveries.read", people, at=now, kind=ReadKind.MASKED)
        return [FailedDelivery.of(each) for each in found]

    async def resend(self, actor: Actor, id: DeliveryId) -> None:
        """Send a message again by its channel, to the address that its recipient has now.

        `WrongStatus` while it is being sent anyway, so a second click does no harm; and for a webhook's endpoint that
        is disabled.
        """
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.OPERATE) as tx:
            delivery = await tx.deliveries.get(id)
            if delivery.of_reminder:
                raise NotFound("delivery", id)
            if delivery.channel is Channel.WEBHOOK:
                (await tx.webhooks.get(WebhookId(delivery.recipient_id))).require_enabled()
            await tx.deliveries.save(delivery.requeued(at=now))
            subject = "" if delivery.channel is Channel.WEBHOOK else delivery.recipient_id
            await tx.audit.add(audit_entry(actor, "delivery.resent", at=now, subject=subject, what=id))
