"""Sessions of real people, over real in-memory storage."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from tests.support.accounts import (
    ELSEWHERE,
    HOME,
    OTHER_PHONE,
    PASSWORD,
    actor,
    administrator,
    code,
    enrolled,
    join,
    newcomer,
    sign_in,
    staff,
)
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.role_changes import RoleChange
from ygs.application.accounts.second_factor import EnrolmentProof
from ygs.application.accounts.sessions import RefreshRequest, TokenView, end_sessions
from ygs.application.accounts.sign_in import CodeSignIn, SignInState
from ygs.application.accounts.sign_up import PhoneAndPassword
from ygs.application.actors import Actor, Permission
from ygs.application.rate_limits import ClientAddress
from ygs.domain.errors import (
    Forbidden,
    InvalidText,
    InvalidToken,
    NotFound,
    OneTimeTokenSpent,
    WrongCode,
    WrongStatus,
)
from ygs.domain.ids import SessionId
from ygs.domain.sessions import Ending
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.authentication import Access


@pytest.fixture
def kit() -> AccountsKit:
    return AccountsKit(MemoryStorage(), FrozenClock())


async def refresh(kit: AccountsKit, tokens: TokenView) -> TokenView:
    return await kit.sessions.refresh(RefreshRequest(refresh_token=SecretStr(tokens.refresh_token)))


async def is_over(kit: AccountsKit, tokens: TokenView) -> bool:
    """Whether neither of the tokens is accepted."""
    outcomes = await asyncio.gather(actor(kit, tokens), refresh(kit, tokens), return_exceptions=True)
    assert all(isinstance(each, InvalidToken) for each in outcomes) or not any(
        isinstance(each, InvalidToken) for each in outcomes
    )
    return isinstance(outcomes[0], InvalidToken)


async def test_twenty_refreshes_at_once_all_get_the_same_good_token(kit: AccountsKit) -> None:
    tokens = await join(kit)
    got = await asyncio.gather(*(refresh(kit, tokens) for _ in range(20)))
    assert len({each.refresh_token for each in got}) == 1
    assert len({each.access_token for each in got}) == 20
    assert not await is_over(kit, got[0])


async def test_a_lost_reply_costs_nothing(kit: AccountsKit) -> None:
    tokens = await join(kit)
    await refresh(kit, tokens)
    kit.clock.advance(seconds=20)
    again = await refresh(kit, tokens)
    kit.clock.advance(hours=1)
    assert not await is_over(kit, await refresh(kit, again))


async def test_a_token_used_twice_ends_the_session_for_thief_and_owner(kit: AccountsKit) -> None:
    stolen = await join(kit)
    thiefs = await refresh(kit, stolen)
    assert not await is_over(kit, thiefs)
    kit.clock.advance(seconds=31)
    with pytest.raises(InvalidToken):
        await refresh(kit, stolen)
    assert await is_over(kit, thiefs)


async def test_a_phone_that_slept_over_a_lost_reply_refreshes_once_more(kit: AccountsKit) -> None:
    tokens = await join(kit)
    lost = await refresh(kit, tokens)
    kit.clock.advance(hours=9)
    again = await refresh(kit, tokens)
    assert again.refresh_token == lost.refresh_token
    assert not await is_over(kit, again)
    kit.clock.advance(seconds=31)
    with pytest.raises(InvalidToken):
        await refresh(kit, tokens)
    assert await is_over(kit, again)


async def test_it_does_so_again_after_another_lost_reply_later_on(kit: AccountsKit) -> None:
    tokens = await join(kit)
    for _ in range(3):
        await refresh(kit, tokens)
        kit.clock.advance(hours=9)
        tokens = await refresh(kit, tokens)
        assert not await is_over(kit, tokens)
        tokens = await refresh(kit, tokens)
        assert not await is_over(kit, tokens)


@pytest.mark.parametrize("used", ["access", "refresh"])
async def test_no_token_is_taken_once_more_after_what_it_gave_was_used(kit: AccountsKit, used: str) -> None:
    tokens = await join(kit)
    successor = await refresh(kit, tokens)
    if used == "access":
        await actor(kit, successor)
    else:
        successor = await refresh(kit, successor)
    kit.clock.advance(seconds=31)
    with pytest.raises(InvalidToken):
        await refresh(kit, tokens)
    assert await is_over(kit, successor)


async def test_of_two_holders_who_take_turns_the_second_use_ends_the_family(kit: AccountsKit) -> None:
    """Both hold the first token. Neither uses an access token, which would end the session sooner."""
    first = await join(kit)
    await refresh(kit, first)
    kit.clock.advance(minutes=5)
    second = await refresh(kit, first)
    kit.clock.advance(minutes=5)
    third = await refresh(kit, second)
    kit.clock.advance(minutes=5)
    with pytest.raises(InvalidToken):
        await refresh(kit, second)
    with pytest.raises(InvalidToken):
        await refresh(kit, third)
    with pytest.raises(InvalidToken):
        await actor(kit, third)


async def test_a_made_up_token_ends_nothing(kit: AccountsKit) -> None:
    tokens = await join(kit)
    head, _, _ = tokens.refresh_token.rpartition(".")
    with pytest.raises(InvalidToken):
        await kit.sessions.refresh(RefreshRequest(refresh_token=SecretStr(f"{head}.{'0' * 64}")))
    assert not await is_over(kit, tokens)


async def test_an_access_token_ends_after_ten_minutes(kit: AccountsKit) -> None:
    tokens = await join(kit)
    kit.clock.advance(seconds=tokens.expires_in - 1)
    await actor(kit, tokens)
    kit.clock.advance(seconds=1)
    with pytest.raises(InvalidToken):
        await actor(kit, tokens)


async def test_logging_out_acts_at_once_and_on_this_device_only(kit: AccountsKit) -> None:
    phone, laptop = await join(kit), (await sign_in(kit, origin=ELSEWHERE)).tokens
    assert laptop is not None
    await kit.sessions.log_out(await actor(kit, phone))
    assert await is_over(kit, phone)
    assert not await is_over(kit, laptop)


async def test_sessions_are_listed_latest_first_and_can_be_ended(kit: AccountsKit) -> None:
    phone = await join(kit)
    kit.clock.advance(minutes=1)
    laptop = (await sign_in(kit, origin=ELSEWHERE)).tokens
    assert laptop is not None
    mine = await kit.sessions.list(await actor(kit, phone))
    assert [(each.device, each.current) for each in mine] == [("laptop", False), ("phone", True)]
    await kit.sessions.end(await actor(kit, phone), SessionId(mine[0].id))
    assert await is_over(kit, laptop)
    assert len(await kit.sessions.list(await actor(kit, phone))) == 1


async def test_nobody_ends_anothers_session(kit: AccountsKit) -> None:
    mine, theirs = await join(kit), await join(kit, OTHER_PHONE)
    (session,) = await kit.sessions.list(await actor(kit, theirs))
    with pytest.raises(NotFound):
        await kit.sessions.end(await actor(kit, mine), SessionId(session.id))
    assert not await is_over(kit, theirs)


async def test_the_eleventh_session_ends_the_longest_unused(kit: AccountsKit) -> None:
    first = await join(kit)
    second = (await sign_in(kit)).tokens
    assert second is not None
    kit.clock.advance(minutes=1)
    first = await refresh(kit, first)
    for _ in range(9):
        kit.clock.advance(seconds=1)
        await sign_in(kit)
    assert len(await kit.sessions.list(await actor(kit, first))) == 10
    assert await is_over(kit, second)


async def test_ending_all_ends_this_one_too(kit: AccountsKit) -> None:
    phone, laptop = await join(kit), (await sign_in(kit)).tokens
    assert laptop is not None
    await kit.sessions.end_all(await actor(kit, phone))
    assert await is_over(kit, phone)
    assert await is_over(kit, laptop)


async def test_suspension_ends_every_session_with_its_commit(kit: AccountsKit) -> None:
    tokens = await join(kit)
    me = (await actor(kit, tokens)).require_id()

    async def suspend_and_fail() -> None:
        async with kit.storage.write() as tx:
            await end_sessions(tx, me, Ending.SUSPENDED, at=kit.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await suspend_and_fail()
    await actor(kit, tokens)
    async with kit.storage.write() as tx:
        await end_sessions(tx, me, Ending.SUSPENDED, at=kit.clock.now())
    assert await is_over(kit, tokens)


async def test_staff_without_an_authenticator_may_only_enrol_one(kit: AccountsKit) -> None:
    await administrator(kit)
    view = await sign_in(kit, "010-5555-0001")
    assert view.tokens is not None
    assert view.tokens.enrol_second_factor
    assert (await actor(kit, view.tokens)).permissions == {Permission.OWN_ACCOUNT}


async def test_whoever_signs_in_and_whoever_comes_back_is_told_what_their_account_is_for(kit: AccountsKit) -> None:
    tokens, _ = await staff(kit)
    assert tokens.role is Role.ADMIN
    again = await refresh(kit, tokens)
    assert again.role is Role.ADMIN


async def test_staff_with_one_need_its_code_to_sign_in(kit: AccountsKit) -> None:
    tokens, secret = await staff(kit)
    assert Permission.CHANGE_ROLES in (await actor(kit, tokens)).permissions
    kit.clock.advance(minutes=1)
    view = await sign_in(kit, "010-5555-0001")
    assert (view.state, view.tokens) == (SignInState.SECOND_FACTOR_NEEDED, None)
    request = CodeSignIn(one_time_token=SecretStr(view.one_time_token or ""), code=code(kit, secret))
    signed_in = await kit.sign_in.by_code(request, HOME)
    assert Permission.CHANGE_ROLES in (await actor(kit, signed_in.tokens)).permissions
    with pytest.raises(OneTimeTokenSpent):
        await kit.sign_in.by_code(request, HOME)


async def test_a_code_seen_over_a_shoulder_is_spent(kit: AccountsKit) -> None:
    _, secret = await staff(kit)
    view = await sign_in(kit, "010-5555-0001")
    with pytest.raises(WrongCode):
        await kit.sign_in.by_code(
            CodeSignIn(one_time_token=SecretStr(view.one_time_token or ""), code=code(kit, secret)), HOME
        )


async def test_codes_cannot_be_guessed_over_many_one_time_tokens(kit: AccountsKit) -> None:
    _, secret = await staff(kit)
    kit.clock.advance(minutes=1)
    right = code(kit, secret)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for number in range(6):
        view = await sign_in(kit, "010-5555-0001", origin=ELSEWHERE)
        request = CodeSignIn(one_time_token=SecretStr(view.one_time_token or ""), code=wrong if number < 5 else right)
        with pytest.raises(WrongCode):
            await kit.sign_in.by_code(request, ELSEWHERE)


async def test_enrolling_ends_the_sessions_without_a_second_factor(kit: AccountsKit) -> None:
    await administrator(kit)
    old = (await sign_in(kit, "010-5555-0001")).tokens
    assert old is not None
    me = await actor(kit, old)
    view = await kit.second_factor.enrol(me)
    assert view.uri.startswith("otpauth://totp/ygs:")
    with pytest.raises(WrongCode):
        await kit.second_factor.confirm(me, EnrolmentProof(code="000000"), HOME)
    async with kit.storage.read() as tx:
        account = await tx.accounts.find(me.require_id())
    assert account is not None
    assert account.totp is not None
    new = await kit.second_factor.confirm(me, EnrolmentProof(code=code(kit, account.totp.secret)), HOME)
    assert await is_over(kit, old)
    with pytest.raises(WrongStatus):
        await kit.second_factor.enrol(await actor(kit, new))


async def test_a_lost_authenticator_is_taken_off_by_somebody_else(kit: AccountsKit) -> None:
    tokens, _ = await staff(kit)
    me = await actor(kit, tokens)
    with pytest.raises(WrongStatus):
        await kit.second_factor.remove(me, me.require_id(), "분실")
    with pytest.raises(InvalidText):
        await kit.second_factor.remove(Actor.operator(), me.require_id(), "  ")
    await kit.second_factor.remove(Actor.operator(), me.require_id(), "휴대폰 분실")
    assert await is_over(kit, tokens)
    view = await sign_in(kit, "010-5555-0001")
    assert view.tokens is not None
    assert view.tokens.enrol_second_factor


async def test_staff_sessions_are_short(kit: AccountsKit) -> None:
    tokens, _ = await staff(kit)
    kit.clock.advance(minutes=30)
    assert await is_over(kit, tokens)


async def test_a_change_of_role_ends_the_sessions_and_acts_at_once(kit: AccountsKit) -> None:
    boss, _ = await staff(kit)
    tokens = await join(kit)
    member = await actor(kit, tokens)
    change = RoleChange(role=Role.CONSULTANT, reason="새 상담사")
    with pytest.raises(Forbidden):
        await kit.roles.change(member, member.require_id(), change)
    admin = await actor(kit, boss)
    with pytest.raises(WrongStatus):
        await kit.roles.change(admin, admin.require_id(), change)
    await kit.roles.change(admin, member.require_id(), change)
    assert await is_over(kit, tokens)
    again = (await sign_in(kit)).tokens
    assert (await actor(kit, again)).role is Role.CONSULTANT


async def test_who_becomes_staff_and_a_member_again_signs_in_each_time_as_what_they_are(kit: AccountsKit) -> None:
    me = (await actor(kit, await join(kit))).require_id()
    await kit.roles.change(Actor.operator(), me, RoleChange(role=Role.CONSULTANT, reason="새 상담사"))
    limited = (await sign_in(kit)).tokens
    assert limited
    assert limited.enrol_second_factor
    tokens, secret = await enrolled(kit, await actor(kit, limited))
    assert Permission.REVIEW_MEMBERS in (await actor(kit, tokens)).permissions
    await kit.roles.change(Actor.operator(), me, RoleChange(role=Role.MEMBER, reason="퇴사"))
    assert await is_over(kit, tokens)
    kit.clock.advance(minutes=1)
    # The authenticator is theirs still; and sessions are as long as members' are.
    asked = await sign_in(kit)
    assert asked.state is SignInState.SECOND_FACTOR_NEEDED
    request = CodeSignIn(one_time_token=SecretStr(asked.one_time_token or ""), code=code(kit, secret))
    member = (await kit.sign_in.by_code(request, HOME)).tokens
    assert member
    assert Permission.REVIEW_MEMBERS not in (await actor(kit, member)).permissions
    kit.clock.advance(days=13)
    assert (await refresh(kit, member)).role is Role.MEMBER


async def test_making_somebody_staff_needs_a_fresh_session(kit: AccountsKit) -> None:
    boss, _ = await staff(kit)
    member = await actor(kit, await join(kit))
    kit.clock.advance(minutes=14)
    boss = await refresh(kit, boss)
    await kit.roles.change(await actor(kit, boss), member.require_id(), RoleChange(role=Role.CONSULTANT, reason="채용"))
    kit.clock.advance(minutes=2)
    admin, change = await actor(kit, boss), RoleChange(role=Role.ADMIN, reason="승진")
    with pytest.raises(Forbidden):
        await kit.roles.change(admin, member.require_id(), change)
    with pytest.raises(Forbidden):
        await kit.second_factor.remove(admin, member.require_id(), "분실")
    with pytest.raises(Forbidden):
        await kit.up.administrator(
            admin, PhoneAndPassword(phone="010-5555-0009", password=SecretStr(PASSWORD), **newcomer())
        )


async def test_a_token_is_good_only_with_its_own_session(kit: AccountsKit) -> None:
    """Whatever was signed: the session says whose it is."""
    mine, theirs = await actor(kit, await join(kit)), await actor(kit, await join(kit, OTHER_PHONE))
    now = kit.clock.now()
    for who, session, good in ((mine, mine, True), (mine, theirs, False)):
        assert session.session is not None
        access = Access(who.require_id(), session.session, "name", now, now + timedelta(minutes=1))
        asked = kit.authentication.actor(kit.tokens.issue(access), HOME)
        if good:
            assert (await asked).id == mine.id
        else:
            with pytest.raises(InvalidToken):
                await asked


async def test_the_first_administrator_is_made_once(kit: AccountsKit) -> None:
    await administrator(kit)
    with pytest.raises(Forbidden):
        await administrator(kit, "010-5555-0002")
    request = PhoneAndPassword(phone="010-5555-0002", password=SecretStr(PASSWORD), **newcomer())
    await kit.up.administrator(Actor.operator(), request)
    with pytest.raises(Forbidden):
        await kit.up.administrator(await actor(kit, await join(kit)), request)


async def test_two_first_administrators_at_once_are_one(kit: AccountsKit) -> None:
    made = await asyncio.gather(
        *(administrator(kit, f"010-5555-000{number}") for number in range(4)), return_exceptions=True
    )
    assert sum(each is None for each in made) == 1


async def test_a_device_that_calls_itself_anything_is_kept_safely(kit: AccountsKit) -> None:
    origin = ClientAddress.of("203.0.113.7", "아이폰\x00\ud800\n" + "x" * 5000)
    view = await join(kit, origin=origin)
    (session,) = await kit.sessions.list(await actor(kit, view))
    assert session.device.startswith("아이폰x")
    assert len(session.device) <= 120
    assert session.expires_at - session.started_at == timedelta(days=14)


def test_a_device_that_calls_itself_a_resident_number_has_no_name() -> None:
    assert ClientAddress.of("203.0.113.7", "phone 900101-1234567") == ClientAddress("203.0.113.7")
