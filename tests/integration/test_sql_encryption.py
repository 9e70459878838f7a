"""Sealed values: unreadable in a dump, bound to their object key, and sealed anew under another key."""

import asyncio
import hashlib
import hmac
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Column, Row, Table, select, update

from tests.support.databases import KEYRING, opened, stored_bytes
from tests.support.planted_rows import row_of
from ygs.adapters.sql import key_rotation as resealing
from ygs.adapters.sql.key_check import require_fitting_keys
from ygs.adapters.sql.key_rotation import reseal
from ygs.adapters.sql.statements.encryption import Keyring, Unsealable
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import sealed_columns, users
from ygs.domain.errors import InvalidText, Misconfigured
from ygs.domain.introductions import Answer, Choice, DeclineReason
from ygs.domain.reports import Resolution
from ygs.entrypoints.testing.builders import (
    a_feedback,
    a_membership,
    a_note,
    a_report,
    a_slot,
    a_user,
    a_week,
    an_introduction,
)
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.encryption_at_rest import EncryptionAtRestContract, plant_canaries
from ygs.entrypoints.testing.contracts.imports import an_import

BOTH = Keyring({**KEYRING.keys, 2: bytes(range(64, 96))}, 2, KEYRING.index_key)
ONLY_NEW = Keyring({2: BOTH.keys[2]}, 2, KEYRING.index_key)
PLACE = users.c.phone, a_user().id
CANARIES = (
    "+821077776666",
    "kanarie@example.com",
    "카나리아가 싫다고 함",
    "카나리아가 좋았음",
    "카나리아의 한마디",
    "카나리아를 신고함",
    "카나리아에게 경고함",
    "카나리아에 대한 메모",
)


SEALED = (
    *("users.phone", "users.email", "introductions.words_of_a", "introductions.words_of_b", "feedback.words"),
    *("reports.words", "reports.staff_words", "notes.text"),
)


def test_what_is_sealed_opens_in_its_place_and_nowhere_else() -> None:
    sealed = KEYRING.seal(*PLACE, "010-카나리아")
    assert KEYRING.open(*PLACE, sealed) == "010-카나리아"
    for elsewhere in ((users.c.email, PLACE[1]), (users.c.phone, a_user(2).id)):
        with pytest.raises(Unsealable, match="changed outside ygs"):
            KEYRING.open(*elsewhere, sealed)


def test_a_changed_bit_anywhere_is_noticed() -> None:
    sealed = KEYRING.seal(*PLACE, "+821012345678")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Unsealable):
            BOTH.open(*PLACE, bytes(changed))
    with pytest.raises(Unsealable):
        KEYRING.open(*PLACE, b"\x00\x01short")


def test_the_same_text_is_never_sealed_to_the_same_bytes_but_always_indexed_alike() -> None:
    assert len({KEYRING.seal(*PLACE, "+821012345678") for _ in range(1_000)}) == 1_000
    assert KEYRING.index(users.c.phone, "+821012345678") == BOTH.index(users.c.phone, "+821012345678")
    other = Keyring(KEYRING.keys, 1, bytes(32))
    assert KEYRING.index(users.c.phone, "+821012345678") != other.index(users.c.phone, "+821012345678")
    assert KEYRING.index(users.c.phone, "+821012345678") != KEYRING.index(users.c.email, "+821012345678")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    for keys, index_key in (({1: bytes(length)}, KEYRING.index_key), (KEYRING.keys, bytes(length))):
        with pytest.raises(ValueError, match="must have 32 bytes"):
            Keyring(keys, 1, index_key)


def test_the_audit_chain_has_a_key_of_its_own() -> None:
    assert KEYRING.audit_mac(b"entry") != hmac.digest(KEYRING.index_key, b"entry", hashlib.sha256)


def test_a_missing_key_is_named_and_no_key_is_ever_shown() -> None:
    with pytest.raises(Unsealable, match="key version 2"):
        KEYRING.open(*PLACE, BOTH.seal(*PLACE, "x"))
    assert repr(KEYRING.keys[1])[2:10] not in repr(KEYRING)


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
def test_what_no_column_keeps_is_not_sealed_either(character: str) -> None:
    with pytest.raises(InvalidText):
        KEYRING.seal(*PLACE, character)


@pytest.mark.parametrize(("keys", "current"), [({1: b"short"}, 1), ({1: bytes(32)}, 2), ({0: bytes(32)}, 0)])
def test_a_keyring_that_cannot_work_is_refused(keys: dict[int, bytes], current: int) -> None:
    with pytest.raises(ValueError, match="key"):
        Keyring(keys, current, bytes(32))


