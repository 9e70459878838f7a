"""Who is in charge of whom, and consultants who see only their own members."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.support.http import World, populate, served
from tests.support.members import ADMIN, CONSULTANT, Club, signed_in
from tests.unit.test_http_permissions import body, expected, place, routes
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.role_changes import RoleChange
from ygs.application.directory.assignments import Assignment, Assignments, BulkAssignment
from ygs.domain.errors import Forbidden, InvalidFact, NotFound, WrongStatus
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user

CONSULTANT_ID = a_user(5).id


@pytest.fixture
async def club() -> Club:
    club = Club()
    await club.add(a_user(1), a_user(2), a_user(5, role=Role.CONSULTANT), a_user(7, role=Role.ADMIN))
    return club


def assignments(club: Club) -> Assignments:
    return Assignments(club.storage, club.clock)


async def in_charge(club: Club, number: int) -> str | None:
    async with club.storage.read() as reading:
        line = await reading.directory.find(a_user(number).id)
    assert line is not None
    return line.consultant_id


async def test_an_administrator_assigns_members_to_staff_on_record(club: Club) -> None:
    for consultant in (CONSULTANT_ID, CONSULTANT_ID, None):
        await assignments(club).assign(ADMIN, a_user(1).id, Assignment(consultant_id=consultant))
        assert await in_charge(club, 1) == consultant
    assert [(entry.action, entry.subject, entry.what) for entry in await club.log()] == [
        ("member.assigned", a_user(1).id, CONSULTANT_ID),
        ("member.assigned", a_user(1).id, ""),
    ]
    for who in (CONSULTANT, signed_in(a_user(1))):
        with pytest.raises(Forbidden):
            await assignments(club).assign(who, a_user(1).id, Assignment(consultant_id=CONSULTANT_ID))
        with pytest.raises(Forbidden):
            await assignments(club).assign_many(who, BulkAssignment(ids=[a_user(1).id], consultant_id=None))


async def test_only_members_are_assigned_and_only_to_staff(club: Club) -> None:
    for member, consultant, error in (
        (a_user(5), a_user(7), WrongStatus),
        (a_user(1), a_user(2), InvalidFact),
        (a_user(1), a_user(9), InvalidFact),
        (a_user(9), a_user(5), NotFound),
    ):
        with pytest.raises(error):
            await assignments(club).assign(ADMIN, member.id, Assignment(consultant_id=consultant.id))
    many = BulkAssignment(ids=[each.id for each in map(a_user, (1, 5, 9, 2))], consultant_id=CONSULTANT_ID)
    verdicts = await assignments(club).assign_many(ADMIN, many)
    assert [row.code for row in verdicts.rows] == ["", "wrong_status", "not_found", ""]
    assert [await in_charge(club, number) for number in (1, 2)] == [CONSULTANT_ID] * 2


async def test_whoever_is_staff_no_more_or_leaves_is_in_charge_of_nobody(club: Club) -> None:
    for number, consultant in ((1, 5), (2, 7)):
        await assignments(club).assign(ADMIN, a_user(number).id, Assignment(consultant_id=a_user(consultant).id))
    await club.accounts.roles.change(
        replace(ADMIN, id=a_user(7).id), CONSULTANT_ID, RoleChange(role=Role.MEMBER, reason="퇴사")
    )
    assert await in_charge(club, 1) is None
    async with club.storage.write() as tx:
        await tx.users.save((await tx.users.get(a_user(7).id)).withdraw(at=club.clock.now()))
    assert await in_charge(club, 2) is None


async def swept(*, own: bool) -> Mapping[str, tuple[int, str]]:
    """What a consultant who sees only their own members is answered on every route of the administration that
    consultants may use, in a world where everybody is theirs, or nobody."""
    storage = MemoryStorage()
    async with served(storage, own_members_only=True) as world:
        await populate(world)
        if own:
            await _assign_everybody(world)
        untouched = storage._committed
        found = {}
        for route, operation in routes(world.app).items():
            method, path = route.split()
            if path.startswith("/admin") and expected()[route]["consultant"] != "403":
                storage._committed = untouched
                reply = await world.ask(method, place(world, route), "consultant", json=body(route, operation))
                found[route] = reply.status_code, reply.text
        return found


async def _assign_everybody(world: World) -> None:
    async with world.ygs.storage.write() as tx:
        members = [user.id for user in await tx.users.page() if user.role is Role.MEMBER]
        await tx.directory.assign(members, world.people["consultant"].id)


async def test_a_consultant_with_members_of_their_own_is_answered_as_the_matrix_says() -> None:
    found = await swept(own=True)
    wrong = {route for route, (status, _) in found.items() if str(status) != expected()[route]["consultant"]}
    # Somebody in this plan has left since, and is nobody's member any more.
    assert wrong == {"GET /admin/match-weeks/{id}/proposal", "GET /admin/match-weeks/{id}/proposal/unmatched"}


async def test_nobody_elses_member_is_found_by_any_route_of_the_administration() -> None:
    strangers = [a_user(number).id for number in (1, 2, 3, 4, 6, 8, 9, 10)]
    found = await swept(own=False)
    shown = {
        route: text[:300]
        for route, (status, text) in found.items()
        if status < 300 and any(each in text for each in strangers) and "not_found" not in text
    }
    assert shown == {}
    about_somebody = [route for route in found if "/members/{id}" in route]
    assert len(about_somebody) > 15
    assert {route: found[route][0] for route in about_somebody if found[route][0] != 404} == {}


async def test_lists_show_a_consultants_own_members_only(club: Club) -> None:
    await club.add(a_user(3, status=Status.PENDING), a_user(9, status=Status.PENDING))
    limited = replace(CONSULTANT, members=frozenset({a_user(9).id}))
    assert [each.id for each in await club.member_review.list_queue(limited)] == [a_user(9).id]
    assert [each.id for each in await club.member_review.list_queue(limited, after=a_user(9).id)] == []
    assert await club.member_review.list_queue(replace(CONSULTANT, members=frozenset())) == []
    with pytest.raises(NotFound):
        await club.member_review.get_member(limited, a_user(3).id)
    assert (await club.member_review.get_member(limited, a_user(9).id)).id == a_user(9).id
    with pytest.raises(NotFound):
        await club.member_review.approve(limited, a_user(3).id)
    assert (await club.user(a_user(3).id)).status is Status.PENDING
