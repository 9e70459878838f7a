"""Search of the audit log: everything for the operator, and nothing that is withheld for a reader who was a member."""

import ast
import inspect
import pkgutil
import re
from datetime import date, timedelta
from importlib import import_module

import pytest

import ygs.application
from tests.support.members import ADMIN, CONSULTANT, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.audit.own_accesses import SHOWN_ACTIONS, OwnAccesses
from ygs.application.audit.search import AuditSearch
from ygs.application.members.blocks import ContactBlock
from ygs.application.moderation.reports import ReportRequest, Reports
from ygs.domain.errors import Forbidden, NotFound
from ygs.domain.exports import ExportedData
from ygs.domain.reports import Category
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.repositories.audit import AuditFilter

REPORTER, STRANGER = (a_user(number) for number in (1, 3))
# Reports about them may exist, and they became an administrator.
READER_USER = a_user(2, role=Role.ADMIN)
READER = Actor.signed_in(READER_USER.id, Role.ADMIN)
OPERATOR = Actor.operator()


async def a_club() -> Club:
    """The reader was introduced to who may report them."""
    club = Club()
    await club.add(REPORTER, READER_USER, STRANGER)
    await club.introduce(REPORTER, READER_USER)
    async with club.storage.write() as tx:
        for waiting in await tx.introductions.of_user(READER_USER.id):
            await tx.introductions.save(waiting.cancel(at=NOON))
    return club


def search(club: Club) -> AuditSearch:
    return AuditSearch(club.storage, club.clock)


async def report(club: Club) -> None:
    """Two entries: the report, and who reads it."""
    reports = Reports(club.storage, club.clock, CountingIds(), an_audit_writer(club.storage))
    request = ReportRequest(category=Category.MONEY_OR_FRAUD, words="돈", keep_apart=False)
    made = await reports.report(signed_in(REPORTER), READER_USER.id, request)
    await reports.read(CONSULTANT, made.id)


async def something_else(club: Club) -> None:
    """Two entries: a block of somebody else, and who reads the member."""
    await club.blocks.block_contact(signed_in(REPORTER), ContactBlock(phone="010-9999-0000"))
    await club.member_review.get_member(CONSULTANT, REPORTER.id)


FILTERS = [
    AuditFilter(),
    AuditFilter(actions=("report",)),
    AuditFilter(actions=("member.", "block.")),
    AuditFilter(actor=CONSULTANT.id or ""),
    AuditFilter(about=STRANGER.id),
    AuditFilter(since=NOON, until=NOON + timedelta(days=1)),
]


@pytest.mark.parametrize("wanted", FILTERS)
async def test_no_search_tells_the_reader_that_they_were_reported(wanted: AuditFilter) -> None:
    replies = []
    for happened in (report, something_else):
        club = await a_club()
        await happened(club)
        await club.member_review.get_member(CONSULTANT, STRANGER.id)
        found = await search(club).find(READER, wanted)
        replies.append(b"".join(each.model_dump_json().encode() for each in found))
    assert replies[0] == replies[1]


async def test_the_operator_finds_the_report_and_whom_its_entries_are_about() -> None:
    club = await a_club()
    await report(club)
    made, read = reversed(await search(club).find(OPERATOR, AuditFilter(actions=("report.",))))
    assert (made.action, read.action, read.people) == ("report.made", "report.read", 2)
    assert await search(club).people(OPERATOR, read.number) == sorted([REPORTER.id, READER_USER.id])
    assert await search(club).people(OPERATOR, made.number) == [READER_USER.id]
    for number in (read.number, 99):
        with pytest.raises(NotFound):
            await search(club).people(READER, number)


async def test_a_reader_asks_about_nobody_they_were_introduced_to_and_members_ask_nothing() -> None:
    club = await a_club()
    for wanted in (
        AuditFilter(about=REPORTER.id),
        AuditFilter(about=READER_USER.id),
        AuditFilter(actor=REPORTER.id),
    ):
        with pytest.raises(Forbidden):
            await search(club).find(READER, wanted)
    for who in (signed_in(STRANGER), CONSULTANT):
        with pytest.raises(Forbidden):
            await search(club).find(who, AuditFilter())
        with pytest.raises(Forbidden):
            await search(club).people(who, 1)