async def fill(storage: SqlStorage) -> None:
    """A canary in every sealed column, and then some rows to make more than one batch."""
    phone, email, declined, told, accepted, reported, decided, noted = CANARIES
    one, other = a_user(1, phone=phone, email=email), a_user(2)
    introduction = an_introduction(one, other, a_week())
    async with storage.write() as tx:
        await tx.users.add_all([one, other, *(a_user(number) for number in range(3, 1_203))])
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([introduction], {})
        await tx.introductions.add_feedback(a_feedback(introduction, one.id, words=told))
        report = a_report(words=reported)
        await tx.reports.add(report)
        await tx.reports.save(report.resolve(Resolution.WARNED, decided, by=a_user(90).id, at=NOON))
        await tx.notes.add(a_note(text=noted))
        no = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.OTHER, words=declined)
        yes = Answer(choice=Choice.ACCEPT, at=NOON + timedelta(hours=1), words=accepted)
        stored = await tx.introductions.get(introduction.id)
        await tx.introductions.save(replace(stored, answer_of_a=no, answer_of_b=yes))


@dataclass(frozen=True, slots=True)
class PlainPhones(Keyring):
    """Encrypts everything but phone numbers."""

    def seal(self, column: Column[Any], id: str, text: str) -> bytes:
        return self.prefix + text.encode() if column is users.c.phone else Keyring.seal(self, column, id, text)


async def test_a_canary_of_the_contract_is_in_every_sealed_column(storage: SqlStorage) -> None:
    await plant_canaries(storage)
    async with storage.transaction() as tx:
        for column in sealed_columns():
            filled = select(column).where(column.is_not(None)).limit(1)
            assert await tx.row(filled) is not None, f"no canary in {column}"


async def test_a_storage_that_keeps_phones_in_plain_text_fails_the_contract(storage: SqlStorage, database: str) -> None:
    plain = await opened(database, PlainPhones(KEYRING.keys, KEYRING.current, KEYRING.index_key))
    contract = EncryptionAtRestContract()
    with pytest.raises(AssertionError, match=r"User\.phone"):
        await contract.test_nothing_that_is_encrypted_at_rest_can_be_read_in_the_stored_bytes(
            plain, partial(stored_bytes, plain)
        )
    await plain.close()


async def test_after_resealing_the_old_key_can_go(storage: SqlStorage, database: str) -> None:
    await fill(storage)
    rotating = await opened(database, BOTH)
    heard: list[tuple[str, int, int]] = []
    async with rotating.write() as tx:
        # Saved by itself, so there is one value less to do of two kinds.
        await tx.users.save(await tx.users.get(a_user(5).id))
    assert await reseal(rotating, lambda *said: heard.append(said)) == 2 * 1_201 + 6
    phones = [said[1:] for said in heard if said[0] == "users.phone"]
    assert phones == [(500, 1_201), (1_000, 1_201), (1_201, 1_201)]
    assert await reseal(rotating) == 0
    await rotating.close()

    renewed = await opened(database, ONLY_NEW)
    async with renewed.read() as tx:
        user = await tx.users.find_by_phone(CANARIES[0])
        assert user is not None
        assert (user.phone, user.email) == CANARIES[:2]
        (introduction,) = await tx.introductions.of_user(user.id)
        assert introduction.answer_of_a is not None
        assert introduction.answer_of_a.words == CANARIES[2]
        assert [each.words for each in await tx.introductions.feedback_on(introduction.id)] == [CANARIES[3]]
    await renewed.close()


async def plant_in_every_sealed_column(storage: SqlStorage) -> dict[Column[bytes], str]:
    """A sealed value in every sealed column of one row in each table; the texts by column."""
    one, other = a_user(1), a_user(2)
    introduction = an_introduction(one, other, a_week())
    async with storage.write() as tx:
        await tx.users.add_all([one, other])
        await tx.weeks.add(a_week())
        await tx.introductions.add_all([introduction], {})
        await tx.memberships.add(a_membership())
        await tx.consultations.add_slots([a_slot()])
        await tx.imports.add(an_import())
    known: dict[str, str] = {
        "users": one.id,
        "accounts": one.id,
        "introductions": introduction.id,
        "meetings": introduction.id,
        "week_keys": a_week().id,
        "imports": an_import().id,
    }
    tied: dict[str, str] = {
        "a": introduction.a,
        "b": introduction.b,
        "user_id": one.id,
        "reporter": one.id,
        "subject": other.id,
        "other": other.id,
    }
    tied |= {"member": one.id, "slot_id": a_slot().id, "import_id": an_import().id}
    tied |= {"introduction_id": introduction.id, "by_user": one.id, "membership_id": a_membership().id}
    texts = {column: f"봉인된 글 {column}" for column in sealed_columns()}
    async with storage.transaction() as tx:
        for table in {column.table for column in texts}:
            assert isinstance(table, Table)
            id_ = known.get(table.name, f"id of {table}")
            own = [column for column in texts if column.table is table]
            sealed = {column.name: tx.keyring.seal(column, id_, texts[column]) for column in own}
            if not await tx.run(update(table).where(table.c.id == id_).values(sealed)):
                await tx.run(table.insert().values(row_of(table, **{**tied, "id": id_, **sealed})))
    return texts


