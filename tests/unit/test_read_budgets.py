"""Read budgets: nobody is shown more people than the account may be in a day, whichever way they ask."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.audit import audited
from tests.support.members import ADMIN, CONSULTANT, Club
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.spreadsheets import SheetFiles
from ygs.application.actors import Actor
from ygs.application.audit.budget_lifts import BudgetLifts, LiftRequest
from ygs.application.audit.read_budgets import ReadBudgets
from ygs.application.directory.members import Directory
from ygs.application.directory.search import DirectoryRequest
from ygs.application.exporting.export_members import MemberExport
from ygs.application.members.review import MemberReview
from ygs.domain.errors import Forbidden, ReadBudgetSpent, Unavailable, WrongStatus
from ygs.domain.events import EventType
from ygs.domain.ids import UserId
from ygs.domain.read_budgets import DEFAULT_LIMITS, ReadKind, ReadLimits
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.canaries import canaries
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.repositories.directory import MemberFilter
from ygs.ports.storage import Storage, Writing
from ygs.settings import Settings

SIZES = {**DEFAULT_LIMITS, ReadKind.FULL: 3, ReadKind.MASKED: 5, ReadKind.QUEUE: 2, ReadKind.EXPORT: 4}
REASON = LiftRequest(reason="월말 점검")
STAFF = a_user(90, role=Role.CONSULTANT)


@pytest.fixture
async def club() -> Club:
    made = Club()
    await made.add(*(a_user(number) for number in range(1, 8)), STAFF)
    writer = an_audit_writer(made.storage, people=SIZES)
    made.member_review = MemberReview(made.storage, made.clock, writer, SEOUL)
    return made


def lifts(club: Club) -> BudgetLifts:
    return BudgetLifts(club.storage, club.clock, ReadBudgets(ReadLimits(people=SIZES), SEOUL))


async def heard(club: Club) -> list[EventType]:
    """Which events administrators hear of."""
    async with club.storage.read() as reading:
        return [event.type for event in await reading.outbox.pending(100)]


def member(number: int) -> UserId:
    return a_user(number).id


async def test_the_same_person_counts_once_and_the_next_one_beyond_is_refused_and_audited(club: Club) -> None:
    for number in (1, 2, 1, 3, 3, 2):
        await club.member_review.get_member(CONSULTANT, member(number))
    with pytest.raises(ReadBudgetSpent, match="at most 3 people"):
        await club.member_review.get_member(CONSULTANT, member(4))
    assert (await club.member_review.get_member(CONSULTANT, member(1))).id == member(1)
    log = await audited(club.storage)
    assert [each.people for each in log if each.action == "reading.refused"] == [()]
    assert sum(each.action == "member.read" for each in log) == 7
    assert await heard(club) == [EventType.READING_WARNED, EventType.READING_STOPPED]


async def test_pages_and_search_share_the_budget_of_masked_rows(club: Club) -> None:
    directory = Directory(club.storage, club.clock, LibPhones(), an_audit_writer(club.storage, people=SIZES))
    first = await directory.list_members(CONSULTANT, DirectoryRequest(limit=4))
    assert len(first.items) == 4
    assert await directory.list_members(CONSULTANT, DirectoryRequest(limit=4)) == first
    with pytest.raises(ReadBudgetSpent):
        await directory.list_members(CONSULTANT, DirectoryRequest(limit=4, after=first.next))
    known = {line.id for line in first.items}
    others = [a_user(number).name for number in range(1, 8) if a_user(number).id not in known]
    assert await directory.find_named(CONSULTANT, others[0])
    with pytest.raises(ReadBudgetSpent):
        await directory.find_named(CONSULTANT, others[1])


# A way of asking, and for whom: a member by number, a page of so many, or a sheet of those born in a year or later.
_ASKED = st.one_of(
    st.tuples(st.just("member"), st.integers(1, 7)),
    st.tuples(st.just("page"), st.integers(1, 4)),
    st.tuples(st.just("name"), st.integers(1, 7)),
    st.tuples(st.just("sheet"), st.integers(1990, 1997)),
)


@given(asked=st.lists(st.lists(_ASKED, min_size=1, max_size=3), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
async def test_no_way_of_asking_passes_a_budget_alone_in_turn_or_at_once(
    asked: list[list[tuple[str, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each list is asked at once, by sessions and processes of their own; a sheet counts when it is written."""
    storage = MemoryStorage()
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number, birth_year=1990 + number) for number in range(1, 8)])
    me = Actor.signed_in(numbered_user(91), Role.ADMIN)
    file = str(tmp_path_factory.mktemp("sheets") / "sheet.csv")
    shown: dict[ReadKind, set[str]] = {kind: set() for kind in ReadKind}
    for at_once in asked:
        replies = [_ask(storage, me, how, number, file) for how, number in at_once]
        for reply in await asyncio.gather(*replies, return_exceptions=True):
            if isinstance(reply, BaseException):
                assert isinstance(reply, ReadBudgetSpent)
            else:
                shown[reply[0]] |= reply[1]
    assert all(len(people) <= SIZES[kind] for kind, people in shown.items())
    async with storage.read() as reading:
        counted = {use.kind: use.used for use in await reading.read_budgets.uses(date(2026, 11, 23))}
    assert counted == {kind: len(people) for kind, people in shown.items() if people}


