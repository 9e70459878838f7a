"""The scorer for whole cities: every pair of the market looked at, in 16-bit vectors, on all processors.

Needs the extra ``fast`` (NumPy and numba). Why numba, and what it costs, is in docs/decisions/0003-scoring-engine.md.
"""

import os
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ygs.adapters.jit import compiling
from ygs.adapters.scoring.one_to_all import Audience
from ygs.adapters.scoring.pruning_limits import ThreadScratch, new_desk
from ygs.adapters.scoring.score_tables import GenderClass, PreparedMarket, Work, prepare, ranked, view
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.tile_scan import scan
from ygs.adapters.scoring.top_partners import (
    BEATS,
    BEST,
    BLOCKS,
    IMPROVES,
    LOOKED,
    PASSED,
    SCORED,
    SUMMED,
    PairQuery,
    TopPartners,
    empty_lists,
)
from ygs.adapters.scoring.what_if import reach
from ygs.domain.matching.market import (
    Candidate,
    Column,
    Market,
    Pairs,
    type_fact,
    type_place,
)
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.relaxations import Change
from ygs.ports.scoring_and_solving import EligibleCounts, Found, OneToAllScores, Progress, Test, silent

_TESTS = {Test.IMPROVES: IMPROVES, Test.BLOCKS: BLOCKS, Test.BEATS: BEATS}
_MOST_BLOCKS = 16  # in one side of a task: some ten milliseconds of work, so progress and Ctrl-C are never far


class VectorisedScorer:
    """A `Scorer` on `threads` threads (by default one per processor this process may use)."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or _processors()

    def scores(self, market: Market, policy: Policy) -> "VectorisedScores":
        """Build the market's tables: about 3 kilobytes and a few microseconds a person."""
        return VectorisedScores(market, policy, self._threads)


@dataclass(frozen=True, slots=True)
class ScanStats:
    """What a look over the market took. `pairs`: to be looked at; `summed`: by the vector loop, the rest was ruled out
    block by block; `looked`: singly; `scored`: exactly; `passed`: found."""

    pairs: int
    summed: int
    looked: int
    scored: int
    passed: int


class _Task(NamedTuple):
    """Two ranges of blocks to be looked at, ends not included; `pairs` people pairs in them."""

    first: int
    last: int
    low: int
    high: int
    pairs: int


