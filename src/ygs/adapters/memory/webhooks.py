"""Webhook endpoints in memory."""

from collections.abc import Sequence
from dataclasses import replace

from ygs.adapters.memory.optimistic_locking import require_version
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import Conflict, NotFound
from ygs.domain.ids import WebhookId
from ygs.domain.text import storable_text
from ygs.domain.webhooks import MOST_ENDPOINTS, WebhookEndpoint
from ygs.ports.repositories.webhooks import TOO_MANY


class MemoryWebhookReader:
    """Webhook endpoints."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: WebhookId) -> WebhookEndpoint:
        tables = await self._tx.step()
        if id not in tables.webhooks:
            raise NotFound("webhook", id)
        return tables.webhooks[id]

    async def find(self, id: WebhookId) -> WebhookEndpoint | None:
        return (await self._tx.step()).webhooks.get(id)

    async def all(self) -> Sequence[WebhookEndpoint]:
        return (await self._tx.step()).webhooks.after(None, MOST_ENDPOINTS)


class MemoryWebhookRepository(MemoryWebhookReader):
    """Webhook endpoints, to be changed."""

    async def add(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        tables = await self._tx.step()
        if endpoint.id in tables.webhooks or len(tables.webhooks) >= MOST_ENDPOINTS:
            raise Conflict(TOO_MANY)
        return self._put(tables, endpoint)

    async def save(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        tables = await self._tx.step()
        require_version(tables.webhooks, endpoint.id, endpoint.version)
        return self._put(tables, endpoint)

    async def remove(self, id: WebhookId) -> None:
        (await self._tx.step()).webhooks.drop([id])

    def _put(self, tables: SnapshotTables, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        storable_text("url", endpoint.url)
        storable_text("description", endpoint.description)
        saved = replace(endpoint, version=endpoint.version + 1)
        tables.webhooks.put({saved.id: saved})
        return saved
