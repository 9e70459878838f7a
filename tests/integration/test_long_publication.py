"""A week that takes longer to publish than the store lets a statement take, or than its own lease, is published; and a
publisher that was stopped holds the week for a bounded time."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text

from tests.support.databases import opened
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.adapters.sql import postgres
from ygs.application.actors import Actor
from ygs.application.rounds.leases import LeaseSeconds
from ygs.application.rounds.planning import Planning
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.bootstrap import Application, build
from ygs.domain.errors import Unavailable
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import WeekState
from ygs.entrypoints.testing.builders import a_week
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.ports.storage import Storage

STAFF = Actor.operator()
# Each row waits, as on a disk that is very busy.
SLOW_INSERTS = (
    "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.15); RETURN NEW; END'",
    "CREATE TRIGGER slow BEFORE INSERT ON introductions FOR EACH ROW EXECUTE FUNCTION wait()",
)


async def a_planned_week(app: Application) -> WeekId:
    async with app.storage.write() as tx:
        await tx.users.add_all(list(club(40, seed=3, at=NOON)))
    week = (await app.weeks.create(STAFF, CreateWeek(week="2099-W10"))).id
    await app.weeks.lock(STAFF, week)
    plan = await app.planning.plan(STAFF, week)
    assert len(plan.pairs) > 10
    return week


async def test_publishing_may_take_longer_than_a_statement_and_than_the_lease(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "STATEMENT_MS", 1_000)
    monkeypatch.setattr(postgres, "LOCK_MS", 200)
    monkeypatch.setattr(postgres, "SILENCE_SECONDS", 1.2)
    storage = await opened(postgres_url)
    try:
        async with build(overrides={Storage: storage, Scorer: PlainScorer(), RoundSolver: PlainSolver()}) as app:
            week = await a_planned_week(app)
            async with storage.transaction() as tx:
                for statement in SLOW_INSERTS:
                    await tx.run(text(statement))
            impatient = Planning(storage, app.clock, app.ids, app.scorer, app.solver, lease_seconds=LeaseSeconds(1))
            assert (await impatient.publish(STAFF, week)).state is WeekState.PUBLISHED
    finally:
        await storage.close()


async def test_a_publisher_that_is_stopped_frees_the_week(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "IDLE_MS", 300)
    storage = await opened(postgres_url)
    week = a_week()
    async with storage.write() as tx:
        await tx.weeks.add(week)
    stopped = asyncio.Event()

    async def publisher() -> None:
        async with storage.write(long=True) as tx:
            await tx.weeks.get(week.id)
            await stopped.wait()
            await tx.weeks.get(week.id)

    publishing = asyncio.create_task(publisher())
    try:
        await asyncio.sleep(0.1)
        async with asyncio.timeout(10), storage.write() as tx:
            assert (await tx.weeks.get(week.id)).version == 1
        stopped.set()
        with pytest.raises(Unavailable):
            await publishing
    finally:
        publishing.cancel()
        with suppress(asyncio.CancelledError, Unavailable):
            await publishing
        await storage.close()
