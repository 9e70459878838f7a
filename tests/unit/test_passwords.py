"""New passwords, by the old one and by a code."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from tests.support.accounts import (
    ELSEWHERE,
    HOME,
    OTHER_PASSWORD,
    OTHER_PHONE,
    PASSWORD,
    PHONE,
    actor,
    enrolled,
    firebase_proof,
    join,
    join_by_kakao,
    kakao_proof,
    sign_in,
    staff,
)
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.linked_identities import LinkedIdentitiesView
from ygs.application.accounts.passwords import PasswordChange, PasswordForgotten, PasswordReset
from ygs.application.accounts.phone_change import NewPhone, PhoneProof
from ygs.application.accounts.role_changes import RoleChange
from ygs.application.accounts.sessions import RefreshRequest
from ygs.application.accounts.sign_in import SignInResult, SignInState
from ygs.application.actors import Actor
from ygs.application.rate_limits import ClientAddress
from ygs.domain.errors import (
    Forbidden,
    InvalidToken,
    OneTimeTokenSpent,
    SignInRefused,
    TooManyAttempts,
    WeakPassword,
    WrongCode,
    WrongPassword,
    WrongStatus,
)
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.builders import a_draft
from ygs.entrypoints.testing.clock import FrozenClock


@pytest.fixture
def kit() -> AccountsKit:
    return AccountsKit(MemoryStorage(), FrozenClock())


async def forgotten(kit: AccountsKit, phone: str = PHONE, origin: ClientAddress = HOME) -> str:
    return (await kit.changing.request_reset(PasswordForgotten(phone=phone), origin)).one_time_token


async def reset(
    kit: AccountsKit, one_time_token: str, code: str, new: str = OTHER_PASSWORD, origin: ClientAddress = HOME
) -> SignInResult:
    return await kit.changing.reset(
        PasswordReset(one_time_token=SecretStr(one_time_token), code=code, new=SecretStr(new)), origin
    )


def change(current: str | None = PASSWORD, new: str = OTHER_PASSWORD) -> PasswordChange:
    return PasswordChange(current=SecretStr(current) if current is not None else None, new=SecretStr(new))


async def test_a_change_ends_every_session_and_opens_one(kit: AccountsKit) -> None:
    phone, laptop = await join(kit), (await sign_in(kit, origin=ELSEWHERE)).tokens
    fresh = await kit.changing.change(await actor(kit, phone), change(), HOME)
    for over in (phone, laptop):
        with pytest.raises(InvalidToken):
            await actor(kit, over)
    await actor(kit, fresh)
    with pytest.raises(SignInRefused):
        await sign_in(kit)
    assert (await sign_in(kit, password=OTHER_PASSWORD)).state is SignInState.SIGNED_IN


async def test_a_change_needs_the_current_password_and_few_guesses(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await kit.changing.change(me, change(current="wrong"), HOME)
    with pytest.raises(TooManyAttempts):
        await kit.changing.change(me, change(), HOME)


async def test_a_weak_new_password_is_refused(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    with pytest.raises(WeakPassword):
        await kit.changing.change(me, change(new="김하늘 01012345678"), HOME)


async def test_a_change_makes_no_session_fresh(kit: AccountsKit) -> None:
    """It proves the password and no second factor; what needs both asks for signing in."""
    tokens, _ = await staff(kit)
    kit.clock.advance(minutes=16)
    tokens = await kit.sessions.refresh(RefreshRequest(refresh_token=SecretStr(tokens.refresh_token)))
    changed = await kit.changing.change(await actor(kit, tokens), change(), HOME)
    me = await actor(kit, changed)
    member = await actor(kit, await join(kit))
    with pytest.raises(Forbidden):
        await kit.roles.change(me, member.require_id(), RoleChange(role=Role.ADMIN, reason="승진"))
    (session,) = await kit.sessions.list(me)
    assert session.refreshed_at - session.started_at == timedelta(minutes=16)
    kit.clock.advance(minutes=29)
    await actor(kit, await kit.sessions.refresh(RefreshRequest(refresh_token=SecretStr(changed.refresh_token))))


async def test_a_first_password_is_set_only_by_who_has_just_signed_in(kit: AccountsKit) -> None:
    joined = await join_by_kakao(kit, "4001")
    me = await actor(kit, joined)
    one_time_token = await kit.changing_phone.begin(me, NewPhone(phone=PHONE), HOME)
    proof = PhoneProof(one_time_token=SecretStr(one_time_token.one_time_token), code=kit.mailbox.code, phone=PHONE)
    await kit.changing_phone.confirm(me, proof)
    kit.clock.advance(minutes=16)
    with pytest.raises(Forbidden):
        await kit.changing.change(me, change(current=None), HOME)
    view = await kit.sign_in.by_kakao(await kakao_proof(kit, "4001"), HOME)
    await kit.changing.change(await actor(kit, view.tokens), change(current=None), HOME)
    assert (await sign_in(kit, password=OTHER_PASSWORD)).state is SignInState.SIGNED_IN


async def test_who_came_by_kakao_has_no_phone_to_sign_in_with(kit: AccountsKit) -> None:
    me = await actor(kit, await join_by_kakao(kit, "4001"))
    with pytest.raises(WrongStatus):
        await kit.changing.change(me, change(current=None), HOME)


async def test_a_code_to_the_phone_sets_a_new_password_and_ends_every_session(kit: AccountsKit) -> None:
    old = await join(kit)
    one_time_token = await forgotten(kit)
    assert kit.mailbox.sent[0][0] == "+821012345678"
    view = await reset(kit, one_time_token, kit.mailbox.code)
    await actor(kit, view.tokens)
    with pytest.raises(InvalidToken):
        await actor(kit, old)
    assert (await sign_in(kit, password=OTHER_PASSWORD)).state is SignInState.SIGNED_IN
    with pytest.raises(OneTimeTokenSpent):
        await reset(kit, one_time_token, kit.mailbox.code)


async def test_an_unknown_phone_looks_the_same_and_gets_no_text(kit: AccountsKit) -> None:
    await join(kit)
    known, unknown = await forgotten(kit), await forgotten(kit, OTHER_PHONE)
    assert len(known) == len(unknown)
    assert len(kit.mailbox.sent) == 1
    for one_time_token in (known, unknown):
        for _ in range(5):
            with pytest.raises(WrongCode) as refused:
                await reset(kit, one_time_token, "00000000")
            assert refused.type is WrongCode
        with pytest.raises(OneTimeTokenSpent):
            await reset(kit, one_time_token, kit.mailbox.code)


async def test_a_weak_password_costs_neither_one_time_token_nor_try(kit: AccountsKit) -> None:
    await join(kit)
    one_time_token = await forgotten(kit)
    for _ in range(7):
        with pytest.raises(WeakPassword):
            await reset(kit, one_time_token, kit.mailbox.code, new="short")
    assert (await reset(kit, one_time_token, kit.mailbox.code)).tokens is not None


async def test_a_strangers_request_and_guesses_do_not_spoil_the_owners(kit: AccountsKit) -> None:
    await join(kit)
    mine, code = await forgotten(kit), kit.mailbox.code
    theirs = await forgotten(kit, origin=ELSEWHERE)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await reset(kit, theirs, "00000000", origin=ELSEWHERE)
    assert (await reset(kit, mine, code)).tokens is not None


async def test_texts_to_one_phone_are_few_whoever_asks_but_its_owner_gets_them_at_home(kit: AccountsKit) -> None:
    await join(kit)
    for number in range(3):
        await forgotten(kit, origin=ClientAddress(f"198.51.100.{number}"))
    for phone in (PHONE,):
        with pytest.raises(TooManyAttempts):
            await forgotten(kit, phone, ClientAddress("198.51.100.99"))
    await forgotten(kit)
    assert len(kit.mailbox.sent) == 4


async def test_unknown_phones_are_counted_alike(kit: AccountsKit) -> None:
    for number in range(3):
        await forgotten(kit, OTHER_PHONE, ClientAddress(f"198.51.100.{number}"))
    with pytest.raises(TooManyAttempts):
        await forgotten(kit, OTHER_PHONE, ClientAddress("198.51.100.99"))


async def test_a_new_password_lifts_the_wait_for_wrong_ones(kit: AccountsKit) -> None:
    await join(kit)
    abroad = ClientAddress("192.0.2.1")
    for number in range(6):
        with pytest.raises(SignInRefused):
            await sign_in(kit, password=OTHER_PASSWORD, origin=ClientAddress(f"198.51.100.{number}"))
    one_time_token = await forgotten(kit, origin=abroad)
    await reset(kit, one_time_token, kit.mailbox.code, origin=abroad)
    assert (await sign_in(kit, password=OTHER_PASSWORD, origin=ClientAddress("192.0.2.2"))).tokens is not None


async def test_whoever_has_the_phone_wins_over_whoever_signed_up_with_it(kit: AccountsKit) -> None:
    squatter = await join(kit, origin=ELSEWHERE)
    one_time_token = await forgotten(kit)
    await reset(kit, one_time_token, kit.mailbox.code)
    with pytest.raises(InvalidToken):
        await actor(kit, squatter, ELSEWHERE)
    with pytest.raises(SignInRefused):
        await sign_in(kit, origin=ELSEWHERE)


async def test_no_identity_that_a_squatter_linked_outlives_the_code_to_the_phone(kit: AccountsKit) -> None:
    squatter = await actor(kit, await join(kit, origin=ELSEWHERE), ELSEWHERE)
    await kit.linked_identities.firebase(squatter, firebase_proof(kit, "fb-1"), ELSEWHERE)
    await kit.linked_identities.kakao(squatter, await kakao_proof(kit, "4001", linked_identities=squatter))
    await enrolled(kit, squatter)
    view = await reset(kit, await forgotten(kit), kit.mailbox.code)
    owner = await actor(kit, view.tokens)
    assert owner.id == squatter.id
    assert await kit.linked_identities.list(owner) == LinkedIdentitiesView(password=True, second_factor=False, links=[])
    for shut in (
        await kit.sign_in.by_firebase(firebase_proof(kit, "fb-1"), ELSEWHERE),
        await kit.sign_in.by_kakao(await kakao_proof(kit, "4001"), ELSEWHERE),
    ):
        assert (shut.state, shut.tokens) == (SignInState.SIGN_UP_NEEDED, None)
    done = [each.action for each in await kit.log.list_about(Actor.operator(), owner.require_id())]
    assert done.count("account.unlinked") == 2
    assert done.count("account.second_factor_removed") == 1


async def test_a_code_to_the_phone_does_not_stand_in_for_an_authenticator_of_staff(kit: AccountsKit) -> None:
    await staff(kit)
    view = await reset(kit, await forgotten(kit, "010-5555-0001"), kit.mailbox.code)
    assert (view.state, view.tokens) == (SignInState.SECOND_FACTOR_NEEDED, None)


async def test_codes_expire(kit: AccountsKit) -> None:
    await join(kit)
    one_time_token = await forgotten(kit)
    kit.clock.advance(minutes=10)
    with pytest.raises(OneTimeTokenSpent):
        await reset(kit, one_time_token, kit.mailbox.code)


async def test_a_reset_proves_the_phone_that_an_import_brought(kit: AccountsKit) -> None:
    imported = a_draft(1, phone_proven_at=None)
    async with kit.storage.write() as tx:
        await tx.users.add(imported)
    started = await kit.changing.request_reset(PasswordForgotten(phone=imported.phone or ""), HOME)
    await reset(kit, started.one_time_token, kit.mailbox.code)
    async with kit.storage.read() as tx:
        assert (await tx.users.get(imported.id)).has_proven_phone


async def test_neither_code_nor_one_time_token_is_stored(kit: AccountsKit) -> None:
    await join(kit)
    one_time_token = await forgotten(kit)
    stored = repr(kit.storage._committed.one_time_tokens._rows)  # type: ignore[attr-defined]
    assert stored.count("OneTimeToken(reset") == 1
    assert one_time_token not in stored
    *_, kept = kit.storage._committed.one_time_tokens.values()  # type: ignore[attr-defined]
    assert kit.mailbox.code not in kept.code
