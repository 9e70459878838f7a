"""Filters of the directory that staff keep: whose they are, what they may hold, and what of it is on record."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.http import World, populate, served
from tests.support.members import CONSULTANT, WITHOUT_SECOND_FACTOR, Club, signed_in
from tests.unit.test_console import page, send
from ygs.adapters.libphonenumber import LibPhones
from ygs.application.actors import Actor
from ygs.application.directory.saved_filters import FilterName, FilterToSave, SavedFilters, SavedFilterView
from ygs.application.directory.search import StandingCriteria
from ygs.domain.errors import Conflict, Forbidden, InvalidFact, InvalidText, NotFound
from ygs.domain.ids import SavedFilterId
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.ids import CountingIds, numbered

OPERATOR = Actor.operator()
COLLEAGUE = Actor.signed_in(a_user(92).id, Role.CONSULTANT)
NOTHING = SavedFilterId(numbered("sf", 99))


@pytest.fixture
async def club() -> Club:
    club = Club()
    await club.add(*(a_user(number, role=Role.CONSULTANT) for number in (90, 92)))
    return club


@pytest.fixture
def filters(club: Club) -> SavedFilters:
    return SavedFilters(club.storage, club.clock, CountingIds(), LibPhones())


async def saved(
    filters: SavedFilters, name: str = "서울", actor: Actor = CONSULTANT, **criteria: Any
) -> SavedFilterView:
    request = FilterToSave.model_validate({"name": name, "criteria": criteria, "sort": "waiting"})
    return await filters.save(actor, request)


async def names(filters: SavedFilters, actor: Actor = CONSULTANT) -> list[str]:
    return [each.name for each in await filters.list(actor)]


@pytest.mark.parametrize("who", [signed_in(a_user(1)), WITHOUT_SECOND_FACTOR])
async def test_only_staff_keep_filters(club: Club, filters: SavedFilters, who: Actor) -> None:
    for refused in (
        filters.list(who),
        filters.get(who, NOTHING),
        saved(filters, actor=who),
        filters.rename(who, NOTHING, FilterName(name="부산")),
        filters.remove(who, NOTHING),
    ):
        with pytest.raises(Forbidden):
            await refused
    assert await club.log() == []


async def test_an_account_has_its_own_and_sees_those_of_the_operator(filters: SavedFilters) -> None:
    own = await saved(filters, "서울")
    theirs = await saved(filters, "부산", COLLEAGUE)
    shared = await saved(filters, "모두", OPERATOR)
    assert await names(filters) == ["모두", "서울"]
    assert await names(filters, COLLEAGUE) == ["모두", "부산"]
    assert await names(filters, OPERATOR) == ["모두"]
    assert await filters.get(CONSULTANT, shared.id) == shared
    assert (shared.shared, own.shared) == (True, False)
    for not_own in (theirs.id, shared.id, NOTHING):
        with pytest.raises(NotFound):
            await filters.rename(CONSULTANT, not_own, FilterName(name="대구"))
        with pytest.raises(NotFound):
            await filters.remove(CONSULTANT, not_own)
    with pytest.raises(NotFound):
        await filters.get(CONSULTANT, theirs.id)


async def test_a_filter_comes_back_as_it_was_saved_and_empty_parts_are_left_out(filters: SavedFilters) -> None:
    made = await saved(
        filters,
        status=["pending"],
        region=["seoul", "busan"],
        born_from=1980,
        seen_since="2026-11-01T09:00:00+09:00",
        verified=[],
        gender=None,
    )
    assert await filters.list(CONSULTANT) == [made]
    expected = {"status": ["pending"], "region": ["seoul", "busan"], "born_from": 1980}
    assert made.criteria == {**expected, "seen_since": "2026-11-01T09:00:00+09:00"}
    assert made.sort == "waiting"


@pytest.mark.parametrize("unknown", [{"search": "김민준"}, {"phone": "010"}, {"region": ["moon"]}, {"sort": "name"}])
def test_a_search_and_unknown_fields_are_refused(unknown: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FilterToSave.model_validate({"name": "서울", "criteria": unknown})


async def test_a_name_is_needed_is_short_and_names_one(filters: SavedFilters) -> None:
    for wrong in ("", "가" * 61):
        with pytest.raises(ValidationError):
            FilterName(name=wrong)
    with pytest.raises(InvalidText):
        await saved(filters, "   ")
    one, other = await saved(filters, " 서울 "), await saved(filters, "부산")
    assert one.name == "서울"
    with pytest.raises(Conflict):
        await saved(filters, "서울")
    with pytest.raises(Conflict):
        await filters.rename(CONSULTANT, other.id, FilterName(name="서울"))
    assert (await filters.rename(CONSULTANT, other.id, FilterName(name="대구"))).name == "대구"
    await filters.remove(CONSULTANT, one.id)
    assert await names(filters) == ["대구"]


async def test_a_range_the_wrong_way_round_is_not_kept(filters: SavedFilters) -> None:
    with pytest.raises(InvalidFact):
        await saved(filters, height_cm_from=180, height_cm_to=160)
    assert await names(filters) == []


async def test_what_is_changed_is_on_record_by_the_names_of_the_criteria(club: Club, filters: SavedFilters) -> None:
    made = await saved(filters, region=["seoul"], status=["active"])
    await filters.rename(CONSULTANT, made.id, FilterName(name="부산"))
    await filters.remove(CONSULTANT, made.id)
    shared = await saved(filters, actor=OPERATOR)
    assert shared.shared
    told = [(each.action, each.actor, each.subject, each.what) for each in await club.log()]
    me = CONSULTANT.require_id()
    assert told == [
        ("saved_filter.saved", me, me, "region,status"),
        ("saved_filter.renamed", me, me, ""),
        ("saved_filter.removed", me, me, ""),
        ("saved_filter.saved", "operator", "", ""),
    ]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def test_over_http_the_criteria_of_a_filter_are_the_query_of_the_list(world: World) -> None:
    body = {"name": "검토 대기", "criteria": {"status": ["pending"]}, "sort": "waiting"}
    made = await world.ask("POST", "/admin/saved-filters", "consultant", json=body)
    assert made.status_code == 201
    again = await world.ask("POST", "/admin/saved-filters", "consultant", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    found = await world.client.get(
        "/api/v1/admin/members",
        params={**made.json()["criteria"], "sort": made.json()["sort"]},
        headers=world.headers["consultant"],
    )
    assert {each["status"] for each in found.json()["items"]} == {"pending"}
    wrong = {"name": "이름", "criteria": {"search": "김민준"}}
    refused = await world.ask("POST", "/admin/saved-filters", "consultant", json=wrong)
    assert refused.status_code == 422
    assert "김민준" not in refused.text


async def test_in_the_console_a_filter_is_saved_opened_narrowed_and_removed(world: World) -> None:
    empty = await page(world, "/members")
    assert "Save these filters" not in empty.text
    chosen = {"status": "active", "region": "seoul", "born_from": "1980", "sort": "name", "search": "김"}
    found = await send(world, "/members", **chosen)
    assert "Save these filters" in found.text
    reply = await send(world, "/members/saved", name="서울 <활동>", **chosen)
    assert reply.status_code == 303
    where = reply.headers["Location"].removeprefix("/console")
    made_id = re.fullmatch(r"/members\?saved=(sf_\w{26})", where)
    assert made_id
    (made,) = [each for each in await world.ygs.saved_filters.list(admin(world)) if each.id == made_id[1]]
    assert made.criteria == {"status": ["active"], "region": ["seoul"], "born_from": 1980}
    opened = await page(world, where)
    assert "서울 &lt;활동&gt;" in opened.text
    assert 'value="name" selected' in opened.text
    everybody = await listed(world)
    assert 0 < opened.text.count('href="/console/members/usr_') < everybody
    assert '<option value="seoul" selected>' in opened.text, "the fields show what the filter has"
    narrowed = await send(world, "/members", saved=made_id[1], **chosen, gender="female", consultant="none")
    assert narrowed.text.count('href="/console/members/usr_') < opened.text.count('href="/console/members/usr_')
    widened = await send(world, "/members", saved=made_id[1])
    assert widened.text.count('href="/console/members/usr_') == everybody
    assert (await send(world, f"/members/saved/{made_id[1]}/remove")).status_code == 303
    assert (await page(world, where)).status_code == 404


async def test_the_console_says_what_is_wrong_with_a_filter(world: World) -> None:
    for wrong in ({"born_from": "1200"}, {"born_from": "abcd"}, {"status": "nobody"}, {"saved": "1"}):
        assert (await send(world, "/members", **wrong)).status_code == 422
    assert (await send(world, "/members/saved", status="active")).status_code == 422
    assert (await send(world, "/members", saved=NOTHING)).status_code == 404


def admin(world: World) -> Actor:
    return Actor.signed_in(world.people["admin"].id, Role.ADMIN)


async def listed(world: World) -> int:
    """How many members the console lists without a filter."""
    return (await page(world, "/members")).text.count('href="/console/members/usr_')


async def test_what_a_saved_filter_has_and_the_form_has_no_field_for_can_be_given_up(world: World) -> None:
    admin = Actor.signed_in(world.people["admin"].id, Role.ADMIN)
    criteria = StandingCriteria.model_validate({"status": ["active", "pending"], "smoking": ["daily"]})
    saved = await world.ygs.saved_filters.save(admin, FilterToSave(name="흡연", criteria=criteria))
    opened = (await page(world, f"/members?saved={saved.id}")).text
    assert "and what else it asks for: Smoking, status" in opened
    link = 'href="/console/members/usr_'
    kept = (await send(world, "/members", saved=saved.id, rest="true")).text
    given_up = (await send(world, "/members", saved=saved.id)).text
    assert opened.count(link) == kept.count(link) < given_up.count(link)
