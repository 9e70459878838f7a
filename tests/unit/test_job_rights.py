"""A job acts for whoever asked for it, by the rights that they have when its result is stored.

Every kind of job is held to it: by the worker, whatever its handler does, and those that act for a person as a whole.
"""

import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydantic import SecretStr

from tests.unit.test_import_jobs import CSV, MAPPING
from tests.unit.test_learning import a_house as a_learning_house
from tests.unit.test_learning import by_charm
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.actors import Actor
from ygs.application.jobs.export_jobs import ExportRequest
from ygs.application.jobs.handlers import ScheduledWork
from ygs.application.jobs.import_jobs import ImportRun, NewImport
from ygs.application.jobs.worker import JobRun, Worker
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.application.simulation.demo_weeks import StoryClock
from ygs.bootstrap import Application, build
from ygs.domain.advice import PromptItem
from ygs.domain.errors import Forbidden
from ygs.domain.exports import ExportedData
from ygs.domain.ids import ImportId, JobId, WeekId
from ygs.domain.imports import SheetType
from ygs.domain.jobs import Job, JobKind, JobState, Values
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.clock_and_ids import Clock
from ygs.ports.match_advisor import MatchAdvisor, ModelReply, Prompt
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.ports.storage import Storage
from ygs.settings import AdvisorKind, Settings

OPERATOR = Actor.operator()
ADMIN = a_user(900, role=Role.ADMIN, status=Status.DRAFT)
APPROVER = a_user(901, role=Role.ADMIN, status=Status.DRAFT)
ACTOR = Actor.signed_in(ADMIN.id, Role.ADMIN)
SETTINGS: dict[str, Any] = {
    "database_url": SecretStr("memory:"),
    "language": Language.KO,
    "advisor": AdvisorKind.GEMINI,
    "advisor_key": SecretStr("a-key"),
    "advisor_model": "a-model",
    "advisor_consent_versions": frozenset({"2026-01"}),
    "advisor_items": frozenset(PromptItem),
    "advisor_pairs_per_call": 4,
    "advisor_calls_at_once": 1,
}
# What happens by itself, or at the machine, in nobody's name.
IN_NOBODYS_NAME = {
    JobKind.CLOSE_WEEK,
    JobKind.DUE_MEMBERSHIPS,
    JobKind.LOCK_WEEK,
    JobKind.MEETING_NOTICES,
    JobKind.POOL_BALANCE,
    JobKind.PURGE,
    JobKind.REMIND,
    JobKind.REMOVE_FILE,
}

Loses = Callable[[Storage], Awaitable[None]]


async def loses_the_role(storage: Storage) -> None:
    async with storage.write() as tx:
        await tx.users.save(replace(await tx.users.get(ADMIN.id), role=Role.MEMBER))


async def is_suspended(storage: Storage) -> None:
    async with storage.write() as tx:
        await tx.users.save(replace(await tx.users.get(ADMIN.id), status=Status.SUSPENDED))


async def leaves(storage: Storage) -> None:
    async with storage.write() as tx:
        await tx.users.save((await tx.users.get(ADMIN.id)).withdraw(at=NOON))


ALL_LOSSES = [loses_the_role, is_suspended, leaves]


async def _nothing() -> None:
    """Queue nothing."""


async def _job_of(storage: Storage, id: JobId) -> Job:
    async with storage.read() as reading:
        return await reading.jobs.get(id)


@pytest.mark.parametrize("loses", ALL_LOSSES)
@pytest.mark.parametrize("kind", JobKind)
@pytest.mark.parametrize("finishes_itself", [True, False])
async def test_no_job_of_any_kind_is_finished_for_somebody_who_lost_the_right(
    kind: JobKind, finishes_itself: bool, loses: Loses
) -> None:
    storage = MemoryStorage()

    async def handle(run: JobRun) -> Values:
        await loses(storage)
        if finishes_itself:
            async with storage.write() as tx:
                await tx.users.add(a_user(1))
                await run.finish(tx, {})
        return {"something": 1}

    job = Job.new(JobId(numbered("job", 1)), kind, at=NOON, by=ADMIN.id)
    async with storage.write() as tx:
        await tx.users.add(ADMIN)
        await tx.jobs.add(job)
    await Worker(storage, FrozenClock(), {kind: handle}, _nothing).run_one()
    ended = await _job_of(storage, job.id)
    assert (ended.state, ended.error, ended.result) == (JobState.FAILED, Forbidden.code, {})
    async with storage.read() as reading:
        assert not await reading.users.by_ids([a_user(1).id])


