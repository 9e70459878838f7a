"""The timeline of a member: what staff may know of it, and that it tells no answer."""

from dataclasses import replace

import pytest

from tests.support.members import ADMIN, CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from ygs.adapters.libphonenumber import LibPhones
from ygs.application.actors import Actor
from ygs.application.directory.timeline import TimelineLine, Timelines
from ygs.application.members.blocks import ContactBlock
from ygs.application.members.profile import Pause
from ygs.application.members.review import Decision
from ygs.domain.errors import Forbidden, NotFound, ReadBudgetSpent
from ygs.domain.ids import UserId
from ygs.domain.introductions import Answer, Choice, IntroductionState
from ygs.domain.matching.attribute import Language
from ygs.domain.read_budgets import DEFAULT_LIMITS, ReadKind
from ygs.domain.timeline import BLOCK_EVENTS, REPORT_EVENTS, TimelineEvent
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import a_report, a_user
from ygs.entrypoints.testing.clock import NOON

ME, PARTNER, OTHER = (a_user(number) for number in (1, 2, 3))
OPERATOR = Actor.operator()


@pytest.fixture
async def club() -> Club:
    """A member who was suspended and restored, paused, introduced, blocked somebody and was reported."""
    club = Club()
    await club.add(ME, PARTNER, OTHER)
    await club.member_review.suspend(OPERATOR, ME.id, Decision(reason="서류 확인"))
    await club.member_review.restore(OPERATOR, ME.id)
    await club.members.pause(signed_in(ME), Pause())
    await club.blocks.block_contact(signed_in(ME), ContactBlock(phone="010-5555-6666"))
    await club.introduce(ME, PARTNER)
    async with club.storage.write() as tx:
        await tx.reports.add(replace(a_report(1, reporter=2, subject=1), created_at=NOON))
    return club


def timelines(club: Club, *, full: int = 100) -> Timelines:
    writer = an_audit_writer(club.storage, people={**DEFAULT_LIMITS, ReadKind.FULL: full})
    return Timelines(club.storage, club.clock, writer)


async def told(club: Club, actor: Actor, member: UserId = ME.id) -> list[TimelineLine]:
    return (await timelines(club).read(actor, member)).items


async def events(club: Club, actor: Actor) -> set[TimelineEvent]:
    return {each.event for each in await told(club, actor)}


@pytest.mark.parametrize("who", [signed_in(OTHER), WITHOUT_SECOND_FACTOR])
async def test_only_staff_read_a_timeline(club: Club, who: Actor) -> None:
    before = len(await club.log())
    with pytest.raises(Forbidden):
        await told(club, who)
    assert len(await club.log()) == before


async def test_staff_read_what_happened_and_only_administrators_of_blocks(club: Club) -> None:
    assert await events(club, ADMIN) == {
        TimelineEvent.JOINED,
        TimelineEvent.SUSPENDED,
        TimelineEvent.RESTORED,
        TimelineEvent.EDITED,
        TimelineEvent.BLOCK_ADDED,
        TimelineEvent.INTRODUCED,
        TimelineEvent.REPORTED,
    }
    assert await events(club, ADMIN) - await events(club, CONSULTANT) == BLOCK_EVENTS - {TimelineEvent.BLOCK_REMOVED}


async def test_lines_say_who_did_what_in_words(club: Club) -> None:
    lines = {each.event: each for each in await told(club, CONSULTANT)}
    suspended, edited = lines[TimelineEvent.SUSPENDED], lines[TimelineEvent.EDITED]
    assert (suspended.by, suspended.reason, suspended.words(Language.KO)) == (Role.ADMIN, "서류 확인", "")
    assert (edited.by, edited.words(Language.KO), edited.words(Language.EN)) == (
        Role.MEMBER,
        "휴식 시작",
        "pause began",
    )
    partner = lines[TimelineEvent.INTRODUCED].partner
    assert partner is not None
    assert (partner.id, partner.name) == (PARTNER.id, "박○윤")


