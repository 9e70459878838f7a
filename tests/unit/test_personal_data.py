"""Members correct who they are; staff correct the birth year too; all of it is on record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.members import ADMIN, CONSULTANT, Club, signed_in
from tests.unit.test_planning import STAFF, House, a_house
from ygs.application.members.personal_data import Correction, PersonalData, PersonalDataEdit
from ygs.domain.errors import Forbidden, NotAdult, StaleWrite
from ygs.domain.files import Document, DocumentState, FileKind
from ygs.domain.ids import DocumentId, UserId
from ygs.domain.introductions import Introduction
from ygs.domain.matching.market import Genders
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_profile, a_user, coded
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.files import a_document
from ygs.entrypoints.testing.ids import numbered

ME, SOMEBODY = a_user(1), a_user(3)
FACTS = {**a_profile(1).facts, **coded(nationality="korea")}
WHY = {"reason": "신분증과 대조함"}


@pytest.fixture
async def club() -> Club:
    club = Club()
    profile = a_profile(1, facts=FACTS, verified=frozenset({"nationality", "education"}))
    await club.add(replace(ME, profile=profile), SOMEBODY)
    async with club.storage.write() as tx:
        await tx.files.add_document(_verified(1, FileKind.IDENTITY, "nationality"))
        await tx.files.add_document(_verified(2, FileKind.EDUCATION, "education"))
    return club


def _verified(number: int, kind: FileKind, fact: str) -> Document:
    return replace(
        a_document(),
        id=DocumentId(numbered("doc", number)),
        kind=kind,
        state=DocumentState.VERIFIED,
        facts=frozenset({fact}),
        decided_at=NOON,
        expires_at=NOON + timedelta(days=900),
    )


def personal_data(club: Club) -> PersonalData:
    return PersonalData(club.storage, club.clock, SEOUL, an_audit_writer(club.storage))


async def edit(club: Club, version: int | None = None, **changes: Any) -> None:
    await personal_data(club).edit(signed_in(ME), PersonalDataEdit(**changes), version)


async def test_a_member_corrects_name_gender_and_whom_they_seek_on_record(club: Club) -> None:
    await edit(club, name="박하늘", gender="male", seeks=["female", "male"])
    after = await club.user(ME.id)
    assert (after.name, after.gender, after.seeks) == ("박하늘", Genders.MALE, Genders.MALE | Genders.FEMALE)
    (entry,) = [each for each in await club.log() if each.action == "member.corrected"]
    assert (entry.actor, entry.subject, entry.what) == (ME.id, ME.id, "gender,name,seeks")
    assert "박하늘" not in repr(entry)


async def test_what_is_left_out_stays_and_nothing_new_is_nothing_done(club: Club) -> None:
    before = await club.user(ME.id)
    await edit(club, name=ME.name, gender="female")
    assert await club.user(ME.id) == before
    assert await club.log() == []


async def test_the_birth_year_is_corrected_by_staff_only_with_a_reason_on_record(club: Club) -> None:
    with pytest.raises(ValidationError):
        PersonalDataEdit(birth_year=1990)  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        Correction(birth_year=1990, reason=" ")
    view = await personal_data(club).correct(CONSULTANT, ME.id, Correction(birth_year=1990, **WHY))
    assert view.birth_year == 1990
    (entry,) = [each for each in await club.log() if each.action == "member.corrected"]
    assert (entry.actor, entry.what, entry.reason) == (CONSULTANT.id, "birth_year", WHY["reason"])


async def test_members_correct_nobody_else_and_staff_neither_themselves_nor_other_staff(club: Club) -> None:
    consultant = a_user(90, role=Role.CONSULTANT)
    await club.add(consultant, a_user(91, role=Role.ADMIN))
    correction = Correction(name="박하늘", **WHY)
    for who, whose in (
        (signed_in(SOMEBODY), ME),
        (ADMIN, a_user(91)),
        (CONSULTANT, a_user(91)),
        (replace(CONSULTANT, permissions=frozenset()), ME),
    ):
        with pytest.raises(Forbidden):
            await personal_data(club).correct(who, whose.id, correction)
    assert (await personal_data(club).correct(ADMIN, consultant.id, correction)).name == "박하늘"
    suspended = replace(signed_in(ME), permissions=frozenset(), status=Status.SUSPENDED)
    with pytest.raises(Forbidden):
        await personal_data(club).edit(suspended, PersonalDataEdit(name="박하늘"))


@pytest.mark.parametrize("changes", [{"name": "박하늘"}, {"birth_year": 1990}])
async def test_another_name_or_birth_year_ends_what_the_identity_document_proved(
    club: Club, changes: dict[str, Any]
) -> None:
    await personal_data(club).correct(CONSULTANT, ME.id, Correction(**changes, **WHY))
    assert (await club.user(ME.id)).profile.verified == {"education"}
    async with club.storage.read() as tx:
        documents = {each.kind: each for each in await tx.files.documents_of(ME.id)}
    assert documents[FileKind.IDENTITY].proven(at=club.clock.now()) == frozenset()
    assert documents[FileKind.EDUCATION].proven(at=club.clock.now()) == {"education"}


async def test_gender_and_whom_one_seeks_end_no_document(club: Club) -> None:
    await edit(club, gender="male", seeks=["female"])
    assert (await club.user(ME.id)).profile.verified == {"nationality", "education"}


async def test_a_correction_keeps_the_rules_and_the_version(club: Club) -> None:
    version = (await club.user(ME.id)).version
    with pytest.raises(StaleWrite):
        await edit(club, version - 1, name="박하늘")
    with pytest.raises(ValidationError, match="name"):
        PersonalDataEdit(name=" ")
    with pytest.raises(NotAdult):
        await personal_data(club).correct(ADMIN, ME.id, Correction(birth_year=2009, **WHY))
    await edit(club, version, name="박하늘")


async def test_a_birth_year_is_of_age_by_the_year_of_the_service(club: Club) -> None:
    """On New Year's morning in Seoul, when it is still the old year in UTC."""
    club.clock.set(datetime(2026, 12, 31, 16, tzinfo=UTC))
    joined = a_user(5, created_at=club.clock.now(), updated_at=club.clock.now())
    await club.add(joined)
    young = Correction(birth_year=2007, **WHY)
    assert (await personal_data(club).correct(CONSULTANT, joined.id, young)).birth_year == 2007
    club.clock.advance(hours=-2)
    with pytest.raises(NotAdult):
        await personal_data(club).correct(CONSULTANT, joined.id, young)


