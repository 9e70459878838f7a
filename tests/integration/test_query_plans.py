"""By which indexes staff's daily questions are answered, on SQLite and PostgreSQL, with some thousand rows."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import event, text

from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.sql.repositories.directory import WINDOW
from ygs.adapters.sql.storage import SqlStorage
from ygs.application.actors import Actor
from ygs.application.audit.export import AuditExportRequest, AuditExports
from ygs.application.audit.own_accesses import OwnAccesses
from ygs.application.audit.search import AuditSearch
from ygs.application.directory.members import Directory
from ygs.application.directory.saved_filters import SavedFilters
from ygs.application.directory.search import DirectoryRequest, MemberCriteria, StandingCriteria
from ygs.application.members.review import MemberReview
from ygs.application.operations.breach import Breaches, BreachQuestion
from ygs.application.operations.dashboard import Dashboard
from ygs.application.simulation.club import club
from ygs.domain.audit import NOBODY, Entry, Subjects
from ygs.domain.ids import UserId
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.repositories.audit import AuditFilter
from ygs.ports.repositories.directory import EVERYBODY, MemberOrder

PEOPLE = WINDOW + 500
ENTRIES = 5_000
OPERATOR = Actor.operator()
ACCOUNT = a_user(90).id
HOUR = timedelta(hours=1)

Question = Callable[[], Awaitable[object]]


@contextmanager
def noted(storage: SqlStorage) -> Iterator[list[tuple[str, Any]]]:
    """The selects that are sent to the database meanwhile, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH", "DELETE")):
            sent.append((statement, parameters))

    engines = {each.sync_engine for each in (storage.writer, storage.reader, storage.latest)}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def plan_of(storage: SqlStorage, statement: str, parameters: Any) -> str:
    """The plan of one statement. PostgreSQL reads a small table whole though an index serves: it is told not to."""
    postgres = storage.reader.dialect.name == "postgresql"
    async with storage.reader.connect() as connection:
        if postgres:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN " if postgres else "EXPLAIN QUERY PLAN "
        rows = (await connection.exec_driver_sql(explain + statement, parameters)).all()
    return "\n".join(str(row[0] if postgres else row[-1]) for row in rows)


def scanned(plan: str) -> set[str]:
    """The tables that a plan reads whole. Going along a whole index in its order, to stop early, is none."""
    whole = re.findall(r"Seq Scan on (\w+)", plan)
    whole += re.findall(r"^SCAN (\w+)(?! USING)", plan, re.MULTILINE)
    return {each for each in whole if each in TABLES}


TABLES = {"users", "directory", "name_keys", "audit", "audit_subjects", "introductions", "saved_filters", "sessions"}
TABLES |= {"photos", "documents", "reports"}


