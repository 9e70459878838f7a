"""Webhooks as a channel: which endpoint wants which event, and what an endpoint's answers mean for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.application.notifications.webhook_messages import message_body, message_headers, message_id
from ygs.domain.deliveries import Channel, EventDelivery
from ygs.domain.events import Event, webhook_disabled
from ygs.domain.ids import DeliveryId, UserId, WebhookId
from ygs.domain.webhooks import (
    WEBHOOK_EVENTS,
    DisabledBy,
    WebhookEndpoint,
)
from ygs.ports.channels import Send, SendOutcome
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Reading, Writing
from ygs.ports.webhook_sender import WebhookSender


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """The `DeliveryChannel` of webhooks. It sends events of the outbox, hence no reminders."""

    clock: Clock
    sender: WebhookSender

    @property
    def channel(self) -> Channel:
        """Webhooks."""
        return Channel.WEBHOOK

    def opens_at(self, at: datetime) -> datetime:
        """At any hour."""
        return at

    async def recipients(
        self, tx: Writing, events: Sequence[Event], notified: Sequence[tuple[UserId, Event]]
    ) -> Sequence[tuple[str, Event]]:
        """The endpoints that want these events. Those that are disabled have them fail, to be sent again later."""
        wanted = [event for event in events if event.type in WEBHOOK_EVENTS]
        endpoints = await tx.webhooks.all() if wanted else []
        return [(each.id, event) for each in endpoints for event in wanted if each.wants(event)]

    async def prepare(self, reading: Reading, deliveries: Sequence[EventDelivery]) -> Mapping[DeliveryId, Send]:
        """What sends to the endpoints that are enabled."""
        endpoints = {each.id: each for each in await reading.webhooks.all() if not each.disabled_by}
        found = ((each, endpoints.get(WebhookId(each.recipient_id))) for each in deliveries if not each.of_reminder)
        return {each.id: self._send(each.event, endpoint) for each, endpoint in found if endpoint}

    def _send(self, event: Event, endpoint: WebhookEndpoint) -> Send:
        async def send() -> int:
            body = message_body(event)
            now = self.clock.now()
            headers = message_headers(message_id(event), body, endpoint.secrets(now), now)
            return await self.sender.post(endpoint.url, body, headers)

        return send

    async def record(self, tx: Writing, outcomes: Sequence[SendOutcome]) -> None:
        """Note since when endpoints fail; disable those that are gone or have failed for too long, and notify staff."""
        by_endpoint = dict[WebhookId, list[SendOutcome]]()
        for outcome in outcomes:
            by_endpoint.setdefault(WebhookId(outcome.delivery.recipient_id), []).append(outcome)
        disabled = [each for each, those in by_endpoint.items() if await self._record_of(tx, each, those)]
        now = self.clock.now()
        if disabled:
            await tx.outbox.add(webhook_disabled(each, now) for each in disabled)
            operator = Actor.operator()
            await tx.audit.add(*(audit_entry(operator, "webhook.disabled", at=now, what=each) for each in disabled))

    async def _record_of(self, tx: Writing, id: WebhookId, outcomes: Sequence[SendOutcome]) -> bool:
        """Whether these outcomes disable the endpoint."""
        found = await tx.webhooks.find(id)
        # Nearly always there is nothing to store, and nothing to lock.
        if found is None or found.disabled_by or self._after(found, outcomes) == found:
            return False
        endpoint = await tx.webhooks.get(id)
        after = self._after(endpoint, outcomes)
        if after != endpoint:
            await tx.webhooks.save(after)
        return endpoint.disabled_by is None and after.disabled_by is not None

    def _after(self, endpoint: WebhookEndpoint, outcomes: Sequence[SendOutcome]) -> WebhookEndpoint:
        if any(each.gone for each in outcomes):
            return endpoint.disabled(DisabledBy.GONE, at=self.clock.now())
        if any(not each.attempt.error for each in outcomes):
            return endpoint.succeeded()
        return endpoint.failed(self.clock.now())
