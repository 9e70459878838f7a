"""Webhook endpoints: administrators say which other systems are told of which events, and see what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.notifications.webhook_messages import checked_webhook_url, message_id, secret_of
from ygs.application.request_fields import CheckedText, Moment, raise_as_fault
from ygs.application.versions import require_version
from ygs.domain.deliveries import Channel, DeliveryAttempt, DeliveryState, EventDelivery
from ygs.domain.errors import N_, InvalidText, NotFound, NotSetUp
from ygs.domain.events import EventType, webhook_test
from ygs.domain.ids import DeliveryId, WebhookId
from ygs.domain.text import LINE_LENGTH
from ygs.domain.webhooks import (
    SECRET_BYTES,
    URL_LENGTH,
    WEBHOOK_EVENTS,
    DisabledBy,
    WebhookEndpoint,
)
from ygs.ports.authentication import Secrets
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage
from ygs.ports.webhook_sender import WebhookSender


def _require_choosable(types: object) -> None:
    """`InvalidText` for a type that no endpoint may have, or that does not exist; it lists those that may be chosen."""
    named = [each for each in types if isinstance(each, str)] if isinstance(types, Collection) else []
    if refused := sorted(set(named) - WEBHOOK_EVENTS):
        raise InvalidText(
            "types",
            N_("no webhook is sent for {refused}; choose from: {choices}"),
            refused=", ".join(refused),
            choices=", ".join(sorted(WEBHOOK_EVENTS)),
        )


class WebhookRequest(BaseModel):
    """An endpoint: where messages go, and which."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(max_length=URL_LENGTH, description="Where messages are sent: https://, and a public address.")
    types: Annotated[frozenset[EventType], BeforeValidator(partial(raise_as_fault, _require_choosable))] = Field(
        min_length=1, description="The types of the events that it is sent. Reminders are sent to nobody else."
    )
    description: Annotated[str, CheckedText("description", LINE_LENGTH)] = Field(
        default="", description="What it is for."
    )


class WebhookChange(WebhookRequest):
    """An endpoint as it is to be. One that is enabled again is sent what happens from now on."""

    enabled: StrictBool = Field(description="Whether messages are sent to it.")


class WebhookView(BaseModel):
    """An endpoint, without its secret."""

    model_config = ConfigDict(frozen=True)

    id: WebhookId
    url: str = Field(description="Where messages are sent.")
    types: list[EventType] = Field(description="The types of the events that it is sent.")
    description: str = Field(description="What it is for.")
    enabled: bool = Field(description="Whether messages are sent to it.")
    disabled_by: DisabledBy | None = Field(
        description="Why none are: by staff, gone (it answered 410), or failing (it took nothing for five days)."
    )
    disabled_at: datetime | None = Field(description="Since when none are, UTC.")
    failing_since: datetime | None = Field(description="The first failure after the latest success, UTC.")
    created_at: datetime = Field(description="When it was added, UTC.")
    version: int

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, **more: object) -> Self:
        """The view of an endpoint."""
        same = ("id", "url", "description", "disabled_by", "disabled_at", "failing_since", "created_at", "version")
        values = {name: getattr(endpoint, name) for name in same}
        return cls(types=sorted(endpoint.types), enabled=endpoint.disabled_by is None, **values, **more)


class WebhookWithSecret(WebhookView):
    """An endpoint with its new secret, which is shown this once."""

    secret: str = Field(description="The key that signs: `whsec_` and base64. Store it with the receiver.")