async def test_what_a_locked_or_published_week_used_stays_as_it_was() -> None:
    async with a_house() as untouched, a_house() as house:
        published, expected = await untouched.planned()
        week = await house.locked()
        await _make_older(house, expected.pairs[0].a)
        assert await house.app.planning.plan(STAFF, week) == expected
        await untouched.app.planning.publish(STAFF, published)
        before = await _introduced(untouched)
        await _make_older(untouched, expected.pairs[0].a)
        assert await _introduced(untouched) == before


async def _make_older(house: House, person: str) -> None:
    async with house.app.storage.read() as reading:
        user = await reading.users.get(UserId(person))
    correction = Correction(name="박하늘", birth_year=user.birth_year - 9, gender="male", seeks={"male"}, **WHY)
    await house.app.personal_data.correct(STAFF, user.id, correction)


async def _introduced(house: House) -> list[Introduction]:
    async with house.app.storage.read() as reading:
        people = [user.id for user in await reading.users.page()]
        return [each for person in people for each in await reading.introductions.of_user(person)]


async def test_a_correction_that_changes_nothing_is_audited_as_a_reading() -> None:
    club = Club()
    await club.add(ME)
    await personal_data(club).correct(CONSULTANT, ME.id, Correction(reason="확인", name=ME.name))
    (entry,) = await club.log()
    assert (entry.action, entry.subject, entry.actor) == ("member.read", ME.id, CONSULTANT.id)
