"""A scan finds the same wherever its rectangles are scanned: on threads, in processes, on a Ray cluster, and when a
worker is killed in the middle."""

import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from signal import SIGKILL
from threading import Thread
from time import sleep
from typing import Any

import numpy as np
import pytest

from benchmarks.markets import city
from benchmarks.sweeps import MeteredSweep
from tests.integration.test_scoring_at_scale import Array, a_crowd, numbers
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.process_workers import ProcessWorkers
from ygs.adapters.scoring.ray_workers import RayWorkers, ShardScanner
from ygs.adapters.scoring.score_tables import Work, prepare
from ygs.adapters.scoring.sharded_sweep import Shard, ShardedSweep, ShardResult, Workers
from ygs.adapters.scoring.sweep import Sweep, SweptMarket, ThreadSweep
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.application.rounds.solve_round import plan_round
from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Test

ray_test = pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra ray: make ray")
MARKET = a_crowd(900, seed=4)
CITY = city(600, seed=2)
NO_OFFSETS = np.zeros(len(MARKET), np.int64)


class HereWorkers:
    """Workers that are none: each shard is scanned in turn, in this process."""

    def __init__(self, many: int = 3) -> None:
        self.many = many

    def scan(self, swept: SweptMarket, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        prepared = prepare(swept.market, swept.policy, _here)
        for shard in reversed(shards):
            yield shard.scan(prepared)


class WatchedWorkers(HereWorkers):
    """The same; `beat`: what was to be beaten in each round of shards."""

    def __init__(self) -> None:
        super().__init__()
        self.beat: list[Array] = []

    def scan(self, swept: SweptMarket, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        self.beat.append(shards[0].beat)
        return super().scan(swept, shards)


def _here(work: Work, blocks: int) -> None:
    work(0, blocks)


class KilledWorkers(ProcessWorkers):
    """Processes of which one is killed after the first result."""

    killed = 0

    def _results(self, swept: SweptMarket, left: dict[int, Shard]) -> Iterator[tuple[int, ShardResult]]:
        for result in super()._results(swept, left):
            yield result
            if not self.killed and self._pool is not None:
                self.killed = next(iter(self._pool._processes))
                os.kill(self.killed, SIGKILL)


def finds_the_same(sweep: Sweep, market: Market, policy: Policy) -> bool:
    """Whether a few scans on a sweep find what they find on one thread."""
    random = np.random.default_rng(1)
    offsets = numbers(random.integers(-500, 500, len(market)))
    prices = [numbers(random.integers(2_000, 4_500, len(market))) for _ in range(2)]
    found = []
    for scorer in (VectorisedScorer(threads=1), VectorisedScorer(threads=1, sweep=sweep)):
        scores = scorer.scores(market, policy)
        searches = [scores.beyond(Test.IMPROVES, price, 3, counted=True) for price in prices]
        found.append((scores.best(5, offsets), searches, scores.beyond(Test.BLOCKS, prices[0], 0).count))
    return found[0] == found[1]


def test_shards_that_share_nothing_find_the_same() -> None:
    assert finds_the_same(ShardedSweep(HereWorkers()), MARKET, Policy(floor=3_000))


def test_a_search_for_the_best_tells_later_shards_what_is_to_be_beaten() -> None:
    watched = WatchedWorkers()
    VectorisedScorer(threads=1, sweep=ShardedSweep(watched)).scores(MARKET, Policy()).best(2, numbers(NO_OFFSETS))
    assert len(watched.beat) > 1
    for before, after in pairwise(watched.beat):
        assert (before <= after).all()
        assert (before < after).any()


def test_many_workers_examine_hardly_more_pairs_than_threads() -> None:
    market = city(3_000, seed=5)
    examined = []
    for sweep in (ThreadSweep(1), ShardedSweep(HereWorkers(8))):
        scores = VectorisedScorer(threads=8, sweep=sweep).scores(market, Policy())
        scores.best(12, numbers(np.zeros(len(market), np.int64)))
        examined.append(scores.stats.examined)
    assert examined[1] < 1.5 * examined[0]


@pytest.mark.long
@pytest.mark.parametrize("workers", [ProcessWorkers, KilledWorkers])
def test_two_processes_find_the_same_also_when_one_is_killed(workers: type[ProcessWorkers]) -> None:
    processes = workers(2)
    try:
        assert finds_the_same(ShardedSweep(processes), MARKET, Policy(floor=3_000))
        assert same_plan(processes)
        assert isinstance(processes, KilledWorkers) == bool(getattr(processes, "killed", 0))
    finally:
        processes.close()


def same_plan(workers: Workers) -> bool:
    plans = [
        plan_round(CITY, scorer=VectorisedScorer(threads=1, sweep=sweep), solver=ExactSolver(), seed=1)
        for sweep in (None, ShardedSweep(workers))
    ]
    return plans[0].to_json() == plans[1].to_json()


def times_the_cost_of_threads(workers: Workers) -> float:
    """The CPU time of all scans of a round, start-up apart, beside that on threads.

    What each search sends costs some 40 ms however short it is, which weighs more in a smaller market.
    """
    market = city(100_000, seed=3)
    spent = {}
    for name, sweep in (("threads", ThreadSweep(2)), ("workers", ShardedSweep(workers))):
        metered = MeteredSweep(sweep)
        plan_round(market, scorer=VectorisedScorer(sweep=metered), solver=ExactSolver())
        spent[name] = metered.spent()
    return spent["workers"]["all"] / spent["threads"]["all"]


@pytest.mark.slow
def test_scans_in_two_processes_cost_at_most_three_tenths_more() -> None:
    processes = ProcessWorkers(2)
    try:
        assert times_the_cost_of_threads(processes) <= 1.3
    finally:
        processes.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayWorkers]:
    """Two workers of a cluster of this machine's own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
            patch.setenv(name, "")
            patch.delenv(name)
        workers = RayWorkers(2)
        try:
            yield workers
        finally:
            workers.close()


@pytest.mark.opt_in
@pytest.mark.slow
@ray_test
def test_a_local_ray_cluster_with_a_token_finds_the_same(cluster: RayWorkers) -> None:
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert finds_the_same(ShardedSweep(cluster), MARKET, Policy(floor=3_000))
    assert same_plan(cluster)


@pytest.mark.opt_in
@pytest.mark.slow
@ray_test
def test_a_ray_worker_that_is_killed_in_the_middle_of_a_shard_changes_nothing(
    cluster: RayWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tmp_path / "begun"
    begun.mkdir()
    killed = tmp_path / "killed"

    class Waiting(ShardScanner):
        """Scans half of a shard, waits for the kill, and only then scans all of it."""

        def scan(self, given: list[Any], shard: Shard) -> ShardResult:
            if not killed.exists():
                super().scan(given, shard._replace(rectangles=shard.rectangles[::2]))
                (begun / str(os.getpid())).touch()
                while not killed.exists():
                    sleep(0.01)
            return super().scan(given, shard)

    def kill() -> None:
        while not (workers := list(begun.iterdir())):
            sleep(0.01)
        os.kill(int(workers[0].name), SIGKILL)
        killed.write_text(workers[0].name)

    monkeypatch.setattr(cluster, "_actors", cluster.started(Waiting, 2, cores=0))
    Thread(target=kill, daemon=True).start()
    assert same_plan(cluster)
    with pytest.raises(ProcessLookupError):
        os.kill(int(killed.read_text()), 0)


@pytest.mark.opt_in
@pytest.mark.slow
@ray_test
def test_scans_on_two_ray_workers_cost_at_most_a_fifth_more(cluster: RayWorkers) -> None:
    assert times_the_cost_of_threads(cluster) <= 1.2


@pytest.mark.opt_in
@ray_test
def test_a_cluster_without_tokens_gets_no_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    with pytest.raises(ValueError, match="RAY_AUTH_MODE=token"):
        RayWorkers(2)