class WebhookAttempt(BaseModel):
    """An attempt to send a message."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    number: int = Field(ge=1, description="1 for the first attempt.")
    at: datetime = Field(description="When it was made, UTC.")
    milliseconds: int = Field(ge=0, description="How long it took.")
    status: int | None = Field(ge=100, le=599, description="The HTTP status of the reply; null without one.")
    error: str = Field(description="A code; empty when the message was taken.")


class WebhookDelivery(BaseModel):
    """A message to an endpoint, and the attempts to send it."""

    model_config = ConfigDict(frozen=True)

    id: DeliveryId
    message_id: str = Field(description="The `webhook-id` of the message.")
    type: EventType = Field(description="What happened.")
    event_at: datetime = Field(description="When it happened, UTC.")
    state: DeliveryState = Field(description="Whether it waits to be sent, was delivered, or failed for good.")
    next_attempt_at: datetime | None = Field(description="When it is sent next, UTC; null when it is not.")
    attempts: list[WebhookAttempt] = Field(description="Every attempt to send it, the first one first.")

    @classmethod
    def of(cls, delivery: EventDelivery, attempts: Sequence[DeliveryAttempt] = ()) -> Self:
        """The view of a delivery."""
        return cls(
            id=delivery.id,
            message_id=message_id(delivery.event),
            type=delivery.event.type,
            event_at=delivery.event.at,
            state=delivery.state,
            next_attempt_at=delivery.due_at if delivery.state is DeliveryState.WAITING else None,
            attempts=[WebhookAttempt.model_validate(each) for each in attempts if each.delivery_id == delivery.id],
        )


class ResendRequest(BaseModel):
    """From when on what failed is sent again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Moment = Field(description="The messages about events since then, with a time zone.")


