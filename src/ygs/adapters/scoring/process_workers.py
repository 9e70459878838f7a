"""Workers in other processes of this machine: `ShardedSweep(ProcessWorkers(2))`.

On one machine threads are faster; processes show that nothing but columns travels, and outlive a worker that is killed.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from ygs.adapters.scoring.score_tables import PreparedMarket, at_once, prepare
from ygs.adapters.scoring.sharded_sweep import Shard, ShardResult
from ygs.adapters.scoring.sweep import SweptMarket
from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import Policy

_MOST_DEATHS = 5  # in a row, without a result: then it is not chance.
_prepared: list[PreparedMarket] = []  # In a worker: the tables of its market.


class ProcessWorkers:
    """`Workers` in `many` processes, which keep the tables of the last market until `close` or the next market."""

    def __init__(self, many: int) -> None:
        self.many = many
        self._swept: SweptMarket | None = None
        self._pool: ProcessPoolExecutor | None = None

    def scan(self, swept: SweptMarket, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        if swept is not self._swept:
            self.close()
            self._swept = swept
        left = dict(enumerate(shards))
        deaths = 0
        while left:
            try:
                for k, result in self._results(swept, left):
                    del left[k]
                    deaths = 0
                    yield result
            except BrokenProcessPool:
                self._stop()
                deaths += 1
                if deaths == _MOST_DEATHS:
                    raise

    def close(self) -> None:
        """End the processes; the next scan starts new ones."""
        self._stop()
        self._swept = None

    def _results(self, swept: SweptMarket, left: dict[int, Shard]) -> Iterator[tuple[int, ShardResult]]:
        if self._pool is None:
            given = swept.market, swept.policy
            self._pool = ProcessPoolExecutor(self.many, get_context("spawn"), _prepare, given)
        futures: dict[Future[ShardResult], int] = {self._pool.submit(_scan, left[k]): k for k in left}
        for future in as_completed(futures):
            yield futures[future], future.result()

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _prepare(market: Market, policy: Policy) -> None:
    _prepared[:] = [prepare(market, policy, at_once)]


def _scan(shard: Shard) -> ShardResult:
    return shard.scan(_prepared[0])
