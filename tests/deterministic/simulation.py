"""One simulation under a seed: everybody acts for some weeks, then the faults end and everything must come to rest."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, TypeAlias
from unittest.mock import patch

from tests.deterministic.blindness import spy
from tests.deterministic.event_loop import AwaitedByThread, SimulatedLoop
from tests.deterministic.faults import LONGEST_STALL_SECONDS, FaultRates, as_of
from tests.deterministic.members import PASSWORD, Member
from tests.deterministic.rights import give_role
from tests.deterministic.staff import Staff, keep_working, let_time_pass, pull_the_plug
from tests.deterministic.world import SETTINGS, World
from tests.support.ledger_recount import by_member, figures, recounted
from ygs.application import polling
from ygs.application.actors import Actor as Asking
from ygs.application.audit.log import AuditLog, audit_entry
from ygs.application.operations.invariants import InvariantCheck
from ygs.application.operations.purge import Retention
from ygs.domain.accounts import Account
from ygs.domain.introductions import IntroductionState
from ygs.domain.jobs import Job, JobKind, JobState
from ygs.domain.match_weeks import WeekState
from ygs.domain.service_dates import date_at
from ygs.domain.users import Role, Status
from ygs.entrypoints.testing.accounts import QuickPasswords
from ygs.entrypoints.testing.builders import SEOUL, a_user, consents
from ygs.entrypoints.testing.clock import NOON

# Virtual seconds in which everybody acts; the clock jumps some weeks meanwhile.
ACTIVE_SECONDS = 130.0
REST_SECONDS = 600.0
MEMBERS = 8
# The other people have no account in the beginning.
ACCOUNTS = 6
_ENDED = (JobState.DONE, JobState.CANCELLED)
Actor: TypeAlias = Callable[[], Awaitable[Any]]
REPLAY = ".venv/bin/python -m tests.deterministic {seed}"


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a simulation."""

    seed: int
    steps: tuple[str, ...]
    digest: str
    violations: tuple[str, ...]

    def __str__(self) -> str:
        found = "\n  ".join(self.violations)
        return f"seed {self.seed}, step {len(self.steps)}:\n  {found}\nreplay: {REPLAY.format(seed=self.seed)}"


def simulate(seed: int) -> Run:
    """Run the simulation of a seed."""
    random = Random(f"{seed} loop")
    loop = SimulatedLoop(random)
    world = World(seed, _rates(Random(f"{seed} rates")))
    loop.set_exception_handler(lambda _, context: _unexpected(world, context))
    logging.disable(logging.CRITICAL)
    try:
        with (
            patch.object(polling, "IDLE_SECONDS", 8.0),
            patch.object(asyncio, "run_coroutine_threadsafe", AwaitedByThread),
        ):
            loop.run_until_complete(_lived(world))
    finally:
        logging.disable(logging.NOTSET)
        loop.close()
    return Run(seed, tuple(world.steps), world.digest, tuple(world.found))


def _rates(random: Random) -> FaultRates:
    """Some seeds have no fault of a kind, so that those of another kind get farther."""
    return FaultRates(
        late=random.choice([0.1, 0.3]),
        stalled=random.choice([0, 0.0005]),
        stopped=random.choice([0, 0.5]),
        before=random.choice([0, 0.002, 0.01]),
        after=random.choice([0, 0.002, 0.01]),
        lag=random.choice([0, 0.3]),
    )