class ResentMessages(BaseModel):
    """How many messages are sent again."""

    model_config = ConfigDict(frozen=True)

    count: int = Field(ge=0, description="How many messages that is.")


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Use cases of webhook endpoints, for administrators."""

    storage: Storage
    clock: Clock
    ids: Ids
    secrets: Secrets
    sender: WebhookSender

    async def list(self, actor: Actor) -> list[WebhookView]:
        """List all endpoints, the oldest first."""
        actor.require(Permission.MANAGE_WEBHOOKS)
        async with self.storage.read(latest=True) as reading:
            return [WebhookView.of(each) for each in await reading.webhooks.all()]

    async def get(self, actor: Actor, id: WebhookId) -> WebhookView:
        """Return one endpoint."""
        actor.require(Permission.MANAGE_WEBHOOKS)
        async with self.storage.read(latest=True) as reading:
            return WebhookView.of(await reading.webhooks.get(id))

    async def create(self, actor: Actor, request: WebhookRequest) -> WebhookWithSecret:
        """Add an endpoint; `NotSetUp` where nothing can be sent."""
        actor.require(Permission.MANAGE_WEBHOOKS)
        if not self.sender.ready:
            raise NotSetUp(N_("no webhook can be sent here: pip install 'ygs[webhooks]'"))
        now = self.clock.now()
        new = WebhookEndpoint(
            id=WebhookId(self.ids.make("whk")), secret=self._new_secret(), created_at=now, **self._checked(request)
        )
        async with begin_change(self.storage, actor, Permission.MANAGE_WEBHOOKS) as tx:
            stored = await tx.webhooks.add(new)
            await tx.audit.add(audit_entry(actor, "webhook.created", at=now, what=stored.id))
        return WebhookWithSecret.of(stored, secret=stored.secret)

    async def change(
        self, actor: Actor, id: WebhookId, change: WebhookChange, version: int | None = None
    ) -> WebhookView:
        """Change, enable or disable an endpoint. `version`: that the edit was made from (None: any)."""
        actor.require(Permission.MANAGE_WEBHOOKS)
        now = self.clock.now()
        checked = self._checked(change)
        async with begin_change(self.storage, actor, Permission.MANAGE_WEBHOOKS) as tx:
            stored = await tx.webhooks.get(id)
            require_version(stored, version)
            changed = replace(stored, **checked)
            wanted = changed.enabled() if change.enabled else changed.disabled(DisabledBy.STAFF, at=now)
            saved = await tx.webhooks.save(wanted)
            await tx.audit.add(audit_entry(actor, "webhook.changed", at=now, what=id))
        return WebhookView.of(saved)

    async def delete(self, actor: Actor, id: WebhookId) -> None:
        """Delete an endpoint. What waits for it is not sent any more."""
        async with begin_change(self.storage, actor, Permission.MANAGE_WEBHOOKS) as tx:
            await tx.webhooks.get(id)
            await tx.webhooks.remove(id)
            await tx.audit.add(audit_entry(actor, "webhook.deleted", at=self.clock.now(), what=id))

    async def rotate_secret(self, actor: Actor, id: WebhookId, *, immediately: bool = False) -> WebhookWithSecret:
        """Give an endpoint a new secret. Messages are signed with the one before too for 24 hours; `immediately`: with
        the new one alone. `WrongStatus` while one before still signs, unless `immediately`."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.MANAGE_WEBHOOKS) as tx:
            endpoint = await tx.webhooks.get(id)
            saved = await tx.webhooks.save(endpoint.rotated(self._new_secret(), at=now, immediately=immediately))
            await tx.audit.add(audit_entry(actor, "webhook.secret_rotated", at=now, what=id))
        return WebhookWithSecret.of(saved, secret=saved.secret)

    async def test(self, actor: Actor, id: WebhookId) -> WebhookDelivery:
        """Send an endpoint the event `webhook.test`, whatever types it has chosen."""
        now = self.clock.now()
        delivery = EventDelivery(
            id=DeliveryId(self.ids.make("dlv")),
            channel=Channel.WEBHOOK,
            recipient_id=id,
            event=webhook_test(id, now),
            due_at=now,
        )
        async with begin_change(self.storage, actor, Permission.MANAGE_WEBHOOKS) as tx:
            (await tx.webhooks.get(id)).require_enabled()
            await tx.deliveries.add_all([delivery])
            await tx.audit.add(audit_entry(actor, "webhook.tested", at=now, what=id))
        return WebhookDelivery.of(delivery)

    async def deliveries(
        self,
        actor: Actor,
        id: WebhookId,
        *,
        state: DeliveryState | None = None,
        after: DeliveryId | None = None,
        limit: int = MOST_PAGE,
    ) -> Sequence[WebhookDelivery]:
        """List an endpoint's messages with their attempts, the newest first."""
        actor.require(Permission.MANAGE_WEBHOOKS)
        async with self.storage.read(latest=True) as reading:
            await reading.webhooks.get(id)
            found = await reading.deliveries.page(
                channel=Channel.WEBHOOK, recipient_id=id, state=state, after=after, limit=min(limit, MOST_PAGE)
            )
            attempts = await reading.deliveries.attempts([each.id for each in found])
        return [WebhookDelivery.of(each, attempts) for each in found]

    async def resend(self, actor: Actor, id: WebhookId, delivery_id: DeliveryId) -> WebhookDelivery:
        """Send one message again that was delivered or failed; `WrongStatus` while it waits anyway, or while its
        endpoint is disabled."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.MANAGE_WEBHOOKS) as tx:
            delivery = await tx.deliveries.get(delivery_id)
            if (delivery.channel, delivery.recipient_id) != (Channel.WEBHOOK, id) or delivery.of_reminder:
                raise NotFound("delivery", delivery_id)
            (await tx.webhooks.get(id)).require_enabled()
            again = delivery.requeued(at=now)
            await tx.deliveries.save(again)
            attempts = await tx.deliveries.attempts([delivery_id])
            await tx.audit.add(audit_entry(actor, "webhook.resent", at=now, what=f"{id} {delivery_id}"))
        return WebhookDelivery.of(again, attempts)

    async def resend_since(self, actor: Actor, id: WebhookId, request: ResendRequest) -> ResentMessages:
        """Send all messages about events since a moment again that failed, also because the endpoint was disabled then.
        `WrongStatus` while it still is: they would fail again at once."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.MANAGE_WEBHOOKS) as tx:
            (await tx.webhooks.get(id)).require_enabled()
            count = await tx.deliveries.requeue_since(Channel.WEBHOOK, id, request.since, at=now)
            what = f"{id} since {request.since.isoformat()}"
            await tx.audit.add(audit_entry(actor, "webhook.resent", at=now, what=what))
        return ResentMessages(count=count)

    def _new_secret(self) -> str:
        return secret_of(self.secrets.random_bytes(SECRET_BYTES))

    def _checked(self, request: WebhookRequest) -> Mapping[str, Any]:
        url = checked_webhook_url(request.url, insecure=self.sender.insecure)
        return {"url": url, "types": request.types, "description": request.description}
