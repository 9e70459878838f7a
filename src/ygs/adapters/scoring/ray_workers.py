"""Workers on a Ray cluster: `ShardedSweep(RayWorkers(2))`, with the extra ``ray``.

Workers get intimate data, so the cluster must ask for a token, and its machines must talk over a private network or
TLS. A cluster that is started here asks for one, has no dashboard, and spills nothing to disk.
"""

import os
from collections.abc import Iterator, Sequence
from itertools import cycle
from secrets import token_hex
from typing import Any

import numpy as np

from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.score_tables import PreparedMarket, at_once, prepare
from ygs.adapters.scoring.sharded_sweep import Shard, ShardResult
from ygs.adapters.scoring.sweep import SweptMarket
from ygs.adapters.scoring.top_partners import PairQuery

_MOST_RETRIES = 5


class RayWorkers:
    """`Workers` on a Ray cluster: `many` at once, at `address`, or on a cluster of this machine's own.

    `ValueError` where the environment switches Ray's token authentication off.
    """

    def __init__(self, many: int, address: str | None = None) -> None:
        self.many = many
        self._swept: SweptMarket | None = None
        self._given: Any = None
        self._ray = _connected(many, address)
        self._actors = self.started(ShardScanner, many)

    def started(self, kind: type["ShardScanner"], many: int, cores: int = 1) -> list[Any]:
        """So many actors. A plain task would run in any idle process, and each process would build the tables anew."""
        actor = self._ray.remote(num_cpus=cores, max_restarts=-1, max_task_retries=_MOST_RETRIES)(kind)
        return [actor.remote() for _ in range(many)]

    def scan(self, swept: SweptMarket, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        if swept is not self._swept:
            self._swept = swept
            self._given = self._ray.put((swept.market, swept.policy))
        # References in a list are not resolved, so a worker that has the tables does not fetch the market.
        left = [actor.scan.remote([self._given], shard) for actor, shard in zip(cycle(self._actors), shards)]
        while left:
            done, left = self._ray.wait(left)
            yield from (ShardResult(*_writable(result)) for result in self._ray.get(done))

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        self._ray.shutdown()


def _connected(many: int, address: str | None) -> Any:
    """Ray, once it is connected. It reads the environment as it is imported."""
    if os.environ.setdefault("RAY_AUTH_MODE", "token") != "token":
        raise ValueError("set RAY_AUTH_MODE=token, here and on the cluster: workers get members' intimate data")
    if address is None:
        os.environ.setdefault("RAY_AUTH_TOKEN", token_hex(32))
    import ray

    if address is None:
        no_spill = {"automatic_object_spilling_enabled": False}
        ray.init(num_cpus=many, include_dashboard=False, log_to_driver=False, _system_config=no_spill)
    else:
        ray.init(address, log_to_driver=False)
    return ray


class ShardScanner:
    """A worker: scans shards, and keeps the tables of the last market. One that is killed starts anew, without them."""

    def __init__(self) -> None:
        self._key = ""
        self._prepared: PreparedMarket | None = None

    def scan(self, given: list[Any], shard: Shard) -> ShardResult:
        """Scan a shard; `given`: the reference of the market and the policy."""
        import ray

        if self._prepared is None or self._key != given[0].hex():
            market, policy = ray.get(given[0])
            self._prepared = prepare(market, policy, at_once)
            self._key = given[0].hex()
        query = PairQuery(*_writable(shard.query))
        screen = Screen(*_writable(shard.screen))
        return Shard(query, screen, shard.beat, shard.rectangles).scan(self._prepared)


def _writable(columns: tuple[Any, ...]) -> Iterator[Any]:
    """Copies of Ray's arrays, which are read-only: for those, each kernel would be compiled once more."""
    for each in columns:
        if isinstance(each, tuple):
            yield type(each)(*_writable(each))
        else:
            yield each.copy() if isinstance(each, np.ndarray) else each
