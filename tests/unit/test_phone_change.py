"""A new phone: proven by a code, told to nobody but who holds it, and no way out of a block."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from tests.support.accounts import ELSEWHERE, HOME, OTHER_PHONE, PHONE, actor, join, join_by_kakao, sign_in
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.passwords import PasswordForgotten, PasswordReset
from ygs.application.accounts.phone_change import NewPhone, PhoneProof, PhoneView
from ygs.application.accounts.sign_in import SignInState
from ygs.application.actors import Actor
from ygs.application.rate_limits import ClientAddress
from ygs.domain.contacts import Contact
from ygs.domain.errors import (
    Conflict,
    Forbidden,
    InvalidFact,
    InvalidToken,
    OneTimeTokenSpent,
    PhoneTaken,
    SignInRefused,
    StaleWrite,
    TooManyAttempts,
    Unavailable,
    WrongCode,
)
from ygs.domain.ids import UserId
from ygs.domain.users import Status, User
from ygs.entrypoints.testing.accounts import AccountsKit, Mailbox
from ygs.entrypoints.testing.clock import NOON, FrozenClock

NEW, THIRD_PHONE = "010-2468-1357", "010-3579-2468"


@pytest.fixture
def kit() -> AccountsKit:
    return AccountsKit(MemoryStorage(), FrozenClock())


async def begin(kit: AccountsKit, me: Actor, phone: str = NEW, origin: ClientAddress = HOME) -> str:
    return (await kit.changing_phone.begin(me, NewPhone(phone=phone), origin)).one_time_token


async def confirm(
    kit: AccountsKit, me: Actor, one_time_token: str, code: str = "", phone: str = NEW, version: int | None = None
) -> PhoneView:
    proof = PhoneProof(one_time_token=SecretStr(one_time_token), code=code or kit.mailbox.code, phone=phone)
    return await kit.changing_phone.confirm(me, proof, version)


async def stored(kit: AccountsKit, me: Actor) -> User:
    async with kit.storage.read() as tx:
        return await tx.users.get(me.require_id())


async def test_the_code_goes_to_the_new_phone_and_the_phone_is_the_new_one_once_it_comes_back(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    before = await stored(kit, me)
    one_time_token = await begin(kit, me)
    assert [phone for phone, _ in kit.mailbox.sent] == ["+821024681357"]
    assert (await stored(kit, me)) == before
    view = await confirm(kit, me, one_time_token)
    after = await stored(kit, me)
    assert (view.phone, view.version) == (after.phone, after.version) == ("+821024681357", before.version + 1)
    assert (await sign_in(kit, phone=NEW)).state is SignInState.SIGNED_IN
    with pytest.raises(SignInRefused):
        await sign_in(kit, phone=PHONE)
    with pytest.raises(OneTimeTokenSpent):
        await confirm(kit, me, one_time_token, "12345678")


async def test_the_old_phone_hears_of_it_without_the_new_number(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    await confirm(kit, me, await begin(kit, me))
    phone, text = kit.mailbox.sent[-1]
    assert phone == "+821012345678"
    assert "바뀌었습니다" in text
    assert "changed" in text
    assert "2468" not in text


async def test_every_other_device_is_signed_out_and_it_is_on_record(kit: AccountsKit) -> None:
    here, there = await join(kit), (await sign_in(kit, origin=ELSEWHERE)).tokens
    me = await actor(kit, here)
    await confirm(kit, me, await begin(kit, me))
    assert (await actor(kit, here)).id == me.id
    with pytest.raises(InvalidToken):
        await actor(kit, there, ELSEWHERE)
    async with kit.storage.read() as tx:
        actions = [each.entry.action for each in await tx.audit.about(me.require_id())]
    assert actions[0] == "account.phone_changed"


async def test_whoever_came_without_phone_or_password_may_add_one(kit: AccountsKit) -> None:
    me = await actor(kit, await join_by_kakao(kit, "4001"))
    view = await confirm(kit, me, await begin(kit, me))
    assert (await stored(kit, me)).phone == view.phone == "+821024681357"
    assert len(kit.mailbox.sent) == 1  # there is no old phone to tell


async def test_anothers_phone_looks_like_any_until_its_holder_has_proven_it(kit: AccountsKit) -> None:
    await join(kit, phone=OTHER_PHONE)
    me = await actor(kit, await join(kit))
    free, taken = await begin(kit, me), await begin(kit, me, OTHER_PHONE)
    assert len(free) == len(taken)
    assert [phone for phone, _ in kit.mailbox.sent] == ["+821024681357", "+821087654321"]
    with pytest.raises(WrongCode) as of_free:
        await confirm(kit, me, free, "00000000")
    with pytest.raises(WrongCode) as of_taken:
        await confirm(kit, me, taken, "00000000", OTHER_PHONE)
    assert (type(of_free.value), str(of_free.value)) == (type(of_taken.value), str(of_taken.value))
    with pytest.raises(PhoneTaken):
        await confirm(kit, me, taken, phone=OTHER_PHONE)
    assert (await stored(kit, me)).phone == "+821012345678"


@pytest.mark.parametrize("spelled", ["+82 10-2468-1357", "01024681357", "010 2468 1357", "(010) 2468.1357"])
async def test_spelled_variants_are_one_phone(kit: AccountsKit, spelled: str) -> None:
    me = await actor(kit, await join(kit))
    assert (await confirm(kit, me, await begin(kit, me), phone=spelled)).phone == "+821024681357"
    with pytest.raises(Conflict, match="already"):
        await begin(kit, me, spelled)


async def test_a_code_proves_the_phone_it_was_sent_to_and_no_other(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    one_time_token = await begin(kit, me)
    with pytest.raises(WrongCode):
        await confirm(kit, me, one_time_token, phone=THIRD_PHONE)
    assert (await confirm(kit, me, one_time_token)).phone == "+821024681357"


async def test_a_one_time_token_is_good_for_five_tries_ten_minutes_and_its_own_user(kit: AccountsKit) -> None:
    me, other = await actor(kit, await join(kit)), await actor(kit, await join(kit, phone=OTHER_PHONE))
    one_time_token = await begin(kit, me)
    with pytest.raises(OneTimeTokenSpent):
        await confirm(kit, other, one_time_token)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await confirm(kit, me, one_time_token, "00000000")
    with pytest.raises(OneTimeTokenSpent):
        await confirm(kit, me, one_time_token)
    late = await begin(kit, me)
    kit.clock.advance(minutes=10)
    with pytest.raises(OneTimeTokenSpent):
        await confirm(kit, me, late)


async def test_texts_are_few_for_a_user_and_to_a_phone(kit: AccountsKit) -> None:
    me, other = await actor(kit, await join(kit)), await actor(kit, await join(kit, phone=OTHER_PHONE))
    for number in range(3):
        await begin(kit, me, f"010-2468-000{number}", ClientAddress(f"198.51.100.{number}"))
    with pytest.raises(TooManyAttempts):
        await begin(kit, me, NEW, ClientAddress("198.51.100.9"))
    kit.clock.advance(minutes=14)
    for who in (me, me, other):
        await begin(kit, who)
    with pytest.raises(TooManyAttempts):
        await begin(kit, other)
    assert len(kit.mailbox.sent) == 6


async def test_one_must_have_signed_in_lately(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    kit.clock.advance(minutes=16)
    with pytest.raises(Forbidden, match="sign in again"):
        await begin(kit, me)
    again = await actor(kit, (await sign_in(kit)).tokens)
    assert (await confirm(kit, again, await begin(kit, again))).phone == "+821024681357"


async def test_who_confirms_an_old_version_is_told_and_may_again(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    version, one_time_token = (await stored(kit, me)).version, await begin(kit, me)
    with pytest.raises(StaleWrite):
        await confirm(kit, me, one_time_token, version=version - 1)
    assert (await confirm(kit, me, one_time_token, version=version)).version == version + 1


async def test_what_is_no_phone_is_refused(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    with pytest.raises(InvalidFact, match="phone"):
        await begin(kit, me, "010-12")
    with pytest.raises(Forbidden):
        await begin(kit, Actor.operator())


async def test_a_code_sent_to_the_old_phone_resets_nothing_any_more(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    reset = (await kit.changing.request_reset(PasswordForgotten(phone=PHONE), HOME)).one_time_token
    old_code = kit.mailbox.code
    await confirm(kit, me, await begin(kit, me))
    request = PasswordReset(
        one_time_token=SecretStr(reset), code=old_code, new=SecretStr("green lamp beside seven rivers")
    )
    with pytest.raises(WrongCode):
        await kit.changing.reset(request, HOME)


async def test_another_number_is_no_way_out_of_a_block(kit: AccountsKit) -> None:
    me, other = await actor(kit, await join(kit)), await actor(kit, await join(kit, phone=OTHER_PHONE))
    old = Contact.phone("+821012345678")
    async with kit.storage.write() as tx:
        await tx.blocks.add_contacts(other.require_id(), [old], NOON)
    await confirm(kit, me, await begin(kit, me))
    assert await blocked(kit) == {(me.id, other.id)}


async def blocked(kit: AccountsKit) -> set[tuple[UserId | None, UserId | None]]:
    """Who is kept apart, once everybody takes part."""
    async with kit.storage.write() as tx:
        for user in await tx.users.page():
            await tx.users.save(replace(user, status=Status.ACTIVE))
        market = await tx.market.enrolled(capacity=1)
    ids, size = [UserId(each) for each in market.ids], len(market)
    return {(ids[key // size], ids[key % size]) for key in market.blocked}


class FullMailbox(Mailbox):
    """Takes a code, and nothing after it."""

    async def send(self, to: str, text: str) -> None:
        if self.sent:
            raise Unavailable("too many texts are waiting")
        await super().send(to, text)


async def test_a_change_that_stands_is_not_called_failed_because_the_notice_cannot_go_out() -> None:
    kit = AccountsKit(MemoryStorage(), FrozenClock(), FullMailbox())
    me = await actor(kit, await join(kit))
    assert (await confirm(kit, me, await begin(kit, me))).phone == "+821024681357"
    assert (await stored(kit, me)).phone == "+821024681357"


async def test_neither_code_nor_phone_is_in_the_one_time_token(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    await begin(kit, me)
    *_, kept = kit.storage._committed.one_time_tokens.values()  # type: ignore[attr-defined]
    assert kit.mailbox.code not in kept.code
    assert not kept.data