async def test_a_job_of_whoever_keeps_the_right_is_finished() -> None:
    storage = MemoryStorage()

    async def handle(run: JobRun) -> Values:
        return {"something": 1}

    job = Job.new(JobId(numbered("job", 1)), JobKind.EXPORT, at=NOON, by=ADMIN.id)
    async with storage.write() as tx:
        await tx.users.add(ADMIN)
        await tx.jobs.add(job)
    await Worker(storage, FrozenClock(), {JobKind.EXPORT: handle}, _nothing).run_one()
    assert (await _job_of(storage, job.id)).state is JobState.DONE


class Model:
    """A language model that moves every pair. `then` is done after each call."""

    model = "a-model"

    def __init__(self) -> None:
        self.calls = 0
        self.then: Callable[[], Awaitable[None]] = _nothing

    async def ask(self, prompt: Prompt) -> ModelReply:
        """Say the same of every pair."""
        self.calls += 1
        said = {"strength": 50, "reason": "두 분 모두 산을 좋아합니다."}
        items = json.loads(prompt.data)["items"]
        answers = [{"pair": each["pair"], "a": each["a"]["name"], "b": each["b"]["name"], **said} for each in items]
        await self.then()
        return ModelReply(text=json.dumps({"answers": answers}), input_tokens=10, output_tokens=10)

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class House:
    """An application with a club, an administrator who asks for jobs, and one who approves."""

    app: Application
    model: Model

    async def ran(self, id: JobId) -> Job:
        """The job, after a worker ran it alone."""
        assert await self.app.worker.run_job(id)
        return await _job_of(self.app.storage, id)


@asynccontextmanager
async def a_house() -> AsyncIterator[House]:
    model = Model()
    parts = {Clock: StoryClock(NOON), Scorer: PlainScorer(), RoundSolver: PlainSolver(), MatchAdvisor: model}
    async with build(Settings(**SETTINGS), parts) as app:
        async with app.storage.write() as tx:
            await tx.users.add_all([*club(24, seed=3, at=NOON), ADMIN, APPROVER])
        yield House(app, model)


@asynccontextmanager
async def a_house_that_learned() -> AsyncIterator[House]:
    async with a_learning_house(by_charm) as made:
        async with made.storage.write() as tx:
            await tx.users.add_all([ADMIN, APPROVER])
        yield House(made.app, Model())


Came = Callable[[], Awaitable[bool]]


async def _a_locked_week(house: House) -> WeekId:
    week = WeekId((await house.app.weeks.create(OPERATOR, CreateWeek())).id)
    await house.app.weeks.lock(OPERATOR, week)
    return week


async def advising(house: House) -> tuple[JobId, Came]:
    week = await _a_locked_week(house)
    before = (await house.app.weeks.show(OPERATOR, week)).input_hash
    queued = await house.app.week_jobs.advise(ACTOR, week)

    async def came() -> bool:
        return (await house.app.weeks.show(OPERATOR, week)).input_hash != before

    return queued.id, came


async def planning(house: House) -> tuple[JobId, Came]:
    week = await _a_locked_week(house)
    queued = await house.app.week_jobs.plan(ACTOR, week)

    async def came() -> bool:
        return (await house.app.weeks.show(OPERATOR, week)).state is WeekState.PROPOSED

    return queued.id, came


async def publishing(house: House) -> tuple[JobId, Came]:
    week = await _a_locked_week(house)
    await house.app.planning.plan(OPERATOR, week)
    queued = await house.app.week_jobs.publish(ACTOR, week)

    async def came() -> bool:
        return (await house.app.weeks.show(OPERATOR, week)).state is WeekState.PUBLISHED

    return queued.id, came


async def exporting(house: House) -> tuple[JobId, Came]:
    jobs = house.app.export_jobs
    asked = await jobs.request(ACTOR, ExportRequest(data=ExportedData.MEMBERS, reason="감사 자료"))
    approver = Actor.signed_in(APPROVER.id, Role.ADMIN)
    approved = await jobs.approve(approver, asked.id)
    assert approved.job_id

    async def came() -> bool:
        return (await jobs.get(approver, asked.id)).rows is not None

    return approved.job_id, came


async def _an_import(house: House) -> ImportId:
    made = await house.app.import_jobs.take(OPERATOR, NewImport(format=SheetType.CSV), CSV.encode())
    assert made.job_id
    assert (await house.ran(made.job_id)).state is JobState.DONE
    return made.id


