"""Reporting a member, and what staff make of it; the reported never learn by whom."""

import pytest

from tests.support.members import ADMIN, CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.members.review import Decision, masked
from ygs.application.moderation.reports import Reporting, ReportRequest, ReportResolution
from ygs.application.vocabulary import report_vocabulary
from ygs.domain.errors import AlreadyReported, DomainError, Forbidden, InvalidText, NotFound, WrongStatus
from ygs.domain.ids import ReportId, UserId
from ygs.domain.reports import Category, ReportState, Resolution
from ygs.domain.users import Role, Status
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
def reporting(club: Club) -> Reporting:
    return Reporting(club.storage, club.clock, CountingIds())


async def reported(reporting: Reporting) -> ReportId:
    return ReportId((await reporting.report(signed_in(ME), THEM.id, MONEY)).id)


async def blocks_of(club: Club, id: UserId) -> list[UserId]:
    async with club.storage.read() as tx:
        return list(await tx.blocks.of(id))


async def test_a_report_waits_for_staff_with_the_reporters_words(club: Club, reporting: Reporting) -> None:
    told = await reported(reporting)
    (line,) = await reporting.waiting(CONSULTANT)
    assert (line.id, line.reporter, line.subject, line.state) == (told, ME.id, THEM.id, ReportState.OPEN)
    assert (await reporting.read(CONSULTANT, told)).words == MONEY.words
    assert await blocks_of(club, ME.id) == []


async def test_staff_read_masked_names_and_of_who_left_none(club: Club, reporting: Reporting) -> None:
    told = await reported(reporting)
    (line,) = await reporting.waiting(CONSULTANT)
    assert (line.reporter_name, line.subject_name) == (masked(ME.name), masked(THEM.name))
    assert ME.name not in (await reporting.read(CONSULTANT, told)).model_dump_json()
    await club.members.withdraw(signed_in(ME))
    (line,) = await reporting.about(CONSULTANT, THEM.id)
    assert (line.reporter_name, line.subject_name) == ("?", masked(THEM.name))


async def test_only_somebody_one_was_introduced_to_can_be_reported(reporting: Reporting) -> None:
    for nobody in (ME.id, STRANGER.id, a_user(99).id):
        with pytest.raises(NotFound):
            await reporting.report(signed_in(ME), nobody, MONEY)
    assert await reporting.waiting(CONSULTANT) == []


async def test_whoever_left_is_not_there_to_be_reported(club: Club, reporting: Reporting) -> None:
    await club.members.withdraw(signed_in(THEM))
    with pytest.raises(NotFound):
        await reported(reporting)


async def test_an_earlier_introduction_is_enough_whatever_became_of_it(club: Club, reporting: Reporting) -> None:
    async with club.storage.write() as tx:
        (waiting,) = await tx.introductions.of_user(ME.id)
        await tx.introductions.save(waiting.cancel(at=NOON))
    assert await reported(reporting)


async def test_the_same_person_is_reported_again_only_after_staff_have_answered(reporting: Reporting) -> None:
    first = await reported(reporting)
    with pytest.raises(AlreadyReported):
        await reported(reporting)
    await reporting.resolve(CONSULTANT, first, WARNED)
    assert await reported(reporting) != first


async def test_a_report_that_is_refused_puts_up_no_block_and_one_that_is_taken_does(
    club: Club, reporting: Reporting
) -> None:
    apart = MONEY.model_copy(update={"keep_apart": True})
    with pytest.raises(NotFound):
        await reporting.report(signed_in(ME), STRANGER.id, apart)
    assert await blocks_of(club, ME.id) == []
    await reporting.report(signed_in(ME), THEM.id, apart)
    assert await blocks_of(club, ME.id) == [THEM.id]
    assert await club.members.blocks(signed_in(THEM)) == []
    assert [entry.action for entry in await club.log()] == ["block.added", "report.made"]


async def test_something_else_must_be_said_in_words_and_no_resident_number_anywhere(reporting: Reporting) -> None:
    for category, words in ((Category.OTHER, "  "), (Category.HARASSMENT, "주민번호 900101-1234567 입니다")):
        with pytest.raises(InvalidText):
            await reporting.report(signed_in(ME), THEM.id, ReportRequest(category=category, words=words))
    view = await reporting.report(signed_in(ME), THEM.id, ReportRequest(category=Category.NO_SHOW))
    assert view.category is Category.NO_SHOW


