"""What an embedder writes, for mypy: `make lint` reads it. Each ignored error is one that mypy has to find there."""

from typing import assert_type

from pydantic import SecretStr

import ygs
from ygs import Actor, Application, Candidate, CreateWeek, Policy, RoundPlan, Settings, TablePlan, build, plan_round
from ygs.application.rounds.weeks import WeekView


async def embed() -> None:
    """Use the public names."""
    async with build(Settings(database_url=SecretStr("memory:"))) as app:
        assert_type(app, Application)
        assert_type(await app.weeks.create(Actor.operator(), CreateWeek()), WeekView)
    async with build("memory:") as app:  # type: ignore[arg-type]
        await app.weeks.erase()  # type: ignore[attr-defined]
    people: list[Candidate] = []
    assert_type(plan_round(people, policy=Policy(), seed=7), RoundPlan)
    assert_type(plan_round({"id": ["a"], "gender": ["male"], "seeks": ["female"]}), TablePlan)
    assert_type(ygs.__version__, str)
    plan_round(people, seed="7")  # type: ignore[call-overload]
    plan_round(["a"])  # type: ignore[list-item]
    Settings(database="memory:")
    ygs.DoesNotExist  # type: ignore[attr-defined]  # noqa: B018
