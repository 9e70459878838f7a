"""What members see of each other: photos that staff let others see, from publication on, and no one else's."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.http import World, populate, served
from ygs.entrypoints.testing.contracts.files import a_photo

SEEING = ("matched_before_reveal", "matched_after_reveal")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        await populate(world)
        for place in a_photo().object_keys:
            await world.ygs.blob_store.put(place, b"\xff\xd8\xff", "image/jpeg")
        yield world


async def photos(world: World, who: str) -> list[dict[str, Any]]:
    reply = await world.ask("GET", f"/users/{world.people['owner'].id}", who)
    assert reply.status_code == 200
    shown: list[dict[str, Any]] = reply.json()["photos"]
    return shown


async def decide(world: World, decision: str, **sent: Any) -> None:
    reply = await world.ask("POST", f"/admin/photos/{world.files['photos']}/{decision}", "consultant", **sent)
    assert reply.status_code == 204


async def test_a_photo_is_seen_by_who_is_introduced_once_staff_let_it_and_no_longer_when_they_do_not(
    world: World,
) -> None:
    for who in SEEING:
        assert await photos(world, who) == []
    await decide(world, "approve")
    for who in SEEING:
        (shown,) = await photos(world, who)
        assert set(shown) == {"id", "width", "height", "url", "thumbnail_url"}
        for address in (shown["url"], shown["thumbnail_url"]):
            assert (await world.client.get(address)).status_code == 200
    await decide(world, "refuse", json={"reason": "본인이 아닙니다"})
    for who in SEEING:
        assert await photos(world, who) == []


async def test_nobody_else_sees_it_even_then(world: World) -> None:
    await decide(world, "approve")
    for who in ("former_match", "another_member", "pending"):
        assert (await world.ask("GET", f"/users/{world.people['owner'].id}", who)).status_code == 404
