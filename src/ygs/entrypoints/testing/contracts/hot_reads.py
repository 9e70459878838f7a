"""The contract of hot reads: they return the same as a transaction, from committed data."""

from dataclasses import replace

import pytest

from ygs.domain.accounts import Account
from ygs.domain.errors import NotFound
from ygs.domain.sessions import Ending
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.accounts import a_session, with_people
from ygs.ports.repositories.sessions import Caller
from ygs.ports.storage import Storage


class HotReadContract:
    """Every promise of `HotReads`."""

    async def test_a_hot_read_at_a_user_is_what_a_transaction_gets(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_user(1), a_user(2, wishes={}, email=None), a_user(3)])
        for number in (1, 2):
            async with storage.read() as reading:
                assert await storage.hot_reads.user(a_user(number).id) == await reading.users.get(a_user(number).id)
        with pytest.raises(NotFound):
            await storage.hot_reads.user(a_user(4).id)

    async def test_a_hot_read_at_a_caller_is_of_now_and_of_who_has_an_account(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add_all([a_user(1, phone="+821011112222"), a_user(2, phone="+821033334444")])
        phone = "+821033334444"
        one = a_user(2).id
        assert await storage.hot_reads.caller(phone, "home") is None
        async with storage.write() as tx:
            await tx.accounts.add(Account(user_id=one, created_at=NOON, updated_at=NOON, password="encoded"))
        assert await storage.hot_reads.caller(phone, "home") == Caller(one, "encoded", known=False)
        async with storage.write() as tx:
            await tx.sessions.add(replace(a_session(2), user_id=one, address="home").end(Ending.LOGGED_OUT, at=NOON))
        assert await storage.hot_reads.caller(phone, "home") == Caller(one, "encoded", known=True)
        assert await storage.hot_reads.caller(phone, "elsewhere") == Caller(one, "encoded", known=False)
        assert await storage.hot_reads.caller("+821011112222", "home") is None
        assert await storage.hot_reads.caller("+821099999999", "home") is None
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(one)).withdraw(at=NOON))
        assert await storage.hot_reads.caller(phone, "home") is None

    async def test_a_hot_read_sees_what_was_committed_and_nothing_else(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add(a_user())
        async with storage.write() as tx:
            user = await tx.users.save((await tx.users.get(a_user().id)).edited(at=NOON, name="새 이름"))
            assert (await storage.hot_reads.user(user.id)).name == a_user().name
        assert await storage.hot_reads.user(user.id) == user
        async with storage.write() as tx:
            await tx.users.save(user.withdraw(at=NOON))
        with pytest.raises(NotFound):
            await storage.hot_reads.user(user.id)

    async def test_a_hot_read_at_a_bearer_is_of_now(self, storage: Storage) -> None:
        await with_people(storage)
        assert await storage.hot_reads.bearer(a_session(1).id) is None
        async with storage.write() as tx:
            await tx.sessions.add(a_session(1))
            within = await tx.sessions.bearer(a_session(1).id)
        assert await storage.hot_reads.bearer(a_session(1).id) == within
        async with storage.write() as tx:
            await tx.sessions.save(a_session(1).end(Ending.LOGGED_OUT, at=NOON))
        ended = await storage.hot_reads.bearer(a_session(1).id)
        assert ended is not None
        assert ended.session.ending is Ending.LOGGED_OUT
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(a_session(1).user_id)).withdraw(at=NOON))
        assert await storage.hot_reads.bearer(a_session(1).id) is None
