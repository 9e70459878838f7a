"""Whoever loses a right between the reading of their session and a change makes no change any more.

The permission matrix names every route that changes something and who may use it, so a new route is held to this too.
"""

import ast
import inspect
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, cast

import pytest

import ygs.application
from tests.support.http import World, populate, served
from tests.unit.test_http_permissions import body, expected, place, routes
from ygs.adapters.memory import MemoryStorage
from ygs.application.accounts.role_changes import RoleChange
from ygs.application.accounts.sessions import Authentication
from ygs.application.actors import Actor, Permission
from ygs.application.changes import begin_change
from ygs.application.members.review import Decision
from ygs.domain.errors import Forbidden, InvalidToken, Suspended, YgsError
from ygs.domain.match_weeks import WeekState
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user
from ygs.ports.storage import Writing

# The code of a refusal -> its words.
WORDS = {
    "suspended": {
        "en": "this account is suspended: you may still take your data, withdraw consents, and leave",
        "ko": "이용이 정지된 계정입니다. 내 정보를 내려받거나 동의를 철회하거나 탈퇴할 수는 있습니다.",
    },
    "forbidden": {"en": "this account may not do that", "ko": "이 계정으로는 할 수 없는 일입니다."},
    "invalid_token": {"en": "sign in again", "ko": "다시 로그인해 주세요."},
}
# What a suspended member may change all the same: their own account, and that they leave.
LEFT_TO_THE_SUSPENDED = {
    "POST /auth/logout",
    "DELETE /auth/sessions",
    "DELETE /auth/sessions/{id}",
    "POST /auth/password",
    "POST /auth/phone",
    "POST /auth/phone/confirm",
    "POST /auth/link/firebase",
    "POST /auth/link/kakao/start",
    "POST /auth/link/kakao",
    "DELETE /auth/link/{provider}",
    "POST /auth/authenticator",
    "POST /auth/authenticator/confirm",
    "POST /users/me/notices/read",
    "POST /users/me/devices",
    "DELETE /users/me/devices/{id}",
    "PUT /users/me/notices/preferences",
    "DELETE /users/me",
}
# Who has left may still end their session, which has ended.
LEFT_TO_WHO_LEFT = {"POST /auth/logout": "204", "DELETE /auth/sessions/{id}": "204"}
OTHERWISE = {
    # A verdict for each member, all of which are refused.
    "POST /admin/members/status": "200",
    "POST /admin/members/assignments": "200",
    # These take long, and ask last; they are not ready for it in this world.
    "POST /admin/match-weeks/{id}/close": "wrong_status",
    "POST /admin/imports/{id}/undo": "wrong_status",
    # It reads, which goes by the session, and puts that on record.
    "POST /admin/introductions/preview": "200, and changes something",
}

DECISIONS = {f"POST /admin/members/{{id}}/{each}" for each in ("approve", "reject", "suspend", "restore")} | {
    "PATCH /admin/members/{id}/basic"
}

Meanwhile = Callable[[World, Actor], Awaitable[object]]


async def is_suspended(world: World, actor: Actor) -> None:
    if actor.role is Role.MEMBER:
        await world.ygs.member_review.suspend(Actor.operator(), actor.require_id(), Decision(reason="신고"))
    else:
        await _save(world, actor, status=Status.SUSPENDED)


async def loses_the_role(world: World, actor: Actor) -> None:
    assert world.ygs.accounts
    change = RoleChange(role=Role.MEMBER, reason="퇴사")
    await world.ygs.accounts.roles.change(Actor.operator(), actor.require_id(), change)


async def leaves(world: World, actor: Actor) -> None:
    await world.ygs.members.withdraw(actor)


async def _save(world: World, actor: Actor, **changes: Any) -> None:
    async with world.ygs.storage.write() as tx:
        await tx.users.save(replace(await tx.users.get(actor.require_id()), **changes))


