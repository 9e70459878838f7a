"""The directory of members: what staff find, and what of it is on record."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from tests.support.audit import audited
from tests.support.members import CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from ygs.adapters.libphonenumber import LibPhones
from ygs.application.accounts.sessions import RefreshRequest
from ygs.application.actors import Actor
from ygs.application.directory.members import Directory, MemberPage
from ygs.application.directory.search import FILTERED, DirectoryRequest, MemberCriteria
from ygs.domain.errors import Forbidden, InvalidFact, InvalidId, InvalidText, YgsError
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import a_draft, a_profile, a_user, coded


@pytest.fixture
def club() -> Club:
    return Club()


def directory(club: Club) -> Directory:
    return Directory(club.storage, club.clock, LibPhones(), an_audit_writer(club.storage))


async def listed(club: Club, actor: Actor = CONSULTANT, **request: Any) -> MemberPage:
    return await directory(club).list_members(actor, DirectoryRequest(**request))


async def numbers(club: Club, **request: Any) -> list[int]:
    """Whom a search finds, by their numbers."""
    return [int(line.id[-1]) for line in (await listed(club, **request)).items]


@pytest.mark.parametrize("who", [signed_in(a_user(1)), WITHOUT_SECOND_FACTOR])
async def test_only_staff_search_members(club: Club, who: Actor) -> None:
    with pytest.raises(Forbidden):
        await listed(club, who)
    with pytest.raises(Forbidden):
        await directory(club).find_named(who, "김민준")
    assert await club.log() == []


async def test_one_text_finds_by_name_phone_address_and_id(club: Club) -> None:
    await club.add(
        a_user(1, name="김민준", phone="+821012345678", email="min@example.com"),
        a_user(2, name="박서연", phone="+821087650000", email="seo@example.com"),
    )
    texts = ("ㄱㅁㅈ", "ㄱ민준", "민준", "010-1234-5678", "+82 10 1234 5678", "5678", "MIN@example.com", a_user(1).id)
    assert [await numbers(club, search=text) for text in texts] == [[1]] * len(texts)
    assert [(await listed(club, search=text, total=True)).total for text in texts] == [1] * len(texts)
    assert await numbers(club, search="최") == []


@pytest.mark.parametrize(
    ("search", "error"), [("12345", InvalidFact), ("010-0000", InvalidFact), ("usr_1", InvalidId), (" ", InvalidText)]
)
async def test_a_search_that_can_find_nobody_is_refused(club: Club, search: str, error: type[YgsError]) -> None:
    with pytest.raises(error):
        await listed(club, search=search)


async def test_every_coded_fact_is_a_filter_by_its_codes_or_its_range(club: Club) -> None:
    await club.add(
        a_user(1, profile=a_profile(1, facts=coded(height_cm=160, region="seoul"), verified=frozenset())),
        a_user(2, profile=a_profile(2, facts=coded(height_cm=180, region="busan"), verified=frozenset())),
        a_draft(3),
    )
    assert await numbers(club, height_cm_from=170) == [2]
    assert await numbers(club, height_cm_to=170) == [1]
    assert await numbers(club, height_cm_from=150, height_cm_to=190) == [2, 1]
    assert await numbers(club, region=["seoul", "busan"]) == [2, 1]
    assert await numbers(club, region=["busan"], unknown=["region"]) == [3, 2]
    assert await numbers(club, unknown=["region"]) == [3]
    for code, attribute in FILTERED.items():
        assert ({f"{code}_from", f"{code}_to"} if attribute.is_number else {code}) <= MemberCriteria.model_fields.keys()
    with pytest.raises(InvalidFact):
        await listed(club, height_cm_from=180, height_cm_to=170)
    for wrong in ({"region": ["atlantis"]}, {"height_cm_from": 90}, {"unknown": ["birth_year"]}, {"shoe_size": 42}):
        with pytest.raises(ValidationError):
            DirectoryRequest.model_validate(wrong)


async def test_a_list_is_sorted_paged_and_counted_as_asked(club: Club) -> None:
    await club.add(*(a_user(n, birth_year=1990 - n) for n in (1, 2, 3)), a_user(4, status=Status.PAUSED))
    page = await listed(club, sort="birth_year", status=["active"], limit=2, total=True)
    assert ([int(line.id[-1]) for line in page.items], page.total) == ([3, 2], 3)
    rest = await listed(club, sort="birth_year", status=["active"], limit=2, after=page.next)
    assert ([int(line.id[-1]) for line in rest.items], rest.next, rest.total) == ([1], None, None)


async def test_staff_find_those_assigned_to_nobody_and_the_operator_has_no_members(club: Club) -> None:
    await club.add(a_user(1), a_user(2, role=Role.CONSULTANT))
    assert await numbers(club, consultant="none", role=["member"]) == [1]
    assert await numbers(club, consultant="me") == []
    assert await directory(club).list_members(Actor.operator(), DirectoryRequest(consultant="me")) == MemberPage(
        items=[], next=None, total=None
    )


async def test_a_list_names_nobody_in_full_and_is_on_record_with_everybody_it_shows(club: Club) -> None:
    await club.add(a_user(1, name="김민준"), a_user(2, name="김서연"), a_user(3, name="박지우"))
    page = await listed(club, search="김", status=["active"], sort="name", total=True)
    assert {line.name for line in page.items} == {"김○준", "김○연"}
    (entry,) = await audited(club.storage)
    assert (entry.action, sorted(entry.people)) == ("members.read", [a_user(1).id, a_user(2).id])
    # The names of the filters, never what was searched for.
    assert entry.what == "search,status"


async def test_a_search_that_finds_nobody_is_on_record_too(club: Club) -> None:
    assert (await listed(club, search="ㄱㅁㅈ")).items == []
    assert [entry.action for entry in await audited(club.storage)] == ["members.read"]


async def test_who_signed_in_was_seen_and_so_was_who_refreshed_a_session(club: Club) -> None:
    _, tokens = await club.join()
    before = club.clock.now()
    assert [line.seen_at for line in (await listed(club)).items] == [before]
    club.clock.advance(minutes=11)
    await club.accounts.sessions.refresh(RefreshRequest(refresh_token=SecretStr(tokens.refresh_token)))
    assert [line.seen_at for line in (await listed(club, seen_since=club.clock.now())).items] == [club.clock.now()]
