"""What a round of a city costs, search by search: the figures that `benchmarks.scale` counts with.

`threads` runs a round and times each search; `sharded` runs one as `ShardedSweep` deals it out, its workers one after
another in this process, and counts what travels.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from sys import getsizeof
from time import process_time
from typing import Any

import numpy as np

from benchmarks.engine import Stages
from benchmarks.markets import city
from ygs.adapters.jit import instructions
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.score_tables import GenderClass, at_once, prepare
from ygs.adapters.scoring.sharded_sweep import Shard, ShardedSweep, ShardResult
from ygs.adapters.scoring.sweep import Rectangle, Sweep, SweptMarket, ThreadSweep, rectangles_of
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.top_partners import BEST, BLOCKS, IMPROVES, PairQuery, TopPartners
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.application.rounds.solve_round import Round
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Certificate
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Progress

Figures = dict[str, Any]


def threads(people: int) -> Figures:
    """Nanoseconds of CPU a pair in scope, by search; CPU seconds of the owner; what tables take a person."""
    market = city(people, seed=1)
    sweep = _MeteredSweep(ThreadSweep(2))
    stages = Stages()
    certificate = _round(market, sweep, stages)
    begun = process_time()
    prepared = prepare(market, Policy(), at_once)
    table_us = (process_time() - begun) / len(market) * 1e6
    spent = stages.figures()["stages_cpu"]
    return {
        "people": people,
        "instructions": instructions(),
        "best_ns": sweep.best_ns(),
        "price_ns": sweep.ns(IMPROVES),
        "blocks_ns": sweep.ns(BLOCKS)[0],
        "stages_cpu": spent,
        "pairs_held": certificate.pairs_held,
        "table_us": round(table_us, 1),
        "rectangle_us": _rectangle_us(prepared.classes),
        "table_bytes": round(_bytes(prepared) / len(market)),
        "column_bytes": round(_bytes(market) / len(market)),
    }


def sharded(people: int, many: int) -> Figures:
    """What travels, in bytes a person of the market, to each of `many` workers and back; what merging an entry takes.

    `price_bytes`: at most, without the pairs that earlier searches returned, 4 bytes each. `best_entries`: of all
    shards of the search for the best together.
    """
    workers = _CountingWorkers(many)
    _round(city(people, seed=1), ShardedSweep(workers), Stages())
    best = [each for each in workers.shards if each.test == BEST]
    later = [each for each in workers.shards if each.test == IMPROVES]
    return {
        "people": people,
        "workers": many,
        "best_rounds": workers.best_rounds,
        "best_bytes": round(sum(each.sent for each in best) / len(best) / (2 * people)),
        "price_bytes": round(max(each.sent - each.returned for each in later) / (2 * people)),
        "best_entries": round(sum(each.entries for each in best) / (2 * people), 1),
        "merge_ns": round(workers.merging / sum(each.entries for each in workers.shards) * 1e9, 1),
    }


def _rectangle_us(classes: Sequence[GenderClass]) -> float:
    """Microseconds that listing a rectangle takes, of about a million."""
    begun = process_time()
    listed = sum(1 for _ in rectangles_of(classes, 512))
    return round((process_time() - begun) / listed * 1e6, 1)


def _round(market: Market, sweep: Sweep, stages: Stages) -> Certificate:
    scorer = VectorisedScorer(sweep=sweep)
    planning = Round(market, Policy(), seed=1, scorer=scorer, solver=ExactSolver(), progress=stages.tell, guarded=False)
    certificate = planning.plan().certificate
    if certificate is None:
        raise AssertionError("an optimal round without a certificate")
    return certificate


@dataclass(slots=True)
class _MeteredSweep:
    """A `Sweep` that notes of each search on another one its test, its CPU seconds, and the pairs in its scope."""

    of: Sweep
    searches: list[tuple[int, float, int]] = field(default_factory=list)

    @property
    def workers(self) -> int:
        return self.of.workers

    def run(
        self,
        swept: SweptMarket,
        query: PairQuery,
        screen: Screen,
        rectangles: Sequence[Rectangle],
        top: TopPartners,
        progress: Progress,
    ) -> Array:
        begun = process_time()
        counts = self.of.run(swept, query, screen, rectangles, top, progress)
        spent = process_time() - begun
        self.searches.append((query.test, spent, sum(one.pairs for one in rectangles)))
        return counts

    def ns(self, test: int) -> list[float]:
        """Nanoseconds of CPU a pair, of each search of that test."""
        return [round(spent * 1e9 / pairs, 3) for of, spent, pairs in self.searches if of == test]

    def best_ns(self) -> float:
        """The same of the search for the best, which is searches of a few people's pairs too: see `list_guesses`."""
        searches = [(spent, pairs) for of, spent, pairs in self.searches if of == BEST]
        return round(sum(spent for spent, _ in searches) * 1e9 / max(pairs for _, pairs in searches), 3)


@dataclass(frozen=True, slots=True)
class _Travelled:
    """The bytes that went to a worker with a shard, of which `returned` are earlier pairs; the entries that it sent."""

    test: int
    sent: int
    returned: int
    entries: int


class _CountingWorkers:
    """`Workers` of this process, one after another.

    `best_rounds`: how often they were given shards of a search for the best. `merging`: the CPU seconds of the owner
    between their results.
    """

    def __init__(self, many: int) -> None:
        self.many = many
        self.shards: list[_Travelled] = []
        self.best_rounds = 0
        self.merging = 0.0

    def scan(self, swept: SweptMarket, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        self.best_rounds += any(shard.query.test == BEST for shard in shards)
        for shard in shards:
            result = shard.scan(swept.prepared)
            sent = _bytes((shard.query, shard.screen, shard.beat))
            entries = int(result.held.sum())
            self.shards.append(_Travelled(shard.query.test, sent, shard.screen.returned.higher.nbytes, entries))
            begun = process_time()
            yield result
            self.merging += process_time() - begun


def _bytes(value: object) -> int:
    """What the columns, arrays and strings in a value take."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, array):
        return len(value) * value.itemsize
    if isinstance(value, str):
        return getsizeof(value)
    if isinstance(value, dict):
        return sum(map(_bytes, value.values()))
    if isinstance(value, tuple | list):
        return sum(map(_bytes, value))
    if is_dataclass(value):
        return sum(_bytes(getattr(value, each.name)) for each in fields(value))
    return 0
