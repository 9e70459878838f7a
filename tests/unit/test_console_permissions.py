"""Every page of the console x every kind of actor: what is answered stands in `docs/permissions/console.csv`."""

import csv
from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import APIRoute

from tests.support.http import World, populate, served
from tests.unit.test_console import csrf_of, page, send
from ygs.adapters.memory import MemoryStorage
from ygs.entrypoints.console.routers import ROUTERS

MATRIX = Path(__file__).parents[2] / "docs/permissions/console.csv"
ACTORS = ("anonymous", "owner", "suspended", "withdrawn", "consultant_without_second_factor", "consultant", "admin")


def routes() -> Iterator[str]:
    """ "GET /path" of every page, below the root of the console."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield f"{method} {route.path.removeprefix('/console')}"


def filled(world: World, path: str) -> str:
    """A path about something that is there."""
    path = path.replace("{path:path}", "nothing")
    kinds = ("consultations", "deliveries", "documents", "exports", "imports", "jobs", "memberships", "photos")
    path = path.replace("/saved/{id}", f"/saved/{world.files['saved-filters']}")
    for kind in (*kinds, "refunds", "reports", "slots"):
        path = path.replace(f"/{kind}/{{id}}", f"/{kind}/{world.files[kind]}")
    path = path.replace("/weeks/{id}", f"/weeks/{world.weeks['proposed']}")
    owner, another = world.people["owner"].id, world.people["another_member"].id
    known = {"key": "pin", "digest": "0", "name": "console.css", "day": "2027-01-01", "number": "1"}
    return path.format(
        id=owner, person=owner, one=owner, other=another, introduction=world.introductions["waiting"], **known
    )


async def answered(world: World, route: str, actor: str) -> str:
    """The status, and where a redirect leads."""
    method, _, path = route.partition(" ")
    path = filled(world, path)
    who = "" if actor == "anonymous" else actor
    if method == "GET":
        reply = await page(world, path, who)
    else:
        reply = await send(world, path, who, csrf=csrf_of(world, who))
    where = reply.headers.get("Location", "").partition("?")[0].removeprefix("/console")
    return f"{reply.status_code} {where}" if where in ("/sign-in", "/authenticator") else str(reply.status_code)


async def found() -> dict[str, dict[str, str]]:
    """What everybody is answered, each time in a world where nothing else has happened."""
    storage = MemoryStorage()
    async with served(storage) as world:
        await populate(world)
        untouched = storage._committed
        matrix: dict[str, dict[str, str]] = {}
        for route in routes():
            row = matrix[route] = {}
            for actor in ACTORS:
                storage._committed = untouched
                row[actor] = await answered(world, route, actor)
        return matrix


def expected() -> dict[str, dict[str, str]]:
    with MATRIX.open(newline="", encoding="utf-8") as file:
        return {row.pop("route"): row for row in csv.DictReader(file)}


async def test_every_page_answers_every_actor_as_the_matrix_says() -> None:
    assert await found() == expected()


def test_pages_are_closed_to_members_and_to_staff_without_a_second_factor() -> None:
    for route, row in expected().items():
        path = route.split()[1] if " " in route.strip() else "/"
        if path.startswith(("/static", "/sign-in", "/language", "/authenticator", "/sign-out")):
            continue
        assert row["anonymous"] == row["withdrawn"] == "303 /sign-in", route
        assert row["owner"] == row["suspended"] == "403", route
        assert row["consultant_without_second_factor"] == "303 /authenticator", route