async def test_a_report_is_resolved_once_with_why(club: Club, reporting: Reporting) -> None:
    told = await reported(reporting)
    with pytest.raises(DomainError):
        await reporting.resolve(CONSULTANT, told, WARNED.model_copy(update={"words": " "}))
    club.clock.advance(hours=1)
    view = await reporting.resolve(CONSULTANT, told, WARNED)
    assert (view.state, view.resolution, view.staff_words) == (ReportState.RESOLVED, Resolution.WARNED, WARNED.words)
    assert (view.resolved_by, view.resolved_at) == (CONSULTANT.id, club.clock.now())
    with pytest.raises(WrongStatus):
        await reporting.resolve(ADMIN, told, WARNED)
    assert await reporting.waiting(CONSULTANT) == []
    (line,) = await reporting.about(CONSULTANT, THEM.id)
    assert line.resolution is Resolution.WARNED


async def test_nobody_is_said_to_be_suspended_who_is_not(club: Club, reporting: Reporting) -> None:
    told = await reported(reporting)
    suspended = ReportResolution(resolution=Resolution.SUSPENDED, words="세 번째 신고입니다")
    with pytest.raises(WrongStatus):
        await reporting.resolve(CONSULTANT, told, suspended)
    await club.vetting.suspend(CONSULTANT, THEM.id, Decision(reason="신고"))
    assert (await reporting.resolve(CONSULTANT, told, suspended)).resolution is Resolution.SUSPENDED
    assert (await club.user(THEM.id)).status is Status.SUSPENDED


async def test_a_reported_person_who_became_staff_never_learns_who_it_was(club: Club, reporting: Reporting) -> None:
    told = await reported(reporting)
    themselves = Actor.signed_in(THEM.id, Role.ADMIN)
    assert await reporting.waiting(themselves) == []
    with pytest.raises(Forbidden):
        await reporting.about(themselves, THEM.id)
    # As if it were not there: that there is one is told to them by nobody.
    for attempt in (reporting.read(themselves, told), reporting.resolve(themselves, told, WARNED)):
        with pytest.raises(NotFound):
            await attempt


async def test_whoever_reported_somebody_and_became_staff_leaves_the_decision_to_others(reporting: Reporting) -> None:
    told = await reported(reporting)
    with pytest.raises(Forbidden):
        await reporting.resolve(Actor.signed_in(ME.id, Role.CONSULTANT), told, WARNED)
    assert (await reporting.read(CONSULTANT, told)).state is ReportState.OPEN


@pytest.mark.parametrize("who", [signed_in(ME), signed_in(THEM), WITHOUT_SECOND_FACTOR])
async def test_only_staff_with_a_second_factor_see_reports(reporting: Reporting, who: Actor) -> None:
    told = await reported(reporting)
    for attempt in (
        reporting.waiting(who),
        reporting.about(who, THEM.id),
        reporting.read(who, told),
        reporting.resolve(who, told, WARNED),
    ):
        with pytest.raises(Forbidden):
            await attempt


@pytest.mark.parametrize("who", [CONSULTANT, ADMIN, signed_in(a_user(1, status=Status.SUSPENDED))])
async def test_staff_and_the_suspended_report_nobody(reporting: Reporting, who: Actor) -> None:
    with pytest.raises(Forbidden):
        await reporting.report(who, THEM.id, MONEY)


async def test_everything_that_is_done_and_read_is_on_record_without_a_word_of_it(
    club: Club, reporting: Reporting
) -> None:
    told = await reported(reporting)
    await reporting.waiting(CONSULTANT)
    await reporting.read(CONSULTANT, told)
    await reporting.about(CONSULTANT, THEM.id)
    await reporting.resolve(CONSULTANT, told, WARNED)
    log = [(entry.action, entry.subject, entry.what) for entry in await club.log()]
    assert log == [
        ("report.made", THEM.id, told),
        ("reports.listed", ME.id, ""),
        ("reports.listed", THEM.id, ""),
        ("report.read", THEM.id, told),
        ("report.read", ME.id, told),
        ("reports.listed", THEM.id, ""),
        ("report.resolved", THEM.id, f"{told} warned"),
    ]
    assert all(entry.reason == "" for entry in await club.log())


async def test_pages_follow_each_other(club: Club, reporting: Reporting) -> None:
    async with club.storage.write() as tx:
        for number, subject in ((1, 2), (2, 4)):
            await tx.reports.add(a_report(number, subject=subject))
    (first,) = await reporting.waiting(CONSULTANT, limit=1)
    (second,) = await reporting.waiting(CONSULTANT, after=ReportId(first.id), limit=1)
    assert [first.id, second.id] == [a_report(1).id, a_report(2).id]


def test_every_code_of_a_report_has_words_in_both_languages() -> None:
    told = report_vocabulary()
    assert [each.code for each in told.categories] == list(Category)
    assert [each.code for each in told.resolutions] == list(Resolution)
    for each in (*told.categories, *told.resolutions):
        assert any("가" <= letter <= "힣" for letter in each.ko)
        assert each.en.isascii()
