"""The audit chain in a database: who can write to it, but does not have the key, cannot hide an edit or a cut."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from hashlib import sha256

import pytest
from sqlalchemy import delete, insert, update

from tests.support.databases import KEYRING, opened
from ygs.adapters.sql.key_rotation import reseal
from ygs.adapters.sql.repositories.audit import SqlAuditReader, to_row
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables.audit import audit, audit_head, audit_subjects
from ygs.application.actors import Actor
from ygs.application.audit.log import AuditLog
from ygs.domain.audit import ChainHead, Entry, Subjects
from ygs.entrypoints.testing.clock import NOON, FrozenClock

BOTH = Keyring({**KEYRING.keys, 2: bytes(range(64, 96))}, 2, KEYRING.index_key)
ONLY_NEW = Keyring({2: BOTH.keys[2]}, 2, KEYRING.index_key)


def an_entry(subject: str) -> Entry:
    return Entry(at=NOON, actor="usr_1", role="admin", action="member.read", subject=subject)


@pytest.fixture
async def log(storage: SqlStorage) -> AuditLog:
    """A log of four entries."""
    async with storage.write() as tx:
        await tx.audit.add(*(an_entry(f"usr_{number}") for number in range(4)))
    return AuditLog(storage, FrozenClock())


def bare_digest(content: bytes) -> bytes:
    return sha256(content).digest()


async def verified(log: AuditLog) -> Sequence[str]:
    return [str(each) for each in await log.verify(Actor.operator())]


async def test_an_edit_with_the_chain_computed_anew_is_found(storage: SqlStorage, log: AuditLog) -> None:
    assert await verified(log) == []
    async with storage.transaction() as tx:
        head = ChainHead()
        for chained in await SqlAuditReader(tx).page():
            head, forged = head.append(replace(chained.entry, actor="usr_9"), bare_digest)
            await tx.run(update(audit).where(audit.c.number == forged.number).values(to_row(forged)))
        await tx.run(update(audit_head).values(asdict(head)))
    assert len(await verified(log)) == 5


@pytest.mark.parametrize("change", ["removed", "added", "exchanged"])
async def test_a_change_of_the_people_of_an_entry_is_found(storage: SqlStorage, log: AuditLog, change: str) -> None:
    async with storage.write() as write:
        await write.audit.add(replace(an_entry(""), subjects=Subjects.of(["usr_1", "usr_2"])))
    there = audit_subjects.c.user_id
    async with storage.transaction() as tx:
        if change == "removed":
            await tx.run(delete(audit_subjects).where(there == "usr_1"))
        elif change == "added":
            await tx.run(insert(audit_subjects).values(entry=2, user_id="usr_1"))
        else:
            await tx.run(update(audit_subjects).where(there == "usr_1").values(user_id="usr_3"))
    number = 2 if change == "added" else 5
    assert await verified(log) == [f"the people of entry {number} were changed"]


@pytest.mark.parametrize("end", ["newest", "oldest"])
async def test_a_cut_with_the_head_moved_is_found(storage: SqlStorage, log: AuditLog, end: str) -> None:
    async with storage.transaction() as tx:
        _, second, third, _ = await SqlAuditReader(tx).page()
        if end == "newest":
            await tx.run(delete(audit).where(audit.c.number > third.number))
            moved = {"number": third.number, "digest": third.digest}
        else:
            await tx.run(delete(audit).where(audit.c.number <= second.number))
            moved = {"base_number": second.number, "base_digest": second.digest}
        await tx.run(update(audit_head).values(moved))
    assert await verified(log) == ["the head of the log was changed: entries may have been cut off at either end"]


async def test_the_chain_verifies_after_the_encryption_keys_were_rotated(log: AuditLog, database: str) -> None:
    rotating = await opened(database, BOTH)
    await reseal(rotating)
    await rotating.close()
    renewed = await opened(database, ONLY_NEW)
    async with renewed.write() as tx:
        await tx.audit.add(an_entry("usr_5"))
    assert await verified(AuditLog(renewed, FrozenClock())) == []
    await renewed.close()


async def test_another_index_key_does_not_verify_the_chain(log: AuditLog, database: str) -> None:
    other = await opened(database, Keyring(KEYRING.keys, 1, bytes(32)))
    assert len(await verified(AuditLog(other, FrozenClock()))) == 5
    await other.close()
