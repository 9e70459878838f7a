"""What accounts promise across processes, restarts and replicas."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from pydantic import SecretStr

from tests.support.databases import KEYRING, opened
from tests.support.postgres import LocalPostgres
from ygs.adapters.sql.postgres import open_postgres
from ygs.application.accounts.identity_providers import FirebaseProof
from ygs.application.accounts.passwords import PasswordForgotten, PasswordReset
from ygs.application.accounts.phone_change import NewPhone, PhoneProof, PhoneView
from ygs.application.accounts.sessions import RefreshRequest
from ygs.application.accounts.sign_in import PasswordSignIn
from ygs.application.actors import Actor
from ygs.application.rate_limits import ClientAddress
from ygs.domain.errors import InvalidToken, PhoneTaken, SignInRefused, TooManyAttempts, YgsError
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.contracts.accounts import PASSWORD, PHONE, a_newcomer

HOME = ClientAddress("203.0.113.7")
RIGHT = PasswordSignIn(phone=PHONE, password=SecretStr(PASSWORD))
WRONG = PasswordSignIn(phone=PHONE, password=SecretStr("wrong"))


@pytest.fixture
def behind(postgres: LocalPostgres, postgres_template: str) -> Iterator[str]:
    """A replica that nothing ever reaches."""
    name = f"behind_{uuid4().hex}"
    yield postgres.create_database(name, template=postgres_template)
    postgres.drop_database(name)


async def test_who_is_signed_in_is_never_asked_of_a_replica(postgres_url: str, behind: str) -> None:
    storage = await open_postgres(postgres_url, KEYRING, replica_url=behind)
    kit = AccountsKit(storage, FrozenClock())
    tokens = await kit.join(a_newcomer(), HOME)
    me = await kit.authentication.actor(tokens.access_token, HOME)
    async with storage.read() as reading:
        assert await reading.accounts.find(me.require_id()) is None
    await kit.sessions.log_out(me)
    with pytest.raises(InvalidToken):
        await kit.authentication.actor(tokens.access_token, HOME)
    await storage.close()


async def test_processes_count_wrong_passwords_together_and_a_restart_forgets_none(database: str) -> None:
    clock = FrozenClock()
    storages = [await opened(database) for _ in range(3)]
    kits = [AccountsKit(storage, clock) for storage in storages]
    await kits[0].join(a_newcomer(), HOME)
    guesses = (kits[number % 3].sign_in.by_password(WRONG, ClientAddress(f"10.0.0.{number}")) for number in range(9))
    assert all(isinstance(each, SignInRefused) for each in await asyncio.gather(*guesses, return_exceptions=True))
    for storage in storages:
        await storage.close()
    restarted = await opened(database)
    kit = AccountsKit(restarted, clock)
    with pytest.raises(SignInRefused):
        await kit.sign_in.by_password(RIGHT, ClientAddress("192.0.2.1"))
    clock.advance(minutes=1)
    await kit.sign_in.by_password(RIGHT, ClientAddress("192.0.2.1"))
    await restarted.close()


async def test_a_restart_forgets_no_count(database: str) -> None:
    """Not of people who join, not of codes to a phone, not of another's proofs."""
    clock = FrozenClock()
    bad, forgotten = FirebaseProof(id_token=SecretStr("head.body.bad")), PasswordForgotten(phone="010-3000-0000")

    async def each(kit: AccountsKit, number: int) -> list[object]:
        asked = (
            kit.join(a_newcomer(f"010-2000-{number:04}"), HOME),
            kit.changing.request_reset(forgotten, ClientAddress(f"10.0.0.{number}")),
            kit.sign_in.by_firebase(bad, HOME),
        )
        return [await answer(one) for one in asked]

    storage = await opened(database)
    for number in range(21):
        last = await each(AccountsKit(storage, clock), number)
    await storage.close()
    assert last == [TooManyAttempts] * 3
    restarted = await opened(database)
    assert await each(AccountsKit(restarted, clock), 21) == [TooManyAttempts] * 3
    await restarted.close()


async def answer(asked: Awaitable[object]) -> type[object]:
    """What kind of thing comes back or is raised."""
    try:
        return type(await asked)
    except YgsError as error:
        return type(error)


