"""A week of 1,000 people, five candidates each, against a server that takes 100 ms a call: in time, and paid once."""

import json
import resource
import time
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.test_week_advice import SETTINGS, STAFF
from tests.support.gemini_server import Scripted, answers, data_of, replied, serving
from ygs.adapters.advisors.gemini import GeminiAdvisor
from ygs.application.rounds.weeks import CreateWeek
from ygs.application.simulation.club import club
from ygs.application.simulation.demo_weeks import StoryClock
from ygs.bootstrap import build
from ygs.bootstrap.engines import engines
from ygs.domain.ids import WeekId
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.clock_and_ids import Clock
from ygs.ports.match_advisor import MatchAdvisor
from ygs.settings import Settings

MOST_SECONDS = 120
MOST_MEGABYTES = 80


def in_100_ms(call: dict[str, Any]) -> Scripted:
    return replace(replied(json.dumps({"answers": answers(call)})), seconds=0.1)


@pytest.mark.long
async def test_a_week_of_a_thousand_people_is_advised_in_time_and_paid_once() -> None:
    settings = Settings(
        **{**SETTINGS, "advisor_candidates": 5, "advisor_pairs_per_call": 8, "advisor_call_seconds": 20}
    )
    async with serving(in_100_ms) as server:
        gemini = GeminiAdvisor("a-key", "gemini-test", url=server.url)
        async with build(settings, {Clock: StoryClock(NOON), MatchAdvisor: gemini, **engines()}) as app:
            async with app.storage.write() as tx:
                await tx.users.add_all(list(club(1_100, seed=3, at=NOON)))
            week = WeekId((await app.weeks.create(STAFF, CreateWeek())).id)
            await app.weeks.lock(STAFF, week)
            few = replace(app.week_advice.rules.budget, calls=100)
            stopped = replace(app.week_advice, rules=replace(app.week_advice.rules, budget=few))
            began = time.monotonic()
            first = await stopped.advise(STAFF, week)
            # By now the engines and the SDK are loaded, which takes most of the memory.
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            second = await app.week_advice.advise(STAFF, week)
            used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            took = time.monotonic() - began
            third = await app.week_advice.advise(STAFF, week)
        await gemini.close()
    asked = [json.dumps(item) for call in server.calls for item in data_of(call)["items"]]
    print(f"\n{first.pairs} pairs, {first.calls + second.calls} calls, {took:.1f} s, {used:.0f} MB")  # noqa: T201
    assert first.pairs > 2_500
    assert (first.calls, second.cached, third.calls) == (100, first.answered, 0)
    assert first.answered + second.answered == len(asked) == third.cached
    assert took < MOST_SECONDS
    assert used < MOST_MEGABYTES
