"""The contract of webhook endpoints."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ygs.domain.errors import Conflict, NotFound, StaleWrite
from ygs.domain.events import EventType
from ygs.domain.ids import WebhookId
from ygs.domain.webhooks import MOST_ENDPOINTS, DisabledBy, WebhookEndpoint
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage


def a_webhook(number: int = 1, /, **changes: Any) -> WebhookEndpoint:
    """An endpoint that wants decisions."""
    values: dict[str, Any] = {
        "id": WebhookId(numbered("whk", number)),
        "url": f"https://hooks.example.com/{number}",
        "types": frozenset([EventType.INTRODUCTION_DECIDED]),
        "secret": f"whsec_{number:044}",
        "created_at": NOON,
    }
    return WebhookEndpoint(**{**values, **changes})


class WebhookContract:
    """Every promise of `WebhookRepository`."""

    async def test_an_endpoint_comes_back_as_it_was_stored(self, storage: Storage) -> None:
        full = a_webhook(
            2,
            description="판매 시스템",
            types=frozenset([EventType.WEEK_PUBLISHED, EventType.MEMBER_APPROVED]),
            previous_secret="whsec_cHJldmlvdXM=",
            previous_until=NOON + timedelta(hours=24),
            disabled_by=DisabledBy.FAILING,
            disabled_at=NOON + timedelta(days=5),
            failing_since=NOON,
        )
        async with storage.write() as tx:
            stored = [await tx.webhooks.add(each) for each in (full, a_webhook())]
        assert stored == [replace(full, version=1), replace(a_webhook(), version=1)]
        async with storage.read() as tx:
            assert await tx.webhooks.all() == stored[::-1]
            assert await tx.webhooks.get(full.id) == await tx.webhooks.find(full.id) == stored[0]
            assert await tx.webhooks.find(a_webhook(3).id) is None
            with pytest.raises(NotFound):
                await tx.webhooks.get(a_webhook(3).id)

    async def test_of_two_edits_of_one_version_of_an_endpoint_one_is_refused(self, storage: Storage) -> None:
        async with storage.write() as tx:
            stored = await tx.webhooks.add(a_webhook())
            changed = await tx.webhooks.save(stored.rotated("whsec_bmV3", at=NOON))
            with pytest.raises(StaleWrite):
                await tx.webhooks.save(stored)
            assert await tx.webhooks.get(stored.id) == changed

    async def test_an_endpoint_that_is_deleted_is_gone(self, storage: Storage) -> None:
        async with storage.write() as tx:
            for number in (1, 2):
                await tx.webhooks.add(a_webhook(number))
            for _ in range(2):
                await tx.webhooks.remove(a_webhook(1).id)
        async with storage.read() as tx:
            assert [each.id for each in await tx.webhooks.all()] == [a_webhook(2).id]

    async def test_an_id_is_taken_once_and_endpoints_are_limited_in_number(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.webhooks.add(a_webhook(1))
            with pytest.raises(Conflict):
                await tx.webhooks.add(a_webhook(1))
            for number in range(2, MOST_ENDPOINTS + 1):
                await tx.webhooks.add(a_webhook(number))
            with pytest.raises(Conflict):
                await tx.webhooks.add(a_webhook(MOST_ENDPOINTS + 1))
            assert len(await tx.webhooks.all()) == MOST_ENDPOINTS
