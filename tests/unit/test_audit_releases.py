"""Releasing a week's inputs to an auditor, and what planning the week again shows."""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.support.http import World, served
from tests.unit.test_round_proof import OPERATOR, commitments, locked, verify
from ygs.domain.ids import WeekId
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Overrides
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user

REASON = {"reason": "2026년 외부 감사"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with served() as world:
        for number, name in enumerate(("man", "woman", "alone", "other"), start=1):
            await world.add(name, a_user(number))
        for number, name in ((7, "admin"), (9, "second")):
            await world.add(name, a_user(number, role=Role.ADMIN, status=Status.DRAFT))
        await world.add("consultant", a_user(11, role=Role.CONSULTANT, status=Status.DRAFT))
        yield world


async def planned(world: World) -> WeekId:
    week = await locked(world)
    await world.ygs.planning.plan(OPERATOR, week, Overrides.of(left_out=[world.people["other"].id]))
    return week


async def ask(world: World, method: str, week: WeekId, part: str, who: str, **more: Any) -> tuple[int, Any]:
    reply = await world.ask(method, f"/admin/match-weeks/{week}/release{part}", who, **more)
    return reply.status_code, reply.json()


async def bundle_of(world: World, week: WeekId) -> Any:
    assert (await ask(world, "PUT", week, "", "admin", json=REASON))[0] == 200
    assert (await ask(world, "POST", week, "/approve", "second"))[0] == 200
    status, bundle = await ask(world, "GET", week, "/inputs", "admin")
    assert status == 200, bundle
    return bundle


async def test_inputs_are_read_only_after_another_administrator_approved_and_for_seven_days(world: World) -> None:
    week = await planned(world)
    assert (await ask(world, "GET", week, "", "admin"))[0] == 404
    assert (await ask(world, "POST", week, "/approve", "admin"))[0] == 404
    assert (await ask(world, "GET", week, "/inputs", "admin"))[0] == 404
    status, requested = await ask(world, "PUT", week, "", "admin", json=REASON)
    assert (status, requested["approved_by"]) == (200, None)
    assert (await ask(world, "GET", week, "/inputs", "second"))[0] == 409
    assert (await ask(world, "POST", week, "/approve", "admin"))[0] == 403
    status, approved = await ask(world, "POST", week, "/approve", "second")
    assert (status, approved["approved_by"]) == (200, world.people["second"].id)
    assert (await ask(world, "POST", week, "/approve", "second"))[0] == 409
    assert (await ask(world, "GET", week, "/inputs", "admin"))[0] == 200
    world.clock.advance(days=7)
    await world.renew("admin")
    assert (await ask(world, "GET", week, "/inputs", "admin"))[0] == 409


async def test_a_new_request_needs_a_new_approval(world: World) -> None:
    week = await planned(world)
    await bundle_of(world, week)
    await ask(world, "PUT", week, "", "second", json=REASON)
    assert (await ask(world, "GET", week, "/inputs", "admin"))[0] == 409


async def test_members_and_consultants_may_neither_ask_nor_read(world: World) -> None:
    week = await planned(world)
    for who in ("man", "consultant"):
        assert (await ask(world, "PUT", week, "", who, json=REASON))[0] == 403
        assert (await ask(world, "POST", week, "/approve", who))[0] == 403
        assert (await ask(world, "GET", week, "/inputs", who))[0] == 403


async def test_a_reason_is_needed_and_a_week_without_a_plan_has_nothing_to_release(world: World) -> None:
    week = await locked(world)
    assert (await ask(world, "PUT", week, "", "admin", json={"reason": " "}))[0] == 422
    assert (await ask(world, "PUT", week, "", "admin", json=REASON))[0] == 404


async def test_request_approval_and_every_reading_are_on_record_with_the_reason(world: World) -> None:
    week = await planned(world)
    await bundle_of(world, week)
    async with world.ygs.storage.read() as reading:
        entries = [each.entry for each in await reading.audit.page()]
    about = [(each.action, each.reason) for each in entries if each.what == week and each.reason]
    actions = ("week.release_requested", "week.release_approved", "week.inputs_read")
    assert about == [(action, REASON["reason"]) for action in actions]


async def test_planning_again_from_the_inputs_gives_the_stored_plan_and_proves_it(world: World, tmp_path: Path) -> None:
    bundle = await bundle_of(world, await planned(world))
    code, said = verify(tmp_path, bundle, await commitments(world))
    assert code == 0, said
    for sentence in ("byte for byte", "No plan over all eligible pairs is better", "every participant"):
        assert sentence in said
    assert "DOES NOT HOLD" not in said


def _other_seed(bundle: Any) -> None:
    bundle["seed"] += 1


def _other_floor(bundle: Any) -> None:
    bundle["policy"]["floor"] += 1


def _other_key(bundle: Any) -> None:
    bundle["key"] = "0" * 64


def _other_wait(bundle: Any) -> None:
    market = Market.from_bytes(b64decode(bundle["snapshot"]))
    market.weeks_waited[0] += 1
    bundle["snapshot"] = b64encode(market.to_bytes()).decode()


def _no_overrides(bundle: Any) -> None:
    bundle["overrides"]["left_out"] = []


def _other_pairs(bundle: Any) -> None:
    bundle["plan"] = json.dumps({**json.loads(bundle["plan"]), "pairs": []}, separators=(",", ":"), sort_keys=True)


CHANGES = (_other_seed, _other_floor, _other_key, _other_wait, _no_overrides, _other_pairs)


@pytest.mark.parametrize("change", CHANGES)
async def test_whatever_is_changed_in_the_inputs_they_do_not_hold(world: World, tmp_path: Path, change: Any) -> None:
    bundle = await bundle_of(world, await planned(world))
    change(changed := deepcopy(bundle))
    code, said = verify(tmp_path, changed)
    assert (code, "DOES NOT HOLD" in said) == (4, True), said


async def test_a_damaged_snapshot_is_refused(world: World, tmp_path: Path) -> None:
    bundle = await bundle_of(world, await planned(world))
    bundle["snapshot"] = b64encode(b"YGSM\x01damaged").decode()
    assert verify(tmp_path, bundle)[0] == 1


async def test_a_release_goes_with_the_inputs(world: World) -> None:
    week = await planned(world)
    await bundle_of(world, week)
    await world.ygs.weeks.discard(OPERATOR, week)
    assert (await ask(world, "GET", week, "", "admin"))[0] == 404
    assert (await ask(world, "GET", week, "/inputs", "admin"))[0] == 404
