"""The directory on real databases: the ways that only many people take, the statements of a page, a member
and a timeline."""

import asyncio

import pytest
from sqlalchemy import delete, update

from tests.support.databases import statements
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.sql.repositories import directory
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import directory as tables
from ygs.application.actors import Actor
from ygs.application.directory.members import Directory
from ygs.application.directory.search import DirectoryRequest
from ygs.application.members.review import MemberReview
from ygs.domain.matching.market import Genders
from ygs.domain.name_search import NameQuery
from ygs.domain.read_budgets import ReadKind
from ygs.domain.timeline import TimelineEvent
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_draft, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.contracts.directory import NAMES, SEARCHES, found, ids, stored
from ygs.ports.repositories.directory import MemberFilter, MemberOrder


@pytest.fixture
def of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every name be common, and look at two people before everybody is looked at."""
    monkeypatch.setattr(directory, "FEW", 0)
    monkeypatch.setattr(directory, "WINDOW", 2)


@pytest.mark.usefixtures("of_many")
async def test_common_names_are_found_by_the_same_searches(storage: SqlStorage) -> None:
    await stored(storage, *(a_user(number, name=name) for number, name in enumerate(NAMES, start=1)))
    for written, expected in SEARCHES.items():
        wanted = MemberFilter(name=NameQuery.of(written))
        assert sorted(await found(storage, wanted, limit=2)) == ids(*expected), written


@pytest.mark.usefixtures("of_many")
@pytest.mark.parametrize("order", MemberOrder)
async def test_a_page_is_the_same_whether_the_next_people_fill_it_or_everybody_is_looked_at(
    storage: SqlStorage, order: MemberOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(storage, *map(a_user, range(1, 10)))
    for wanted in (MemberFilter(), MemberFilter(genders=Genders.FEMALE)):
        by_windows = await found(storage, wanted, order, limit=2)
        monkeypatch.setattr(directory, "WINDOW", 0)
        assert await found(storage, wanted, order, limit=2) == by_windows
        monkeypatch.setattr(directory, "WINDOW", 2)


async def test_a_page_takes_at_most_four_statements_at_any_depth_and_opens_no_sealed_field(storage: SqlStorage) -> None:
    await stored(storage, *map(a_user, range(1, 10)))
    rare = MemberFilter(name=NameQuery.of("ㄱㅁㅈ"), genders=Genders.FEMALE)
    for wanted in (MemberFilter(), MemberFilter(genders=Genders.FEMALE), rare):
        for after in (None, a_user(5).id):
            async with storage.read() as reading:
                with statements(storage) as sent:
                    await reading.directory.page(wanted, MemberOrder.NAME, after=after, limit=3)
            assert len(sent) <= 4
            assert not any("FROM users" in each or "phone" in each for each in sent)


async def test_lists_are_reserved_and_audited_by_few_statements_however_many_readers_there_are(
    storage: SqlStorage,
) -> None:
    await stored(storage, *map(a_user, range(1, 10)))
    writer = an_audit_writer(storage)
    directory = Directory(storage, FrozenClock(), LibPhones(), writer)
    readers = [Actor.signed_in(a_user(number).id, Role.CONSULTANT, address="a") for number in range(5, 9)]
    for reader in readers:
        await directory.list_members(reader, DirectoryRequest())
    # Budgets and who is counted in them; the head of the chain; on PostgreSQL one for entry, people and head.
    most = 3 if storage.writer.dialect.name == "postgresql" else 5
    with statements(storage) as sent:
        await directory.list_members(readers[0], DirectoryRequest())
    assert len(sent) == most, sent
    people = [a_user(number).id for number in range(1, 10)]
    with statements(storage) as sent:
        await asyncio.gather(
            *(writer.shown(reader, "members.read", people, at=NOON, kind=ReadKind.MASKED) for reader in readers * 3)
        )
    # One transaction for the first, and one for all who came meanwhile.
    assert len(sent) <= 2 * most, sent


async def test_one_member_is_read_by_the_same_statements_however_much_there_is_of_them(storage: SqlStorage) -> None:
    await stored(storage, a_user(1), a_draft(2), a_user(3))
    review = MemberReview(storage, FrozenClock(), an_audit_writer(storage), SEOUL)
    reader = Actor.signed_in(a_user(5).id, Role.CONSULTANT)
    # The first reading of a day begins a budget.
    await review.get_member(reader, a_user(3).id)
    counts = []
    for member in (a_user(1), a_draft(2)):
        with statements(storage) as sent:
            assert (await review.get_member(reader, member.id)).id == member.id
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 14


async def test_a_timeline_is_one_statement_and_opens_no_sealed_field(storage: SqlStorage) -> None:
    people = [a_user(number) for number in range(1, 6)]
    await stored(storage, *people)
    counts = []
    for number, partner in enumerate(people[1:], start=1):
        week = a_week(number)
        async with storage.write() as tx:
            await tx.weeks.add(week)
            await tx.introductions.add_all([an_introduction(people[0], partner, week, number)], {})
        async with storage.read() as reading:
            with statements(storage) as sent:
                found = await reading.timeline.of_member(people[0].id, frozenset(TimelineEvent))
        assert len(found) == number + 1
        assert not any("phone" in each or "words" in each for each in sent)
        counts.append(len(sent))
    assert max(counts) <= 2  # one may begin the transaction


async def test_the_check_finds_a_directory_that_differs_from_the_users(storage: SqlStorage) -> None:
    await stored(storage, *map(a_user, range(1, 6)))

    async def found() -> set[tuple[str, ...]]:
        async with storage.read() as reading:
            return {each.ids async for each in reading.invariants.violations()}

    assert await found() == set()
    missing, moved, renamed, submitted = (a_user(number).id for number in range(1, 5))
    rows = tables.directory
    async with storage.transaction() as tx:
        await tx.run(delete(rows).where(rows.c.id == missing))
        await tx.run(update(rows).where(rows.c.id == moved).values(region=2))
        await tx.run(update(rows).where(rows.c.id == renamed).values(name="김다른"))
        await tx.run(update(rows).where(rows.c.id == submitted).values(submitted_at=NOON))
    assert await found() == {(missing,), (moved,), (renamed,), (submitted,)}