async def test_signing_in_while_being_thrown_out_leaves_no_session(database: str) -> None:
    """Whichever comes first: a session of before is ended, and none is opened by the old password after."""
    storage = await opened(database)
    kit = AccountsKit(storage, FrozenClock())
    await kit.join(a_newcomer(), HOME)
    for number in range(5):
        entering = [kit.sign_in.by_password(RIGHT, HOME) for _ in range(4)]

        async def changed(encoded: str = f"quick${number}") -> None:
            async with storage.write() as tx:
                user = await tx.users.find_by_phone("+821012345678")
                assert user is not None
                account = await tx.accounts.find(user.id)
                assert account is not None
                await kit.changing._set(tx, account, encoded)

        await asyncio.gather(*entering, changed(), return_exceptions=True)
        async with storage.write() as tx:
            user = await tx.users.find_by_phone("+821012345678")
            assert user is not None
            assert list(await tx.sessions.of_user(user.id)) == []
            account = await tx.accounts.find(user.id)
            assert account is not None
            again = await kit.passwords.hash(PASSWORD)
            await tx.accounts.save(account.with_password(again, at=kit.clock.now()))
    await storage.close()


async def test_everything_at_once_about_one_user_waits_for_nobody_in_a_circle(database: str) -> None:
    storage = await opened(database)
    kit = AccountsKit(storage, FrozenClock())
    tokens = await kit.join(a_newcomer(), HOME)
    refresh = RefreshRequest(refresh_token=SecretStr(tokens.refresh_token))
    forgotten = PasswordForgotten(phone=PHONE)
    one_time_token = (await kit.changing.request_reset(forgotten, HOME)).one_time_token
    reset = PasswordReset(one_time_token=SecretStr(one_time_token), code=kit.mailbox.code, new=SecretStr(PASSWORD))

    async def reset_again_and_again() -> None:
        for _ in range(3):
            with suppress(SignInRefused):
                await kit.changing.reset(reset, HOME)

    at_once = [reset_again_and_again()]
    for number in range(8):
        at_once += [
            discard(kit.sign_in.by_password(RIGHT, ClientAddress(f"10.0.0.{number}"))),
            discard(kit.sign_in.by_password(RIGHT, HOME)),
            discard(kit.sign_in.by_password(WRONG, ClientAddress(f"10.0.1.{number}"))),
            discard(kit.sessions.refresh(refresh)),
            discard(kit.join(a_newcomer(f"010-3000-000{number}"), HOME)),
            discard(kit.changing.request_reset(forgotten, HOME)),
        ]
    replies = await asyncio.gather(*at_once, return_exceptions=True)
    assert [reply for reply in replies if reply is not None] == []
    await storage.close()


async def test_a_new_phone_goes_to_one_of_two_who_have_both_proven_it(database: str) -> None:
    """A household's phone: the code is right for either, and the number is one user's."""
    storage = await opened(database)
    kit = AccountsKit(storage, FrozenClock())
    proofs = []
    for number in range(2):
        tokens = await kit.join(a_newcomer(f"010-4000-000{number}"), HOME)
        me = await kit.authentication.actor(tokens.access_token, HOME)
        one_time_token = (await kit.changing_phone.begin(me, NewPhone(phone="010-4444-5555"), HOME)).one_time_token
        proofs.append(
            (me, PhoneProof(one_time_token=SecretStr(one_time_token), code=kit.mailbox.code, phone="+82 10 4444 5555"))
        )
    replies = await asyncio.gather(*(kit.changing_phone.confirm(*each) for each in proofs), return_exceptions=True)
    assert [type(reply) for reply in replies if not isinstance(reply, PhoneTaken)] == [PhoneView]
    async with storage.read() as tx:
        users = await tx.users.by_ids([me.require_id() for me, _ in proofs])
    assert sorted(user.phone == "+821044445555" for user in users) == [False, True]
    await storage.close()


async def discard(asked: Awaitable[object]) -> None:
    """A refusal is an answer here; only trouble is not."""
    with suppress(SignInRefused, TooManyAttempts):
        await asked


async def test_the_log_is_whole_after_all_that_and_an_edit_in_the_database_is_found(database: str) -> None:
    from sqlalchemy import text

    storage = await opened(database)
    kit = AccountsKit(storage, FrozenClock())
    for number in range(4):
        await kit.join(a_newcomer(f"010-2000-000{number}"), ClientAddress(f"10.0.0.{number}"))
    assert await kit.log.verify(Actor.operator()) == []
    for tamper in (
        "UPDATE audit SET actor = 'usr_nobody' WHERE number = 2",
        "DELETE FROM audit WHERE number = 4",
        "DELETE FROM audit WHERE number = 1",
    ):
        async with storage.transaction() as tx:
            await tx.run(text(tamper))
        assert await kit.log.verify(Actor.operator())
    await storage.close()
