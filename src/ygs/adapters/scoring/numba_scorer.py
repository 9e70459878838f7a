"""The fast scorer: examines every pair of a market, in 16-bit vectors, on all processors.

Needs the extra ``fast`` (NumPy and numba). Why numba, and what it costs, is in docs/decisions/0003-scoring-engine.md.
"""

import os
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import astuple, dataclass
from operator import add
from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import compiling
from ygs.adapters.scoring.one_to_all import OneToAllScorer
from ygs.adapters.scoring.proven_bounds import ProvenBounds, Screen
from ygs.adapters.scoring.pruning_limits import MOST_BLOCKS, ThreadScratch, new_scratch
from ygs.adapters.scoring.refusal_masks import refusal_masks
from ygs.adapters.scoring.returned_pairs import ReturnedPairs, offer_returned
from ygs.adapters.scoring.score_tables import GenderClass, PreparedMarket, Work, prepare, ranked, view
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.tile_scan import scan
from ygs.adapters.scoring.top_partners import (
    BEATS,
    BEST,
    BLOCKS,
    EXAMINED,
    IMPROVES,
    PASSED,
    SCORED,
    SUMMED,
    PairQuery,
    TopPartners,
    empty_top_partners,
)
from ygs.adapters.scoring.what_if import reach
from ygs.adapters.scoring.worth_tables import worths
from ygs.domain.matching.market import (
    Candidate,
    Column,
    Market,
    Pairs,
    type_fact,
    type_place,
)
from ygs.domain.matching.pair_worth import PairWorth
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.relaxations import Change
from ygs.ports.scoring_and_solving import EligibleCounts, Found, OneToAllScores, Progress, Test, silent

_TESTS = {Test.IMPROVES: IMPROVES, Test.BLOCKS: BLOCKS, Test.BEATS: BEATS}


class VectorisedScorer:
    """A `Scorer` on `threads` threads (by default one per processor this process may use)."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or _processors()

    def scores(self, market: Market, policy: Policy) -> "VectorisedScores":
        """Build the market's tables: about 3 kilobytes and a few microseconds a person."""
        return VectorisedScores(market, policy, self._threads)


@dataclass(frozen=True, slots=True)
class ScanStats:
    """How many pairs each stage of a scan handled; two scans can be added.

    `pairs`: all in scope; `looked`: those whose satisfaction was summed, the others being ruled out without;
    `examined`: after both bounds, one by one; `scored`: exactly; `passed`: in the result.
    """

    pairs: int = 0
    looked: int = 0
    examined: int = 0
    scored: int = 0
    passed: int = 0

    def __add__(self, other: "ScanStats") -> "ScanStats":
        return ScanStats(*map(add, astuple(self), astuple(other)))


class _Task(NamedTuple):
    """Two ranges of blocks to scan against each other, ends not included; `pairs`: the number of pairs in them."""

    first: int
    last: int
    low: int
    high: int
    pairs: int


