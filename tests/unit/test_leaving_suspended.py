"""Whoever leaves while suspended is known again when they come back, for five years, and sign-up does not tell."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.support.accounts import PASSWORD, newcomer
from tests.support.http import World, populate, served
from tests.support.members import CONSULTANT, Club, signed_in
from ygs.application.accounts.expired_rows import RECOGNISED_FOR
from ygs.application.actors import Actor
from ygs.application.members.review import Decision
from ygs.application.operations.purge import Erasure, Retention
from ygs.domain.contacts import Contact
from ygs.domain.ids import UserId
from ygs.domain.users import MarkReason, Status, User
from ygs.entrypoints.testing.builders import a_user

MEMBER = a_user(1)
NEWCOMER = {**newcomer(), "seeks": ["male"]}
REASON = Decision(reason="여러 회원에게 돈을 요구함")


@pytest.fixture
async def club() -> Club:
    club = Club()
    await club.add(MEMBER)
    return club


async def suspend_and_leave(club: Club, user: User) -> datetime:
    await club.member_review.suspend(CONSULTANT, user.id, REASON)
    await club.members.withdraw(signed_in(await club.user(user.id)))
    return club.clock.now()


async def come_back(club: Club, number: int, **changes: str | None) -> User:
    back = a_user(number, status=Status.PENDING, **changes)
    await club.add(back)
    return await club.user(back.id)


async def marks(club: Club) -> dict[UserId, list[tuple[MarkReason, datetime]]]:
    queue = await club.member_review.list_queue(CONSULTANT)
    return {line.id: [(mark.reason, mark.at) for mark in line.marks] for line in queue}


@pytest.mark.parametrize("known_by", ["phone", "email"])
async def test_the_queue_marks_whoever_left_suspended(club: Club, known_by: str) -> None:
    left = await suspend_and_leave(club, MEMBER)
    contacts = {"phone": None, "email": None, known_by: getattr(MEMBER, known_by)}
    back = await come_back(club, 11, **contacts)
    stranger = await come_back(club, 12)
    assert await marks(club) == {back.id: [(MarkReason.LEFT_SUSPENDED, left)], stranger.id: []}


async def test_whoever_left_in_good_standing_is_not_marked(club: Club) -> None:
    await club.member_review.suspend(CONSULTANT, MEMBER.id, REASON)
    await club.member_review.restore(CONSULTANT, MEMBER.id)
    await club.members.withdraw(signed_in(MEMBER))
    back = await come_back(club, 11, phone=MEMBER.phone)
    assert await marks(club) == {back.id: []}


async def test_leaving_again_under_another_phone_hides_nobody(club: Club) -> None:
    left = await suspend_and_leave(club, MEMBER)
    back = await come_back(club, 11, phone=MEMBER.phone, email=None)
    async with club.storage.write() as tx:
        await tx.users.save(replace(back, phone="+821077776666"))
        await tx.blocks.keep_former_contact(back.id, Contact.phone(str(MEMBER.phone)))
    club.clock.advance(days=1)
    await club.members.withdraw(signed_in(back))
    again = await come_back(club, 12, phone="+821077776666", email=None)
    assert await marks(club) == {again.id: [(MarkReason.LEFT_SUSPENDED, left)]}


async def test_the_mark_outlasts_erasure_and_ends_after_five_years(club: Club) -> None:
    left = await suspend_and_leave(club, MEMBER)
    back = await come_back(club, 11, phone=MEMBER.phone)
    erasure = Erasure(club.storage, club.clock, Retention(timedelta(days=30)))
    club.clock.set(left + RECOGNISED_FOR)
    purged = await erasure.purge(Actor.operator())
    assert (purged.people, purged.old.suspensions) == (1, 0)
    assert await marks(club) == {back.id: [(MarkReason.LEFT_SUSPENDED, left)]}
    club.clock.advance(seconds=1)
    assert (await erasure.purge(Actor.operator())).old.suspensions == 2
    assert await marks(club) == {back.id: []}


async def sign_up_replies(world: World, phone: str) -> list[tuple[int, set[str]]]:
    """The statuses and the names in the replies to each step of signing up."""
    started = await world.ask("POST", "/auth/signup/phone", json={"phone": phone})
    proof = {"one_time_token": started.json()["one_time_token"], "code": world.mailbox.take_code(phone)}
    about = {**NEWCOMER, "phone": phone, "password": PASSWORD, **proof}
    joined = await world.ask("POST", "/auth/signup", json=about)
    assert joined.status_code == 201
    me = {"Authorization": f"Bearer {joined.json()['access_token']}"}
    myself = await world.ask("GET", "/users/me", headers=me)
    return [(reply.status_code, set(reply.json())) for reply in (started, joined, myself)]


async def test_sign_up_tells_nobody_that_they_are_known() -> None:
    async with served() as world:
        await populate(world)
        phone = world.with_phone("suspended")
        assert (await world.ask("DELETE", "/users/me", "suspended")).status_code == 204
        known = await sign_up_replies(world, phone)
        assert known == await sign_up_replies(world, "+821077776666")
        async with world.ygs.storage.read() as reading:
            back = await reading.users.find_by_phone(phone)
            assert back is not None
            assert back.id in await reading.suspensions.of([back.id])