def _unexpected(world: World, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if isinstance(error, Exception):
        world.violation(f"{context['message']}: {type(error).__name__}: {error}")


async def _lived(world: World) -> None:
    for process in world.processes:
        await process.start()
    members = [Member(world, number) for number in range(1, MEMBERS + 1)]
    staff = [Staff(world, number) for number in (1, 2)]
    await _populate(world, members[:ACCOUNTS], staff)
    actors: list[Actor] = [*(member.live for member in members), *(each.work for each in staff)]
    actors += [partial(let_time_pass, world), partial(spy, world)]
    actors += [partial(keep_working, process) for process in world.processes]
    if world.random("crashes or not").random() < 0.5:
        actors.append(partial(pull_the_plug, world))
    await _run(world, actors, world.ended.wait, ACTIVE_SECONDS)
    if not world.found:
        await _come_to_rest(world)
    for process in world.processes:
        await process.stop()


async def _run(world: World, actors: list[Actor], until: Actor, seconds: float) -> None:
    """Let these act until that is over, or the time is."""
    running = [asyncio.ensure_future(_watched(world, each)) for each in actors]
    with suppress(TimeoutError):
        await asyncio.wait_for(until(), seconds)
    world.ended.set()
    for each in running:
        each.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _watched(world: World, actor: Actor) -> None:
    try:
        await actor()
    except Exception as error:  # noqa: BLE001 - an actor or a worker that dies is a fault
        world.violation(f"an actor died of {type(error).__name__}: {error}")


async def _populate(world: World, members: list[Member], staff: list[Staff]) -> None:
    """Some active members and the staff, as an import would store them."""
    passwords = QuickPasswords()
    async with world.storage.write() as tx:
        for member in members:
            user = a_user(member.number, phone=member.phone, status=Status.ACTIVE, consents=consents())
            await tx.users.add(user)
            encoded = await passwords.hash(PASSWORD.get_secret_value())
            await tx.accounts.add(Account(user_id=user.id, created_at=NOON, updated_at=NOON, password=encoded))
            member.has_account = True
        for each in staff:
            await tx.users.add(each.user)
        await tx.audit.add(audit_entry(None, "club.founded", at=NOON))


async def _come_to_rest(world: World) -> None:
    """Without faults, with working workers and enough time, nothing is left undone."""
    world.rates = FaultRates()
    for process in world.processes:
        if process.app is None:
            await process.start()
        process.faults.rates = world.rates
    # A call that stalled before may still hold the writers' turn.
    await asyncio.sleep(LONGEST_STALL_SECONDS)
    await _give_roles_back(world)
    deadlines = [week.deadline for week in world.tables.weeks.values()]
    world.clock.jump(max([timedelta(0), *(each - world.clock.now() for each in deadlines)]) + timedelta(days=8))
    workers: list[Actor] = [partial(keep_working, process) for process in world.processes]
    await _run(world, workers, partial(_rested, world), REST_SECONDS)
    for text in [*_left_undone(world), *await _found_by_check(world), *await _found_by_recount(world)]:
        world.violation(text)


async def _give_roles_back(world: World) -> None:
    """Or a job would fail for ever that was asked for by whoever may ask for it no more."""
    app = world.processes[0].app
    assert app is not None
    for each in [user for user in world.tables.users.values() if user.role is Role.CONSULTANT]:
        await give_role(app, each.id, Role.ADMIN)


async def _rested(world: World) -> None:
    await asyncio.sleep(30)
    while _left_undone(world):
        await _requeue_failed(world)  # also what fails now: its last attempt may have died with its worker
        world.clock.jump(timedelta(hours=1))  # as long as a job waits at most before it is tried again
        await asyncio.sleep(30)


async def _requeue_failed(world: World) -> None:
    """What staff do about jobs that failed."""
    app = world.processes[0].app
    assert app is not None
    for job in await app.jobs.list(Asking.operator(), state=JobState.FAILED):
        await app.jobs.requeue(Asking.operator(), job.id)


def _left_undone(world: World) -> list[str]:
    tables = world.tables
    weeks = [week for week in tables.weeks.values() if week.state is WeekState.PUBLISHED]
    waiting = [made for made in tables.introductions.values() if made.state is IntroductionState.WAITING]
    jobs = [job for job in tables.jobs.values() if job.state not in _ENDED and not _came_too_late(world, job)]
    return [
        *(f"{week.id} is not closed" for week in weeks),
        *(f"{made.id} still waits" for made in waiting),
        *(f"{job.id} ({job.kind}) is {job.state}: {job.error}" for job in jobs),
    ]


def _came_too_late(world: World, job: Job) -> bool:
    """Whether it was to write a sheet, and came a day after the approval, or a month later to a request long purged."""
    if job.kind != JobKind.EXPORT or job.state is not JobState.FAILED:
        return False
    purged = job.arguments["export"] not in world.tables.exports
    return job.error == "deadline_passed" or (purged and job.error == "not_found")


async def _found_by_check(world: World) -> list[str]:
    """What `ygs check` and the verification of the audit log find."""
    storage = as_of(world.tables)
    check = InvariantCheck(storage, world.clock, Retention(timedelta(days=SETTINGS.retention_days)))
    found = [f"ygs check: {each}" for each in await check.check(Asking.operator())]
    faults = await AuditLog(storage, world.clock).verify(Asking.operator())
    return [*found, *(f"audit log: {each}" for each in faults)]


async def _found_by_recount(world: World) -> list[str]:
    """Whose ledger shows other figures than a recount from all introductions of the simulation."""
    app = world.processes[0].app
    assert app is not None
    own = by_member(world.tables.introductions.values())
    today = date_at(world.clock.now(), SEOUL)
    found = []
    for each in world.tables.memberships.values():
        shown = figures(await app.memberships.get(Asking.operator(), each.id))
        counted = recounted(each, own[each.user_id], today)
        if shown != counted:
            found.append(f"ledger of {each.id}: {shown} is shown, {counted} is counted")
    return found
