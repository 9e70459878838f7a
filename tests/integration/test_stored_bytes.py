"""The bytes of a stored week, which later releases must read and must be able to make again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from pydantic import SecretStr

from ygs.application.actors import Actor
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.bootstrap import Application, build
from ygs.domain.ids import WeekId
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.clock_and_ids import Clock
from ygs.settings import Settings

STAFF = Actor.operator()
LOCKED_AT = datetime(2026, 11, 2, 1, tzinfo=UTC)

# SHA-256 of the snapshot and the plan of a made-up club of 600 people, and the week's input hash.
SNAPSHOT = "c23bfca35ef5d0b4031a2a162d2448288f00c1b85c330a7495c2eec0c90f7a3a"
INPUT_HASH = "a42d062712f2e0ec24c02b95e26232ba70a12b0c7275c1cba2551190cfe39ee8"
PLAN = "45f3b3e5e80985a57adddcbc944a7d3f09a6de5a75e779e9a5c3b41fe0599051"
WHAT_A_CHANGE_MEANS = (
    "The same week now has other bytes. Weeks that are stored keep the old ones: their snapshots must still be read, "
    "and a plan that is made again from one no longer equals the stored plan, so audits and backtests differ. If that "
    "is wanted, write a decision page, change the reader to accept both, and only then these figures."
)


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    fakes: dict[Any, object] = {Clock: FrozenClock(LOCKED_AT)}
    async with build(Settings(database_url=SecretStr("memory:")), fakes) as made:
        async with made.storage.write() as tx:
            await tx.users.add_all(list(club(600, seed=1, at=made.clock.now())))
        yield made


async def test_a_week_has_the_same_snapshot_and_plan_in_every_release(app: Application) -> None:
    week = WeekId((await app.weeks.create(STAFF, CreateWeek())).id)
    await app.weeks.lock(STAFF, week)
    planned = await app.planning.plan(STAFF, week)
    async with app.storage.read() as reading:
        snapshot = await reading.weeks.snapshot(week)
        plan = await reading.weeks.plan(week)
    found = (sha256(snapshot).hexdigest(), planned.input_hash, sha256(plan).hexdigest())
    assert found == (SNAPSHOT, INPUT_HASH, PLAN), WHAT_A_CHANGE_MEANS
