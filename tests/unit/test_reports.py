"""Reporting a member, and what staff make of it; the reported never learn by whom."""

import pytest
from pydantic import ValidationError

from tests.support.audit import audited
from tests.support.members import ADMIN, CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.members.review import Decision, masked
from ygs.application.moderation.reports import ReportRequest, ReportResolution, Reports
from ygs.application.vocabulary import report_vocabulary
from ygs.domain.errors import AlreadyReported, DomainError, Forbidden, InvalidText, NotFound, WrongStatus
from ygs.domain.ids import ReportId
from ygs.domain.reports import Category, ReportState, Resolution
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import a_report, a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import CountingIds

ME, THEM, STRANGER = a_user(1), a_user(2), a_user(4)
MONEY = ReportRequest(category=Category.MONEY_OR_FRAUD, words="돈을 빌려 달라고 했습니다")
WARNED = ReportResolution(resolution=Resolution.WARNED, words="본인과 통화했습니다")


@pytest.fixture
async def club() -> Club:
    """Two who were introduced, and somebody neither of them ever was."""
    club = Club()
    await club.add(ME, THEM, STRANGER)
    await club.introduce(ME, THEM)
    return club


@pytest.fixture
def reports(club: Club) -> Reports:
    return Reports(club.storage, club.clock, CountingIds(), an_audit_writer(club.storage))


async def reported(reports: Reports) -> ReportId:
    return ReportId((await reports.report(signed_in(ME), THEM.id, MONEY)).id)


async def are_apart(club: Club) -> bool:
    async with club.storage.read() as tx:
        return bool(await tx.blocks.between([ME.id, THEM.id]))


async def test_a_report_waits_for_staff_with_the_reporters_words(club: Club, reports: Reports) -> None:
    told = await reported(reports)
    (line,) = await reports.list_open(CONSULTANT)
    assert (line.id, line.reporter, line.subject, line.state) == (told, ME.id, THEM.id, ReportState.OPEN)
    assert (await reports.read(CONSULTANT, told)).words == MONEY.words
    assert not await are_apart(club)


async def test_staff_read_masked_names_and_of_who_left_none(club: Club, reports: Reports) -> None:
    told = await reported(reports)
    (line,) = await reports.list_open(CONSULTANT)
    assert (line.reporter_name, line.subject_name) == (masked(ME.name), masked(THEM.name))
    assert ME.name not in (await reports.read(CONSULTANT, told)).model_dump_json()
    await club.members.withdraw(signed_in(ME))
    (line,) = await reports.list_about(CONSULTANT, THEM.id)
    assert (line.reporter_name, line.subject_name) == ("?", masked(THEM.name))


async def test_only_somebody_one_was_introduced_to_can_be_reported(reports: Reports) -> None:
    for nobody in (ME.id, STRANGER.id, a_user(99).id):
        with pytest.raises(NotFound):
            await reports.report(signed_in(ME), nobody, MONEY)
    assert await reports.list_open(CONSULTANT) == []


async def test_whoever_left_is_not_there_to_be_reported(club: Club, reports: Reports) -> None:
    await club.members.withdraw(signed_in(THEM))
    with pytest.raises(NotFound):
        await reported(reports)


async def test_an_earlier_introduction_is_enough_whatever_became_of_it(club: Club, reports: Reports) -> None:
    async with club.storage.write() as tx:
        (waiting,) = await tx.introductions.of_user(ME.id)
        await tx.introductions.save(waiting.cancel(at=NOON))
    assert await reported(reports)


async def test_the_same_person_is_reported_again_only_after_staff_have_answered(reports: Reports) -> None:
    first = await reported(reports)
    with pytest.raises(AlreadyReported):
        await reported(reports)
    await reports.resolve(CONSULTANT, first, WARNED)
    assert await reported(reports) != first


async def test_a_report_that_is_refused_puts_up_no_block_and_one_that_is_taken_does(
    club: Club, reports: Reports
) -> None:
    apart = MONEY.model_copy(update={"keep_apart": True})
    with pytest.raises(NotFound):
        await reports.report(signed_in(ME), STRANGER.id, apart)
    assert not await are_apart(club)
    assert (await reports.report(signed_in(ME), THEM.id, apart)).kept_apart
    assert await are_apart(club)
    assert await club.blocks.list(signed_in(THEM)) == []
    assert [entry.action for entry in await club.log()] == ["block.added", "report.made"]


async def test_who_reports_without_a_block_is_offered_one_and_learns_nothing_of_the_others(
    club: Club, reports: Reports
) -> None:
    await club.blocks.block(signed_in(THEM), ME.id)
    assert not (await reports.report(signed_in(ME), THEM.id, MONEY)).kept_apart
    await club.blocks.block(signed_in(ME), THEM.id)
    assert [each.id for each in await club.blocks.list(signed_in(ME))] == [THEM.id]


