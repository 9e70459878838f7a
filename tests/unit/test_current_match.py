"""What a member reads of introductions: cards, what is going on now, and rounds that brought nobody."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.http import World, populate, served
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.application.introductions.introduction_view import MOST_REASONS, reasons
from ygs.domain.files import PhotoState
from ygs.domain.introductions import Condition
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.entrypoints.testing.builders import a_user, a_week
from ygs.entrypoints.testing.contracts.files import a_photo, an_album

MET = {"met": True, "again": True, "rating": 4}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def current(world: World, who: str) -> Any:
    reply = await world.ask("GET", "/match/current", who)
    assert reply.status_code == 200
    return reply.json()


async def card(world: World, name: str, who: str = "owner") -> Any:
    reply = await world.ask("GET", f"/match/history/{world.introductions[name]}", who)
    assert reply.status_code == 200
    return reply.json()


async def test_an_introduction_in_a_list_is_enough_to_draw_a_card(world: World) -> None:
    async with world.ygs.storage.write() as tx:
        await tx.files.save_album(an_album(a_photo(7, PhotoState.APPROVED), owner=2))
    found = {each["id"]: each for each in (await current(world, "owner"))["introductions"]}
    waiting = found[world.introductions["waiting"]]
    them = world.people["matched_before_reveal"]
    partner = waiting["partner"]
    assert partner["name"] == them.name[0] + "○" * (len(them.name) - 1)
    assert partner["age_to"] == partner["age_from"] + 4
    assert partner["age_from"] <= world.clock.now().year - them.birth_year <= partner["age_to"]
    assert partner["region"] in {value.code for value in VOCABULARY["region"].values}
    assert partner["thumbnail_url"]
    assert waiting["week"] == "2026-W38"
    assert (waiting["state"], waiting["feedback"]) == ("waiting", "none")
    assert (waiting["my_answer"], waiting["met"]) == (None, None)
    history = (await world.ask("GET", "/match/history", "owner")).json()["items"]
    assert {each["id"] for each in history} == set(world.introductions.values())
    assert all(each.keys() == waiting.keys() for each in history)


async def test_lists_of_any_length_are_read_in_the_same_number_of_statements(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    step = MemoryTransaction.step

    async def counted(self: MemoryTransaction) -> Any:
        nonlocal steps
        steps += 1
        return await step(self)

    async def cost(path: str) -> int:
        nonlocal steps
        steps = 0
        assert (await world.ask("GET", path, "owner")).status_code == 200
        return steps

    monkeypatch.setattr(MemoryTransaction, "step", counted)
    few = [await cost(path) for path in ("/match/current", "/match/history")]
    for number in (22, 24):
        await world.add(f"more {number}", a_user(number))
        await world.introduce(f"more {number}", "owner", f"more {number}")
    assert [await cost(path) for path in ("/match/current", "/match/history")] == few


async def test_my_own_answer_comes_back_with_its_reason_and_words(world: World) -> None:
    path = f"/match/history/{world.introductions['waiting']}/answer"
    no = {"choice": "decline", "reason": "distance", "words": "너무 멀어요"}
    answered = (await world.ask("PUT", path, "owner", json=no)).json()
    assert {**no, "at": "2026-11-23T03:00:00Z"}.items() <= answered["my_answer"].items()
    assert answered == await card(world, "waiting")
    assert (await card(world, "waiting", "matched_before_reveal"))["my_answer"] is None


async def test_a_mutual_introduction_stays_until_feedback_is_given_or_thirty_days_have_passed(world: World) -> None:
    mutual = world.introductions["mutual"]

    async def shown(who: str) -> bool:
        return mutual in {each["id"] for each in (await current(world, who))["introductions"]}

    assert (await card(world, "mutual"))["feedback"] == "due"
    assert await shown("owner")
    assert await shown("matched_after_reveal")
    assert (await world.ask("POST", f"/match/history/{mutual}/feedback", "owner", json=MET)).status_code == 204
    assert not await shown("owner")
    mine = await card(world, "mutual")
    theirs = await card(world, "mutual", "matched_after_reveal")
    assert (mine["feedback"], mine["met"]) == ("given", True)
    assert (theirs["feedback"], theirs["met"]) == ("due", None), "what one side told, the other does not read"
    world.clock.advance(days=29)
    await world.renew("matched_after_reveal")
    assert await shown("matched_after_reveal")
    world.clock.advance(days=1)
    await world.renew("matched_after_reveal")
    assert not await shown("matched_after_reveal")


async def test_nothing_waits_after_its_deadline_though_the_week_is_not_closed(world: World) -> None:
    deadline = (await card(world, "waiting"))["deadline"]
    world.clock.advance(days=4)
    for who in ("owner", "matched_before_reveal"):
        await world.renew(who)
        late = await card(world, "waiting", who)
        assert (late["state"], late["decided_at"]) == ("expired", deadline)
        assert late["partner"]["thumbnail_url"] is None
        assert late["id"] not in {each["id"] for each in (await current(world, who))["introductions"]}


async def test_whoever_was_introduced_to_nobody_learns_that_a_round_was_held_and_when_the_next_is(world: World) -> None:
    before = await current(world, "another_member")
    assert before["introductions"] == []
    assert before["last_round"] is None
    assert before["next_round"] == {"week": "2026-W49", "starts_on": "2026-11-30"}, "the earliest that is prepared"
    held = a_week(1)
    async with world.ygs.storage.write() as tx:
        published_at = world.clock.now() + timedelta(hours=1)
        await tx.weeks.add(replace(held, state=WeekState.PUBLISHED, published_at=published_at))
    after = await current(world, "another_member")
    assert after["last_round"] == {
        "week": "2026-W48",
        "published_at": "2026-11-23T04:00:00Z",
        "deadline": held.deadline.isoformat().replace("+00:00", "Z"),
        "introduced": False,
    }


async def test_a_round_of_before_somebody_joined_is_none_of_theirs() -> None:
    async with served() as world:
        await world.add("member", a_user(1, activated_at=world.clock.now()))
        async with world.ygs.storage.write() as tx:
            published_at = world.clock.now() - timedelta(days=1)
            await tx.weeks.add(replace(a_week(1), state=WeekState.PUBLISHED, published_at=published_at))
        assert (await current(world, "member"))["last_round"] is None


async def test_the_next_round_is_a_week_to_come_when_none_is_prepared() -> None:
    async with served() as world:
        await world.add("member", a_user(1))

        async def coming() -> str:
            found: str = (await current(world, "member"))["next_round"]["week"]
            return found

        assert await coming() == "2026-W49", "the week that goes on is not the next"
        async with world.ygs.storage.write() as tx:
            await tx.weeks.add(a_week(2, state=WeekState.CLOSED, published_at=world.clock.now()))
            await tx.weeks.add(a_week(3, state=WeekState.CANCELLED))
        assert await coming() == "2026-W51", "neither one that was held early nor one that was cancelled"
        world.clock.advance(weeks=5)
        await world.renew("member")
        assert await coming() == "2027-W01"


async def test_of_who_has_left_there_is_no_card(world: World) -> None:
    assert (await world.ask("DELETE", "/users/me", "matched_before_reveal")).status_code == 204
    gone = await card(world, "waiting")
    assert (gone["state"], gone["partner"]) == ("cancelled", None)


@pytest.mark.parametrize("name", ["waiting", "mutual", "former"])
async def test_of_whom_a_block_keeps_apart_there_is_no_card_for_either(world: World, name: str) -> None:
    them = {"waiting": "matched_before_reveal", "mutual": "matched_after_reveal", "former": "former_match"}[name]
    assert (await card(world, name))["partner"] is not None
    assert (await world.ask("PUT", f"/users/me/blocks/{world.people['owner'].id}", them)).status_code == 204
    for who in ("owner", them):
        assert (await card(world, name, who))["partner"] is None


def test_reasons_are_own_wishes_met_in_full_and_name_nothing_sensitive() -> None:
    met = [Condition(code, importance, 1, 1, 0, 1, 10_000) for importance, code in enumerate(VOCABULARY)]
    half = [each._replace(fit=5_000) for each in met]
    told = reasons([*met, *half])
    assert len(told) == MOST_REASONS
    for each in VOCABULARY.values():
        words = reasons([Condition(each.code, 4, 1, 1, 0, 1, 10_000)])
        assert [one.attribute for one in words] == ([] if each.sensitive else [each.code])
        assert reasons([Condition(each.code, 4, 1, 1, 0, 1, 9_999)]) == []
    assert told[0].ko.endswith("바라시는 조건에 맞습니다.")
