"""Whatever staff read of people or change is on record: every route of the administration is asked."""

from collections.abc import Mapping

from tests.support.http import World, populate, served
from tests.unit.test_http_permissions import body, place, routes
from ygs.adapters.memory import MemoryStorage

# They show figures and no person.
NO_PERSON = {
    "GET /admin/dashboard",
    "GET /admin/match-weeks",
    "GET /admin/match-weeks/{id}",
    "GET /admin/match-weeks/{id}/compare",
    "GET /admin/audit/verify",
    "GET /admin/policy",
    "GET /admin/policy/history",
    "GET /admin/week-schedule",
    "GET /admin/jobs",
    "GET /admin/webhooks",
    "GET /admin/webhooks/{id}",
    "GET /admin/webhooks/{id}/deliveries",
    "GET /admin/jobs/{id}",
    "GET /admin/membership-plans",
}
# Refused in this world, where it is too early or nothing is there yet. The tests of weeks, audit releases, exports,
# jobs and memberships say that they are on record when they are answered.
LATER = {
    "POST /admin/match-weeks/{id}/close",
    "GET /admin/match-weeks/{id}/release",
    "POST /admin/match-weeks/{id}/release/approve",
    "GET /admin/match-weeks/{id}/release/inputs",
    "GET /admin/exports/{id}",
    "POST /admin/jobs/{id}/requeue",
    "POST /admin/memberships/{id}/resume",
}


async def grown() -> Mapping[str, tuple[bool, int]]:
    """For every route of the administration: whether it was answered, and by how much the log grew."""
    storage = MemoryStorage()
    async with served(storage) as world:
        await populate(world)
        untouched, before = storage._committed, await _length(world)
        grown = {}
        for route, operation in routes(world.app).items():
            method, path = route.split()
            if path.startswith("/admin"):
                storage._committed = untouched
                reply = await world.ask(method, place(world, route), "admin", json=body(route, operation))
                grown[route] = reply.is_success, await _length(world) - before
        return grown


async def _length(world: World) -> int:
    async with world.ygs.storage.read() as reading:
        return (await reading.audit.head()).number


async def test_every_route_of_the_administration_puts_on_record_who_asked() -> None:
    found = await grown()
    assert {route for route, (answered, _) in found.items() if not answered} == LATER
    assert {route for route, (_, entries) in found.items() if not entries} == NO_PERSON | LATER
    assert len(found) > 30
