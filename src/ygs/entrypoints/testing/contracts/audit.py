"""The contract of the audit log and of idempotency records."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from ygs.application.actors import Actor
from ygs.application.idempotency import IdempotentRequests
from ygs.domain.audit import ChainHead, Entry, Subjects, Verifier
from ygs.domain.errors import InvalidText, StillRunning
from ygs.domain.idempotency import IdempotencyRecord, Reply
from ygs.domain.ids import UserId
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.repositories.audit import AuditFilter
from ygs.ports.storage import Storage

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def an_entry(subject: str, reason: str = "", at_day: int = 0) -> Entry:
    """An entry of a member who was read."""
    return Entry(
        at=NOON + at_day * DAY, actor="operator", role="admin", action="member.read", subject=subject, reason=reason
    )


def _bare_digest(content: bytes) -> bytes:
    return sha256(content).digest()


class AuditContract:
    """The audit log and idempotency records."""

    async def test_the_log_is_numbered_sealed_and_read_both_ways(self, storage: Storage) -> None:
        async with storage.write() as tx:
            assert await tx.audit.head() == ChainHead()
            await tx.audit.add(an_entry("usr_1"), an_entry("usr_2", "상담 요청"))
        async with storage.write() as tx:
            await tx.audit.add(an_entry("usr_1"))
        async with storage.read() as reading:
            page = await reading.audit.page(limit=2)
            assert [sealed.number for sealed in page] == [1, 2]
            assert [sealed.entry for sealed in page] == [an_entry("usr_1"), an_entry("usr_2", "상담 요청")]
            about = await reading.audit.about(UserId("usr_1"))
            assert [sealed.number for sealed in about] == [3, 1]
            assert [sealed.number for sealed in await reading.audit.about(UserId("usr_1"), before=3)] == [1]
            assert (await reading.audit.head()).number == 3
        assert await AccountsKit(storage, FrozenClock()).log.verify(Actor.operator()) == []

    async def test_the_span_of_a_time_is_its_least_and_greatest_number(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.audit.add(*(an_entry("usr_1", at_day=day) for day in (0, 2, 1, 2, 4)))
        async with storage.read() as reading:
            assert await reading.audit.span(NOON + DAY, NOON + 2 * DAY) == (3, 3)
            assert await reading.audit.span(NOON + DAY, NOON + 3 * DAY) == (2, 4)
            assert await reading.audit.span(NOON, NOON + 9 * DAY) == (1, 5)
            assert await reading.audit.span(NOON + 5 * DAY, NOON + 9 * DAY) is None
            assert await reading.audit.span(NOON - DAY, NOON) is None

    async def test_an_entry_keeps_everybody_whom_it_is_about(self, storage: Storage) -> None:
        both = replace(an_entry(""), subjects=Subjects.of(["usr_2", "usr_1", "usr_2"]))
        async with storage.write() as tx:
            await tx.audit.add(an_entry("usr_1"), both, an_entry("usr_3"))
        async with storage.read() as reading:
            assert [each.entry for each in await reading.audit.page()] == [an_entry("usr_1"), both, an_entry("usr_3")]
            subjects = await reading.audit.subjects(1, 3)
            assert {number: list(ids) for number, ids in subjects.items() if ids} == {2: ["usr_1", "usr_2"]}
            assert [each.number for each in await reading.audit.about(UserId("usr_1"))] == [2, 1]
            assert [each.number for each in await reading.audit.about(UserId("usr_1"), limit=1)] == [2]
            assert [each.number for each in await reading.audit.about(UserId("usr_1"), before=2)] == [1]
            assert [each.number for each in await reading.audit.about(UserId("usr_2"))] == [2]
            assert await reading.audit.about_any([1, 2, 3], {"usr_2", "usr_9"}) == {2}
            assert await reading.audit.about_any([1, 3], {"usr_2"}) == frozenset()
        assert await AccountsKit(storage, FrozenClock()).log.verify(Actor.operator()) == []

    async def test_entries_are_found_by_account_user_action_and_time(self, storage: Storage) -> None:
        entries = [
            an_entry("usr_1"),
            replace(
                an_entry("", at_day=1), actor="usr_9", action="members.read", subjects=Subjects.of(["usr_1", "usr_2"])
            ),
            replace(an_entry("usr_2", at_day=2), actor="usr_9"),
            replace(an_entry("usr_9", at_day=3), actor="usr_9", action="account.linked"),
            replace(an_entry("usr_1", at_day=4), actor="usr_9"),
        ]
        async with storage.write() as tx:
            await tx.audit.add(*entries)
        searches = {
            AuditFilter(): [5, 4, 3, 2, 1],
            AuditFilter(actor="usr_9"): [5, 4, 3, 2],
            AuditFilter(about=UserId("usr_1")): [5, 2, 1],
            AuditFilter(actions=("member.",)): [5, 3, 1],
            AuditFilter(actions=("member",)): [5, 3, 2, 1],
            AuditFilter(actions=("members.", "account.")): [4, 2],
            AuditFilter(since=NOON + DAY, until=NOON + 3 * DAY): [3, 2],
            AuditFilter(actor="usr_9", about=UserId("usr_1"), actions=("member.",)): [5],
            AuditFilter(actor="operator", since=NOON + DAY): [],
        }
        async with storage.read() as reading:
            for wanted, numbers in searches.items():
                assert [each.number for each in await reading.audit.search(wanted)] == numbers
                page = await reading.audit.search(wanted, before=4, limit=2)
                assert [each.number for each in page] == [number for number in numbers if number < 4][:2]
            found = await reading.audit.search(AuditFilter(actor="usr_9"))
            assert [each.entry for each in found] == entries[:0:-1]

    async def test_whose_data_an_account_saw_is_summed_up_by_user_and_action(self, storage: Storage) -> None:
        both = Subjects.of(["usr_1", "usr_2"])
        async with storage.write() as tx:
            for day in range(4):
                await tx.audit.add(replace(an_entry("", at_day=day), actor="usr_9", subjects=both))
            await tx.audit.add(replace(an_entry("usr_1", at_day=1), actor="usr_9"))
            await tx.audit.add(replace(an_entry("usr_1", at_day=1), actor="usr_9", action="note.written"))
            await tx.audit.add(replace(an_entry("usr_9", at_day=1), actor="usr_9"), an_entry("usr_3", at_day=1))
        async with storage.read() as reading:
            accesses = await reading.audit.accessed_by("usr_9", NOON + DAY, NOON + 3 * DAY)
        rows = [(each.user_id, each.action, each.count, each.first_at, each.last_at) for each in accesses]
        assert rows == [
            ("usr_1", "member.read", 3, NOON + DAY, NOON + 2 * DAY),
            ("usr_1", "note.written", 1, NOON + DAY, NOON + DAY),
            ("usr_2", "member.read", 2, NOON + DAY, NOON + 2 * DAY),
        ]

    async def test_the_people_of_an_entry_go_with_it(self, storage: Storage) -> None:
        async with storage.write() as tx:
            for day in range(2):
                await tx.audit.add(replace(an_entry("", at_day=day), subjects=Subjects.of(["usr_1", "usr_2"])))
            assert await tx.audit.trim(NOON + DAY) == 1
        async with storage.read() as reading:
            assert list(await reading.audit.subjects(1, 2)) == [2]
        assert await AccountsKit(storage, FrozenClock()).log.verify(Actor.operator()) == []

    async def test_those_who_add_at_once_make_one_log(self, storage: Storage) -> None:
        async def add(number: int) -> None:
            async with storage.write() as tx:
                await tx.audit.add(an_entry(f"usr_{number}"))

        await asyncio.gather(*(add(number) for number in range(12)))
        async with storage.read() as reading:
            assert [sealed.number for sealed in await reading.audit.page()] == list(range(1, 13))
        assert await AccountsKit(storage, FrozenClock()).log.verify(Actor.operator()) == []

    async def test_the_oldest_can_go_and_the_rest_is_whole(self, storage: Storage) -> None:
        kit = AccountsKit(storage, FrozenClock())
        for day in range(4):
            async with storage.write() as tx:
                await tx.audit.add(an_entry("usr_1", at_day=day))
        for before, removed in ((0, 0), (2, 2), (2, 0), (9, 2), (9, 0)):
            async with storage.write() as tx:
                assert await tx.audit.trim(NOON + before * DAY) == removed
            assert await kit.log.verify(Actor.operator()) == []
        async with storage.write() as tx:
            await tx.audit.add(an_entry("usr_1"))
            assert [sealed.number for sealed in await tx.audit.page()] == [5]
        assert await kit.log.verify(Actor.operator()) == []

    async def test_a_log_that_is_computed_anew_without_the_key_is_found(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.audit.add(an_entry("usr_1"), an_entry("usr_2"))
        async with storage.read() as reading:
            forged = ChainHead()
            log = []
            for chained in await reading.audit.page():
                forged, again = forged.append(replace(chained.entry, subject="usr_3"), _bare_digest)
                log.append(again)
            verifier = Verifier.of(forged, reading.audit.mac)
            assert len([*verifier.read(log, {}), *verifier.finish()]) == 3

    async def test_a_command_is_kept_with_its_reply_byte_for_byte(self, storage: Storage) -> None:
        command = IdempotencyRecord(actor="usr_1", key="key-12345", digest=bytes(32), started_at=NOON)
        reply = Reply(201, "열림".encode() + bytes(range(256)))
        async with storage.write() as tx:
            assert await tx.idempotency.find("usr_1", "key-12345") is None
            await tx.idempotency.add(command)
            with pytest.raises(StillRunning):
                await tx.idempotency.add(command)
            assert await tx.idempotency.find("usr_1", "key-12345") == command
            await tx.idempotency.save(command.done(reply))
            assert await tx.idempotency.find("usr_1", "key-12345") == command.done(reply)
            assert await tx.idempotency.find("usr_2", "key-12345") is None
            await tx.idempotency.save(command.done(Reply(204, b"")))
            assert await tx.idempotency.find("usr_1", "key-12345") == command.done(Reply(204, b""))
            assert await tx.idempotency.purge(NOON) == 0
            assert await tx.idempotency.purge(NOON + HOUR) == 1
            await tx.idempotency.remove("usr_1", "key-12345")

    async def test_a_command_that_comes_ten_times_at_once_acts_once(self, storage: Storage) -> None:
        acted = []

        async def act() -> Reply:
            acted.append(1)
            await asyncio.sleep(0.05)
            return Reply(201, b"made")

        idempotent_requests = IdempotentRequests(storage, FrozenClock())
        me = Actor.signed_in(UserId(numbered("usr", 1)), Role.MEMBER)
        calls = (idempotent_requests.reply(me, "key-12345", b"POST", act) for _ in range(10))
        replies = await asyncio.gather(*calls, return_exceptions=True)
        assert len(acted) == 1
        assert all(isinstance(reply, StillRunning) or reply == Reply(201, b"made") for reply in replies)

    async def test_text_that_cannot_be_stored_is_not_in_the_log(self, storage: Storage) -> None:
        for unstorable in ("nul\x00", "half \ud800"):
            async with storage.write() as tx:
                with pytest.raises(InvalidText):
                    await tx.audit.add(replace(an_entry("usr_1"), what=unstorable))
