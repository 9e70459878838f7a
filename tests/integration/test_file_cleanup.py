"""Two jobs that keep house at once: each document is let go of once, and is on record once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.support.databases import opened
from ygs.adapters.blobs.grants import Signer
from ygs.adapters.blobs.memory_blobs import MemoryBlobs
from ygs.adapters.blobs.signed_url_store import SignedUrlBlobStore
from ygs.adapters.sql.tables import audit
from ygs.application.actors import Actor
from ygs.application.files.cleanup import FileCleanup
from ygs.domain.files import PDF
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.files import a_document

COUNT = 150


@pytest.mark.long
async def test_of_two_at_once_each_lets_go_of_others(database: str) -> None:
    storages = [await opened(database) for _ in range(2)]
    store, clock = SignedUrlBlobStore(MemoryBlobs(), Signer(bytes(32)), ""), FrozenClock()
    documents = [a_document(number, number) for number in range(1, COUNT + 1)]
    async with storages[0].write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, COUNT + 1)])
        for document in documents:
            await tx.files.add_document(document)
            verified = document.verify(frozenset({"education"}), at=NOON, expires_at=NOON + timedelta(days=1))
            await tx.files.save_document(verified)
    for document in documents:
        await store.put(document.object_key, b"%PDF-", PDF)
    clock.advance(days=31)
    keeping = [FileCleanup(storage, store, clock).run(Actor.operator()) for storage in storages]
    gone = await asyncio.gather(*keeping)
    assert [sum(each.documents for each in gone), sum(each.expired for each in gone)] == [COUNT, COUNT]
    async with storages[0].transaction() as bare:
        counted = select(audit.c.action, func.count()).group_by(audit.c.action)
        on_record = {row[0]: row[1] for row in await bare.rows(counted)}
    assert on_record == {"document.removed": COUNT, "document.expired": COUNT}
    async with storages[0].read() as reading:
        assert await reading.files.count_pending_deletions() == 0
        for document in documents[:3]:
            kept = await reading.files.document(document.id)
            assert (kept.removed_at, kept.facts) == (clock.now(), frozenset())
    for storage in storages:
        await storage.close()
