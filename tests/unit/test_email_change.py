"""A new e-mail address: proven by a code, and no way out of a block."""

import pytest
from pydantic import SecretStr

from tests.support.accounts import ELSEWHERE, HOME, OTHER_PHONE, actor, join, join_by_kakao
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.email_change import EmailProof, EmailView, NewEmail
from ygs.application.actors import Actor
from ygs.application.rate_limits import ClientAddress
from ygs.domain.contacts import Contact
from ygs.domain.errors import Forbidden, InvalidFact, OneTimeTokenSpent, StaleWrite, TooManyAttempts, WrongCode
from ygs.domain.users import Status, User
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.clock import NOON, FrozenClock

NEW, THIRD = "haneul@example.com", "sky@example.com"


@pytest.fixture
def kit() -> AccountsKit:
    return AccountsKit(MemoryStorage(), FrozenClock())


async def begin(kit: AccountsKit, me: Actor, email: str = NEW, origin: ClientAddress = HOME) -> str:
    return (await kit.changing_email.begin(me, NewEmail(email=email), origin)).one_time_token


async def confirm(
    kit: AccountsKit, me: Actor, one_time_token: str, code: str = "", version: int | None = None
) -> EmailView:
    proof = EmailProof(one_time_token=SecretStr(one_time_token), code=code or kit.mailbox.code)
    return await kit.changing_email.confirm(me, proof, version)


async def stored(kit: AccountsKit, me: Actor) -> User:
    async with kit.storage.read() as tx:
        return await tx.users.get(me.require_id())


async def test_the_code_goes_to_the_address_which_is_in_force_once_it_comes_back(kit: AccountsKit) -> None:
    me = await actor(kit, await join_by_kakao(kit, "4001"))
    before = await stored(kit, me)
    one_time_token = await begin(kit, me, "Haneul@Example.com")
    assert [to for to, _ in kit.mailbox.sent] == [NEW]
    assert await stored(kit, me) == before
    view = await confirm(kit, me, one_time_token)
    after = await stored(kit, me)
    assert (view.email, view.version) == (after.email, after.version) == (NEW, before.version + 1)
    assert after.email_proven_at == kit.clock.now()
    async with kit.storage.read() as tx:
        actions = [each.entry.action for each in await tx.audit.about(me.require_id())]
    assert actions[0] == "account.email_changed"
    with pytest.raises(OneTimeTokenSpent):
        await confirm(kit, me, one_time_token)


async def test_an_address_that_is_not_proven_is_not_in_force(kit: AccountsKit) -> None:
    me, other = await actor(kit, await join(kit)), await actor(kit, await join(kit, OTHER_PHONE))
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
    assert (await stored(kit, me)).email is None


async def test_who_confirms_an_old_version_is_told_and_may_again(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    version, one_time_token = (await stored(kit, me)).version, await begin(kit, me)
    with pytest.raises(StaleWrite):
        await confirm(kit, me, one_time_token, version=version - 1)
    assert (await confirm(kit, me, one_time_token, version=version)).version == version + 1


async def test_mails_are_few_for_a_member_and_to_an_address(kit: AccountsKit) -> None:
    me, other = await actor(kit, await join(kit)), await actor(kit, await join(kit, OTHER_PHONE))
    for _ in range(3):
        await begin(kit, me)
    for who, email in ((me, THIRD), (other, NEW)):
        with pytest.raises(TooManyAttempts):
            await begin(kit, who, email, ELSEWHERE)


async def test_another_address_is_no_way_out_of_a_block(kit: AccountsKit) -> None:
    me, other = await actor(kit, await join(kit)), await actor(kit, await join(kit, OTHER_PHONE))
    await confirm(kit, me, await begin(kit, me))
    async with kit.storage.write() as tx:
        await tx.blocks.add_contacts(other.require_id(), [Contact.email(NEW)], NOON)
    await confirm(kit, me, await begin(kit, me, THIRD))
    async with kit.storage.read() as tx:
        assert await tx.blocks.between([me.require_id(), other.require_id()])


async def test_what_is_no_address_is_refused_and_so_are_the_suspended(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    with pytest.raises(InvalidFact, match="email"):
        await begin(kit, me, "haneul")
    with pytest.raises(Forbidden):
        await begin(kit, Actor.signed_in(me.require_id(), me.role, status=Status.SUSPENDED))
