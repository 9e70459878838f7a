"""Who was reported, became an administrator and reads the audit log, learns nothing of it."""

from collections.abc import Sequence

import pytest

from tests.support.members import ADMIN, CONSULTANT, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.audit.log import WITHHELD, AuditView
from ygs.application.members.review import Decision
from ygs.application.moderation.notes import NoteRequest, Notes
from ygs.application.moderation.reports import ReportRequest, ReportResolution, Reports
from ygs.domain.errors import Forbidden
from ygs.domain.ids import ReportId
from ygs.domain.reports import Category, Resolution
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import CountingIds

REPORTER, ONE, ANOTHER = (a_user(number) for number in (1, 4, 5))
REPORTED = a_user(2, role=Role.ADMIN)
READER = Actor.signed_in(REPORTED.id, Role.ADMIN)
OPERATOR = Actor.operator()
FRAUD = ReportRequest(category=Category.MONEY_OR_FRAUD, keep_apart=True)
WARNED = ReportResolution(resolution=Resolution.WARNED, words="신고받은 사람과 통화")


@pytest.fixture
async def club() -> Club:
    """The reported has been in one introduction, with who reports them; two others report each other."""
    club = Club()
    await club.add(REPORTER, REPORTED, ONE, ANOTHER)
    await club.introduce(REPORTER, REPORTED)
    await club.introduce(ONE, ANOTHER, 2)
    async with club.storage.write() as tx:
        for waiting in await tx.introductions.of_user(REPORTED.id):
            await tx.introductions.save(waiting.cancel(at=NOON))
    return club


@pytest.fixture
async def report(club: Club) -> ReportId:
    """What is done about the two, and with whatever is near; the last of it has nothing to do with them."""
    reports = Reports(club.storage, club.clock, CountingIds(), an_audit_writer(club.storage))
    told = ReportId((await reports.report(signed_in(REPORTER), REPORTED.id, FRAUD)).id)
    other = ReportId((await reports.report(signed_in(ONE), ANOTHER.id, FRAUD)).id)
    await reports.list_open(CONSULTANT)
    await reports.list_open(OPERATOR)
    await reports.read(CONSULTANT, told)
    await reports.read(CONSULTANT, other)
    await reports.list_about(CONSULTANT, REPORTED.id)
    await reports.resolve(CONSULTANT, told, WARNED)
    notes = Notes(club.storage, club.clock, CountingIds(50), an_audit_writer(club.storage))
    await notes.write(CONSULTANT, REPORTED.id, NoteRequest(text="신고를 받은 사람"))
    await notes.list_about(CONSULTANT, REPORTED.id)
    await club.member_review.get_member(CONSULTANT, REPORTER.id)
    await club.member_review.suspend(OPERATOR, ONE.id, Decision(reason=f"{REPORTER.id} 신고와 같은 일"))
    await club.member_review.get_member(CONSULTANT, ANOTHER.id)
    return told


async def seen(club: Club, reader: Actor) -> Sequence[AuditView]:
    return await club.accounts.log.list(reader)


async def test_a_reported_reader_sees_neither_the_report_nor_who_made_it(club: Club, report: ReportId) -> None:
    page = await seen(club, READER)
    shown = "".join(view.model_dump_json() for view in page)
    for secret in (REPORTER.id, REPORTED.id, report, "report", "note", "신고"):
        assert secret not in shown
    assert [(view.action, view.subject) for view in page if view.action != WITHHELD] == [
        ("block.added", ONE.id),
        ("member.read", ANOTHER.id),
    ]
    bare = {"actor", "role", "subject", "what", "reason", "address"}
    assert all(not any(vars(view)[name] for name in bare) and not view.at for view in page if view.action == WITHHELD)


async def test_nobody_who_was_introduced_to_the_reader_can_be_asked_about(club: Club, report: ReportId) -> None:
    for person in (REPORTED.id, REPORTER.id):
        with pytest.raises(Forbidden):
            await club.accounts.log.list_about(READER, person)
    about = await club.accounts.log.list_about(READER, ANOTHER.id)
    assert {view.action for view in about} == {WITHHELD, "member.read"}


async def test_who_waits_for_an_answer_reads_no_log_that_would_be_one_entry_longer(club: Club) -> None:
    await club.introduce(REPORTED, ONE, 3)
    for reading in (club.accounts.log.list(READER), club.accounts.log.list_about(READER, ANOTHER.id)):
        with pytest.raises(Forbidden):
            await reading
    assert await club.accounts.log.verify(READER) == []


async def test_what_the_reader_did_is_shown_to_them(club: Club, report: ReportId) -> None:
    await club.member_review.get_member(READER, REPORTER.id)
    await seen(club, READER)
    assert [(view.action, view.actor) for view in (await seen(club, READER))[-2:]] == [
        ("member.read", READER.id),
        ("audit.read", READER.id),
    ]


@pytest.mark.parametrize("reader", [ADMIN, OPERATOR])
async def test_another_administrator_and_the_operator_see_all_of_it(
    club: Club, report: ReportId, reader: Actor
) -> None:
    page = await seen(club, reader)
    assert [view.number for view in page] == list(range(1, len(page) + 1))
    assert not any(view.action == WITHHELD for view in page)
    assert ("report.made", REPORTER.id, REPORTED.id) in {(view.action, view.actor, view.subject) for view in page}
    assert {view.action for view in await club.accounts.log.list_about(reader, REPORTER.id)} >= {"report.read"}


async def test_pages_follow_each_other_over_what_is_withheld_and_the_log_is_whole(club: Club, report: ReportId) -> None:
    log = club.accounts.log
    numbers = [view.number for view in await log.list(READER, limit=3)]
    assert numbers == [1, 2, 3]
    assert [view.number for view in await log.list(READER, after=3, limit=2)] == [4, 5]
    assert await log.verify(READER) == []
