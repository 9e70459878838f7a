"""Webhook endpoints: rows to entities and back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.webhooks import webhooks
from ygs.domain.errors import Conflict, NotFound, StaleWrite
from ygs.domain.events import EventType
from ygs.domain.ids import WebhookId
from ygs.domain.webhooks import MOST_ENDPOINTS, DisabledBy, WebhookEndpoint
from ygs.ports.repositories.webhooks import TOO_MANY

_AS_THEY_ARE = ("description", "previous_until", "disabled_at", "failing_since", "created_at", "version")


def to_row(endpoint: WebhookEndpoint, keyring: Keyring) -> dict[str, Any]:
    """An endpoint as a row of `webhooks`."""
    return {
        "id": endpoint.id,
        "url": keyring.seal(webhooks.c.url, endpoint.id, endpoint.url),
        "types": sorted(each.value for each in endpoint.types),
        "secret": keyring.seal(webhooks.c.secret, endpoint.id, endpoint.secret),
        "previous_secret": keyring.seal_if(webhooks.c.previous_secret, endpoint.id, endpoint.previous_secret),
        "disabled_by": endpoint.disabled_by.value if endpoint.disabled_by else None,
        **{name: getattr(endpoint, name) for name in _AS_THEY_ARE},
    }


def to_endpoint(row: Found, keyring: Keyring) -> WebhookEndpoint:
    """The endpoint that `to_row` wrote."""
    return WebhookEndpoint(
        id=WebhookId(row.id),
        url=keyring.open(webhooks.c.url, row.id, row.url),
        types=frozenset(map(EventType, row.types)),
        secret=keyring.open(webhooks.c.secret, row.id, row.secret),
        previous_secret=keyring.open_if(webhooks.c.previous_secret, row.id, row.previous_secret),
        disabled_by=DisabledBy(row.disabled_by) if row.disabled_by else None,
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )


class SqlWebhookReader:
    """Webhook endpoints."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: WebhookId) -> WebhookEndpoint:
        row = await self.tx.row(self.tx.for_update(select(webhooks).where(webhooks.c.id == id)))
        if row is None:
            raise NotFound("webhook", id)
        return to_endpoint(row, self.tx.keyring)

    async def find(self, id: WebhookId) -> WebhookEndpoint | None:
        row = await self.tx.row(select(webhooks).where(webhooks.c.id == id))
        return to_endpoint(row, self.tx.keyring) if row else None

    async def all(self) -> Sequence[WebhookEndpoint]:
        rows = await self.tx.rows(select(webhooks).order_by(webhooks.c.id))
        return [to_endpoint(row, self.tx.keyring) for row in rows]


class SqlWebhookRepository(SqlWebhookReader):
    """Webhook endpoints, to be changed."""

    async def add(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        # So that two who add the last one count each other's.
        await self.tx.lock("webhooks")
        if await self.tx.scalar(select(func.count()).select_from(webhooks)) >= MOST_ENDPOINTS:
            raise Conflict(TOO_MANY)
        new = replace(endpoint, version=endpoint.version + 1)
        async with self.tx.savepoint():
            await insert_all(self.tx, webhooks, [to_row(new, self.tx.keyring)])
        return new

    async def save(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        saved = replace(endpoint, version=endpoint.version + 1)
        found = update(webhooks).where(webhooks.c.id == endpoint.id, webhooks.c.version == endpoint.version)
        if not await self.tx.run(found.values(to_row(saved, self.tx.keyring))):
            raise StaleWrite(STALE)
        return saved

    async def remove(self, id: WebhookId) -> None:
        await self.tx.run(delete(webhooks).where(webhooks.c.id == id))