async def _ask(storage: MemoryStorage, me: Actor, how: str, number: int, file: str) -> tuple[ReadKind, set[str]]:
    """Whom one request shows, counted in which budget. Its writer is that of another process."""
    clock, writer = FrozenClock(), an_audit_writer(storage, people=SIZES)
    directory = Directory(storage, clock, LibPhones(), writer)
    if how == "member":
        return ReadKind.FULL, {(await MemberReview(storage, clock, writer, SEOUL).get_member(me, member(number))).id}
    if how == "page":
        return ReadKind.MASKED, {
            line.id for line in (await directory.list_members(me, DirectoryRequest(limit=number))).items
        }
    if how == "name":
        return ReadKind.MASKED, {line.id for line in await directory.find_named(me, a_user(number).name)}
    export = MemberExport(storage, SheetFiles(), clock, writer, SEOUL, canaries(storage))
    wanted = MemberFilter(born_from=number)
    await export.members(me, file, reason="점검", wanted=wanted)
    async with storage.read() as reading:
        return ReadKind.EXPORT, {line.id for line in await reading.directory.page(wanted)}


def numbered_user(number: int) -> UserId:
    return UserId(numbered("usr", number))


async def test_who_waits_for_review_has_a_budget_of_its_own_which_decisions_use_too(club: Club) -> None:
    pending = [a_user(number, status=Status.PENDING) for number in (11, 12, 13)]
    await club.add(*pending)
    for each in pending[:2]:
        await club.member_review.get_member(CONSULTANT, each.id)
    with pytest.raises(ReadBudgetSpent):
        await club.member_review.get_member(CONSULTANT, pending[2].id)
    with pytest.raises(ReadBudgetSpent):
        await club.member_review.approve(CONSULTANT, pending[2].id)
    await club.member_review.approve(CONSULTANT, pending[0].id)
    await club.member_review.get_member(CONSULTANT, member(1))


async def test_the_budget_is_new_with_the_day_of_the_service(club: Club) -> None:
    for number in (1, 2, 3):
        await club.member_review.get_member(CONSULTANT, member(number))
    club.clock.advance(hours=11, minutes=59)
    with pytest.raises(ReadBudgetSpent):
        await club.member_review.get_member(CONSULTANT, member(4))
    club.clock.advance(minutes=1)
    await club.member_review.get_member(CONSULTANT, member(4))


async def test_the_operator_has_no_budget(club: Club) -> None:
    for number in range(1, 8):
        await club.member_review.get_member(Actor.operator(), member(number))
    assert await lifts(club).list(ADMIN) == []


async def test_another_administrator_lifts_a_stop_with_a_reason_for_the_day(club: Club) -> None:
    me = Actor.known_elsewhere(STAFF.id, Role.CONSULTANT)
    for number in (1, 2, 3):
        await club.member_review.get_member(me, member(number))
    with pytest.raises(Forbidden):
        await lifts(club).lift(me, STAFF.id, REASON)
    with pytest.raises(Forbidden, match="about you"):
        await lifts(club).lift(Actor.known_elsewhere(STAFF.id, Role.ADMIN), STAFF.id, REASON)
    with pytest.raises(WrongStatus):
        await lifts(club).lift(ADMIN, member(1), REASON)
    lifted = await lifts(club).lift(ADMIN, STAFF.id, REASON)
    assert [(use.kind, use.used, use.limit) for use in lifted.budgets] == [(ReadKind.FULL, 3, 3)]
    assert (lifted.lifted_by, lifted.reason) == (ADMIN.id, "월말 점검")
    await club.member_review.get_member(me, member(4))
    assert ("reading.lifted", (STAFF.id,), "2026-11-23") in await audited(club.storage)
    club.clock.advance(days=1)
    for number in (1, 2, 3):
        await club.member_review.get_member(me, member(number))
    with pytest.raises(ReadBudgetSpent):
        await club.member_review.get_member(me, member(4))


