"""What staff note about members, whom it is never shown."""

import pytest

from tests.support.members import ADMIN, CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from ygs.application.actors import Actor
from ygs.application.moderation.notes import NoteRequest, Notes
from ygs.domain.errors import Forbidden, InvalidText, NotFound, StaleWrite
from ygs.domain.ids import NoteId
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.ids import CountingIds

MEMBER = a_user(1)
COLLEAGUE = Actor.known_elsewhere(a_user(92).id, Role.CONSULTANT)
CALLED = NoteRequest(text="전화 상담: 평일 저녁에는 어렵다고 합니다")
LATER = NoteRequest(text="다시 통화함: 이제는 괜찮다고 합니다")


@pytest.fixture
async def club() -> Club:
    club = Club()
    await club.add(MEMBER)
    return club


@pytest.fixture
def notes(club: Club) -> Notes:
    return Notes(club.storage, club.clock, CountingIds(), an_audit_writer(club.storage))


async def noted(notes: Notes) -> NoteId:
    return NoteId((await notes.write(CONSULTANT, MEMBER.id, CALLED)).id)


async def test_a_note_is_read_by_colleagues_with_who_wrote_it(notes: Notes) -> None:
    await noted(notes)
    (note,) = await notes.list_about(COLLEAGUE, MEMBER.id)
    assert (note.text, note.author, note.corrected_at) == (CALLED.text, CONSULTANT.id, None)


async def test_its_author_and_administrators_correct_and_remove_it(club: Club, notes: Notes) -> None:
    told = await noted(notes)
    club.clock.advance(hours=1)
    assert (await notes.correct(CONSULTANT, told, LATER)).corrected_at == club.clock.now()
    assert (await notes.correct(ADMIN, told, CALLED)).author == CONSULTANT.id
    await notes.remove(ADMIN, told)
    assert await notes.list_about(CONSULTANT, MEMBER.id) == []
    with pytest.raises(NotFound):
        await notes.remove(CONSULTANT, told)


async def test_the_second_of_two_who_correct_or_remove_the_same_reading_is_told(notes: Notes) -> None:
    told = await noted(notes)
    (read,) = await notes.list_about(ADMIN, MEMBER.id)
    corrected = await notes.correct(CONSULTANT, told, LATER, read.version)
    for late in (notes.correct(ADMIN, told, CALLED, read.version), notes.remove(ADMIN, told, read.version)):
        with pytest.raises(StaleWrite):
            await late
    (again,) = await notes.list_about(ADMIN, MEMBER.id)
    assert (again.text, again.version) == (LATER.text, corrected.version)
    await notes.remove(ADMIN, told, again.version)
    assert await notes.list_about(ADMIN, MEMBER.id) == []


async def test_a_colleague_writes_another_note_instead(notes: Notes) -> None:
    told = await noted(notes)
    for attempt in (notes.correct(COLLEAGUE, told, LATER), notes.remove(COLLEAGUE, told)):
        with pytest.raises(Forbidden):
            await attempt
    await notes.write(COLLEAGUE, MEMBER.id, LATER)
    assert [note.text for note in await notes.list_about(CONSULTANT, MEMBER.id)] == [CALLED.text, LATER.text]


@pytest.mark.parametrize("who", [signed_in(MEMBER), signed_in(a_user(2)), WITHOUT_SECOND_FACTOR])
async def test_members_neither_read_nor_write_any(notes: Notes, who: Actor) -> None:
    told = await noted(notes)
    for attempt in (
        notes.list_about(who, MEMBER.id),
        notes.write(who, MEMBER.id, CALLED),
        notes.correct(who, told, LATER),
        notes.remove(who, told),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_staff_have_nothing_to_do_with_notes_about_themselves(club: Club, notes: Notes) -> None:
    told = await noted(notes)
    themselves = await club.make_staff(MEMBER)
    for attempt in (notes.list_about(themselves, MEMBER.id), notes.write(themselves, MEMBER.id, CALLED)):
        with pytest.raises(Forbidden):
            await attempt
    # As if it were not there: that there is one is told to them by nobody.
    for change in (notes.correct(themselves, told, LATER), notes.remove(themselves, told)):
        with pytest.raises(NotFound):
            await change


async def test_a_note_says_something_storable_about_somebody_there(notes: Notes) -> None:
    for text in ("  ", "주민번호 900101-1234567"):
        with pytest.raises(InvalidText):
            await notes.write(CONSULTANT, MEMBER.id, NoteRequest(text=text))
    told = await noted(notes)
    with pytest.raises(InvalidText):
        await notes.correct(CONSULTANT, told, NoteRequest(text=""))
    for attempt in (notes.write(CONSULTANT, a_user(9).id, CALLED), notes.list_about(CONSULTANT, a_user(9).id)):
        with pytest.raises(NotFound):
            await attempt


async def test_all_of_it_is_on_record_without_a_word_of_the_note(club: Club, notes: Notes) -> None:
    told = await noted(notes)
    await notes.list_about(CONSULTANT, MEMBER.id)
    await notes.correct(CONSULTANT, told, LATER)
    await notes.remove(CONSULTANT, told)
    log = await club.log()
    assert [entry.action for entry in log] == ["note.written", "notes.read", "note.corrected", "note.removed"]
    assert {entry.subject for entry in log} == {MEMBER.id}
    assert {(entry.what, entry.reason) for entry in log} == {(told, ""), ("", "")}


async def test_pages_follow_each_other(notes: Notes) -> None:
    first, second = await noted(notes), await noted(notes)
    assert [note.id for note in await notes.list_about(ADMIN, MEMBER.id, limit=1)] == [first]
    assert [note.id for note in await notes.list_about(ADMIN, MEMBER.id, after=first)] == [second]