async def test_a_timeline_is_the_same_whatever_was_answered_while_an_introduction_waits(club: Club) -> None:
    silent = [each.model_dump_json() for each in await told(club, ADMIN)]
    async with club.storage.write() as tx:
        (waiting,) = await tx.introductions.of_user(ME.id)
        await tx.introductions.save(waiting.answered(PARTNER.id, Answer(choice=Choice.ACCEPT, at=NOON)))
    assert [each.model_dump_json() for each in await told(club, ADMIN)] == silent


async def test_an_introduction_shows_how_it_was_decided_once_it_is(club: Club) -> None:
    async with club.storage.write() as tx:
        (waiting,) = await tx.introductions.of_user(ME.id)
        mutual = replace(waiting, state=IntroductionState.MUTUAL, decided_at=NOON, met=True)
        await tx.introductions.save(mutual)
    (decided,) = [each for each in await told(club, CONSULTANT) if each.event is TimelineEvent.DECIDED]
    assert (decided.outcome, decided.met, decided.words(Language.KO)) == ("mutual", True, "서로 수락, 만남까지 이어짐")


async def test_nobody_reads_their_own_timeline_or_that_of_somebody_they_were_introduced_to(club: Club) -> None:
    for reader, member in ((ME, ME), (PARTNER, ME), (ME, PARTNER)):
        with pytest.raises(Forbidden):
            await told(club, Actor.signed_in(reader.id, Role.ADMIN), member.id)


async def test_who_was_introduced_reads_no_report_and_nothing_that_names_their_partner(club: Club) -> None:
    async with club.storage.write() as tx:
        (known,) = await tx.introductions.of_user(ME.id)
        await tx.introductions.save(known.cancel(at=NOON))
    await club.introduce(OTHER, PARTNER, 2)
    reader = Actor.signed_in(OTHER.id, Role.ADMIN)
    found = await events(club, reader)
    assert not found & (REPORT_EVENTS | {TimelineEvent.INTRODUCED, TimelineEvent.DECIDED})
    assert TimelineEvent.BLOCK_ADDED in found


async def test_a_reading_names_everybody_shown_and_counts_partners_as_rows_of_a_list(club: Club) -> None:
    await timelines(club, full=1).read(CONSULTANT, ME.id)
    entry = (await club.log())[-1]
    assert (entry.action, entry.subjects.count) == ("timeline.read", 2)
    async with club.storage.read() as reading:
        uses = {each.kind: each.used for each in await reading.read_budgets.uses(NOON.date())}
    assert uses == {ReadKind.FULL: 1, ReadKind.MASKED: 1}
    with pytest.raises(ReadBudgetSpent):
        await timelines(club, full=1).read(CONSULTANT, OTHER.id)


async def test_a_consultant_limited_to_their_own_sees_no_partner_of_others(club: Club) -> None:
    limited = replace(CONSULTANT, members=frozenset({ME.id}))
    lines = {each.event: each for each in await told(club, limited)}
    assert lines[TimelineEvent.INTRODUCED].partner is None
    with pytest.raises(NotFound):
        await told(club, limited, OTHER.id)


async def test_pages_follow_each_other_without_a_gap(club: Club) -> None:
    whole = await told(club, ADMIN)
    paged: list[TimelineLine] = []
    cursor: str | None = None
    while True:
        page = await timelines(club).read(ADMIN, ME.id, before=cursor, limit=2)
        paged += page.items
        cursor = page.next
        if cursor is None:
            break
    assert paged == whole


async def test_phones_of_blocks_are_not_told(club: Club) -> None:
    (block,) = [each for each in await told(club, ADMIN) if each.event is TimelineEvent.BLOCK_ADDED]
    assert LibPhones().e164("010-5555-6666") not in block.model_dump_json()
    assert block.words(Language.KO) == "전화번호"