async def sealed_values(storage: SqlStorage, column: Column[bytes]) -> Sequence[Row[Any]]:
    async with storage.transaction() as tx:
        return await tx.rows(select(column.table.c.id, column.label("sealed")).where(column.is_not(None)))


async def test_every_sealed_column_is_readable_and_under_the_new_key_after_resealing(
    storage: SqlStorage, database: str
) -> None:
    texts = await plant_in_every_sealed_column(storage)
    rotating = await opened(database, BOTH)
    heard = set[str]()
    await reseal(rotating, lambda column, *_: heard.add(column))
    assert heard == {str(column) for column in texts}
    await rotating.close()
    for column, text_ in texts.items():
        rows = await sealed_values(storage, column)
        assert {row.sealed[:2] for row in rows} == {ONLY_NEW.prefix}
        assert text_ in {ONLY_NEW.open(column, row.id, row.sealed) for row in rows}


def test_a_column_that_is_not_declared_sealed_cannot_be_sealed() -> None:
    with pytest.raises(ValueError, match=r"users\.name is not declared as sealed"):
        KEYRING.seal(users.c.name, a_user().id, "홍길동")


class Stopped(Exception):
    """Somebody pulled the plug."""


def stop(*_: object) -> None:
    raise Stopped


async def test_resealing_that_is_stopped_again_and_again_comes_to_its_end(storage: SqlStorage, database: str) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, 1_002)])
    rotating, stops = await opened(database, BOTH), 0
    while True:
        try:
            assert await reseal(rotating, stop) == 0
            break
        except Stopped:
            stops += 1
    # Two columns of three batches each, every one of which was kept.
    assert stops == 6
    await rotating.close()
    await readable(database, ONLY_NEW, 1_001)


async def readable(database: str, keyring: Keyring, count: int) -> None:
    renewed = await opened(database, keyring)
    async with renewed.read() as tx:
        users = await tx.users.page(limit=count + 1)
    assert [user.phone for user in users] == [a_user(number).phone for number in range(1, count + 1)]
    await renewed.close()


async def test_an_edit_that_comes_while_its_row_is_sealed_anew_is_kept(
    storage: SqlStorage, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, 4)])
    rotating, restarted = await opened(database, BOTH), await opened(database, BOTH)
    seal_anew, editing = resealing._reseal_rows, list[asyncio.Task[None]]()

    async def edit() -> None:
        async with restarted.write() as tx:
            await tx.users.save(replace(await tx.users.get(a_user(2).id), phone="+821099998888"))

    async def slowly(*batch: Any) -> None:
        if not editing:
            editing.append(asyncio.create_task(edit()))
            await asyncio.sleep(0.3)
        await seal_anew(*batch)

    monkeypatch.setattr(resealing, "_reseal_rows", slowly)
    await reseal(rotating)
    await asyncio.gather(*editing)
    async with restarted.read() as reading:
        found = await reading.users.find_by_phone("+821099998888")
    assert (found and found.id, found and found.phone) == (a_user(2).id, "+821099998888")
    for each in (rotating, restarted):
        await each.close()


async def test_what_a_service_without_the_new_key_seals_meanwhile_the_next_run_finds(
    storage: SqlStorage, database: str
) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, 601)])
    rotating, fresh = await opened(database, BOTH), iter(range(601, 700))

    async def write() -> None:
        for number in itertools.islice(fresh, 10):
            async with storage.write() as tx:
                await tx.users.add(a_user(number))

    await asyncio.gather(reseal(rotating), write())
    await write()
    assert await reseal(rotating) >= 20
    assert await reseal(rotating) == 0
    await rotating.close()
    await readable(database, ONLY_NEW, 620)


async def test_a_key_that_is_still_needed_is_missed_before_anything_is_read(storage: SqlStorage, database: str) -> None:
    await require_fitting_keys(storage)
    await fill(storage)
    await require_fitting_keys(storage)
    other = Keyring(KEYRING.keys, 1, bytes(32))
    for keyring, why in ((ONLY_NEW, "key version 1"), (other, "YGS_INDEX_KEY")):
        without = await opened(database, keyring)
        with pytest.raises(Misconfigured, match=why):
            await require_fitting_keys(without)
        await without.close()


async def test_the_check_finds_what_was_sealed_with_a_key_that_is_gone(storage: SqlStorage, database: str) -> None:
    await fill(storage)
    async with storage.read() as reading:
        assert [violation async for violation in reading.invariants.violations()] == []
    without = await opened(database, ONLY_NEW)
    async with without.read() as reading:
        found = {violation.ids[0]: violation.explanation async for violation in reading.invariants.violations()}
    assert set(found) == set(SEALED)
    assert "1202 values need key version 1" in found["users.phone"]
    await without.close()
