"""A block ends what stands between two people, whichever way it is set, whoever sets it, and whatever they answered."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ygs.application
from tests.support.http import World, populate, served
from ygs.domain.contacts import Contact
from ygs.domain.events import EventType
from ygs.domain.ids import UserId
from ygs.domain.introductions import Introduction
from ygs.entrypoints.testing.builders import a_user

APPLICATION = Path(ygs.application.__file__).parent
ME = "owner"
WAITING = "matched_before_reveal"
MUTUAL = "matched_after_reveal"
YES = {"choice": "accept"}
NO = {"choice": "decline", "reason": "age"}
REPORT = {"category": "harassment", "words": "밤마다 전화합니다"}

Block = Callable[[World, str, str], Awaitable[Any]]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        yield world


async def by_id(world: World, one: str, other: str) -> None:
    reply = await world.ask("PUT", f"/users/me/blocks/{world.people[other].id}", one)
    assert reply.status_code == 204


async def by_report(world: World, one: str, other: str) -> None:
    reply = await world.ask("POST", f"/users/{world.people[other].id}/report", one, json={**REPORT, "keep_apart": True})
    assert (reply.status_code, reply.json()["kept_apart"]) == (201, True)


async def by_phone(world: World, one: str, other: str) -> None:
    reply = await world.ask("POST", "/users/me/blocks/contacts", one, json={"phone": world.people[other].phone})
    assert reply.status_code == 204


async def by_email(world: World, one: str, other: str) -> None:
    reply = await world.ask("POST", "/users/me/blocks/contacts", one, json={"email": world.people[other].email})
    assert reply.status_code == 204


WAYS = pytest.mark.parametrize("block", [by_id, by_report, by_phone, by_email])
SIDES = pytest.mark.parametrize("mine", [True, False], ids=["mine", "theirs"])


async def answer(world: World, who: str, what: dict[str, str]) -> int:
    reply = await world.ask("PUT", f"/match/history/{world.introductions['waiting']}/answer", who, json=what)
    return reply.status_code


async def seen(world: World, one: str, other: str) -> int:
    return (await world.ask("GET", f"/users/{world.people[other].id}", one)).status_code


async def stored(world: World, name: str) -> Introduction:
    async with world.ygs.storage.read() as reading:
        return await reading.introductions.get(world.introductions[name])


async def notified(world: World, name: str) -> set[UserId]:
    async with world.ygs.storage.read() as reading:
        pending = await reading.outbox.pending()
    cancelled = [each for each in pending if each.type is EventType.INTRODUCTION_CANCELLED]
    return {each.user_id for each in cancelled if each.user_id and each.introduction_id == world.introductions[name]}


async def current(world: World, who: str) -> list[str]:
    return [each["id"] for each in (await world.ask("GET", "/match/current", who)).json()["introductions"]]


async def card(world: World, who: str, name: str) -> Any:
    listed = (await world.ask("GET", "/match/history", who)).json()["items"]
    return next(each["partner"] for each in listed if each["id"] == world.introductions[name])


async def history(world: World, who: str, name: str) -> Any:
    view = (await world.ask("GET", f"/match/history/{world.introductions[name]}", who)).json()
    return {key: view[key] for key in ("state", "deadline", "with_user")}


@WAYS
@SIDES
@pytest.mark.parametrize("theirs", [YES, NO, None], ids=["yes", "no", "silent"])
async def test_what_waits_for_answers_is_cancelled_alike_for_both(
    world: World, block: Block, mine: bool, theirs: dict[str, str] | None
) -> None:
    one, other = (ME, WAITING) if mine else (WAITING, ME)
    if theirs:
        assert await answer(world, other, theirs) == 200
    await block(world, one, other)
    assert await answer(world, one, YES) == 409
    assert await answer(world, other, YES) == (200 if theirs == YES else 409)
    for who, them in ((one, other), (other, one)):
        view = await history(world, who, "waiting")
        assert (view["state"], view["with_user"]) == ("cancelled", world.people[them].id)
        assert world.introductions["waiting"] not in await current(world, who)
        assert await seen(world, who, them) == 404
        assert await card(world, who, "waiting") is None
    assert await notified(world, "waiting") == {world.people[one].id, world.people[other].id}


@WAYS
@SIDES
async def test_what_was_mutual_stays_so_in_the_history_and_shows_nothing_any_longer(
    world: World, block: Block, mine: bool
) -> None:
    one, other = (ME, MUTUAL) if mine else (MUTUAL, ME)
    before = [await history(world, who, "mutual") for who in (one, other)]
    assert [await seen(world, one, other), await seen(world, other, one)] == [200, 200]
    assert None not in [await card(world, who, "mutual") for who in (one, other)]
    await block(world, one, other)
    assert [await card(world, who, "mutual") for who in (one, other)] == [None, None]
    assert [await seen(world, one, other), await seen(world, other, one)] == [404, 404]
    assert [await history(world, who, "mutual") for who in (one, other)] == before
    feedback = await world.ask(
        "POST", f"/match/history/{world.introductions['mutual']}/feedback", one, json={"met": False}
    )
    assert feedback.status_code == 204


async def test_a_block_looks_to_the_other_as_if_one_had_left(world: World) -> None:
    await by_id(world, ME, WAITING)
    blocked = await history(world, WAITING, "waiting")
    gone = await world.ask("GET", f"/users/{world.people[ME].id}", WAITING)
    async with served() as elsewhere:
        await populate(elsewhere)
        assert (await elsewhere.ask("DELETE", "/users/me", ME)).status_code == 204
        assert await history(elsewhere, WAITING, "waiting") == blocked
        left = await elsewhere.ask("GET", f"/users/{world.people[ME].id}", WAITING)
    assert (gone.status_code, gone.json()["code"]) == (left.status_code, left.json()["code"])


async def test_a_block_of_one_leaves_the_others(world: World) -> None:
    await by_id(world, ME, "former_match")
    assert await answer(world, ME, YES) == 200
    assert [await seen(world, ME, WAITING), await seen(world, ME, MUTUAL)] == [200, 200]
    before = await stored(world, "former")
    await by_phone(world, ME, "former_match")
    assert await stored(world, "former") == before


async def test_whoever_takes_a_block_back_sees_a_mutual_introduction_again_and_no_cancelled_one(world: World) -> None:
    for other in (WAITING, MUTUAL):
        await by_id(world, ME, other)
        reply = await world.ask("DELETE", f"/users/me/blocks/{world.people[other].id}", ME)
        assert reply.status_code == 204
    assert [await seen(world, ME, WAITING), await seen(world, ME, MUTUAL)] == [404, 200]


async def test_a_block_that_comes_to_apply_with_a_new_phone_decides_the_next_answer_and_hides_at_once(
    world: World,
) -> None:
    new = "+821077776666"
    await world.ask("POST", "/users/me/blocks/contacts", ME, json={"phone": new})
    assert await answer(world, WAITING, YES) == 200
    async with world.ygs.storage.write() as tx:
        for other in (WAITING, MUTUAL):
            them = await tx.users.get(world.people[other].id)
            await tx.users.save(replace(them, phone=new))
            await tx.blocks.keep_former_contact(them.id, Contact.phone(str(them.phone)))
            new = str(a_user(70).phone)
            await tx.blocks.add_contacts(world.people[ME].id, [Contact.phone(new)], world.clock.now())
    assert [await seen(world, ME, WAITING), await seen(world, WAITING, ME)] == [404, 404]
    assert [await seen(world, ME, MUTUAL), await seen(world, MUTUAL, ME)] == [404, 404]
    assert await answer(world, ME, YES) == 409
    assert await history(world, ME, "waiting") == {
        **await history(world, WAITING, "waiting"),
        "with_user": world.people[WAITING].id,
    }
    assert (await stored(world, "waiting")).state == "cancelled"
    assert await notified(world, "waiting") == {world.people[ME].id, world.people[WAITING].id}


async def test_a_report_alone_ends_nothing_and_says_so(world: World) -> None:
    reply = await world.ask("POST", f"/users/{world.people[WAITING].id}/report", ME, json=REPORT)
    assert (reply.status_code, reply.json()["kept_apart"]) == (201, False)
    assert await seen(world, ME, WAITING) == 200
    await by_id(world, ME, WAITING)
    assert await seen(world, ME, WAITING) == 404


def test_whatever_signs_photos_of_another_asks_the_blocks() -> None:
    signing = [
        path for path in APPLICATION.rglob("*.py") if re.search(r"photos\.(shown|thumbnails)\(", path.read_text())
    ]
    assert signing
    for path in signing:
        assert "blocks.between(" in path.read_text(), path