async def fill(storage: SqlStorage) -> UserId:
    """A club, and a log of what some accounts were shown of it; one of its members, who wishes for interests."""
    people = list(club(PEOPLE, seed=1, at=NOON))
    ids = [each.id for each in people]
    async with storage.write(long=True) as tx:
        await tx.users.add_all(people)
        await tx.audit.add(*(_entry(number, ids) for number in range(1, ENTRIES + 1)))
    async with storage.transaction() as bare:
        await bare.run(text("ANALYZE"))
    return next(each.id for each in people[PEOPLE // 2 :] if "interests" in each.wishes)


def _entry(number: int, ids: Sequence[UserId]) -> Entry:
    """One entry of three is about five people, the others about one."""
    about = [ids[(number + more) % PEOPLE] for more in range(5)]
    return Entry(
        at=NOON - (ENTRIES - number) * HOUR,
        actor=a_user(90 + number % 7).id,
        role="consultant",
        action=("member.read", "members.read", "photo.read", "member.approved")[number % 4],
        subject=about[0] if number % 3 else "",
        subjects=NOBODY if number % 3 else Subjects.of(about),
    )


def questions(storage: SqlStorage, member: UserId) -> Mapping[str, Question]:
    """What staff ask daily, and after a leak."""
    clock = FrozenClock()
    writer = an_audit_writer(storage)
    phones = LibPhones()
    directory = Directory(storage, clock, phones, writer)
    search = AuditSearch(storage, clock)
    review = MemberReview(storage, clock, writer, SEOUL)
    leak = BreachQuestion(account=ACCOUNT, since=NOON - 240 * HOUR, until=NOON)

    def listed(**wanted: Any) -> Question:
        return lambda: directory.list_members(OPERATOR, DirectoryRequest.model_validate(wanted))

    def audited(**wanted: Any) -> Question:
        return lambda: search.find(OPERATOR, AuditFilter(**wanted))

    async def exported() -> None:
        request = AuditExportRequest(since=NOON - 9 * HOUR, until=NOON, reason="점검")
        async for _ in await AuditExports(storage, clock).export(OPERATOR, request):
            pass

    async def expired() -> None:
        async with storage.write() as tx:
            await tx.sessions.purge(NOON)

    def first_page(order: MemberOrder) -> Question:
        # The directory's hot read sends the same statement, by a connection that is not listened to here.
        async def read() -> None:
            async with storage.read(latest=True) as reading:
                await reading.directory.page(EVERYBODY, order, limit=20)

        return read

    sorts = {f"list by {each}": first_page(each) for each in MemberOrder}
    further = {f"list by {each}, further on": listed(sort=each, limit=20, after=member) for each in MemberOrder}
    return {
        **sorts,
        **further,
        "search by initials": listed(search="ㄱㅁㅈ"),
        "search by a name and initials": listed(search="ㄱ민준"),
        "search by a name": listed(search="민준"),
        "search by phone": listed(search="010-1234-5678"),
        "search by last four digits": listed(search="5678"),
        "search by e-mail": listed(search="someone@example.com"),
        "search by id": listed(search=member),
        "a consultant's members": listed(consultant=ACCOUNT),
        "filter that many fit": listed(gender="female", limit=20),
        "one member": lambda: review.get_member(OPERATOR, member),
        "expired sessions": expired,
        "first page": lambda: Dashboard(storage, clock, SEOUL).read(OPERATOR),
        "review queue": lambda: review.list_queue(OPERATOR, limit=20),
        "saved filters": lambda: SavedFilters(storage, clock, CountingIds(), phones).list(
            Actor.signed_in(ACCOUNT, Role.CONSULTANT)
        ),
        "breach": lambda: Breaches(storage, clock, SEOUL, writer).find(OPERATOR, leak),
        "audit, latest": audited(),
        "audit of an account": audited(actor=ACCOUNT),
        "audit about a member": audited(about=member),
        "audit by action": audited(actions=("member.approved",)),
        "audit by time": audited(since=NOON - 9 * HOUR, until=NOON),
        "audit export": exported,
        "a member's own accesses": lambda: OwnAccesses(storage, clock, SEOUL).list(
            Actor.signed_in(member, Role.MEMBER)
        ),
    }


# What an index must be seen in the plan of, on both databases.
SERVED_BY = {
    "list by waiting": "directory_by_submission",
    "list by name": "directory_by_name",
    "list by birth_year": "directory_by_birth_year",
    "list by activity": "directory_by_activity",
    "first page": "photos_waiting",
    "expired sessions": "sessions_ended",
    "search by initials": "name_keys_initials",
    "search by a name": "name_keys_text",
    "search by phone": "users_live_phone",
    "search by last four digits": "users_phone_tail",
    "search by e-mail": "users_email",
    "a consultant's members": "directory_of_consultant",
    "audit about a member": "audit_subjects_about",
    "audit by time": "audit_at",
    "audit export": "audit_at",
    "breach": "audit_at",
}


def every_filter(member: UserId) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each criterion of the directory alone, with a value that few fit."""
    yield "search", {"search": "김"}
    for name in StandingCriteria.model_fields:
        if name in VOCABULARY:
            yield name, {name: [VOCABULARY[name].value_of(VOCABULARY[name].size)]}
        elif name.endswith(("_from", "_to")):
            number = VALUES_OF_NUMBERS.get(name) or VOCABULARY[name.removesuffix("_from").removesuffix("_to")].high
            yield name, {name: number}
        else:
            yield name, {name: {**VALUES, "consultant": member}[name]}


VALUES_OF_NUMBERS = {"born_from": 2005, "born_to": 1941}
VALUES = {
    "status": ["suspended"],
    "role": ["admin"],
    "gender": "male",
    "unknown": ["interests"],
    "wish": ["religion"],
    "verified": ["income_band"],
    "membership": "due",
    **dict.fromkeys(("seen_since", "seen_before", "submitted_since", "submitted_before"), NOON.isoformat()),
}


async def costs_of_filters(storage: SqlStorage, member: UserId) -> Mapping[str, tuple[int, list[str]]]:
    """How many statements a page by each filter takes, in one order or another, and which tables it reads whole."""
    costs: dict[str, tuple[int, list[str]]] = {}
    phones = LibPhones()
    for (name, criteria), order in zip(every_filter(member), cycle(MemberOrder)):
        wanted = MemberCriteria.model_validate(criteria).to_filter(phones, None)
        with noted(storage) as sent:
            async with storage.read() as tx:
                await tx.directory.page(wanted, order, after=member)
        whole = [table for each in sent for table in scanned(await plan_of(storage, *each))]
        costs[f"{name} by {order}"] = len(sent), whole
    return costs


async def test_daily_questions_are_answered_by_indexes_and_read_no_table_whole(storage: SqlStorage) -> None:
    member = await fill(storage)
    plans: dict[str, str] = {}
    for name, ask in questions(storage, member).items():
        with noted(storage) as sent:
            await ask()
        plans[name] = "\n".join([await plan_of(storage, *each) for each in sent])
    assert {name: scanned(plan) for name, plan in plans.items() if scanned(plan)} == {}
    assert {name: index for name, index in SERVED_BY.items() if index not in plans[name]} == {}
    # Those who would meet a member's wishes are looked at from the latest on. PostgreSQL sorts so few.
    if storage.reader.dialect.name == "sqlite":
        assert "users_live_status" in plans["one member"]
        assert "TEMP B-TREE" not in plans["one member"]
    # A filter that few fit looks at everybody once, in the narrow rows of the directory and in no others.
    costs = await costs_of_filters(storage, member)
    assert {name: cost for name, cost in costs.items() if cost[0] > 4 or cost[1] not in ([], ["directory"])} == {}
