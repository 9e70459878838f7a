"""A scan finds the same wherever its rectangles are scanned: on threads, in processes, on a Ray cluster, and when a
worker is killed in the middle."""

import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from signal import SIGKILL

import numpy as np
import pytest

from benchmarks.markets import city
from tests.integration.test_scoring_at_scale import Array, a_crowd, numbers
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.process_workers import ProcessWorkers
from ygs.adapters.scoring.score_tables import Work, prepare
from ygs.adapters.scoring.sharded_sweep import Shard, ShardedSweep, ShardResult, Workers
from ygs.adapters.scoring.sweep import Sweep, SweptMarket
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.application.rounds.solve_round import plan_round
from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Test

MARKET = a_crowd(900, seed=4)
CITY = city(600, seed=2)
NO_OFFSETS = np.zeros(len(MARKET), np.int64)


class HereWorkers:
    """Workers that are none: each shard is scanned in turn, in this process."""

    @property
    def many(self) -> int:
        return 3

    def scan(self, swept: SweptMarket, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        for shard in reversed(shards):
            yield shard.scan(prepare(swept.market, swept.policy, _here))


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
    least: list[Array] = []

    class Watched(HereWorkers):
        def scan(self, swept: SweptMarket, shards: Sequence[Shard]) -> Iterator[ShardResult]:
            least.append(shards[0].least)
            return super().scan(swept, shards)

    VectorisedScorer(threads=1, sweep=ShardedSweep(Watched())).scores(MARKET, Policy()).best(2, numbers(NO_OFFSETS))
    assert len(least) > 1
    for before, after in pairwise(least):
        assert (before <= after).all()
        assert (before < after).any()


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
    return plans[0] == plans[1]


@pytest.mark.slow
@pytest.mark.opt_in
@pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra ray")
def test_a_local_ray_cluster_with_a_token_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    from ygs.adapters.scoring.ray_workers import RayWorkers

    workers = RayWorkers(2)
    try:
        assert os.environ["RAY_AUTH_MODE"] == "token"
        assert finds_the_same(ShardedSweep(workers), MARKET, Policy(floor=3_000))
        assert same_plan(workers)
    finally:
        workers.close()
        del os.environ["RAY_AUTH_MODE"], os.environ["RAY_AUTH_TOKEN"]


@pytest.mark.opt_in
@pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra ray")
def test_a_cluster_without_tokens_gets_no_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    from ygs.adapters.scoring.ray_workers import RayWorkers

    with pytest.raises(ValueError, match="RAY_AUTH_MODE=token"):
        RayWorkers(2)
