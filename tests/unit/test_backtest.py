"""Replaying stored weeks: the same policy finds the same plan, another is measured beside it by real answers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.actors import Actor
from ygs.application.rounds.backtest import Backtest
from ygs.application.simulation.behaviour import Behaviour
from ygs.application.simulation.club import club
from ygs.application.simulation.demo_weeks import Club, StoryClock
from ygs.bootstrap import build
from ygs.domain.errors import Forbidden, RoundRefused
from ygs.domain.matching.policy import Objective, Policy, Strategy
from ygs.domain.users import Role
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.settings import Settings

OPERATOR = Actor.operator()
# So small a market is planned before the array engines would have been compiled.
PLAIN: dict[Any, object] = {Scorer: PlainScorer(), RoundSolver: PlainSolver()}


@pytest.fixture
async def backtest() -> AsyncIterator[Backtest]:
    """A club of 40 after two weeks that were played, and one that is only proposed."""
    clock = StoryClock(datetime(2026, 11, 2, 1, tzinfo=UTC))
    async with build(Settings(database_url=SecretStr("memory:")), {Clock: clock, **PLAIN}) as ygs:
        async with ygs.storage.write() as tx:
            await tx.users.add_all(list(club(40, seed=3, at=clock.now())))
        story = Club(ygs.storage, clock, ygs.ids, ygs.weeks, ygs.planning, Behaviour(3))
        for week in ("2026-W45", "2026-W46"):
            await story.play(week)
            clock.moment = clock.moment.replace(hour=1)
        await story.propose("2026-W47")
        yield Backtest(ygs.storage, ygs.scorer, ygs.solver)


async def test_the_policy_of_the_time_finds_the_plan_of_the_time(backtest: Backtest) -> None:
    replayed = await backtest.replay(OPERATOR, Policy())
    assert [each.week for each in replayed] == ["2026-W45", "2026-W46"]
    for each in replayed:
        assert each.stored == each.replayed
        assert each.same_pairs == each.stored.pairs > 0


async def test_weeks_that_were_locked_without_chances_are_not_replayed_by_them(backtest: Backtest) -> None:
    with pytest.raises(RoundRefused, match="there are no chances"):
        await backtest.replay(OPERATOR, Policy(objective=Objective.CHANCE))


async def test_all_answers_to_the_pairs_of_the_time_are_known(backtest: Backtest) -> None:
    for each in await backtest.replay(OPERATOR, Policy()):
        assert each.stored.known == each.stored.pairs
        assert 0 <= each.stored.mutual <= each.stored.known


async def test_another_policy_is_measured_beside_the_plan_of_the_time(backtest: Backtest) -> None:
    told: list[tuple[str, int, int]] = []
    greedy = replace(Policy(), strategy=Strategy.GREEDY)
    replayed = await backtest.replay(OPERATOR, greedy, progress=lambda *step: told.append(step))
    assert all(each.same_pairs <= each.replayed.pairs and each.replayed.known >= each.same_pairs for each in replayed)
    assert any(each.same_pairs < each.replayed.pairs for each in replayed)
    assert told[0] == ("replay", 0, 2)
    assert told[-1] == ("replay", 2, 2)


async def test_only_the_latest_weeks_are_replayed_when_so_asked(backtest: Backtest) -> None:
    assert [each.week for each in await backtest.replay(OPERATOR, Policy(), weeks=1)] == ["2026-W46"]


async def test_members_may_not_look_back(backtest: Backtest) -> None:
    member = Actor(id=None, role=Role.MEMBER, permissions=frozenset())
    with pytest.raises(Forbidden):
        await backtest.replay(member, Policy())


async def test_nothing_published_is_nothing_replayed() -> None:
    async with build(Settings(database_url=SecretStr("memory:")), PLAIN) as ygs:
        assert await Backtest(ygs.storage, ygs.scorer, ygs.solver).replay(OPERATOR, Policy()) == ()
