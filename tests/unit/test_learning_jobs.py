"""Learning as jobs: queued once, cancelled, begun again, and taken into use only by who signed in just now."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.http import World, populate, served
from tests.unit.test_console import page, send
from tests.unit.test_learning import CONSULTANT, OPERATOR, House, a_house, by_charm, by_coin, recorded
from ygs.domain.errors import Forbidden, LearningRefused
from ygs.domain.jobs import JobState
from ygs.entrypoints.console.charts import Observed, reliability_chart


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house(by_charm) as made:
        yield made


async def test_a_fit_is_one_job_whose_result_names_the_new_version(house: House) -> None:
    jobs = house.app.learning_jobs
    queued = await jobs.fit(OPERATOR)
    assert (await jobs.fit(OPERATOR)).id == queued.id
    assert await house.app.worker.run_one()
    done = await house.app.jobs.get(OPERATOR, queued.id)
    assert (done.state, done.result) == (JobState.DONE, {"version": 1})
    assert (await house.app.learning.show(OPERATOR, 1)).evaluation.helps
    assert (await jobs.fit(OPERATOR)).id != queued.id
    actions = [entry.action for entry in await recorded(house)]
    assert [each for each in actions if each in ("job.queued", "learning.fitted")] == [
        "job.queued",
        "learning.fitted",
        "job.queued",
    ]


async def test_an_evaluation_stores_no_version_and_is_kept_with_its_job(house: House) -> None:
    jobs = house.app.learning_jobs
    assert await jobs.latest_evaluation(CONSULTANT) is None
    queued = await jobs.evaluate(OPERATOR)
    assert await house.app.worker.run_one()
    assert (await house.app.jobs.get(OPERATOR, queued.id)).result["helps"] is True
    found = await jobs.latest_evaluation(CONSULTANT)
    assert found is not None
    assert found.evaluation == await house.app.learning.evaluate(OPERATOR)
    assert await house.app.learning.versions(OPERATOR) == []


async def test_a_cancelled_fit_stores_nothing(house: House) -> None:
    queued = await house.app.learning_jobs.fit(OPERATOR)
    await house.app.jobs.cancel(OPERATOR, queued.id)
    assert not await house.app.worker.run_one()
    assert await house.app.learning.versions(OPERATOR) == []


async def test_going_back_to_a_version_is_using_it_and_what_does_not_help_is_not_even_queued(house: House) -> None:
    for _ in range(2):
        await house.app.learning.fit(OPERATOR)
    for number in (2, 1):
        await house.app.learning_jobs.use(OPERATOR, number)
        assert await house.app.worker.run_one()
        assert [each.number for each in await house.app.learning.versions(OPERATOR) if each.in_use] == [number]
    async with a_house(by_coin) as unsure:
        await unsure.app.learning.fit(OPERATOR)
        with pytest.raises(LearningRefused, match="does not say that it helps"):
            await unsure.app.learning_jobs.use(OPERATOR, 1)


async def test_only_administrators_queue_what_changes_rounds(house: House) -> None:
    await house.app.learning.fit(OPERATOR)
    with pytest.raises(Forbidden):
        await house.app.learning_jobs.fit(CONSULTANT)
    with pytest.raises(Forbidden):
        await house.app.learning_jobs.use(CONSULTANT, 1)


async def test_use_and_off_need_a_sign_in_of_the_last_fifteen_minutes() -> None:
    async with served() as world:
        await populate(world)
        await _age(world)
        for path in ("/admin/learning/1/use", "/admin/learning/off"):
            reply = await world.ask("POST", path, "admin")
            assert (reply.status_code, reply.json()["code"]) == (403, "sign_in_too_old"), path
        assert (await world.ask("POST", "/admin/learning/fit", "admin")).status_code == 202


async def test_the_console_shows_versions_a_chart_of_reliability_and_takes_them_into_use() -> None:
    async with served() as world:
        await populate(world)
        version = (await page(world, "/learning/1")).text
        assert '<circle class="bar"' in version
        assert "none of" not in version
        assert "4 / 60" in version
        assert "이런 소개는" in (await page(world, "/learning/1", headers={"Accept-Language": "ko"})).text
        queued = await send(world, "/learning/1/use")
        assert "next=/console/learning" in queued.headers["Location"]
        while await world.ygs.worker.run_one():
            pass
        used = (await page(world, "/learning", headers={"Accept-Language": "ko"})).text
        assert "사용하지 않기" in used
        await send(world, "/learning/off")
        assert (await world.ygs.learning.show(OPERATOR, 1)).in_use is False


def test_a_chart_of_reliability_puts_equal_shares_on_its_dashed_line() -> None:
    drawn = reliability_chart([Observed(0.2, 0.2, 0.1, 0.35)], "predicted", "became mutual", "chart")
    assert "predicted 40 %" in drawn
    x = int(re.findall(r'cx="(\d+)"', drawn)[0])
    y = int(re.findall(r'cy="(\d+)"', drawn)[0])
    left, bottom, right = map(int, re.findall(r"M(\d+) 10V(\d+)H(\d+)", drawn)[0])
    assert x - left == bottom - y == (right - left) // 2
    assert reliability_chart([], "a", "b", "c").count("circle") == 0


async def _age(world: World) -> None:
    """Move the beginning of the administrator's session half an hour back."""
    async with world.ygs.storage.write() as tx:
        session = await tx.sessions.find(world.sessions["admin"])
        assert session is not None
        await tx.sessions.save(replace(session, started_at=session.started_at - timedelta(minutes=30)))
