"""Joining and signing in, over real in-memory storage."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr, ValidationError

from tests.support.accounts import (
    ELSEWHERE,
    HOME,
    OTHER_PASSWORD,
    OTHER_PHONE,
    PASSWORD,
    PHONE,
    actor,
    firebase_proof,
    join,
    join_by_kakao,
    kakao_proof,
    newcomer,
    sign_in,
)
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.identity_providers import FirebaseProof, KakaoProof
from ygs.application.accounts.sessions import close_account
from ygs.application.accounts.sign_in import SignInState
from ygs.application.accounts.sign_up import OneTimeTokenSignUp, PasswordSignUp, PhoneAndPassword, PhoneToProve
from ygs.application.rate_limits import ClientAddress
from ygs.domain.accounts import Account
from ygs.domain.errors import (
    ConsentMissing,
    IdTokenUsed,
    InvalidFact,
    NotAdult,
    OneTimeTokenSpent,
    PhoneTaken,
    SignInRefused,
    TooManyAttempts,
    WeakPassword,
    WrongCode,
    YgsError,
)
from ygs.domain.users import Status
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.clock import FrozenClock


@pytest.fixture
def kit() -> AccountsKit:
    return AccountsKit(MemoryStorage(), FrozenClock())


async def refusal(
    kit: AccountsKit, phone: str = PHONE, password: str = PASSWORD, origin: ClientAddress = HOME
) -> YgsError:
    with pytest.raises(YgsError) as refused:
        await sign_in(kit, phone, password, origin)
    return refused.value


async def test_who_joins_is_signed_in_and_can_sign_in_again(kit: AccountsKit) -> None:
    joined = await actor(kit, await join(kit))
    again = await sign_in(kit)
    assert (await actor(kit, again.tokens)).id == joined.id


@pytest.mark.parametrize(
    "spelled",
    [
        "01012345678",
        "+82 10-1234-5678",
        "010 1234 5678",
        "+82-010-1234-5678",
        "".join(chr(0xFF10 + int(digit)) for digit in "01012345678"),
    ],
)
async def test_however_a_phone_is_spelled_it_is_the_same_person(kit: AccountsKit, spelled: str) -> None:
    await join(kit)
    assert (await sign_in(kit, spelled)).state is SignInState.SIGNED_IN
    with pytest.raises(PhoneTaken):
        await join(kit, spelled)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"birth_year": 2009}, NotAdult),
        ({"consents": {}}, ConsentMissing),
        ({"phone": "12"}, InvalidFact),
        ({"password": SecretStr("김하늘 01012345678")}, WeakPassword),
    ],
)
async def test_nobody_joins_without_what_is_needed(
    kit: AccountsKit, changes: dict[str, object], error: type[YgsError]
) -> None:
    given = newcomer() | {"phone": PHONE, "password": SecretStr(PASSWORD)} | changes
    with pytest.raises(error):
        await kit.join(PhoneAndPassword.model_validate(given), HOME)


def test_requests_take_no_field_they_do_not_know() -> None:
    with pytest.raises(ValidationError):
        PhoneAndPassword.model_validate(newcomer(phone=PHONE, password=PASSWORD, role="admin"))


def test_a_request_does_not_show_its_password() -> None:
    request = PhoneAndPassword(phone=PHONE, password=SecretStr(PASSWORD), **newcomer())
    assert PASSWORD not in repr(request) + str(request)


async def test_unknown_phone_wrong_password_locked_withdrawn_and_passwordless_look_alike(kit: AccountsKit) -> None:
    await join(kit)
    gone = await join(kit, OTHER_PHONE)
    leaver = await actor(kit, gone)
    async with kit.storage.write() as tx:
        assert leaver.id is not None
        await close_account(tx, leaver.id, at=kit.clock.now())
        user = await tx.users.get(leaver.id)
        await tx.users.save(user.withdraw(at=kit.clock.now()))
    for _ in range(6):
        await refusal(kit, password=OTHER_PASSWORD, origin=ELSEWHERE)
    kit.clock.advance(seconds=30)
    seen = set()
    for number, (phone, password) in enumerate(
        [("010-9999-9999", PASSWORD), (PHONE, OTHER_PASSWORD), (OTHER_PHONE, PASSWORD), (PHONE, PASSWORD)]
    ):
        before = kit.passwords.computed
        error = await refusal(kit, phone, password, ClientAddress(f"192.0.2.{number}"))
        seen.add((type(error), str(error), kit.passwords.computed - before))
    assert seen == {(SignInRefused, str(SignInRefused()), 1)}


async def test_six_wrong_passwords_make_strangers_wait_and_the_wait_grows(kit: AccountsKit) -> None:
    await join(kit)
    for _ in range(6):
        await refusal(kit, password=OTHER_PASSWORD, origin=ELSEWHERE)
    assert type(await refusal(kit, origin=ELSEWHERE)) is SignInRefused
    kit.clock.advance(minutes=1)
    assert (await sign_in(kit, origin=ELSEWHERE)).state is SignInState.SIGNED_IN


async def test_spelled_variants_of_a_phone_count_as_one(kit: AccountsKit) -> None:
    await join(kit)
    spellings = ["01012345678", "010-1234-5678", "+821012345678", "010 1234-5678", "(010)12345678", "82 10 1234 5678"]
    for number, phone in enumerate(spellings):
        try:
            await sign_in(kit, phone, OTHER_PASSWORD, ClientAddress(f"192.0.2.{number}"))
        except YgsError:
            continue
    assert type(await refusal(kit, origin=ELSEWHERE)) is SignInRefused


async def test_a_stranger_locks_nobody_out_from_where_they_usually_are(kit: AccountsKit) -> None:
    await join(kit)
    for hour in range(48):
        for number in range(6):
            await refusal(kit, password=OTHER_PASSWORD, origin=ClientAddress(f"198.51.{hour}.{number}"))
        assert (await sign_in(kit)).state is SignInState.SIGNED_IN
        kit.clock.advance(minutes=15)


async def test_an_address_that_tries_many_accounts_waits_before_any_hash(kit: AccountsKit) -> None:
    for number in range(10):
        await refusal(kit, f"010-2000-{number:04}", origin=ELSEWHERE)
    computed = kit.passwords.computed
    error = await refusal(kit, "010-3000-0000", origin=ELSEWHERE)
    assert isinstance(error, TooManyAttempts)
    assert error.retry_after == 60
    assert kit.passwords.computed == computed
    assert type(await refusal(kit, "010-3000-0000")) is SignInRefused


async def test_addresses_of_one_ipv6_network_count_as_one(kit: AccountsKit) -> None:
    for number in range(10):
        await refusal(kit, f"010-2000-{number:04}", origin=ClientAddress(f"2001:db8:1:2::{number:x}"))
    assert isinstance(await refusal(kit, origin=ClientAddress("2001:db8:1:2:ffff::1")), TooManyAttempts)
    assert not isinstance(await refusal(kit, origin=ClientAddress("2001:db8:1:3::1")), TooManyAttempts)


async def test_an_ipv4_address_in_ipv6_clothes_is_itself_and_nobody_else(kit: AccountsKit) -> None:
    for number in range(10):
        await refusal(kit, f"010-2000-{number:04}", origin=ClientAddress("::ffff:198.51.100.9"))
    assert isinstance(await refusal(kit, origin=ClientAddress("198.51.100.9")), TooManyAttempts)
    assert not isinstance(await refusal(kit, origin=ClientAddress("::ffff:203.0.113.7")), TooManyAttempts)


async def test_signing_in_often_and_rightly_is_never_too_often(kit: AccountsKit) -> None:
    await join(kit)
    for _ in range(40):
        await sign_in(kit)


async def test_a_hundred_guesses_at_once_are_not_let_through_together(kit: AccountsKit) -> None:
    await join(kit)
    guesses = [sign_in(kit, password=OTHER_PASSWORD, origin=ClientAddress(f"10.0.0.{number}")) for number in range(100)]
    compared: list[str | None] = []
    verify = kit.passwords.verify

    async def note(password: str, encoded: str | None) -> bool:
        compared.append(encoded)
        return await verify(password, encoded)

    kit.passwords.verify = note  # type: ignore[method-assign]
    assert all(isinstance(each, SignInRefused) for each in await asyncio.gather(*guesses, return_exceptions=True))
    assert sum(encoded is not None for encoded in compared) == 5
    assert len(compared) == 100


async def test_an_old_hash_is_renewed_by_signing_in(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    await change(kit, lambda account: account.with_password(f"old{account.password}", at=kit.clock.now()))
    assert (await sign_in(kit)).state is SignInState.SIGNED_IN
    async with kit.storage.read() as tx:
        account = await tx.accounts.find(me.require_id())
    assert account is not None
    assert account.password is not None
    assert account.password.startswith("quick$")


async def change(kit: AccountsKit, how: object) -> None:
    assert callable(how)
    async with kit.storage.write() as tx:
        user = await tx.users.find_by_phone("+821012345678")
        assert user is not None
        account = await tx.accounts.find(user.id)
        assert isinstance(account, Account)
        await tx.accounts.save(how(account))


async def test_a_password_changed_while_it_is_compared_signs_nobody_in(kit: AccountsKit) -> None:
    await join(kit)
    verify = kit.passwords.verify

    async def meanwhile(password: str, encoded: str | None) -> bool:
        await change(kit, lambda account: account.with_password("quick$another", at=kit.clock.now()))
        return await verify(password, encoded)

    kit.passwords.verify = meanwhile  # type: ignore[method-assign]
    assert type(await refusal(kit)) is SignInRefused


async def test_the_suspended_sign_in_to_next_to_nothing(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    async with kit.storage.write() as tx:
        user = await tx.users.get(me.require_id())
        await tx.users.save(replace(user, status=Status.SUSPENDED))
    view = await sign_in(kit)
    assert [permission.value for permission in (await actor(kit, view.tokens)).permissions] == ["own_account"]


async def test_kakao_signs_up_and_then_in(kit: AccountsKit) -> None:
    joined = await join_by_kakao(kit, "4001")
    view = await kit.sign_in.by_kakao(await kakao_proof(kit, "4001"), HOME)
    assert view.tokens is not None
    assert view.tokens.user_id == joined.user_id


async def test_firebase_signs_up_and_then_in(kit: AccountsKit) -> None:
    view = await kit.sign_in.by_firebase(firebase_proof(kit, "fb-1"), HOME)
    assert view.state is SignInState.SIGN_UP_NEEDED
    assert view.one_time_token is not None
    joined = await kit.up.with_token(
        OneTimeTokenSignUp(one_time_token=SecretStr(view.one_time_token), **newcomer()), HOME
    )
    again = await kit.sign_in.by_firebase(firebase_proof(kit, "fb-1"), HOME)
    assert again.tokens is not None
    assert again.tokens.user_id == joined.user_id


async def test_a_firebase_token_is_taken_once_however_its_signature_is_written_and_a_used_one_is_told_as_such(
    kit: AccountsKit,
) -> None:
    await kit.sign_in.by_firebase(firebase_proof(kit, "fb-1", "head.body.signatureA"), HOME)
    for signature in ("signatureA", "signatureB"):
        with pytest.raises(IdTokenUsed, match="fetch a fresh ID token"):
            await kit.sign_in.by_firebase(firebase_proof(kit, "fb-1", f"head.body.{signature}"), HOME)


async def test_what_kakao_brings_back_is_taken_once_from_the_same_browser(kit: AccountsKit) -> None:
    proof = await kakao_proof(kit, "4001")
    await kit.sign_in.by_kakao(proof, HOME)
    with pytest.raises(OneTimeTokenSpent):
        await kit.sign_in.by_kakao(proof, HOME)
    mine, theirs = await kakao_proof(kit, "4002"), await kakao_proof(kit, "4003")
    crossed = KakaoProof(one_time_token=mine.one_time_token, state=theirs.state, code=theirs.code)
    with pytest.raises(SignInRefused):
        await kit.sign_in.by_kakao(crossed, HOME)
    with pytest.raises(OneTimeTokenSpent):
        await kit.sign_in.by_kakao(mine, HOME)


async def test_kakao_is_asked_with_the_nonce_and_verifier_of_this_very_start(kit: AccountsKit) -> None:
    await kit.sign_in.by_kakao(await kakao_proof(kit, "1"), HOME)
    await kit.sign_in.by_kakao(await kakao_proof(kit, "2"), HOME)
    one, two = kit.kakao.asked
    assert one["nonce"] != two["nonce"]
    assert one["verifier"] != two["verifier"]
    assert len(one["verifier"]) >= 43


async def test_a_one_time_token_expires_after_ten_minutes(kit: AccountsKit) -> None:
    proof = await kakao_proof(kit, "4001")
    kit.clock.advance(minutes=10)
    with pytest.raises(OneTimeTokenSpent):
        await kit.sign_in.by_kakao(proof, HOME)


async def test_a_one_time_token_is_good_for_one_thing_only(kit: AccountsKit) -> None:
    start = await kit.sign_in.start_kakao(HOME)
    with pytest.raises(OneTimeTokenSpent):
        await kit.up.with_token(OneTimeTokenSignUp(one_time_token=SecretStr(start.one_time_token), **newcomer()), HOME)


async def test_two_who_sign_up_by_one_one_time_token_at_once_make_one_user(kit: AccountsKit) -> None:
    view = await kit.sign_in.by_kakao(await kakao_proof(kit, "4001"), HOME)
    request = OneTimeTokenSignUp(one_time_token=SecretStr(view.one_time_token or ""), **newcomer())
    results = await asyncio.gather(*(kit.up.with_token(request, HOME) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, OneTimeTokenSpent) for result in results) == 4


async def test_free_phones_are_no_way_to_a_thousand_accounts(kit: AccountsKit) -> None:
    """By password and by one-time token they count alike, one after the other at one instant."""
    one_time_tokens = [
        (await kit.sign_in.by_firebase(firebase_proof(kit, f"fb-{n}"), HOME)).one_time_token for n in range(5)
    ]
    joining = [
        kit.up.with_token(OneTimeTokenSignUp(one_time_token=SecretStr(each or ""), **newcomer()), HOME)
        for each in one_time_tokens
    ]
    joining += [join(kit, f"010-2000-{number:04}") for number in range(200)]
    replies = [(await asyncio.gather(each, return_exceptions=True))[0] for each in joining]
    assert sum(isinstance(reply, TooManyAttempts) for reply in replies) == 185
    await join(kit, "010-3000-0000", origin=ELSEWHERE)
    kit.clock.advance(hours=1)
    await join(kit, "010-3000-0001")


async def test_an_address_that_brings_many_bad_tokens_waits_before_firebase_is_asked(kit: AccountsKit) -> None:
    for number in range(30):
        await kit.sign_in.by_firebase(firebase_proof(kit, f"fb-{number}"), HOME)
    bad = FirebaseProof(id_token=SecretStr("head.body.signature"))
    for _ in range(10):
        with pytest.raises(SignInRefused):
            await kit.sign_in.by_firebase(bad, HOME)
    with pytest.raises(TooManyAttempts):
        await kit.sign_in.by_firebase(firebase_proof(kit, "fb-30"), HOME)
    await kit.sign_in.by_firebase(firebase_proof(kit, "fb-30"), ELSEWHERE)


async def test_after_half_a_day_of_quiet_nothing_is_held_against_anybody(kit: AccountsKit) -> None:
    await join(kit)
    for _ in range(4):
        for _ in range(6):
            await refusal(kit, password=OTHER_PASSWORD, origin=ELSEWHERE)
        kit.clock.advance(minutes=15)
    kit.clock.advance(hours=12)
    for _ in range(6):
        await refusal(kit, password=OTHER_PASSWORD, origin=ELSEWHERE)
    kit.clock.advance(seconds=timedelta(minutes=1).total_seconds())
    assert (await sign_in(kit, origin=ELSEWHERE)).state is SignInState.SIGNED_IN


async def start(kit: AccountsKit, phone: str = PHONE, origin: ClientAddress = HOME) -> str:
    return (await kit.up.start(PhoneToProve(phone=phone), origin)).one_time_token


def with_code(phone: str, one_time_token: str, code: str) -> PasswordSignUp:
    given = {"phone": phone, "password": PASSWORD, "one_time_token": one_time_token, "code": code}
    return PasswordSignUp.model_validate(newcomer() | given)


async def test_signing_up_is_the_same_for_a_taken_and_a_free_phone_until_the_code_is_proven(kit: AccountsKit) -> None:
    await join(kit)
    computed = kit.passwords.computed
    seen = []
    for phone in (PHONE, OTHER_PHONE):
        one_time_token = await start(kit, phone, ELSEWHERE)
        with pytest.raises(WrongCode) as wrong:
            await kit.up.by_password(with_code(phone, one_time_token, "00000000"), ELSEWHERE)
        seen.append((len(one_time_token), type(wrong.value), str(wrong.value)))
    assert seen[0] == seen[1]
    # A hash would tell by its time.
    assert kit.passwords.computed == computed
    (taken, text), (free, other_text) = kit.mailbox.sent
    assert (taken, free) == ("+821012345678", "+821087654321")
    assert len(text) == len(other_text)
    with pytest.raises(PhoneTaken):
        await join(kit)
    assert (await actor(kit, await join(kit, OTHER_PHONE))).id


async def test_a_sign_up_code_is_for_one_phone_five_tries_ten_minutes_and_one_member(kit: AccountsKit) -> None:
    one_time_token = await start(kit)
    code = kit.mailbox.code
    with pytest.raises(WrongCode):
        await kit.up.by_password(with_code(OTHER_PHONE, one_time_token, code), HOME)
    for _ in range(4):
        with pytest.raises(WrongCode):
            await kit.up.by_password(with_code(PHONE, one_time_token, "00000000"), HOME)
    with pytest.raises(OneTimeTokenSpent):
        await kit.up.by_password(with_code(PHONE, one_time_token, code), HOME)
    late = await start(kit)
    kit.clock.advance(minutes=10)
    with pytest.raises(OneTimeTokenSpent):
        await kit.up.by_password(with_code(PHONE, late, kit.mailbox.code), HOME)
    used = await start(kit)
    await kit.up.by_password(with_code(PHONE, used, kit.mailbox.code), HOME)
    with pytest.raises(OneTimeTokenSpent):
        await kit.up.by_password(with_code(PHONE, used, kit.mailbox.code), HOME)


async def test_a_weak_password_costs_no_code(kit: AccountsKit) -> None:
    request = with_code(PHONE, await start(kit), kit.mailbox.code)
    with pytest.raises(WeakPassword):
        await kit.up.by_password(request.model_copy(update={"password": SecretStr("short")}), HOME)
    assert (await kit.up.by_password(request, HOME)).user_id


async def test_sign_up_texts_are_few_to_a_phone_and_for_an_address(kit: AccountsKit) -> None:
    for _ in range(3):
        await start(kit)
    with pytest.raises(TooManyAttempts):
        await start(kit, origin=ELSEWHERE)
    for number in range(17):
        await start(kit, f"010-2000-{number:04}")
    with pytest.raises(TooManyAttempts):
        await start(kit, OTHER_PHONE)
    assert len(kit.mailbox.sent) == 20
