"""What has served goes, and nothing else."""

from pydantic import SecretStr

from tests.support.accounts import HOME, PASSWORD, actor, join, sign_in
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.expired_rows import ExpiredRows
from ygs.application.accounts.sign_in import PasswordSignIn
from ygs.application.actors import Actor
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.builders import a_membership, a_refund, a_user
from ygs.entrypoints.testing.clock import FrozenClock


async def test_what_has_served_goes_and_nothing_else() -> None:
    kit = AccountsKit(MemoryStorage(), FrozenClock())
    old = ExpiredRows(kit.storage, kit.clock)
    tokens = await join(kit)
    await kit.sign_in.start_kakao(HOME)
    assert sum((await old.remove(Actor.operator())).model_dump().values()) == 0
    await actor(kit, tokens)
    kit.clock.advance(days=1, seconds=1)
    gone = await old.remove(Actor.operator())
    # The token of signing up and Kakao's.
    assert (gone.sessions, gone.one_time_tokens, gone.audit) == (0, 2, 0)
    assert gone.attempts > 0
    kit.clock.advance(days=30 + 91)
    assert (await old.remove(Actor.operator())).sessions == 1
    request = PasswordSignIn(phone="010-1234-5678", password=SecretStr(PASSWORD))
    await kit.sign_in.by_password(request, HOME)
    kit.clock.advance(days=730)
    assert (await old.remove(Actor.operator())).audit == 1
    await sign_in(kit)
    assert await kit.log.verify(Actor.operator()) == []


async def test_refunds_are_kept_for_three_years_and_contracts_for_five_after_they_ended() -> None:
    """As the act on electronic commerce asks, by the calendar's longest years."""
    storage = MemoryStorage()
    clock = FrozenClock()
    ended = a_membership().ended(clock.now().date())
    async with storage.write() as tx:
        await tx.users.add(a_user(1))
        await tx.memberships.add(ended)
        await tx.memberships.add_refund(a_refund(created_at=clock.now()))
    old = ExpiredRows(storage, clock)
    for days, gone in ((3 * 366 - 2, (0, 0)), (3, (0, 1)), (5 * 365 - 3 * 366, (0, 0)), (3, (1, 0))):
        clock.advance(days=days)
        removed = await old.remove(Actor.operator())
        assert (removed.memberships, removed.refunds) == gone, f"{clock.now()}"
