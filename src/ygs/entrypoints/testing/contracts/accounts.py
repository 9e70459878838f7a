"""The contract of accounts, sessions, one-time tokens and rate limits."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from ygs.application.accounts.role_changes import RoleChange
from ygs.application.accounts.sessions import RefreshRequest, close_account
from ygs.application.accounts.sign_in import PasswordSignIn
from ygs.application.accounts.sign_up import PhoneAndPassword
from ygs.application.actors import Actor
from ygs.application.members.review import Decision, MemberReview
from ygs.application.rate_limits import ClientAddress
from ygs.domain.accounts import Account, Provider
from ygs.domain.errors import Conflict, Forbidden, InvalidText, LinkTaken, SignInRefused, StaleWrite
from ygs.domain.ids import SessionId, UserId
from ygs.domain.matching.market import Genders
from ygs.domain.one_time_token import OneTimeToken, OneTimeTokenKind
from ygs.domain.rate_limit import PER_ACCOUNT, AttemptCount
from ygs.domain.sessions import Ending, Lifetime, Session, start_session
from ygs.domain.totp import Totp
from ygs.domain.users import Purpose, Role, Status, User
from ygs.entrypoints.testing.accounts import AccountsKit, an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PHONE = "010-1234-5678"
PASSWORD = "노란 우산 아래 고양이 세 마리"


def a_person(number: int, role: Role = Role.MEMBER) -> User:
    """A user without a phone."""
    return User(
        id=UserId(numbered("usr", number)),
        name=f"사람 {number}",
        gender=Genders.FEMALE,
        seeks=Genders.MALE,
        birth_year=1990,
        role=role,
        created_at=NOON,
        updated_at=NOON,
    )


def an_account(number: int) -> Account:
    """The account of that user, without any way to sign in."""
    return Account(user_id=UserId(numbered("usr", number)), created_at=NOON, updated_at=NOON)


def a_session(number: int, user: int = 1, address: str = "home") -> Session:
    """A session of that user, used `number` minutes after noon."""
    session, _ = start_session(
        SessionId(numbered("ses", number)),
        UserId(numbered("usr", user)),
        secret=bytes([number] * 32),
        salt=bytes(range(32)),
        lifetime=Lifetime.of(Role.MEMBER),
        at=NOON + timedelta(minutes=number),
        device="아이폰",
        address=address,
    )
    return session


async def with_people(storage: Storage, count: int = 2) -> None:
    """Store people 1..count with their accounts."""
    async with storage.write() as tx:
        for number in range(1, count + 1):
            await tx.users.add(a_person(number))
            await tx.accounts.add(an_account(number))


class AccountContract:
    """Accounts, sessions, one-time tokens and rate limits."""

    async def test_an_account_comes_back_whole(self, storage: Storage) -> None:
        await with_people(storage)
        totp = Totp(secret=bytes(range(20)), confirmed_at=NOON + HOUR, last_step=55_000_000)
        async with storage.write() as tx:
            account = await tx.accounts.find(a_person(1).id)
            assert account == replace(an_account(1), version=1)
            changed = account.with_password("$argon2id$…", at=NOON + HOUR).with_totp(totp, at=NOON + HOUR)
            changed = changed.link(Provider.KAKAO, "4001", at=NOON).link(Provider.FIREBASE, "한글", at=NOON + HOUR)
            saved = await tx.accounts.save(changed)
        async with storage.read() as reading:
            assert await reading.accounts.find(a_person(1).id) == saved == replace(changed, version=2)
            assert await reading.accounts.find_by_link(Provider.KAKAO, "4001") == saved
            assert await reading.accounts.find_by_link(Provider.FIREBASE, "4001") is None
            assert await reading.accounts.find(a_person(3).id) is None

    async def test_an_account_needs_a_live_user_and_is_one(self, storage: Storage) -> None:
        await with_people(storage, 1)
        async with storage.write() as tx:
            for number in (1, 2):
                with pytest.raises(Conflict):
                    await tx.accounts.add(an_account(number))

    async def test_of_two_who_save_an_account_the_second_is_told(self, storage: Storage) -> None:
        await with_people(storage, 1)
        async with storage.write() as tx:
            account = await tx.accounts.find(a_person(1).id)
            assert account is not None
            await tx.accounts.save(account.with_password("one", at=NOON))
            with pytest.raises(StaleWrite):
                await tx.accounts.save(account.with_password("two", at=NOON))

    async def test_a_subject_signs_in_one_user_and_is_free_again_when_the_account_goes(self, storage: Storage) -> None:
        await with_people(storage)
        async with storage.write() as tx:
            mine = await tx.accounts.find(a_person(1).id)
            theirs = await tx.accounts.find(a_person(2).id)
            assert mine is not None
            assert theirs is not None
            await tx.accounts.save(mine.link(Provider.KAKAO, "4001", at=NOON))
            with pytest.raises(LinkTaken):
                await tx.accounts.save(theirs.link(Provider.KAKAO, "4001", at=NOON))
            await tx.accounts.remove(mine.user_id)
            await tx.accounts.remove(mine.user_id)
            saved = await tx.accounts.save(theirs.link(Provider.KAKAO, "4001", at=NOON))
            assert await tx.accounts.find_by_link(Provider.KAKAO, "4001") == saved
            unlinked = saved.with_password("x", at=NOON).unlink(Provider.KAKAO, at=NOON)
            await tx.accounts.save(unlinked)
            assert await tx.accounts.find_by_link(Provider.KAKAO, "4001") is None

    async def test_a_role_has_an_account_only_while_the_user_is_live(self, storage: Storage) -> None:
        async with storage.write() as tx:
            await tx.users.add(a_person(1, Role.ADMIN))
            assert not await tx.accounts.exists_with_role(Role.ADMIN)
            await tx.accounts.add(an_account(1))
            assert await tx.accounts.exists_with_role(Role.ADMIN)
            assert not await tx.accounts.exists_with_role(Role.CONSULTANT)
            await tx.users.save((await tx.users.get(a_person(1).id)).withdraw(at=NOON))
            assert not await tx.accounts.exists_with_role(Role.ADMIN)

    async def test_sessions_come_back_latest_used_first(self, storage: Storage) -> None:
        await with_people(storage)
        async with storage.write() as tx:
            for number in (1, 3, 2):
                await tx.sessions.add(a_session(number))
            await tx.sessions.add(a_session(4, user=2))
            await tx.sessions.save(a_session(1).end(Ending.LOGGED_OUT, at=NOON + HOUR))
        async with storage.read() as reading:
            assert list(await reading.sessions.of_user(a_person(1).id)) == [a_session(3), a_session(2)]
            assert await reading.sessions.find(a_session(1).id) == a_session(1).end(Ending.LOGGED_OUT, at=NOON + HOUR)
            assert await reading.sessions.find(SessionId(numbered("ses", 9))) is None

    async def test_which_tokens_of_a_session_were_used_comes_back(self, storage: Storage) -> None:
        await with_people(storage, 1)
        used = replace(a_session(1), generation=7, presented=6, repeated=5)
        async with storage.write() as tx:
            await tx.sessions.add(used)
        bearer = await storage.hot_reads.bearer(used.id)
        assert bearer is not None
        assert bearer.session == used

    async def test_a_bearer_is_the_user_of_now_and_nobody_once_they_left(self, storage: Storage) -> None:
        await with_people(storage)
        async with storage.write() as tx:
            await tx.sessions.add(a_session(1))
            user = await tx.users.get(a_person(1).id)
            user = await tx.users.save(user.edited(at=NOON, role=Role.CONSULTANT))
            bearer = await tx.sessions.bearer(a_session(1).id)
            assert bearer is not None
            assert (bearer.session, bearer.role, bearer.status) == (a_session(1), Role.CONSULTANT, Status.DRAFT)
            await tx.users.save(user.withdraw(at=NOON))
            assert await tx.sessions.bearer(a_session(1).id) is None

    async def test_an_address_is_known_by_any_session_from_there(self, storage: Storage) -> None:
        await with_people(storage)
        async with storage.write() as tx:
            await tx.sessions.add(a_session(1).end(Ending.LOGGED_OUT, at=NOON))
            assert await tx.sessions.knows(a_person(1).id, "home")
            assert not await tx.sessions.knows(a_person(1).id, "elsewhere")
            assert not await tx.sessions.knows(a_person(2).id, "home")

    async def test_a_session_that_is_ended_while_it_is_refreshed_stays_ended(self, storage: Storage) -> None:
        await with_people(storage, 1)
        found = asyncio.Event()

        async def refresh() -> None:
            async with storage.write() as tx:
                session = await tx.sessions.find(a_session(1).id)
                assert session is not None
                found.set()
                await asyncio.sleep(0.1)
                await tx.sessions.save(replace(session, generation=1))

        async def end() -> None:
            await found.wait()
            async with storage.write() as tx:
                (session,) = await tx.sessions.of_user(a_person(1).id)
                await tx.sessions.save(session.end(Ending.LOGGED_OUT, at=NOON))

        async with storage.write() as tx:
            await tx.sessions.add(a_session(1))
        await asyncio.gather(refresh(), end())
        async with storage.read() as reading:
            session = await reading.sessions.find(a_session(1).id)
        assert session is not None
        assert (session.ended_at, session.generation) == (NOON, 1)

    async def test_sessions_over_long_ago_go(self, storage: Storage) -> None:
        await with_people(storage, 1)
        async with storage.write() as tx:
            await tx.sessions.add(a_session(1).end(Ending.LOGGED_OUT, at=NOON))
            await tx.sessions.add(a_session(2))
            assert await tx.sessions.purge(NOON + DAY) == 1
            assert await tx.sessions.find(a_session(1).id) is None
            assert await tx.sessions.purge(NOON + 31 * DAY) == 1
            assert not await tx.sessions.of_user(a_person(1).id)

    async def test_a_one_time_token_comes_back_whole_and_is_written_once(self, storage: Storage) -> None:
        await with_people(storage)
        one_time_token = OneTimeToken(
            digest="ab" * 32,
            kind=OneTimeTokenKind.RESET,
            expires_at=NOON + HOUR,
            user_id=a_person(1).id,
            data={"phone": "x", "이름": "하늘"},
            code="c0de",
        )
        bare = OneTimeToken(digest="cd" * 32, kind=OneTimeTokenKind.KAKAO, expires_at=NOON, used_at=NOON)
        async with storage.write() as tx:
            for each in (one_time_token, bare):
                await tx.one_time_tokens.add(each)
                with pytest.raises(Conflict):
                    await tx.one_time_tokens.add(each)
            await tx.one_time_tokens.save(one_time_token.missed())
            assert await tx.one_time_tokens.find(one_time_token.digest) == one_time_token.missed()
            assert await tx.one_time_tokens.find(bare.digest) == bare
            assert await tx.one_time_tokens.find("ef" * 32) is None
            assert await tx.one_time_tokens.purge(NOON + timedelta(minutes=1)) == 1
            assert await tx.one_time_tokens.find(bare.digest) is None

    async def test_counters_begin_at_nothing_and_are_kept(self, storage: Storage) -> None:
        async with storage.write() as tx:
            assert await tx.rate_limits.get("key", NOON) == AttemptCount(since=NOON)
            tried = AttemptCount(count=0, since=NOON + HOUR, waits=2, blocked_until=NOON + HOUR)
            await tx.rate_limits.save("key", tried)
            await tx.rate_limits.save("other", tried)
            await tx.rate_limits.forget("other")
            await tx.rate_limits.forget("nothing")
        async with storage.write() as tx:
            assert await tx.rate_limits.get("key", NOON + DAY) == tried
            assert await tx.rate_limits.get("other", NOON) == AttemptCount(since=NOON)
            assert await tx.rate_limits.purge(NOON + 2 * HOUR) >= 1
            assert await tx.rate_limits.get("key", NOON) == AttemptCount(since=NOON)

    async def test_a_try_given_back_is_one_fewer_and_never_less_than_none(self, storage: Storage) -> None:
        waited = NOON + HOUR
        async with storage.write() as tx:
            await tx.rate_limits.save("key", AttemptCount(count=2, since=NOON, waits=1, blocked_until=waited))
            await tx.rate_limits.give_back("key")
            await tx.rate_limits.give_back("nothing")
        for left in (1, 0, 0):
            async with storage.write() as tx:
                assert await tx.rate_limits.get("key", NOON) == AttemptCount(
                    count=left, since=NOON, waits=1, blocked_until=waited
                )
                await tx.rate_limits.give_back("key")
        async with storage.write() as tx:
            assert await tx.rate_limits.get("nothing", waited) == AttemptCount(since=waited)

    async def test_no_try_at_once_is_lost(self, storage: Storage) -> None:
        async def once() -> bool:
            async with storage.write() as tx:
                attempts, wait = (await tx.rate_limits.get("key", NOON)).take(PER_ACCOUNT, at=NOON)
                await tx.rate_limits.save("key", attempts)
            return not wait

        assert sum(await asyncio.gather(*(once() for _ in range(20)))) == PER_ACCOUNT.most

    async def test_twenty_refreshes_at_once_give_one_token(self, storage: Storage) -> None:
        kit = AccountsKit(storage, FrozenClock())
        tokens = await kit.join(a_newcomer(), ClientAddress("home"))
        request = RefreshRequest(refresh_token=SecretStr(tokens.refresh_token))
        got = await asyncio.gather(*(kit.sessions.refresh(request) for _ in range(20)))
        assert len({each.refresh_token for each in got}) == 1

    async def test_guesses_at_once_are_compared_only_as_often_as_allowed(self, storage: Storage) -> None:
        kit = AccountsKit(storage, FrozenClock())
        await kit.join(a_newcomer(), ClientAddress("home"))
        guess = PasswordSignIn(phone=PHONE, password=SecretStr("wrong"))
        guesses = [kit.sign_in.by_password(guess, ClientAddress(f"10.0.0.{number}")) for number in range(15)]
        refused = await asyncio.gather(*guesses, return_exceptions=True)
        assert all(isinstance(each, SignInRefused) for each in refused)
        right = PasswordSignIn(phone=PHONE, password=SecretStr(PASSWORD))
        with pytest.raises(SignInRefused):
            await kit.sign_in.by_password(right, ClientAddress("abroad"))
        await kit.sign_in.by_password(right, ClientAddress("home"))

    async def test_the_lock_of_administrators_is_held_by_one_transaction_at_a_time(self, storage: Storage) -> None:
        held: list[int] = []

        async def hold(number: int) -> None:
            async with storage.write() as tx:
                await tx.users.lock_administrators()
                held.append(number)
                await asyncio.sleep(0.05)
                held.append(number)

        await asyncio.gather(*map(hold, range(4)))
        assert held[::2] == held[1::2]

    async def test_of_first_administrators_at_once_there_is_one(self, storage: Storage) -> None:
        kit = AccountsKit(storage, FrozenClock())
        requests = [kit.up.administrator(None, a_newcomer(f"010-2000-000{number}")) for number in range(5)]
        made = await asyncio.gather(*requests, return_exceptions=True)
        assert sum(isinstance(each, Forbidden) for each in made) == 4

    async def test_of_administrators_who_unmake_each_other_at_once_one_is_left(self, storage: Storage) -> None:
        """Each demotes or suspends the other."""
        kit = AccountsKit(storage, FrozenClock())
        member_review = MemberReview(storage, kit.clock, an_audit_writer(storage), SEOUL)

        def unmade(how: str, by: UserId, whom: UserId) -> Awaitable[object]:
            actor = Actor.signed_in(by, Role.ADMIN)
            if how == "demoted":
                return kit.roles.change(actor, whom, RoleChange(role=Role.MEMBER, reason="퇴사"))
            return member_review.suspend(actor, whom, Decision(reason="퇴사"))

        for number, hows in enumerate((("demoted", "demoted"), ("demoted", "suspended"), ("suspended", "suspended"))):
            phones = [f"010-2000-00{number}{place}" for place in range(2)]
            one, two = [await kit.up.administrator(Actor.operator(), a_newcomer(phone)) for phone in phones]
            await made_active(storage, one, two)
            at_once = (unmade(hows[0], one, two), unmade(hows[1], two, one))
            results = await asyncio.gather(*at_once, return_exceptions=True)
            assert sum(isinstance(each, Forbidden) for each in results) == 1, results
            async with storage.read() as reading:
                users = await reading.users.by_ids([one, two])
            assert [(each.role, each.status) for each in users].count((Role.ADMIN, Status.ACTIVE)) == 1

    async def test_leaving_ends_sessions_and_frees_phone_and_links(self, storage: Storage) -> None:
        kit = AccountsKit(storage, FrozenClock())
        tokens = await kit.join(a_newcomer(), ClientAddress("home"))
        async with storage.write() as tx:
            user = await tx.users.get(UserId(tokens.user_id))
            await close_account(tx, user.id, at=NOON)
            await tx.users.save(user.withdraw(at=NOON))
        async with storage.read() as reading:
            assert await reading.accounts.find(user.id) is None
            assert not await reading.sessions.of_user(user.id)
        await kit.join(a_newcomer(), ClientAddress("home"))

    async def test_text_that_cannot_be_stored_is_refused(self, storage: Storage) -> None:
        await with_people(storage, 1)
        for unstorable in ("nul\x00", "half \ud800"):
            async with storage.write() as tx:
                with pytest.raises(InvalidText):
                    await tx.sessions.add(replace(a_session(1), device=unstorable))
                account = await tx.accounts.find(a_person(1).id)
                assert account is not None
                with pytest.raises(InvalidText):
                    await tx.accounts.save(account.link(Provider.KAKAO, unstorable, at=NOON))


async def made_active(storage: Storage, *ids: UserId) -> None:
    """Make users active, as staff are, because only active users can be suspended."""
    async with storage.write() as tx:
        for user in await tx.users.by_ids(ids):
            await tx.users.save(replace(user, status=Status.ACTIVE))


def a_newcomer(phone: str = PHONE) -> PhoneAndPassword:
    """A request to sign up."""
    return PhoneAndPassword(
        phone=phone,
        password=SecretStr(PASSWORD),
        name="김하늘",
        gender="female",
        seeks=frozenset({"male"}),
        birth_year=1990,
        consents={Purpose.TERMS: "1", Purpose.PRIVACY: "1"},
    )
