"""A seed takes the same steps in every run, and another seed takes others."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.deterministic.event_loop import Deadlock, SimulatedLoop
from tests.deterministic.simulation import simulate

ROOT = Path(__file__).parents[2]


def run_in(seed: int, main: Callable[[], Coroutine[Any, Any, object]]) -> object:
    loop = SimulatedLoop(Random(seed))
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


async def in_which_order() -> tuple[int, ...]:
    order = list[int]()

    async def each(number: int) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        order.append(number)

    await asyncio.gather(*(each(number) for number in range(8)))
    return tuple(order)


def test_the_seed_chooses_the_order_of_tasks() -> None:
    orders = [run_in(seed, in_which_order) for seed in range(10)]
    assert len(set(orders)) > 5
    assert orders == [run_in(seed, in_which_order) for seed in range(10)]


def test_waiting_takes_no_time_and_work_for_threads_is_done_in_this_one() -> None:
    async def main() -> float:
        await asyncio.sleep(3_600)
        loop = asyncio.get_running_loop()
        assert await asyncio.to_thread(asyncio._get_running_loop) is loop
        return loop.time()

    elapsed = run_in(1, main)
    assert isinstance(elapsed, float)
    assert elapsed >= 3_600


def test_tasks_that_wait_for_each_other_are_reported() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock):
        run_in(1, main)


def test_a_replay_takes_the_same_steps() -> None:
    first, again, other = simulate(3), simulate(3), simulate(4)
    assert (first.steps, first.digest) == (again.steps, again.digest)
    assert other.digest != first.digest
    assert len(first.steps) > 100


@pytest.mark.long
def test_the_replay_command_takes_the_same_steps_in_another_process() -> None:
    """Also where sets iterate in another order."""
    run = simulate(5)
    replayed = subprocess.run(
        [sys.executable, "-m", "tests.deterministic", "5"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tuple(replayed.stdout.splitlines()[: len(run.steps)]) == run.steps