async def test_fast_reading_reading_at_night_and_a_new_address_are_told_once() -> None:
    club = Club()
    writer = an_audit_writer(club.storage, fast=3)
    at = club.clock.now()
    me = replace(CONSULTANT, address="a")
    for number in range(1, 6):
        await writer.shown(me, "member.read", [numbered("usr", number)], at=at + timedelta(minutes=number))
    assert await heard(club) == [EventType.READING_FAST]
    await writer.shown(me, "member.read", [numbered("usr", 9)], at=at + timedelta(hours=11))
    await writer.shown(me, "member.read", [numbered("usr", 9)], at=at + timedelta(hours=11, minutes=1))
    await writer.shown(replace(me, address="b"), "member.read", [numbered("usr", 9)], at=at + timedelta(hours=2))
    assert await heard(club) == [EventType.READING_FAST, EventType.READING_AT_NIGHT, EventType.READING_NEW_ADDRESS]


async def test_slow_reading_is_not_fast(club: Club) -> None:
    writer = an_audit_writer(club.storage, fast=3)
    for number in range(1, 8):
        at = club.clock.now() + number * timedelta(minutes=4)
        await writer.shown(CONSULTANT, "member.read", [numbered("usr", number)], at=at)
    assert await heard(club) == []


@pytest.mark.parametrize(("night", "hours"), [((22, 6), {22, 23, 0, 5}), ((1, 5), {1, 4}), ((8, 8), set())])
def test_the_night_may_go_over_midnight(night: tuple[int, int], hours: set[int]) -> None:
    limits = ReadLimits(night=(time(night[0]), time(night[1])))
    assert {hour for hour in (22, 23, 0, 1, 4, 5, 6, 8, 12) if limits.is_night(time(hour))} - {1, 4} == hours - {1, 4}


def test_sizes_that_are_left_out_keep_their_default() -> None:
    sizes = Settings(read_limits={ReadKind.FULL: 7}, read_night_from=8, read_night_until=8).reading.people
    assert sizes == {**DEFAULT_LIMITS, ReadKind.FULL: 7}


async def used(club: Club) -> dict[ReadKind, int]:
    async with club.storage.read() as reading:
        return {use.kind: use.used for use in await reading.read_budgets.uses(date(2026, 11, 23))}


async def test_requests_at_once_of_one_account_share_a_transaction_and_count_each_person_once(club: Club) -> None:
    writer = an_audit_writer(club.storage, people={**SIZES, ReadKind.FULL: 7})
    asked = [(1, 2), (3, 4, 5), (2, 3, 4), (6, 7, 8), (5, 6, 7)]
    reads = (
        writer.shown(CONSULTANT, "member.read", map(member, each), at=club.clock.now(), masked=[member(20)])
        for each in asked
    )
    replies = await asyncio.gather(*reads, return_exceptions=True)
    assert [type(each) for each in replies] == [type(None), type(None), type(None), ReadBudgetSpent, type(None)]
    assert await used(club) == {ReadKind.FULL: 7, ReadKind.MASKED: 1}
    log = await audited(club.storage)
    assert [each.action for each in log].count("member.read") == 4
    assert [(each.action, each.what) for each in log if each.action == "reading.refused"] == [
        ("reading.refused", "full")
    ]


async def test_of_a_reading_that_passes_one_of_its_two_budgets_nothing_is_counted(club: Club) -> None:
    writer = an_audit_writer(club.storage, people=SIZES)
    with pytest.raises(ReadBudgetSpent):
        await writer.shown(CONSULTANT, "member.read", [member(1)], at=club.clock.now(), masked=map(member, range(2, 8)))
    assert set((await used(club)).values()) <= {0}


@dataclass
class FailingStorage:
    """A real storage whose commits may fail."""

    inner: Storage
    fails: bool = True

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Writing]:
        async with self.inner.write() as tx:
            yield tx
            if self.fails:
                raise Unavailable("no")


async def test_an_alarm_that_was_rolled_back_is_stored_by_the_next_reading(club: Club) -> None:
    storage = FailingStorage(club.storage)
    writer = an_audit_writer(storage, people={**SIZES, ReadKind.FULL: 1})  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        await writer.shown(CONSULTANT, "member.read", [member(1)], at=club.clock.now())
    assert await heard(club) == []
    storage.fails = False
    for _ in range(2):
        await writer.shown(CONSULTANT, "member.read", [member(1)], at=club.clock.now())
    assert await heard(club) == [EventType.READING_WARNED]