class VectorisedScores:
    """The scores of one market under one policy. Not for two threads at once: it uses all threads itself.

    `stats`: of the last scan; `all_stats`: of all of them together.
    """

    def __init__(self, market: Market, policy: Policy, threads: int) -> None:
        self._market = market
        self._policy = policy
        self._threads = threads
        self._worth = PairWorth.of(market, policy)
        self._prepared = prepare(market, policy, self._spread)
        self._one_to_all = OneToAllScorer(market, policy, self._prepared, self._spread)
        place = self._prepared.tables.place
        self._rank = np.zeros(len(market), np.int32)
        self._rank[place[place >= 0]] = np.flatnonzero(place >= 0)
        self._masks = refusal_masks(self._prepared.tables.facts, len(place), self._spread)
        by_chance = self._prepared.tables.worth.by_chance
        self._bounds = ProvenBounds(self._prepared.classes, place, len(market), by_chance=by_chance)
        self.stats = ScanStats()
        self.all_stats = ScanStats()

    def best(self, most: int, offsets: Column, progress: Progress = silent) -> Pairs:
        if most < 1:
            return Pairs.none()
        return self._scan(BEST, offsets, most, 1, progress)

    def beyond(
        self,
        test: Test,
        thresholds: Column,
        most: int,
        *,
        scale: int = 1,
        counted: bool = True,
        progress: Progress = silent,
    ) -> Found:
        pairs = self._scan(_TESTS[test], thresholds, max(most, 0), scale, progress, counted=counted or most < 1)
        return Found(pairs, self.stats.passed, self.stats.pairs)

    def against(self, candidate: Candidate) -> OneToAllScores:
        return self._one_to_all.against(candidate)

    def reach(
        self, candidate: Candidate, changes: Sequence[Change], free: Column, together: Sequence[tuple[int, int]] = ()
    ) -> EligibleCounts:
        return reach(self._market, self._policy, candidate, changes, free, together)

    def _spread(self, work: Work, blocks: int) -> None:
        if blocks < self._threads:
            work(0, blocks)
            return
        ends = [blocks * k // self._threads for k in range(self._threads + 1)]
        with ThreadPoolExecutor(self._threads) as pool:
            for future in [pool.submit(work, ends[k], ends[k + 1]) for k in range(self._threads)]:
                future.result()

    def _scan(
        self, test: int, numbers: Column, most: int, scale: int, progress: Progress, *, counted: bool = True
    ) -> Pairs:
        place = self._prepared.tables.place
        most = min(most, len(self._market))
        top = empty_top_partners(len(place), most)
        query = PairQuery(test, scale, most, counted, ranked(view(numbers, np.int64), place))
        screen = self._bounds.screen(query, self._masks)
        sweep = _MarketScan(self._prepared, query, top, self._threads, screen)
        with compiling(progress, scan):
            sweep.run(list(_tasks(self._prepared.classes, self._threads)), progress)
        if screen.proofs:
            sweep.offer(self._bounds.returned, self._rank)
        self.stats = sweep.stats()
        self.all_stats += self.stats
        pairs = self._pairs(top)
        self._bounds.learn(query, top, pairs)
        return pairs

    def _pairs(self, top: TopPartners) -> Pairs:
        """The top partners of all people as pairs, each once, ascending."""
        partners = top.entries[1::2]
        most = len(partners) // max(len(top.held), 1)
        listed = np.arange(most) < top.held[:, None]
        entry = partners[listed.ravel()]
        me = np.repeat(self._prepared.tables.place, top.held).astype(np.int64)
        them = entry >> 32
        key = np.minimum(me, them) * len(self._market) + np.maximum(me, them)
        order = np.argsort(key)
        order = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
        me = me[order]
        them = them[order]
        entry = entry[order]
        mine = entry >> 16 & 0xFFFF
        theirs = entry & 0xFFFF
        worth = worths(self._worth.chances, view(self._worth.genders, np.uint8), me, them, mine, theirs)
        return Pairs(
            a=_column(type_place, np.minimum(me, them), np.int32),
            b=_column(type_place, np.maximum(me, them), np.int32),
            a_to_b=_column(type_fact, np.where(me < them, mine, theirs), np.uint16),
            b_to_a=_column(type_fact, np.where(me < them, theirs, mine), np.uint16),
            mutual=_column(type_fact, np.sqrt(mine * theirs), np.uint16),
            worth=_column(type_place, worth, np.int32),
        )


class _MarketScan:
    """One scan of the market, task by task.

    Two running tasks never share a block, so `TopPartners` needs no lock; the result does not depend on the order of
    the tasks.
    """

    def __init__(
        self, prepared: PreparedMarket, query: PairQuery, top: TopPartners, threads: int, screen: Screen
    ) -> None:
        self._prepared = prepared
        self._query = query
        self._top = top
        self._screen = screen
        self._scratches = [new_scratch(prepared.tables) for _ in range(threads)]
        self._free = list(self._scratches)
        self._running: dict[Future[None], tuple[_Task, ThreadScratch]] = {}
        self._pairs = 0

    def run(self, tasks: list[_Task], progress: Progress) -> None:
        """Run all tasks and report progress. After a failure or an interrupt, running tasks finish first."""
        total = sum(task.pairs for task in tasks)
        progress("scoring", 0, total)
        with ThreadPoolExecutor(len(self._scratches)) as pool:
            while tasks or self._running:
                self._start(tasks, pool)
                finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                    task, scratch = self._running.pop(future)
                    self._free.append(scratch)
                    self._pairs += task.pairs
                progress("scoring", self._pairs, total)

    def offer(self, returned: ReturnedPairs, rank: Array) -> None:
        """Judge the pairs that earlier scans returned, which the screen leaves out."""
        offer_returned(self._prepared.tables, self._query, self._top, self._scratches[0].counts, returned, rank)

    def stats(self) -> ScanStats:
        """The counts of all threads together."""
        counts = np.sum([scratch.counts for scratch in self._scratches], axis=0)
        return ScanStats(
            self._pairs, int(counts[SUMMED]), int(counts[EXAMINED]), int(counts[SCORED]), int(counts[PASSED])
        )

    def _start(self, tasks: list[_Task], pool: ThreadPoolExecutor) -> None:
        while self._free:
            busy = {block for task, _ in self._running.values() for block in (task.first, task.low)}
            free = (k for k, task in enumerate(tasks) if task.first not in busy and task.low not in busy)
            k = next(free, None)
            if k is None:
                return
            task = tasks.pop(k)
            scratch = self._free.pop()
            work = pool.submit(self._scan, scratch, task)
            self._running[work] = task, scratch

    def _scan(self, scratch: ThreadScratch, task: _Task) -> None:
        scan(self._prepared.tables, self._query, self._top, scratch, self._screen, *task[:4])


def _tasks(classes: tuple[GenderClass, ...], threads: int) -> Iterator[_Task]:
    """All pairs of people who seek each other, along diagonals, so that consecutive tasks share no block."""
    for k, one in enumerate(classes):
        for other in classes[k:]:
            if one.suits(other):
                yield from _rectangle(one, other, threads)


def _rectangle(one: GenderClass, other: GenderClass, threads: int) -> Iterator[_Task]:
    rows = _strips(one, threads)
    columns = _strips(other, threads)
    cells = [(x, y) for x in range(len(rows)) for y in range(x if one is other else 0, len(columns))]
    for x, y in sorted(cells, key=lambda cell: ((cell[1] - cell[0]) % len(columns), cell)):
        (first, last, people) = rows[x]
        (low, high, others) = columns[y]
        pairs = people * (people - 1) // 2 if first == low else people * others
        yield _Task(first, last, low, high, pairs)


def _strips(one: GenderClass, threads: int) -> list[tuple[int, int, int]]:
    """Ranges of blocks of a class, each with its number of people: several for each thread where possible."""
    step = min(MOST_BLOCKS, -(-(one.last - one.first) // (4 * threads)))
    starts = range(one.first, one.last, step)
    people = len(one.places) + one.first * LANES
    return [
        (first, min(first + step, one.last), min((first + step) * LANES, people) - first * LANES) for first in starts
    ]


def _processors() -> int:
    """The number of processors this process may use; where the system does not say, all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _column(kind: str, values: Array, dtype: type) -> Column:
    column = array(kind)
    column.frombytes(values.astype(dtype).tobytes())
    return column
