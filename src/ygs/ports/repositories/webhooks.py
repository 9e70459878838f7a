"""Webhook endpoints."""

from collections.abc import Sequence
from typing import Protocol

from ygs.domain.errors import N_
from ygs.domain.ids import WebhookId
from ygs.domain.webhooks import WebhookEndpoint

TOO_MANY = N_("there are as many webhook endpoints as there may be: delete one first")


class WebhookReader(Protocol):
    """Webhook endpoints, to be read."""

    async def get(self, id: WebhookId) -> WebhookEndpoint:
        """The endpoint, locked until a writing transaction ends, or `NotFound`."""
        ...

    async def find(self, id: WebhookId) -> WebhookEndpoint | None:
        """The endpoint, not locked, or None."""
        ...

    async def all(self) -> Sequence[WebhookEndpoint]:
        """All endpoints, not locked, ascending by id. There are few."""
        ...


class WebhookRepository(WebhookReader, Protocol):
    """Webhook endpoints, to be changed."""

    async def add(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """Store a new endpoint and return it; `Conflict` when its id is taken, or there are `MOST_ENDPOINTS`."""
        ...

    async def save(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        """Store a changed endpoint, or raise `StaleWrite`; return it with its new version."""
        ...

    async def remove(self, id: WebhookId) -> None:
        """Delete the endpoint; a missing one is no error."""
        ...
