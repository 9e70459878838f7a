"""The audit log finds every edit, swap and cut."""

import hmac
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.accounts import actor, join, kakao_proof
from ygs.adapters.memory import MemoryStorage
from ygs.application.actors import Actor
from ygs.domain.audit import ChainedEntry, ChainHead, Entry, Verifier
from ygs.domain.errors import Forbidden
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.clock import NOON, FrozenClock

Log = list[ChainedEntry]
KEY = bytes(range(32))


def mac(content: bytes) -> bytes:
    return hmac.digest(KEY, content, "sha256")


def without_the_key(content: bytes) -> bytes:
    return sha256(content).digest()


def written(count: int) -> tuple[ChainHead, Log]:
    head, log = ChainHead(), Log()
    for number in range(count):
        at = NOON + timedelta(seconds=number)
        entry = Entry(at=at, actor="usr_1", role="admin", action="member.read", reason="상담")
        head, chained = head.append(entry, mac)
        log.append(chained)
    return head, log


def faults(head: ChainHead, log: Log) -> list[str]:
    verifier = Verifier.of(head, mac)
    return [str(each) for each in (*verifier.read(log, {}), *verifier.finish())]


@given(st.integers(0, 20))
def test_what_was_not_touched_is_whole(count: int) -> None:
    assert faults(*written(count)) == []


def edited(entry: Entry, field: str) -> Entry:
    changed = copy(entry)
    object.__setattr__(changed, field, "edited")
    return changed


FIELDS = ["actor", "role", "action", "subject", "what", "reason", "address"]


@pytest.mark.parametrize("field", FIELDS)
def test_an_edit_of_any_field_is_found(field: str) -> None:
    head, log = written(5)
    log[2] = replace(log[2], entry=edited(log[2].entry, field))
    assert faults(head, log) == ["entry 3 was changed, or what stood before it"]


def test_an_edit_chained_anew_is_found_by_the_entry_after_it() -> None:
    head, log = written(5)
    _, log[2] = ChainHead(2, log[1].digest).append(edited(log[2].entry, "actor"), mac)
    assert faults(head, log) == ["entry 4 was changed, or what stood before it"]


TAMPERED: list[Callable[[Log], Log]] = [
    lambda log: [*log[:2], log[3], log[2], *log[4:]],
    lambda log: log[:2] + log[3:],
    lambda log: log[:-1],
    lambda log: log[1:],
    lambda log: [],
    lambda log: [*log, replace(log[-1], number=6)],
    lambda log: [*log[:2], replace(log[3], number=3), replace(log[2], number=4), *log[4:]],
    lambda log: [replace(log[0], entry=replace(log[0].entry, at=NOON - timedelta(days=1))), *log[1:]],
]


@pytest.mark.parametrize("tamper", TAMPERED)
def test_swaps_cuts_and_additions_are_found(tamper: Callable[[Log], Log]) -> None:
    head, log = written(5)
    assert faults(head, tamper(log))


def test_a_rewritten_rest_is_found_by_the_head() -> None:
    head, log = written(5)
    forged, rest = ChainHead(2, log[1].digest), log[:2]
    for chained in log[2:]:
        forged, again = forged.append(replace(chained.entry, actor="usr_2"), mac)
        rest.append(again)
    assert faults(head, rest) == ["the log ends at entry 5, but 5 were written"]


def test_a_log_that_is_computed_anew_without_the_key_is_found() -> None:
    _, log = written(3)
    forged, rest = ChainHead(), Log()
    for chained in log:
        forged, again = forged.append(replace(chained.entry, actor="usr_2"), without_the_key)
        rest.append(again)
    assert faults(forged, rest) == [
        *(f"entry {number} was changed, or what stood before it" for number in (1, 2, 3)),
        "the head of the log was changed: entries may have been cut off at either end",
    ]


@pytest.mark.parametrize("kept", [slice(None, 3), slice(2, None)])
def test_a_head_that_is_moved_to_hide_a_cut_is_found(kept: slice) -> None:
    head, log = written(5)
    left = log[kept]
    base = ChainHead() if kept.start is None else ChainHead(base_number=2, base_digest=log[1].digest)
    moved = replace(base, number=left[-1].number, digest=left[-1].digest, tag=head.tag)
    assert faults(moved, left) == ["the head of the log was changed: entries may have been cut off at either end"]


@pytest.fixture
def kit() -> AccountsKit:
    return AccountsKit(MemoryStorage(), FrozenClock())


async def test_what_people_do_with_accounts_is_written_and_whole(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    await kit.linked_identities.kakao(me, await kakao_proof(kit, "4001", linked_identities=me))
    page = await kit.log.list(Actor.operator())
    assert [(each.action, each.actor, each.what) for each in page] == [
        ("account.signed_up", me.id, ""),
        ("account.linked", me.id, "kakao"),
    ]
    assert all(each.subject == me.id and len(each.address) == 64 for each in page)
    about = await kit.log.list_about(Actor.operator(), me.require_id(), limit=1)
    assert [each.action for each in about] == ["account.linked"]
    assert await kit.log.verify(Actor.operator()) == []


async def test_reading_it_is_written_too_and_needs_permission(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    with pytest.raises(Forbidden):
        await kit.log.list(me)
    await kit.log.list(Actor.operator())
    assert (await kit.log.list(Actor.operator()))[-1].action == "audit.read"


async def test_what_is_rolled_back_leaves_no_trace(kit: AccountsKit) -> None:
    async def read_and_fail() -> None:
        async with kit.storage.write() as tx:
            await tx.audit.add(Entry(at=NOON, actor="operator", role="admin", action="member.read"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await read_and_fail()
    assert await kit.log.list(Actor.operator()) == []


async def test_letting_go_of_old_entries_leaves_a_whole_log(kit: AccountsKit) -> None:
    for number in range(6):
        await join(kit, f"010-1000-000{number}")
        kit.clock.advance(days=1)
    async with kit.storage.write() as tx:
        assert await tx.audit.trim(NOON + timedelta(days=3)) == 3
        assert await tx.audit.trim(NOON + timedelta(days=3)) == 0
    assert await kit.log.verify(Actor.operator()) == []
    async with kit.storage.write() as tx:
        assert await tx.audit.trim(kit.clock.now()) == 3
    await join(kit)
    assert await kit.log.verify(Actor.operator()) == []
