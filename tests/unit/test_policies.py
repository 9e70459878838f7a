"""The club's policy: set by administrators, on record, taken by new weeks, never under a name that another has."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from ygs.application.actors import Actor
from ygs.application.rounds.policies import PolicySettings
from ygs.application.rounds.weeks import CreateWeek
from ygs.bootstrap import Application, build
from ygs.domain.club_policy import ClubPolicy
from ygs.domain.errors import Forbidden, InvalidPolicy, StaleWrite
from ygs.domain.ids import WeekId
from ygs.domain.matching.policy import Objective, Policy
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.ports.clock_and_ids import Clock
from ygs.settings import Settings

STAFF = Actor.operator()
COVERAGE = Policy(version="coverage", objective=Objective.COVERAGE, floor=2_000)


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    fakes: dict[Any, object] = {Clock: FrozenClock()}
    async with build(Settings(database_url=SecretStr("memory:")), fakes) as made:
        yield made


async def policy_of(app: Application, week: str) -> Policy:
    async with app.storage.read() as reading:
        return (await reading.weeks.get(WeekId(week))).policy


async def test_until_staff_set_a_policy_the_default_is_in_force(app: Application) -> None:
    current = await app.policies.current(STAFF)
    assert (current.version, current.since, current.policy.policy()) == (0, None, Policy())
    assert await app.policies.history(STAFF) == []


async def test_a_policy_that_is_set_is_in_force_and_on_record(app: Application) -> None:
    put = await app.policies.set(STAFF, COVERAGE)
    assert (put.version, put.since, put.policy.policy()) == (1, NOON, COVERAGE)
    assert await app.policies.current(STAFF) == put
    assert await app.policies.history(STAFF) == [put]
    async with app.storage.read() as reading:
        (logged,) = [each.entry for each in await reading.audit.page(after=0, limit=10)]
    assert (logged.action, logged.what, logged.role) == ("policy.set", "1", "admin")


async def test_a_name_stays_with_its_rules_however_long_ago_they_were_set(app: Application) -> None:
    async with app.storage.write() as tx:
        for version in range(102):
            set_before = ClubPolicy(policy=replace(COVERAGE, version=f"{version}"), since=NOON, version=version)
            await tx.policies.add(set_before)
    with pytest.raises(InvalidPolicy):
        await app.policies.set(STAFF, replace(COVERAGE, version="0", floor=3_000))


async def test_new_weeks_take_the_policy_in_force_and_keep_it(app: Application) -> None:
    before = await app.weeks.create(STAFF, CreateWeek())
    await app.policies.set(STAFF, COVERAGE)
    after = await app.weeks.create(STAFF, CreateWeek())
    given = await app.weeks.create(STAFF, CreateWeek(policy=PolicySettings(version="given")))
    assert [(await policy_of(app, week.id)).version for week in (before, after, given)] == [
        "2026.1",
        "coverage",
        "given",
    ]
    assert await policy_of(app, after.id) == COVERAGE


async def test_the_second_of_two_edits_of_one_version_is_refused(app: Application) -> None:
    await app.policies.set(STAFF, COVERAGE, version=0)
    with pytest.raises(StaleWrite):
        await app.policies.set(STAFF, Policy(version="other"), version=0)
    assert (await app.policies.set(STAFF, Policy(version="other"), version=1)).version == 2


@pytest.mark.parametrize("name", ["2026.1", "coverage"])
async def test_a_name_stands_for_one_set_of_rules(app: Application, name: str) -> None:
    await app.policies.set(STAFF, COVERAGE)
    await app.policies.set(STAFF, Policy(version="other"))
    with pytest.raises(InvalidPolicy):
        await app.policies.set(STAFF, Policy(version=name, floor=1))
    await app.policies.set(STAFF, COVERAGE)
    assert [each.policy.version for each in await app.policies.history(STAFF)] == ["coverage", "other", "coverage"]


async def test_consultants_read_the_policy_and_administrators_set_it(app: Application) -> None:
    roles = (Role.CONSULTANT, Role.ADMIN, Role.MEMBER)
    consultant, admin, member = (Actor.known_elsewhere(a_user(1).id, role) for role in roles)
    with pytest.raises(Forbidden):
        await app.policies.set(consultant, COVERAGE)
    assert (await app.policies.set(admin, COVERAGE)).version == 1
    assert (await app.policies.current(consultant)).version == 1
    for read in (app.policies.current, app.policies.history):
        with pytest.raises(Forbidden):
            await read(member)


def test_rules_that_are_left_out_are_those_of_the_default_policy() -> None:
    assert PolicySettings(version=Policy().version).policy() == Policy()
