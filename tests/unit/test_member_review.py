"""What staff decide about members, over real in-memory storage."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.support.accounts import HOME, actor
from tests.support.members import ADMIN, CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.members.review import Decision, MemberReview, masked
from ygs.domain.errors import Forbidden, InvalidText, InvalidToken, NotFound, StaleWrite, WrongStatus
from ygs.domain.events import ended_for
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_draft, a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.repositories import MOST_PAGE

WHY = Decision(reason="확인 필요")
DECISIONS: dict[str, Callable[[MemberReview, Actor, UserId, int | None], Awaitable[Any]]] = {
    "approved": lambda member_review, who, whom, version: member_review.approve(who, whom, version),
    "rejected": lambda member_review, who, whom, version: member_review.reject(who, whom, WHY, version),
    "suspended": lambda member_review, who, whom, version: member_review.suspend(who, whom, WHY, version),
    "restored": lambda member_review, who, whom, version: member_review.restore(who, whom, version),
}
BEFORE = {
    "approved": Status.PENDING,
    "rejected": Status.PENDING,
    "suspended": Status.ACTIVE,
    "restored": Status.SUSPENDED,
}
AFTER = {
    "approved": Status.ACTIVE,
    "rejected": Status.REJECTED,
    "suspended": Status.SUSPENDED,
    "restored": Status.ACTIVE,
}
READS: dict[str, Callable[[MemberReview, Actor], Awaitable[Any]]] = {
    "queue.read": lambda member_review, who: member_review.list_queue(who),
    "member.read": lambda member_review, who: member_review.get_member(who, a_user(1).id),
}


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.ADMIN])
def test_no_staff_may_do_more_than_the_suspended_without_a_second_factor(role: Role) -> None:
    suspended = Actor.signed_in(a_user(1).id, Role.MEMBER, status=Status.SUSPENDED)
    assert Actor.signed_in(a_user(1).id, role, second_factor=False).permissions == suspended.permissions


@pytest.fixture
def club() -> Club:
    return Club()


@pytest.mark.parametrize(
    "who", [signed_in(a_user(1)), signed_in(a_user(1, status=Status.SUSPENDED)), WITHOUT_SECOND_FACTOR]
)
async def test_members_and_staff_without_a_second_factor_see_and_decide_nothing(club: Club, who: Actor) -> None:
    await club.add(a_user(1, status=Status.PENDING))
    for read in READS.values():
        with pytest.raises(Forbidden):
            await read(club.member_review, who)
    for decide in DECISIONS.values():
        with pytest.raises(Forbidden):
            await decide(club.member_review, who, a_user(1).id, None)
    assert await club.log() == []


@pytest.mark.parametrize("who", [CONSULTANT, ADMIN, Actor.operator()], ids=["consultant", "admin", "operator"])
@pytest.mark.parametrize("read", READS)
async def test_every_read_of_members_by_staff_is_on_record(club: Club, who: Actor, read: str) -> None:
    await club.add(a_user(1, status=Status.PENDING))
    assert await READS[read](club.member_review, who)
    (entry,) = await club.log()
    assert (entry.actor, entry.action, entry.subject) == (who.id or "operator", read, a_user(1).id)


async def test_nothing_is_read_off_the_record(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise OSError("the log cannot be written")

    await club.add(a_user(1, status=Status.PENDING))
    monkeypatch.setattr("ygs.adapters.memory.audit.MemoryAuditRepository.add", full)
    for read in READS.values():
        with pytest.raises(OSError, match="log"):
            await read(club.member_review, CONSULTANT)
    for number, (decision, decide) in enumerate(DECISIONS.items(), start=10):
        await club.add(a_user(number, status=BEFORE[decision]))
        with pytest.raises(OSError, match="log"):
            await decide(club.member_review, CONSULTANT, a_user(number).id, None)
        assert (await club.user(a_user(number).id)).status is BEFORE[decision]


@pytest.mark.parametrize("decision", DECISIONS)
async def test_a_decision_its_notice_and_its_record_are_one(club: Club, decision: str) -> None:
    await club.add(a_user(1, status=BEFORE[decision]))
    seen = await DECISIONS[decision](club.member_review, CONSULTANT, a_user(1).id, 1)
    assert (seen.status, seen.version) == (AFTER[decision], 2)
    assert seen.status_reason == (WHY.reason if decision in ("rejected", "suspended") else "")
    async with club.storage.read() as tx:
        (event,) = await tx.outbox.pending()
    assert (event.type, event.user_id) == (f"member.{decision}", a_user(1).id)
    (entry,) = await club.log()
    assert (entry.action, entry.subject) == (f"member.{decision}", a_user(1).id)


@pytest.mark.parametrize("decision", DECISIONS)
async def test_the_second_of_two_deciders_is_told(club: Club, decision: str) -> None:
    await club.add(a_user(1, status=BEFORE[decision]))
    with pytest.raises(StaleWrite):
        await DECISIONS[decision](club.member_review, CONSULTANT, a_user(1).id, 7)
    await DECISIONS[decision](club.member_review, CONSULTANT, a_user(1).id, None)
    with pytest.raises(WrongStatus):
        await DECISIONS[decision](club.member_review, CONSULTANT, a_user(1).id, None)
    async with club.storage.read() as tx:
        assert len(await tx.outbox.pending()) == 1


@pytest.mark.parametrize("decision", DECISIONS)
async def test_nothing_is_decided_about_nobody(club: Club, decision: str) -> None:
    with pytest.raises(NotFound):
        await DECISIONS[decision](club.member_review, CONSULTANT, a_user(1).id, None)


@pytest.mark.parametrize("reason", ["", "   "])
async def test_turning_somebody_away_takes_a_reason(club: Club, reason: str) -> None:
    await club.add(a_user(1, status=Status.PENDING), a_user(2))
    with pytest.raises(InvalidText):
        await club.member_review.reject(CONSULTANT, a_user(1).id, Decision(reason=reason))
    with pytest.raises(InvalidText):
        await club.member_review.suspend(CONSULTANT, a_user(2).id, Decision(reason=reason))


async def test_whom_staff_suspend_is_out_now(club: Club) -> None:
    me, tokens = await club.join()
    await club.add(a_user(2))
    await club.introduce(await club.user(me.require_id()), a_user(2))
    await club.member_review.suspend(CONSULTANT, me.require_id(), WHY)
    with pytest.raises(InvalidToken):
        await actor(club.accounts, tokens, HOME)
    async with club.storage.read() as tx:
        (introduction,) = await tx.introductions.of_user(a_user(2).id)
        assert ended_for(introduction, a_user(2).id, NOON) in await tx.outbox.pending()
    assert introduction.state is IntroductionState.CANCELLED
    assert (await club.member_review.restore(CONSULTANT, me.require_id())).status is Status.ACTIVE


async def test_a_consultant_does_not_keep_an_administrator_out(club: Club) -> None:
    await club.add(a_user(91, role=Role.ADMIN))
    with pytest.raises(Forbidden):
        await club.member_review.suspend(CONSULTANT, a_user(91).id, WHY)
    await club.member_review.suspend(Actor.operator(), a_user(91).id, WHY)


@pytest.mark.parametrize("days", [None, 1, 3])
async def test_restoring_continues_a_pause_until_its_day(club: Club, days: int | None) -> None:
    until = None if days is None else NOON.date() + timedelta(days=days)
    await club.add(a_user(1, status=Status.PAUSED, paused_until=until))
    await club.member_review.suspend(CONSULTANT, a_user(1).id, WHY)
    club.clock.advance(days=1)
    restored = await club.member_review.restore(CONSULTANT, a_user(1).id)
    expected = (Status.ACTIVE, None) if days == 1 else (Status.PAUSED, until)
    assert (restored.status, restored.paused_until) == expected


async def test_the_queue_goes_on_page_by_page_and_holds_only_who_waits(club: Club) -> None:
    waiting = [a_user(number, status=Status.PENDING) for number in range(1, MOST_PAGE + 21)]
    await club.add(*waiting, a_draft(500), a_user(501))
    first = await club.member_review.list_queue(CONSULTANT, limit=10_000)
    rest = await club.member_review.list_queue(CONSULTANT, after=UserId(first[-1].id))
    assert [each.id for each in (*first, *rest)] == [user.id for user in waiting]
    assert len(first) == MOST_PAGE
    assert first[0].waiting_since == waiting[0].updated_at


@pytest.mark.parametrize(
    ("name", "shown"),
    [("김", "김○"), ("김수", "김○"), ("김철수", "김○수"), ("남궁민수", "남○○수"), ("Ada King", "A○○○○○○g")],
)
def test_lists_show_little_of_a_name(name: str, shown: str) -> None:
    assert masked(name) == shown


async def test_staff_see_everything_of_one_member(club: Club) -> None:
    await club.add(a_user(1))
    seen = await club.member_review.get_member(CONSULTANT, a_user(1).id)
    assert (seen.name, seen.phone) == (a_user(1).name, a_user(1).phone)


async def test_pauses_end_by_themselves_on_their_day(club: Club) -> None:
    today = NOON.date()
    over = [a_user(number, status=Status.PAUSED, paused_until=today) for number in range(1, MOST_PAGE + 2)]
    await club.add(*over, a_user(200, status=Status.PAUSED, paused_until=today + timedelta(days=1)))
    await club.add(a_user(201, status=Status.PAUSED), a_user(202, status=Status.SUSPENDED))
    with pytest.raises(Forbidden):
        await club.member_review.end_pauses(CONSULTANT)
    assert await club.member_review.end_pauses(Actor.operator()) == MOST_PAGE + 1
    assert await club.member_review.end_pauses(Actor.operator()) == 0
    back = await club.user(over[0].id)
    assert (back.status, back.paused_until) == (Status.ACTIVE, None)
    async with club.storage.read() as tx:
        assert await tx.users.count_by_status() == {
            Status.ACTIVE: MOST_PAGE + 1,
            Status.PAUSED: 2,
            Status.SUSPENDED: 1,
        }
    assert len(await club.log()) == MOST_PAGE + 1