def importing(**asked: Any) -> Callable[[House], Awaitable[tuple[JobId, Came]]]:
    async def importing(house: House) -> tuple[JobId, Came]:
        made = await _an_import(house)
        queued = await house.app.import_jobs.run(ACTOR, made, ImportRun(**asked))

        async def came() -> bool:
            async with house.app.storage.read() as reading:
                found = await reading.imports.get(made)
                judged = await reading.imports.verdicts(made, after=-1, limit=1)
            suggested = not asked.get("mapping") and bool(found.mapping)
            return bool(found.stored_at or judged or suggested)

        return queued.id, came

    return importing


async def fitting(house: House) -> tuple[JobId, Came]:
    queued = await house.app.learning_jobs.fit(ACTOR)

    async def came() -> bool:
        return bool(await house.app.learning.versions(OPERATOR))

    return queued.id, came


async def evaluating(house: House) -> tuple[JobId, Came]:
    queued = await house.app.learning_jobs.evaluate(ACTOR)

    async def came() -> bool:
        return await house.app.learning_jobs.latest_evaluation(OPERATOR) is not None

    return queued.id, came


async def using(house: House) -> tuple[JobId, Came]:
    version = await house.app.learning.fit(OPERATOR)
    queued = await house.app.learning_jobs.use(ACTOR, version.number)

    async def came() -> bool:
        return (await house.app.learning.show(OPERATOR, version.number)).in_use

    return queued.id, came


# How each kind of job that acts for a person is asked for, and whether anything came of it.
IN_A_PERSONS_NAME: dict[JobKind, list[Any]] = {
    JobKind.ADVISE_WEEK: [advising],
    JobKind.EVALUATE_LEARNING: [evaluating],
    JobKind.EXPORT: [exporting],
    JobKind.FIT_LEARNING: [fitting],
    JobKind.IMPORT: [importing(), importing(mapping=MAPPING), importing(mapping=MAPPING, commit=True)],
    JobKind.PLAN_WEEK: [planning],
    JobKind.PUBLISH_WEEK: [publishing],
    JobKind.USE_LEARNING: [using],
}
LEARNING = {JobKind.EVALUATE_LEARNING, JobKind.FIT_LEARNING, JobKind.USE_LEARNING}
ASKED = [(kind, asked) for kind, several in IN_A_PERSONS_NAME.items() for asked in several]


def test_every_kind_of_job_acts_in_a_persons_name_or_in_nobodys() -> None:
    assert IN_A_PERSONS_NAME.keys() | IN_NOBODYS_NAME == set(JobKind)
    assert not IN_A_PERSONS_NAME.keys() & IN_NOBODYS_NAME
    source = inspect.getsource(ScheduledWork)
    assert ".actor()" not in source


@pytest.mark.parametrize("when", ["before", "meanwhile", "never"])
@pytest.mark.parametrize(("kind", "asked"), ASKED)
async def test_nothing_comes_of_a_job_whose_asker_lost_the_right(
    kind: JobKind, asked: Callable[[House], Awaitable[tuple[JobId, Came]]], when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_house_that_learned() if kind in LEARNING else a_house() as house:
        job_id, came = await asked(house)
        storage = house.app.storage
        if when == "before":
            await loses_the_role(storage)
        elif when == "meanwhile":
            asker = JobRun.actor

            async def actor(run: JobRun) -> Actor:
                found = await asker(run)
                await loses_the_role(storage)
                return found

            monkeypatch.setattr(JobRun, "actor", actor)
        job = await house.ran(job_id)
        if when == "never":
            assert (job.state, await came()) == (JobState.DONE, True), job.error
        else:
            assert (job.state, job.error, await came()) == (JobState.FAILED, Forbidden.code, False)


async def test_no_more_members_are_sent_to_a_model_once_the_asker_lost_the_right() -> None:
    async with a_house() as house:
        job_id, came = await advising(house)
        storage = house.app.storage

        async def loses() -> None:
            house.model.then = _nothing
            await loses_the_role(storage)

        house.model.then = loses
        job = await house.ran(job_id)
        assert (job.state, job.error, await came()) == (JobState.FAILED, Forbidden.code, False)
        assert house.model.calls == 1
        week = WeekId(str(job.arguments["week"]))
        async with storage.read() as reading:
            assert (await reading.advice.usage(week)).calls == 1
