"""What holds for every page of the console, also for one that was added today: it is found by its route."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.http import World, populate, served
from tests.unit.test_console import HTMX, csrf_of, page, send
from tests.unit.test_console_permissions import filled, routes
from ygs.adapters.memory import MemoryStorage
from ygs.application.actors import Actor
from ygs.domain.users import Role

# Anybody may see them: forms of sign-in and of the language have no session that could be another's.
OPEN = {"/static/{digest}/{name}", "/sign-in", "/sign-in/code", "/language"}


@dataclass
class Untouched:
    """A world in which nothing happened yet, and which is so again before each page."""

    world: World
    storage: MemoryStorage

    def __post_init__(self) -> None:
        self._committed = self.storage._committed

    def reset(self) -> World:
        self.storage._committed = self._committed
        return self.world


@pytest.fixture
async def untouched() -> AsyncIterator[Untouched]:
    storage = MemoryStorage()
    async with served(storage) as world:
        await populate(world)
        yield Untouched(world, storage)


def paths(method: str) -> list[str]:
    """All paths of a method that are not open to anybody."""
    return [path for each in routes() for kind, _, path in [each.partition(" ")] if kind == method and path not in OPEN]


@pytest.mark.parametrize(
    "wrong", [{"csrf": "0" * 64}, {"csrf": "", "headers": HTMX}, {"headers": {"Sec-Fetch-Site": "cross-site"}}]
)
async def test_no_form_of_another_session_or_site_is_taken(untouched: Untouched, wrong: dict[str, Any]) -> None:
    for path in paths("POST"):
        world = untouched.reset()
        reply = await send(world, filled(world, path), **wrong)
        assert (path, reply.status_code) == (path, 403)
    assert csrf_of(untouched.world, "admin") != csrf_of(untouched.world, "consultant")


async def test_no_page_about_people_is_kept_by_a_cache(untouched: Untouched) -> None:
    for path in paths("GET"):
        world = untouched.reset()
        reply = await page(world, filled(world, path))
        assert (path, reply.headers["Cache-Control"]) == (path, "no-store")


async def test_whoever_is_named_on_a_page_counts_in_the_readers_budget(untouched: Untouched) -> None:
    members = {each.name for each in untouched.world.people.values() if each.role is Role.MEMBER}
    naming = []
    for path in paths("GET"):
        world = untouched.reset()
        reply = await page(world, filled(world, path))
        if reply.status_code == 200 and any(name in reply.text for name in members):
            naming.append(path)
            used = [use.used for each in await world.ygs.budget_lifts.list(Actor.operator()) for use in each.budgets]
            assert (path, sum(used) > 0) == (path, True)
    assert {"/members/{id}", "/review", "/weeks/{id}", "/consultations/{id}"} <= set(naming)