async def test_something_else_must_be_said_in_words_and_no_resident_number_anywhere(reports: Reports) -> None:
    with pytest.raises(InvalidText):
        await reports.report(signed_in(ME), THEM.id, ReportRequest(category=Category.OTHER, words="  "))
    with pytest.raises(ValidationError, match="resident registration number"):
        ReportRequest(category=Category.HARASSMENT, words="주민번호 900101-1234567 입니다")
    view = await reports.report(signed_in(ME), THEM.id, ReportRequest(category=Category.NO_SHOW))
    assert view.category is Category.NO_SHOW


async def test_a_report_is_resolved_once_with_why(club: Club, reports: Reports) -> None:
    told = await reported(reports)
    with pytest.raises(DomainError):
        await reports.resolve(CONSULTANT, told, WARNED.model_copy(update={"words": " "}))
    club.clock.advance(hours=1)
    view = await reports.resolve(CONSULTANT, told, WARNED)
    assert (view.state, view.resolution, view.staff_words) == (ReportState.RESOLVED, Resolution.WARNED, WARNED.words)
    assert (view.resolved_by, view.resolved_at) == (CONSULTANT.id, club.clock.now())
    with pytest.raises(WrongStatus):
        await reports.resolve(ADMIN, told, WARNED)
    assert await reports.list_open(CONSULTANT) == []
    (line,) = await reports.list_about(CONSULTANT, THEM.id)
    assert line.resolution is Resolution.WARNED


async def test_nobody_is_said_to_be_suspended_who_is_not(club: Club, reports: Reports) -> None:
    told = await reported(reports)
    suspended = ReportResolution(resolution=Resolution.SUSPENDED, words="세 번째 신고입니다")
    with pytest.raises(WrongStatus):
        await reports.resolve(CONSULTANT, told, suspended)
    await club.member_review.suspend(CONSULTANT, THEM.id, Decision(reason="신고"))
    assert (await reports.resolve(CONSULTANT, told, suspended)).resolution is Resolution.SUSPENDED
    assert (await club.user(THEM.id)).status is Status.SUSPENDED


async def test_a_reported_person_who_became_staff_never_learns_who_it_was(club: Club, reports: Reports) -> None:
    told = await reported(reports)
    themselves = await club.make_staff(THEM)
    assert await reports.list_open(themselves) == []
    with pytest.raises(Forbidden):
        await reports.list_about(themselves, THEM.id)
    # As if it were not there: that there is one is told to them by nobody.
    for attempt in (reports.read(themselves, told), reports.resolve(themselves, told, WARNED)):
        with pytest.raises(NotFound):
            await attempt


async def test_whoever_reported_somebody_and_became_staff_leaves_the_decision_to_others(reports: Reports) -> None:
    told = await reported(reports)
    with pytest.raises(Forbidden):
        await reports.resolve(Actor.signed_in(ME.id, Role.CONSULTANT), told, WARNED)
    assert (await reports.read(CONSULTANT, told)).state is ReportState.OPEN


@pytest.mark.parametrize("who", [signed_in(ME), signed_in(THEM), WITHOUT_SECOND_FACTOR])
async def test_only_staff_with_a_second_factor_see_reports(reports: Reports, who: Actor) -> None:
    told = await reported(reports)
    for attempt in (
        reports.list_open(who),
        reports.list_about(who, THEM.id),
        reports.read(who, told),
        reports.resolve(who, told, WARNED),
    ):
        with pytest.raises(Forbidden):
            await attempt


@pytest.mark.parametrize("who", [CONSULTANT, ADMIN, signed_in(a_user(1, status=Status.SUSPENDED))])
async def test_staff_and_the_suspended_report_nobody(reports: Reports, who: Actor) -> None:
    with pytest.raises(Forbidden):
        await reports.report(who, THEM.id, MONEY)


async def test_everything_that_is_done_and_read_is_on_record_without_a_word_of_it(club: Club, reports: Reports) -> None:
    told = await reported(reports)
    await reports.list_open(CONSULTANT)
    await reports.read(CONSULTANT, told)
    await reports.list_about(CONSULTANT, THEM.id)
    await reports.resolve(CONSULTANT, told, WARNED)
    both = tuple(sorted((ME.id, THEM.id)))
    assert await audited(club.storage) == [
        ("report.made", (THEM.id,), told),
        ("reports.listed", both, ""),
        ("report.read", both, told),
        ("reports.listed", both, ""),
        ("report.resolved", both, f"{told} warned"),
    ]
    assert all(entry.reason == "" for entry in await club.log())


async def test_pages_follow_each_other(club: Club, reports: Reports) -> None:
    async with club.storage.write() as tx:
        for number, subject in ((1, 2), (2, 4)):
            await tx.reports.add(a_report(number, subject=subject))
    (first,) = await reports.list_open(CONSULTANT, limit=1)
    (second,) = await reports.list_open(CONSULTANT, after=ReportId(first.id), limit=1)
    assert [first.id, second.id] == [a_report(1).id, a_report(2).id]


def test_every_code_of_a_report_has_words_in_both_languages() -> None:
    told = report_vocabulary()
    assert [each.code for each in told.categories] == list(Category)
    assert [each.code for each in told.resolutions] == list(Resolution)
    for each in (*told.categories, *told.resolutions):
        assert any("가" <= letter <= "힣" for letter in each.ko)
        assert each.en.isascii()
