"""An import can be undone until one of its members is in use; then it says how many are, and why."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.http import World, served
from tests.unit.test_import_jobs import MAPPING, names, queued, ran, uploaded
from ygs.application.actors import Actor
from ygs.domain.accounts import Account
from ygs.domain.errors import WrongStatus
from ygs.domain.ids import ImportId
from ygs.domain.imports import ImportState
from ygs.domain.users import Role, Status, User
from ygs.entrypoints.testing.builders import (
    a_consultation,
    a_membership,
    a_note,
    a_slot,
    a_user,
    a_week,
    an_introduction,
)
from ygs.ports.storage import Writing

ROOT = Actor.operator()
OTHER = a_user(8)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as made:
        await made.add("admin", a_user(7, role=Role.ADMIN, status=Status.DRAFT))
        yield made


async def stored(world: World) -> str:
    made = await uploaded(world)
    await ran(world, made, mapping=MAPPING, commit=True)
    world.clock.advance(minutes=1)
    return made


async def undo(world: World, made: str) -> Any:
    return await world.ask("POST", f"/admin/imports/{made}/undo", "admin")


async def members(world: World) -> Sequence[User]:
    async with world.ygs.storage.read() as reading:
        return [user for user in await reading.users.page() if user.role is Role.MEMBER]


async def test_its_members_leave_on_record_and_the_same_sheet_comes_in_again(world: World) -> None:
    made = await stored(world)
    added = [user.id for user in await members(world)]
    reply = await undo(world, made)
    assert (reply.status_code, reply.json()["state"], reply.json()["members"]) == (200, "undone", 2)
    assert await names(world) == []
    async with world.ygs.storage.read() as reading:
        last = (await reading.audit.page())[-1]
        subjects = await reading.audit.subjects(last.number, last.number)
    assert (last.entry.action, last.entry.what, list(subjects[last.number])) == ("import.undone", made, added)
    await ran(world, await uploaded(world), mapping=MAPPING, commit=True)
    assert await names(world) == ["김세리", "이민수"]


async def test_a_second_undo_changes_nothing(world: World) -> None:
    made = await stored(world)
    first = (await undo(world, made)).json()
    await ran(world, await uploaded(world), mapping=MAPPING, commit=True)
    world.clock.advance(minutes=1)
    assert (await undo(world, made)).json() == first
    assert await names(world) == ["김세리", "이민수"]


async def test_who_left_by_undo_is_erased_after_the_retention_period(world: World) -> None:
    made = await stored(world)
    await undo(world, made)
    world.clock.advance(days=40)
    purged = await world.ygs.erasure.purge(ROOT)
    assert purged.people == 2


async def test_an_import_that_stored_nothing_cannot_be_undone(world: World) -> None:
    made = await uploaded(world)
    assert (await undo(world, made)).status_code == 409
    assert (await queued(world, made, mapping=MAPPING)).status_code == 202
    assert (await undo(world, "imp_" + "0" * 26)).status_code == 404


async def introduced(tx: Writing, user: User) -> None:
    await tx.users.add(OTHER)
    await tx.weeks.add(a_week())
    await tx.introductions.add_all([an_introduction(user, OTHER, a_week())], {})


async def signed_in(tx: Writing, user: User) -> None:
    await tx.accounts.add(Account(user_id=user.id, created_at=user.created_at, updated_at=user.created_at))


async def changed(tx: Writing, user: User) -> None:
    await tx.users.save(user.edited(at=user.created_at + timedelta(minutes=1), name="다른 이름"))


USES: dict[str, tuple[Callable[[Writing, User], Awaitable[None]], str]] = {
    "introduced": (introduced, "introduced: 1"),
    "signed in": (signed_in, "have an account to sign in with: 1"),
    "changed": (changed, "changed since: 1"),
}


@pytest.mark.parametrize("use", USES)
async def test_a_member_in_use_keeps_all_of_them_and_is_told_by_number_and_reason(world: World, use: str) -> None:
    made = await stored(world)
    act, words = USES[use]
    async with world.ygs.storage.write() as tx:
        await act(tx, (await members(world))[0])
    with pytest.raises(WrongStatus, match=words):
        await world.ygs.import_undo.undo(ROOT, ImportId(made))
    reply = await undo(world, made)
    assert reply.status_code == 409
    assert "1" in reply.json()["detail"]
    assert len([user for user in await members(world) if user.id != OTHER.id]) == 2
    assert (await world.ygs.import_jobs.get(ROOT, ImportId(made))).state is ImportState.STORED


async def test_a_note_a_consultation_and_a_membership_are_use_as_well(world: World) -> None:
    made = await stored(world)
    one, two = [user.id for user in await members(world)]
    async with world.ygs.storage.write() as tx:
        await tx.users.add(a_user(90, role=Role.CONSULTANT))
        await tx.notes.add(replace(a_note(1), subject=one))
        await tx.memberships.add(a_membership(1, user_id=two))
    with pytest.raises(WrongStatus, match="have a note, a consultation or a membership: 2"):
        await world.ygs.import_undo.undo(ROOT, ImportId(made))


async def test_a_booked_consultation_is_use_as_well(world: World) -> None:
    made = await stored(world)
    (one, _) = await members(world)
    async with world.ygs.storage.write() as tx:
        await tx.users.add(a_user(90, role=Role.CONSULTANT))
        slot = a_slot()
        await tx.consultations.add_slots([slot])
        await tx.consultations.add(a_consultation(slot, one.id))
    with pytest.raises(WrongStatus, match="membership: 1"):
        await world.ygs.import_undo.undo(ROOT, ImportId(made))


async def test_who_left_meanwhile_does_not_stand_in_the_way(world: World) -> None:
    made = await stored(world)
    (one, two) = await members(world)
    async with world.ygs.storage.write() as tx:
        await tx.users.save(one.withdraw(at=world.clock.now()))
    assert (await undo(world, made)).status_code == 200
    async with world.ygs.storage.read() as reading:
        last = (await reading.audit.page())[-1].entry
    assert (last.action, last.subject) == ("import.undone", two.id)


async def test_an_import_of_many_pages_is_undone_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ygs.application.jobs.import_undo.AT_ONCE", 1)
    assert (await undo(world, await stored(world))).status_code == 200
    assert await names(world) == []
