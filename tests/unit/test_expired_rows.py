"""What has served goes, and nothing else."""

from pydantic import SecretStr

from tests.support.accounts import HOME, PASSWORD, actor, join, sign_in
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.expired_rows import ExpiredRows
from ygs.application.accounts.sign_in import PasswordSignIn
from ygs.application.actors import Actor
from ygs.entrypoints.testing.accounts import AccountsKit
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
