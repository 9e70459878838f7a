"""Several identity providers to one user."""

import pytest
from pydantic import SecretStr

from tests.support.accounts import (
    HOME,
    OTHER_PHONE,
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
from ygs.application.accounts.identity_providers import FirebaseProof
from ygs.application.accounts.sessions import close_account
from ygs.application.accounts.sign_in import SignInState
from ygs.application.accounts.sign_up import OneTimeTokenSignUp
from ygs.application.actors import Actor
from ygs.domain.accounts import Provider
from ygs.domain.errors import Conflict, Forbidden, LinkTaken, SignInRefused, WrongStatus
from ygs.entrypoints.testing.accounts import AccountsKit
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.authentication import Identity


@pytest.fixture
def kit() -> AccountsKit:
    return AccountsKit(MemoryStorage(), FrozenClock())


async def test_one_user_may_sign_in_by_every_provider(kit: AccountsKit) -> None:
    joined = await join(kit)
    me = await actor(kit, joined)
    await kit.linked_identities.firebase(me, firebase_proof(kit, "fb-1"), HOME)
    identity_providers = await kit.linked_identities.kakao(me, await kakao_proof(kit, "4001", linked_identities=me))
    assert [link.provider for link in identity_providers.links] == [Provider.FIREBASE, Provider.KAKAO]
    for view in (
        await sign_in(kit),
        await kit.sign_in.by_firebase(firebase_proof(kit, "fb-1"), HOME),
        await kit.sign_in.by_kakao(await kakao_proof(kit, "4001"), HOME),
    ):
        assert view.tokens is not None
        assert view.tokens.user_id == joined.user_id


async def test_a_provider_with_a_members_phone_signs_nobody_in(kit: AccountsKit) -> None:
    """Whatever phone it says: nothing of a proof but its subject reaches the use case."""
    await join(kit)
    for view in (
        await kit.sign_in.by_firebase(firebase_proof(kit, PHONE), HOME),
        await kit.sign_in.by_kakao(await kakao_proof(kit, "+821012345678"), HOME),
    ):
        assert (view.state, view.tokens) == (SignInState.SIGN_UP_NEEDED, None)


async def test_anothers_account_cannot_be_linked(kit: AccountsKit) -> None:
    await join_by_kakao(kit, "4001")
    me = await actor(kit, await join(kit))
    with pytest.raises(LinkTaken):
        await kit.linked_identities.kakao(me, await kakao_proof(kit, "4001", linked_identities=me))


async def test_a_start_to_link_is_good_for_that_user_only(kit: AccountsKit) -> None:
    me, other = await actor(kit, await join(kit)), await actor(kit, await join(kit, OTHER_PHONE))
    with pytest.raises(SignInRefused):
        await kit.linked_identities.kakao(other, await kakao_proof(kit, "4001", linked_identities=me))
    with pytest.raises(SignInRefused):
        await kit.sign_in.by_kakao(await kakao_proof(kit, "4002", linked_identities=me), HOME)
    with pytest.raises(SignInRefused):
        await kit.linked_identities.kakao(me, await kakao_proof(kit, "4003"))


async def test_two_of_one_provider_are_refused_and_the_same_again_is_fine(kit: AccountsKit) -> None:
    me = await actor(kit, await join_by_kakao(kit, "4001"))
    await kit.linked_identities.kakao(me, await kakao_proof(kit, "4001", linked_identities=me))
    with pytest.raises(Conflict):
        await kit.linked_identities.kakao(me, await kakao_proof(kit, "4002", linked_identities=me))


async def test_the_last_way_to_sign_in_stays(kit: AccountsKit) -> None:
    me = await actor(kit, await join_by_kakao(kit, "4001"))
    with pytest.raises(WrongStatus):
        await kit.linked_identities.unlink(me, Provider.KAKAO)
    await kit.linked_identities.firebase(me, firebase_proof(kit, "fb-1"), HOME)
    assert [link.provider for link in (await kit.linked_identities.unlink(me, Provider.KAKAO)).links] == [
        Provider.FIREBASE
    ]
    view = await kit.sign_in.by_kakao(await kakao_proof(kit, "4001"), HOME)
    assert view.state is SignInState.SIGN_UP_NEEDED


async def test_a_token_stolen_this_morning_links_no_other_identity(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    begun = await kakao_proof(kit, "4001", linked_identities=me)
    kit.clock.advance(minutes=15, seconds=1)
    for opening in (
        kit.linked_identities.firebase(me, firebase_proof(kit, "fb-1"), HOME),
        kit.linked_identities.start_kakao(me, HOME),
        kit.linked_identities.kakao(me, begun),
        kit.second_factor.enrol(me),
    ):
        with pytest.raises(Forbidden):
            await opening
    assert (await kit.linked_identities.list(me)).links == []
    # Nothing of it was used up: who signs in again may go on.
    again = await actor(kit, (await sign_in(kit)).tokens)
    await kit.linked_identities.firebase(
        again, FirebaseProof(id_token=SecretStr(next(iter(kit.firebase.subjects)))), HOME
    )


async def test_a_token_stolen_this_morning_unlinks_none_either(kit: AccountsKit) -> None:
    me = await actor(kit, await join(kit))
    await kit.linked_identities.kakao(me, await kakao_proof(kit, "4001", linked_identities=me))
    kit.clock.advance(minutes=15, seconds=1)
    with pytest.raises(Forbidden):
        await kit.linked_identities.unlink(me, Provider.KAKAO)
    assert [link.provider for link in (await kit.linked_identities.list(me)).links] == [Provider.KAKAO]
    assert (await kit.log.list(Actor.operator()))[-1].action == "account.linked"
    again = await actor(kit, (await sign_in(kit)).tokens)
    assert (await kit.linked_identities.unlink(again, Provider.KAKAO)).links == []


async def test_a_session_that_ends_while_the_provider_answers_links_nothing(kit: AccountsKit) -> None:
    """The owner of the phone sets a new password while a stranger's link is on its way."""
    me = await actor(kit, await join(kit))
    proof, prove = firebase_proof(kit, "fb-1"), kit.firebase.prove

    async def slowly(id_token: str) -> Identity:
        await kit.sessions.end_all(me)
        return await prove(id_token)

    kit.firebase.prove = slowly  # type: ignore[method-assign]
    with pytest.raises(Forbidden):
        await kit.linked_identities.firebase(me, proof, HOME)
    assert (await kit.linked_identities.list(me)).links == []


async def test_who_left_may_join_again_by_the_same_provider(kit: AccountsKit) -> None:
    left = await actor(kit, await join_by_kakao(kit, "4001"))
    async with kit.storage.write() as tx:
        user = await tx.users.get(left.require_id())
        await tx.users.save(user.withdraw(at=kit.clock.now()))
        await close_account(tx, user.id, at=kit.clock.now())
    view = await kit.sign_in.by_kakao(await kakao_proof(kit, "4001"), HOME)
    assert view.state is SignInState.SIGN_UP_NEEDED
    again = await kit.up.with_token(
        OneTimeTokenSignUp(one_time_token=SecretStr(view.one_time_token or ""), **newcomer()), HOME
    )
    assert again.user_id != left.id


async def test_a_one_time_token_whose_account_was_taken_meanwhile_is_refused(kit: AccountsKit) -> None:
    one_time_tokens = [
        (await kit.sign_in.by_kakao(await kakao_proof(kit, "4001"), HOME)).one_time_token for _ in range(2)
    ]
    requests = [
        OneTimeTokenSignUp(one_time_token=SecretStr(one_time_token or ""), **newcomer())
        for one_time_token in one_time_tokens
    ]
    await kit.up.with_token(requests[0], HOME)
    with pytest.raises(LinkTaken):
        await kit.up.with_token(requests[1], HOME)