async def test_pages_of_a_search_pass_over_what_is_withheld() -> None:
    club = await a_club()
    for person in (STRANGER, REPORTER, STRANGER, READER_USER, STRANGER):
        await club.member_review.get_member(CONSULTANT, person.id)
    wanted = AuditFilter(actions=("member.read",))
    first = await search(club).find(READER, wanted, limit=2)
    rest = await search(club).find(READER, wanted, before=first[-1].number, limit=2)
    assert [each.number for each in (*first, *rest)] == [5, 3, 1]


async def test_a_member_sees_who_was_shown_their_data_by_day_and_role_and_never_that_they_were_reported() -> None:
    club = await a_club()
    me = signed_in(READER_USER)
    mine = OwnAccesses(club.storage, club.clock, SEOUL)
    for _ in range(2):
        await club.member_review.get_member(CONSULTANT, READER_USER.id)
    before = await mine.list(me)
    await report(club)
    assert await mine.list(me) == before
    assert [(each.day, each.role, each.action, each.count) for each in before] == [
        (date(2026, 11, 23), Role.CONSULTANT, "member.read", 2)
    ]
    club.clock.advance(days=1)
    await club.member_review.get_member(ADMIN, READER_USER.id)
    assert [(each.day.day, each.role) for each in await mine.list(me)] == [(24, Role.ADMIN), (23, Role.CONSULTANT)]
    assert await mine.list(me, until=date(2026, 11, 23)) == before
    assert await mine.list(me, until=date(2026, 11, 22)) == []
    assert await mine.list(signed_in(STRANGER)) == []


# Readings of members' data that they are not told of, and why.
UNTOLD = {
    "alternative.explained": "a plan",
    "breach.listed": "a leak is told by its own notice",
    "candidates.read": "a plan",
    "deliveries.read": "what was sent about somebody can be about a report",
    "learning.scored": "a plan",
    "match.explained": "a plan",
    "meeting.read": "what the other side gave for a meeting",
    "meetings.listed": "what the other side gave for a meeting",
    "notes.read": "a note",
    "override_price.read": "a plan",
    "overrides.read": "a plan",
    "pair.explained": "a plan",
    "pair.previewed": "a plan",
    "proposal.read": "a plan",
    "questions.read": "a plan",
    "report.read": "a report",
    "reports.downloaded": "a report",
    "reports.exported": "a report",
    "reports.listed": "a report",
}


def readings() -> set[str]:
    """The actions of whatever shows people to staff: arguments of `shown`, and exported sheets."""
    found = {f"{data}.{done}" for data in ExportedData for done in ("exported", "downloaded")}
    for each in pkgutil.walk_packages(ygs.application.__path__, "ygs.application."):
        tree = ast.parse("" if each.ispkg else inspect.getsource(import_module(each.name)))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("shown", "_shown"):
                values = (str(node.value) for node in ast.walk(call) if isinstance(node, ast.Constant))
                found |= {value for value in values if re.fullmatch(r"[a-z_]+\.[a-z_]+", value)}
    return found


def test_members_are_told_of_every_reading_but_those_that_would_tell_of_others() -> None:
    assert readings() == set(SHOWN_ACTIONS) | set(UNTOLD)
    assert set(SHOWN_ACTIONS).isdisjoint(UNTOLD)


async def test_members_read_that_they_were_in_a_sheet_and_that_their_consultation_was_looked_at() -> None:
    club = await a_club()
    writer = an_audit_writer(club.storage)
    for action in ("members.exported", "members.downloaded", "consultation.read", "report.read"):
        await writer.shown(READER, action, [STRANGER.id, REPORTER.id], at=NOON)
    me = Actor.signed_in(STRANGER.id, Role.MEMBER)
    found = await OwnAccesses(club.storage, club.clock, SEOUL).list(me)
    assert [each.action for each in found] == ["consultation.read", "members.downloaded", "members.exported"]