class Overtaken:
    """A populated service in which something happens to whoever asks, right after their session was read."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.routes = routes(world.app)
        self.storage = world.ygs.storage
        self.untouched = self._committed()
        self.meanwhile: Meanwhile = is_suspended
        by_session = Authentication.actor

        async def actor(authentication: Authentication, *args: Any) -> Actor:
            read = await by_session(authentication, *args)
            await self.meanwhile(world, read)
            self.overtaken = self._committed()
            return read

        monkeypatch.setattr(Authentication, "actor", actor)

    def _committed(self) -> object:
        return cast(MemoryStorage, self.storage)._committed

    async def outcomes(self, who: str, names: Iterable[str], meanwhile: Meanwhile) -> dict[str, str]:
        """By route: the status, or the code of the problem, and whether anything was committed after `meanwhile`."""
        self.meanwhile = meanwhile
        return {route: await self._outcome(who, route) for route in names}

    async def _outcome(self, who: str, route: str, language: str = "en") -> str:
        cast(Any, self.storage)._committed = self.untouched
        sent = body(route, self.routes[route])
        headers = {"Accept-Language": language}
        method, path = route.split(maxsplit=1)[0], place(self.world, route)
        reply = await self.world.ask(method, path, who, json=sent, headers=headers)
        found = reply.json()["code"] if reply.status_code >= 400 else str(reply.status_code)
        if found in WORDS and reply.json()["detail"] != WORDS[found][language]:
            found += f" in other words: {reply.json()['detail']}"
        return found if self._committed() is self.overtaken else f"{found}, and changes something"

    async def in_korean(self, who: str, route: str) -> str:
        """The same for one route, asked in Korean."""
        return await self._outcome(who, route, "ko")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as made:
        await populate(made)
        yield made


@pytest.fixture
async def overtaken(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Overtaken]:
    async with served(MemoryStorage()) as world:
        await populate(world)
        yield Overtaken(world, monkeypatch)


def changing(who: str, *, refused_to: str) -> set[str]:
    """The routes that change something, are open to one kind of actor, and are refused to another."""
    matrix = expected()
    names = {route for route in matrix if not route.startswith("GET ")}
    return {each for each in names if matrix[each][who] not in ("403", "503") and matrix[each][refused_to] == "403"}


async def test_a_member_who_is_suspended_meanwhile_changes_nothing(overtaken: Overtaken) -> None:
    names = changing("owner", refused_to="suspended")
    assert len(names) >= 30
    assert await overtaken.outcomes("owner", names, is_suspended) == dict.fromkeys(names, "suspended")
    for each in names:
        assert await overtaken.in_korean("owner", each) == "suspended", each


async def test_what_is_left_to_the_suspended_is_named_and_left_to_them_meanwhile_too(overtaken: Overtaken) -> None:
    matrix = expected()
    signed_in = {each for each, row in matrix.items() if row["anonymous"] == "401" and not each.startswith("GET ")}
    proofs = {"POST /auth/signup", "POST /auth/signup/token", "POST /auth/refresh", "POST /auth/password/reset"}
    without_a_session = {each for each in signed_in if each.startswith(("POST /auth/login", "POST /auth/firebase"))}
    without_a_session |= proofs | {"POST /auth/kakao/callback"}
    open_to_them = {each for each in signed_in - without_a_session if matrix[each]["suspended"] != "403"}
    assert open_to_them == LEFT_TO_THE_SUSPENDED
    outcomes = await overtaken.outcomes("owner", LEFT_TO_THE_SUSPENDED, is_suspended)
    assert not {each: outcome for each, outcome in outcomes.items() if outcome.startswith("suspended")}
    assert outcomes["DELETE /users/me"] == "204, and changes something"


async def test_a_member_who_leaves_meanwhile_changes_nothing(overtaken: Overtaken) -> None:
    names = changing("owner", refused_to="suspended") | LEFT_TO_THE_SUSPENDED
    found = await overtaken.outcomes("owner", names, leaves)
    assert found == dict.fromkeys(names, "invalid_token") | LEFT_TO_WHO_LEFT


@pytest.mark.parametrize(
    ("who", "meanwhile", "refused"),
    [("admin", loses_the_role, "forbidden"), ("consultant", is_suspended, "suspended")],
)
async def test_staff_who_lose_their_role_or_are_suspended_meanwhile_change_nothing(
    overtaken: Overtaken, who: str, meanwhile: Meanwhile, refused: str
) -> None:
    names = changing(who, refused_to="owner")
    assert len(names) > 50
    otherwise = {each: outcome for each, outcome in OTHERWISE.items() if each in names}
    assert await overtaken.outcomes(who, names, meanwhile) == dict.fromkeys(names, refused) | otherwise


@pytest.mark.parametrize(("who", "meanwhile"), [("owner", leaves), ("owner", is_suspended), ("admin", loses_the_role)])
async def test_reads_of_whoever_loses_a_right_meanwhile_are_answered(
    overtaken: Overtaken, who: str, meanwhile: Meanwhile
) -> None:
    """By the session, or that nothing is there any more."""
    names = {route for route, row in expected().items() if route.startswith("GET ") and row[who] == "200"}
    signed_in = {each for each in names if expected()[each]["anonymous"] == "401"}
    found = await overtaken.outcomes(who, signed_in, meanwhile)
    known = {"200", "not_found", "forbidden", "invalid_token"}
    said = {route: outcome.removesuffix(", and changes something") for route, outcome in found.items()}
    assert {route: outcome for route, outcome in said.items() if outcome not in known} == {}


async def test_a_member_who_becomes_staff_meanwhile_does_not_leave(overtaken: Overtaken) -> None:
    async def becomes_staff(world: World, actor: Actor) -> None:
        await _save(world, actor, role=Role.CONSULTANT)

    found = await overtaken.outcomes("owner", ["DELETE /users/me"], becomes_staff)
    assert found == {"DELETE /users/me": "invalid_token"}


async def test_an_administrator_who_becomes_a_consultant_meanwhile_changes_nothing(overtaken: Overtaken) -> None:
    """Not even what consultants may: they may only do it to what is theirs."""

    async def becomes_a_consultant(world: World, actor: Actor) -> None:
        await _save(world, actor, role=Role.CONSULTANT)

    names = changing("consultant", refused_to="owner")
    expected_outcomes = dict.fromkeys(names, "invalid_token")
    expected_outcomes |= {each: outcome for each, outcome in OTHERWISE.items() if each in names}
    # Administrators take a lock that consultants need not, so these ask for an administrator's right.
    expected_outcomes |= dict.fromkeys(names & DECISIONS, "forbidden")
    assert await overtaken.outcomes("admin", names, becomes_a_consultant) == expected_outcomes


async def test_consents_are_withdrawn_by_the_suspended_too_and_given_by_nobody_suspended(overtaken: Overtaken) -> None:
    world = overtaken.world
    ask = partial(world.ask, "PUT", "/users/me/consents", "suspended")
    overtaken.meanwhile = nothing_happens
    withdrawn = await ask(json={"consents": {"llm": None, "sensitive": None}})
    assert withdrawn.status_code == 200
    assert withdrawn.json()["consents"]["llm"]["withdrawn_at"]
    assert withdrawn.json()["status_reason"] == ""
    for given in ({"marketing": "2026-01"}, {"llm": None, "marketing": "2026-01"}):
        assert (await ask(json={"consents": given})).json()["code"] == "suspended"


async def nothing_happens(_world: World, _actor: Actor) -> None:
    return


async def test_staff_who_lose_their_role_while_a_week_is_published_or_closed_do_neither(overtaken: Overtaken) -> None:
    world, ygs = overtaken.world, overtaken.world.ygs
    admin = Actor.signed_in(world.people["admin"].id, Role.ADMIN)
    week = world.weeks["proposed"]

    async def loses_it(tx: Writing, _: object) -> None:
        await tx.users.save(replace(await tx.users.get(admin.require_id()), role=Role.MEMBER))

    with pytest.raises(Forbidden):
        await ygs.planning.publish(admin, week, finish=loses_it)
    assert (await ygs.weeks.show(admin, week)).state is WeekState.PROPOSED
    await ygs.planning.publish(admin, week)
    world.clock.advance(days=20)
    with pytest.raises(Forbidden):
        await ygs.weeks.close(admin, week, loses_it)
    assert (await ygs.weeks.close(admin, week)).state is WeekState.CLOSED


ASKS = {
    "begin_change",
    "require_current",
    "own_user",
    "refusals",
    "lock_administrators",
    "require_role_changer",
    "lock_for_decision",
}
# Whose transaction asks nobody's row, and why.
ASKS_NOBODY = {
    "accounts.second_factor.give": "the operator's alone",
    "accounts.sessions._end": "ends a session, whatever its user may do",
    "files.photos.delete": "the second of its transactions, after the deletion is on record",
    "idempotency._begin": "that a command came; the command asks",
    "idempotency._act": "its reply; the command asks",
}


def writing_blocks() -> Iterator[tuple[str, ast.AsyncWith]]:
    """Every block of a writing transaction in a function of the application that is given an actor."""
    for found in pkgutil.walk_packages(ygs.application.__path__, "ygs.application."):
        if not found.ispkg and found.name != "ygs.application.changes":
            source = inspect.getsource(import_module(found.name))
            for each in ast.walk(ast.parse(source)):
                if isinstance(each, ast.AsyncFunctionDef) and "actor" in {arg.arg for arg in each.args.args}:
                    name = f"{found.name.removeprefix('ygs.application.')}.{each.name}"
                    blocks = (node for node in ast.walk(each) if isinstance(node, ast.AsyncWith))
                    yield from ((name, block) for block in blocks if "write(" in _opening(block))


def _opening(block: ast.AsyncWith) -> str:
    return " ".join(ast.unparse(item.context_expr) for item in block.items)


def test_every_transaction_of_an_actor_asks_their_row_or_says_why_not() -> None:
    silent = {
        name
        for name, block in writing_blocks()
        if not ASKS & {called.id for called in map(_called, ast.walk(block)) if isinstance(called, ast.Name)}
    }
    assert silent == ASKS_NOBODY.keys()


def _called(node: ast.AST) -> ast.AST:
    """What a node calls; a constant for one that is no call."""
    return node.func if isinstance(node, ast.Call) else ast.Constant(None)


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.ADMIN])
async def test_staff_without_an_account_change_something_only_where_an_embedding_service_vouches_for_them(
    role: Role,
) -> None:
    storage = MemoryStorage()
    nobody = a_user(77).id

    async def change(actor: Actor) -> None:
        async with begin_change(storage, actor, Permission.REVIEW_MEMBERS):
            """Nothing is changed."""

    with pytest.raises(InvalidToken):
        await change(Actor.signed_in(nobody, role))
    await change(Actor.known_elsewhere(nobody, role))
    for actor in (Actor.known_elsewhere(nobody, Role.MEMBER), Actor.signed_in(nobody, Role.MEMBER)):
        with pytest.raises(InvalidToken):
            async with begin_change(storage, actor, Permission.OWN_ACCOUNT):
                """Nobody is to be changed."""


@pytest.mark.parametrize(
    ("status", "role", "refusal"),
    [(Status.SUSPENDED, Role.CONSULTANT, Suspended), (Status.DRAFT, Role.MEMBER, Forbidden)],
)
async def test_an_account_decides_also_about_staff_whom_an_embedding_service_vouches_for(
    status: Status, role: Role, refusal: type[YgsError]
) -> None:
    storage = MemoryStorage()
    known = a_user(77, role=role, status=status)
    async with storage.write() as tx:
        await tx.users.add(known)
    actor = Actor.known_elsewhere(known.id, Role.CONSULTANT)
    with pytest.raises(refusal):
        async with begin_change(storage, actor, Permission.REVIEW_MEMBERS):
            """Nothing is changed."""


@pytest.mark.parametrize("role", [Role.CONSULTANT, Role.ADMIN])
async def test_staff_who_never_sent_in_a_profile_are_suspended_and_restored(world: World, role: Role) -> None:
    ygs = world.ygs
    colleague = a_user(78, role=role, status=Status.DRAFT)
    await world.add("colleague", colleague)
    suspended = await world.ask("POST", f"/admin/members/{colleague.id}/suspend", "admin", json={"reason": "분실"})
    assert (suspended.status_code, suspended.json()["status"]) == (200, "suspended")
    assert (await world.ask("GET", "/admin/dashboard", "colleague")).status_code == 401
    refused = await world.ask(
        "POST", f"/admin/members/{world.people['admin'].id}/suspend", "consultant", json={"reason": "x"}
    )
    assert refused.status_code == 403
    restored = await world.ask("POST", f"/admin/members/{colleague.id}/restore", "admin")
    assert (restored.status_code, restored.json()["status"]) == (200, "draft")
    async with ygs.storage.read() as reading:
        assert colleague.id not in (await reading.market.enrolled(capacity=1)).ids


async def test_what_was_agreed_to_is_shown_to_the_suspended_and_to_staff(world: World) -> None:
    for who in ("suspended", "owner", "consultant"):
        shown = await world.ask("GET", "/users/me/consents", who)
        assert shown.status_code == 200
        assert shown.json().keys() == world.people[who].consents.keys()
    assert world.people["suspended"].consents