class VectorisedScores:
    """One market under one policy. Not for two threads at once: it uses all there are by itself."""

    def __init__(self, market: Market, policy: Policy, threads: int) -> None:
        self._market, self._policy, self._threads = market, policy, threads
        self._ready = prepare(market, policy, self._spread)
        self._audience = Audience(market, policy, self._ready, self._spread)
        self.effort = ScanStats(0, 0, 0, 0, 0)

    def best(self, most: int, offsets: Column, progress: Progress = silent) -> Pairs:
        """The eligible pairs that are among the `most` best of either person."""
        if most < 1:
            return Pairs.none()
        return self._pairs(self._ask(BEST, offsets, most, 1, progress))

    def beyond(
        self, test: Test, thresholds: Column, most: int, *, scale: int = 1, progress: Progress = silent
    ) -> Found:
        """The eligible pairs that pass `test`."""
        lists = self._ask(_TESTS[test], thresholds, max(most, 0), scale, progress)
        return Found(self._pairs(lists), self.effort.passed, self.effort.pairs)

    def against(self, candidate: Candidate) -> OneToAllScores:
        """A candidate against everybody."""
        return self._audience.against(candidate)

    def reach(
        self, candidate: Candidate, changes: Sequence[Change], free: Column, together: Sequence[tuple[int, int]] = ()
    ) -> EligibleCounts:
        """How many are eligible under each change, then under each two together."""
        return reach(self._market, self._policy, candidate, changes, free, together)

    def _spread(self, work: Work, blocks: int) -> None:
        if blocks < self._threads:
            work(0, blocks)
            return
        ends = [blocks * k // self._threads for k in range(self._threads + 1)]
        with ThreadPoolExecutor(self._threads) as pool:
            for done in [pool.submit(work, ends[k], ends[k + 1]) for k in range(self._threads)]:
                done.result()

    def _ask(self, test: int, numbers: Column, most: int, scale: int, progress: Progress) -> TopPartners:
        place = self._ready.tables.place
        lists = empty_lists(len(place), min(most, len(self._market)))
        question = PairQuery(test, scale, min(most, len(self._market)), ranked(view(numbers, np.int64), place))
        sweep = _Sweep(self._ready, question, lists, self._threads)
        with compiling(progress, scan):
            sweep.run(list(_tasks(self._ready.classes, self._threads)), progress)
        self.effort = sweep.effort()
        return lists

    def _pairs(self, lists: TopPartners) -> Pairs:
        """The lists of all people as pairs: each once, ascending."""
        partners = lists.entries[1::2]
        most = len(partners) // max(len(lists.held), 1)
        listed = np.arange(most) < lists.held[:, None]
        entry = partners[listed.ravel()]
        me, them = np.repeat(self._ready.tables.place, lists.held).astype(np.int64), entry >> 32
        key = np.minimum(me, them) * len(self._market) + np.maximum(me, them)
        order = np.argsort(key)
        order = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
        me, them, entry = me[order], them[order], entry[order]
        mine, theirs = entry >> 16 & 0xFFFF, entry & 0xFFFF
        return Pairs(
            a=_column(type_place, np.minimum(me, them), np.int32),
            b=_column(type_place, np.maximum(me, them), np.int32),
            a_to_b=_column(type_fact, np.where(me < them, mine, theirs), np.uint16),
            b_to_a=_column(type_fact, np.where(me < them, theirs, mine), np.uint16),
            mutual=_column(type_fact, np.sqrt(mine * theirs), np.uint16),
        )


class _Sweep:
    """One look over all tasks. Two tasks at work never share a block, so lists need no locks; and what ends up on them
    does not depend on the order of the tasks."""

    def __init__(self, ready: PreparedMarket, question: PairQuery, lists: TopPartners, threads: int) -> None:
        self._ready, self._question, self._lists = ready, question, lists
        self._desks = [new_desk() for _ in range(threads)]
        self._free = list(self._desks)
        self._running: dict[Future[None], tuple[_Task, ThreadScratch]] = {}
        self._pairs = 0

    def run(self, tasks: list[_Task], progress: Progress) -> None:
        """Do all tasks, telling of each; if one fails or the caller interrupts, those at work are finished first."""
        total = sum(task.pairs for task in tasks)
        progress("scoring", 0, total)
        with ThreadPoolExecutor(len(self._desks)) as pool:
            while tasks or self._running:
                self._start(tasks, pool)
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                    task, desk = self._running.pop(future)
                    self._free.append(desk)
                    self._pairs += task.pairs
                progress("scoring", self._pairs, total)

    def effort(self) -> ScanStats:
        """What it took."""
        counts = np.sum([desk.counts for desk in self._desks], axis=0)
        return ScanStats(
            self._pairs, int(counts[SUMMED]), int(counts[LOOKED]), int(counts[SCORED]), int(counts[PASSED])
        )

    def _start(self, tasks: list[_Task], pool: ThreadPoolExecutor) -> None:
        while self._free:
            busy = {block for task, _ in self._running.values() for block in (task.first, task.low)}
            free = (k for k, task in enumerate(tasks) if task.first not in busy and task.low not in busy)
            k = next(free, None)
            if k is None:
                return
            task, desk = tasks.pop(k), self._free.pop()
            work = pool.submit(scan, self._ready.tables, self._question, self._lists, desk, *task[:4])
            self._running[work] = task, desk


def _tasks(classes: tuple[GenderClass, ...], threads: int) -> Iterator[_Task]:
    """All pairs of those who seek each other, along diagonals, so that tasks in a row have no blocks in common."""
    for k, one in enumerate(classes):
        for other in classes[k:]:
            if one.suits(other):
                yield from _rectangle(one, other, threads)


def _rectangle(one: GenderClass, other: GenderClass, threads: int) -> Iterator[_Task]:
    rows, columns = _strips(one, threads), _strips(other, threads)
    cells = [(x, y) for x in range(len(rows)) for y in range(x if one is other else 0, len(columns))]
    for x, y in sorted(cells, key=lambda cell: ((cell[1] - cell[0]) % len(columns), cell)):
        (first, last, people), (low, high, others) = rows[x], columns[y]
        pairs = people * (people - 1) // 2 if first == low else people * others
        yield _Task(first, last, low, high, pairs)


def _strips(one: GenderClass, threads: int) -> list[tuple[int, int, int]]:
    """A class in ranges of blocks, each with how many people it holds: several for each thread where possible."""
    step = min(_MOST_BLOCKS, -(-(one.last - one.first) // (4 * threads)))
    starts = range(one.first, one.last, step)
    people = len(one.places) + one.first * LANES
    return [
        (first, min(first + step, one.last), min((first + step) * LANES, people) - first * LANES) for first in starts
    ]


def _processors() -> int:
    """How many this process may use; where the system does not say, all there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _column(kind: str, values: Array, dtype: type) -> Column:
    column = array(kind)
    column.frombytes(values.astype(dtype).tobytes())
    return column
