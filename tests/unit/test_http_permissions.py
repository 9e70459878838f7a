"""Every route as every kind of actor, against docs/permissions/routes.csv."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from tests.support.http import API, World, populate, served
from ygs.adapters.memory import MemoryStorage
from ygs.entrypoints.console.cookies import ROOT as CONSOLE
from ygs.entrypoints.testing.ids import numbered

MATRIX = Path(__file__).parents[2] / "docs" / "permissions" / "routes.csv"
ACTORS = (
    "anonymous",
    "wrong_audience",
    "owner",
    "matched_before_reveal",
    "matched_after_reveal",
    "former_match",
    "another_member",
    "pending",
    "suspended",
    "withdrawn",
    "consultant",
    "consultant_without_second_factor",
    "admin",
)
QUERIES = {
    "GET /admin/memberships/{id}/refund": "?fault=member",
    "GET /admin/audit/breach": "?account={consultant}&since=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z",
    "GET /admin/closed-days": "?year=2027",
    "GET /admin/closed-days/proposed": "?year=2027",
}
MEMBERS = ("owner", "matched_before_reveal", "former_match", "another_member", "pending", "suspended")
# Of people who both accepted.
MUTUAL = ("feedback", "meeting", "times", "accept", "another-time", "cancel", "no-show", "calendar.ics")
BELOW = (
    "/vocabulary",
    "/commitments",
    "/auth",
    "/users",
    "/match",
    "/introductions",
    "/admin",
    "/uploads",
    "/files",
    "/consultations",
    "/calendars",
)
OPEN = (
    "/health",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/vocabulary",
    "/commitments",
    "/auth/signup",
    "/auth/options",
    "/auth/login",
    "/auth/firebase",
    "/auth/kakao",
    "/auth/refresh",
    "/auth/password/",
    "/files",
    "/calendars",
)


def expected() -> dict[str, dict[str, str]]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return {row.pop("route"): row for row in csv.DictReader(file)}


def routes(app: FastAPI) -> dict[str, Mapping[str, Any]]:
    """Everything the service answers to, documented or not: "GET /path" -> its place in the OpenAPI document.

    Pages of the console have a matrix of their own.
    """
    documented = app.openapi()["paths"]
    found = {}
    for route in iter_route_contexts(app.routes):
        path, methods = str(route.path), route.methods or set()
        if path.startswith(CONSOLE):
            continue
        for method in sorted(methods - {"HEAD"}):
            found[f"{method} {path.removeprefix(API)}"] = documented.get(path, {}).get(method.lower(), {})
    return found


def place(world: World, route: str) -> str:
    """The path of a route about something of `owner`'s, or about what staff work on."""
    path = route.split()[1] + QUERIES.get(route, "")
    people = {name: user.id for name, user in world.people.items()}
    for kind, owned in world.files.items():
        if f"/{kind}/{{id}}" in path:
            return path.format(id=owned, delivery=world.files["deliveries"])
    if path.removeprefix("/admin").startswith(("/match/", "/introductions/")):
        return path.format(id=world.introductions["mutual" if path.endswith(MUTUAL) else "waiting"])
    if path.startswith("/admin/match-weeks/"):
        week = world.weeks["open" if path.endswith(("lock", "cancel")) else "proposed"]
        met = ".".join(sorted((people["owner"], people["former_match"])))
        return path.format(id=week, one=people["owner"], other=people["another_member"], key=f"forbid.{met}")
    if path.endswith("why-no-match"):
        return f"{path.format(id=people['owner'])}?week={world.weeks['proposed']}"
    if path.startswith("/admin/members/"):
        known = {"suspend": "owner", "restore": "suspended", "role": "owner", "candidates": "owner"}
        about = known.get(path.split("/")[-1], "newcomer")
        return path.format(id=people[about], other=people["owner"])
    if path.startswith("/auth/sessions/"):
        return path.format(id=world.sessions["owner"])
    known = {"provider": "kakao", "week": "2026-W49", "number": "1", "day": "2027-01-01", "secret": "s" * 43}
    return path.format(id=people["owner"], consultant=people["consultant"], **known)


def body(route: str, operation: Mapping[str, Any]) -> Any:
    """The example of the documentation, where it fits the people there are."""
    if "requestBody" not in operation:
        return None
    other = {
        "POST /admin/match-weeks/{id}/overrides": {},
        "POST /admin/consultations": {"slot_id": "csl_01JD8Q4W0M8Q5V7X0C9T1R2E3S", "member_id": numbered("usr", 1)},
        "POST /admin/slots": {
            "consultant_id": numbered("usr", 5),
            "starts_at": "2026-12-04T18:00:00+09:00",
            "minutes": 60,
        },
        "POST /admin/slots/series": {
            "consultant_id": numbered("usr", 5),
            "weekdays": ["monday"],
            "times": ["10:00"],
            "minutes": 60,
            "first": "2027-01-04",
            "last": "2027-02-26",
        },
        "POST /admin/match-weeks": {"week": "2027-W01"},
        "PUT /admin/members/{id}/consultant": {"consultant_id": numbered("usr", 5)},
        "POST /admin/members/assignments": {"ids": [numbered("usr", 9)], "consultant_id": numbered("usr", 5)},
        "POST /admin/introductions/preview": {"one": numbered("usr", 1), "other": numbered("usr", 2)},
        "POST /admin/introductions": {"one": numbered("usr", 1), "other": numbered("usr", 2), "reason": "상담"},
        "POST /admin/members/status": {"ids": [numbered("usr", 9)], "status": "active"},
        "POST /admin/memberships/{id}/meeting-dates": {
            "introduction_id": numbered("mh", 1),
            "meets_on": "2026-12-05",
        },
    }
    return other.get(route, operation["requestBody"]["content"]["application/json"]["example"])


async def found() -> dict[str, dict[str, str]]:
    """What everybody is answered on every route, each time in a world where nothing else has happened."""
    storage = MemoryStorage()
    async with served(storage) as world:
        await populate(world)
        untouched = storage._committed
        matrix: dict[str, dict[str, str]] = {}
        for route, operation in routes(world.app).items():
            row = matrix[route] = {}
            for actor in ACTORS:
                storage._committed = untouched
                row[actor] = await _status(world, route, actor, body(route, operation))
        return matrix


async def _status(world: World, route: str, actor: str, sent: Any) -> str:
    method, path = route.split(maxsplit=1)[0], place(world, route)
    ask = world.ask if path.startswith(BELOW) else world.ask_root
    return str((await ask(method, path, actor, json=sent)).status_code)


async def test_every_route_answers_every_actor_as_the_matrix_says() -> None:
    assert await found() == expected()


def test_nothing_that_is_anothers_is_even_known_to_exist() -> None:
    """Refusing with 403 would tell that it is there: 404 is for everything members ask for by an id."""
    for route, row in expected().items():
        if "{id}" in route and not route.split()[1].startswith("/admin"):
            assert row["another_member"] == "404", route


def test_the_administration_is_closed_to_members_and_without_a_token_everything_is() -> None:
    for route, row in expected().items():
        path = route.split()[1]
        if path.startswith("/admin"):
            assert {row[each] for each in MEMBERS} == {"403"}, route
            assert row["consultant_without_second_factor"] == "403", route
        if not path.startswith(OPEN):
            assert row["anonymous"] == row["wrong_audience"] == row["withdrawn"] == "401", route
