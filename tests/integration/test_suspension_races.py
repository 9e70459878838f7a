"""A suspension or a change of role at the same moment as acts of whom it concerns: each act comes before it, or not at
all. The audit log is in the order of the commits, so it tells which."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from tests.support.databases import opened
from tests.support.members import Club, signed_in
from ygs.adapters.sql.storage import SqlStorage
from ygs.application.accounts.role_changes import RoleChange, Roles
from ygs.application.actors import Actor, Permission
from ygs.application.changes import begin_change
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
from ygs.application.members.blocks import ContactBlock
from ygs.application.members.profile import ProfileEdit
from ygs.application.members.review import Decision
from ygs.application.moderation.notes import NoteRequest, Notes
from ygs.domain.errors import Forbidden, Suspended
from ygs.domain.introductions import Answer, Choice
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.audit import an_entry
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.storage import Storage

PAIRS = 8
PEOPLE = [a_user(number) for number in range(1, 2 * PAIRS + 1)]
STAFF = [a_user(90 + number, role=Role.CONSULTANT) for number in range(4)]
MADE = [an_introduction(PEOPLE[2 * number], PEOPLE[2 * number + 1], a_week(), number + 1) for number in range(PAIRS)]
WHY = Decision(reason="신고")
# Longer than any statement here takes that nobody keeps waiting.
WAIT = 0.1

Act = Callable[[Club, int], Awaitable[object]]


async def a_club(storage: Storage) -> Club:
    club = Club(storage)
    await club.add(*PEOPLE, *STAFF)
    async with storage.write() as tx:
        await tx.weeks.add(a_week())
        await tx.introductions.add_all(MADE, {})
    return club


async def answer(club: Club, number: int) -> object:
    me = signed_in(PEOPLE[number])
    given = GivenAnswer(
        MADE[number // 2].id,
        me,
        Answer(choice=Choice.ACCEPT, at=NOON),
        replace(an_entry(f"answer {number}"), actor=me.require_id()),
    )
    return await AnswerWriter(club.storage, FrozenClock()).give(given)


async def edit(club: Club, number: int) -> object:
    return await club.members.edit_profile(signed_in(PEOPLE[number]), ProfileEdit(district="은평구"))


async def block(club: Club, number: int) -> None:
    partner = PEOPLE[number ^ 1]
    await club.blocks.block_contact(signed_in(PEOPLE[number]), ContactBlock(phone=partner.phone))


async def note(club: Club, number: int) -> object:
    notes = Notes(club.storage, club.clock, CountingIds(number * 10), an_audit_writer(club.storage))
    return await notes.write(signed_in(STAFF[number]), PEOPLE[number].id, NoteRequest(text="통화함"))


async def suspend(club: Club, number: int) -> None:
    await club.member_review.suspend(Actor.operator(), PEOPLE[number].id, WHY)


async def demote(club: Club, number: int) -> None:
    change = RoleChange(role=Role.MEMBER, reason="퇴사")
    await Roles(club.storage, club.clock).change(Actor.operator(), STAFF[number].id, change)


async def refused(acts: Sequence[Awaitable[object]], error: type[Exception]) -> list[bool]:
    """Which of these acts at once were refused with that error; any other error is raised."""
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    for each in outcomes:
        if isinstance(each, BaseException) and not isinstance(each, error):
            raise each
    return [isinstance(each, error) for each in outcomes]


async def acted(club: Club, actor: str, ended_by: str) -> tuple[bool, bool]:
    """Whether that actor is on record with an act before the end of their right, and with one after it."""
    log = await club.log()
    (end,) = (place for place, entry in enumerate(log) if entry.action == ended_by and entry.subject == actor)
    places = [place for place, entry in enumerate(log) if entry.actor == actor]
    return any(place < end for place in places), any(place > end for place in places)


@pytest.mark.parametrize("act", [answer, edit, block])
async def test_whoever_is_suspended_while_they_act_acted_before_or_not_at_all(storage: SqlStorage, act: Act) -> None:
    club = await a_club(storage)
    numbers = range(0, 2 * PAIRS, 2)
    # Half of the suspensions are begun first.
    first = [suspend(club, number) for number in numbers[: PAIRS // 2]]
    acts = [act(club, number) for number in numbers]
    later = [suspend(club, number) for number in numbers[PAIRS // 2 :]]
    _, without, _ = await asyncio.gather(asyncio.gather(*first), refused(acts, Suspended), asyncio.gather(*later))
    for number, was_refused in zip(numbers, without, strict=True):
        assert await acted(club, PEOPLE[number].id, "member.suspended") == (not was_refused, False)


async def test_staff_who_lose_their_role_while_they_act_acted_before_or_not_at_all(storage: SqlStorage) -> None:
    club = await a_club(storage)
    numbers = range(len(STAFF))
    first, later = ([demote(club, number) for number in numbers if number % 2 == half] for half in (0, 1))
    acts = [note(club, number) for number in numbers]
    _, without, _ = await asyncio.gather(asyncio.gather(*first), refused(acts, Forbidden), asyncio.gather(*later))
    for number, was_refused in zip(numbers, without, strict=True):
        assert await acted(club, STAFF[number].id, "account.role_changed") == (not was_refused, False)


@pytest.mark.parametrize(("act", "number"), [(answer, 0), (edit, 0), (block, 0), (note, 0)])
async def test_an_act_waits_for_a_suspension_that_has_begun(storage: SqlStorage, act: Act, number: int) -> None:
    club = await a_club(storage)
    who = STAFF[number] if act is note else PEOPLE[number]
    async with storage.write() as tx:
        await tx.users.save(replace(await tx.users.get(who.id), status=Status.SUSPENDED))
        acting = asyncio.ensure_future(act(club, number))
        await asyncio.sleep(WAIT)
        assert not acting.done()
    with pytest.raises(Suspended):
        await acting


@pytest.mark.parametrize("permission", [Permission.OWN_PROFILE, Permission.READ_MEMBERS])
async def test_a_suspension_waits_for_an_act_that_has_begun(storage: SqlStorage, permission: Permission) -> None:
    club = await a_club(storage)
    who = PEOPLE[0] if permission is Permission.OWN_PROFILE else STAFF[0]
    async with begin_change(storage, signed_in(who), permission):
        suspending = asyncio.ensure_future(club.member_review.suspend(Actor.operator(), who.id, WHY))
        await asyncio.sleep(WAIT)
        assert not suspending.done()
    await suspending


async def test_acts_of_one_account_of_staff_do_not_wait_for_each_other(postgres_url: str) -> None:
    storage = await opened(postgres_url)
    try:
        await a_club(storage)
        me = signed_in(STAFF[0])
        one = begin_change(storage, me, Permission.EDIT_MEMBERS)
        another = begin_change(storage, me, Permission.EDIT_MEMBERS)
        async with asyncio.timeout(1), one, another:
            pass
    finally:
        await storage.close()
