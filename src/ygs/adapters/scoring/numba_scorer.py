"""The fast scorer: examines every pair of a market, in 16-bit vectors, on all processors.

Needs the extra ``fast`` (NumPy and numba). Why numba, and what it costs, is in docs/decisions/0003-scoring-engine.md.
"""

import os
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, replace
from operator import add

import numpy as np

from ygs.adapters.jit import compiling
from ygs.adapters.scoring.list_guesses import few_of, guesses
from ygs.adapters.scoring.one_to_all import OneToAllScorer
from ygs.adapters.scoring.proven_bounds import ProvenBounds
from ygs.adapters.scoring.refusal_masks import refusal_masks
from ygs.adapters.scoring.returned_pairs import offer_returned
from ygs.adapters.scoring.score_tables import Work, prepare, ranked, view
from ygs.adapters.scoring.sweep import Sweep, SweptMarket, ThreadSweep, rectangles_of
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.tile_scan import scan
from ygs.adapters.scoring.top_partners import (
    BEATS,
    BEST,
    BLOCKS,
    COMPLETE,
    EXAMINED,
    IMPROVES,
    NOBODY,
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
    """A `Scorer` on `threads` threads (by default one per processor this process may use).

    `sweep`: scans the market elsewhere than on these threads.
    """

    def __init__(self, threads: int | None = None, sweep: Sweep | None = None) -> None:
        self._threads = threads or _processors()
        self._sweep = sweep or ThreadSweep(self._threads)

    def scores(self, market: Market, policy: Policy) -> "VectorisedScores":
        """Build the market's tables: about 3 kilobytes and a few microseconds a person."""
        return VectorisedScores(market, policy, self._threads, self._sweep)


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


class VectorisedScores:
    """The scores of one market under one policy. Not for two threads at once: it uses all threads itself.

    `stats`: of the last scan; `all_stats`: of all of them together.
    """

    def __init__(self, market: Market, policy: Policy, threads: int, sweep: Sweep) -> None:
        self._market = market
        self._policy = policy
        self._threads = threads
        self._sweep = sweep
        self._worth = PairWorth.of(market, policy)
        self._prepared = prepare(market, policy, self._spread)
        self._swept = SweptMarket(market, policy, self._prepared)
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
        search = self._search_best if test == BEST else self._search
        with compiling(progress, scan):
            self.stats = search(query, top, progress)
        self.all_stats += self.stats
        pairs = self._pairs(top)
        self._bounds.learn(query, top, pairs)
        return pairs

    def _search_best(self, query: PairQuery, top: TopPartners, progress: Progress) -> ScanStats:
        """Find everybody's best partners with guesses at their lists: see `list_guesses`.

        The lists of a few are searched first, then all others above their guesses, then those guessed too high. What
        is to be beaten is `COMPLETE` in lists that the search at hand must not change.
        """
        classes = self._prepared.classes
        few = few_of(classes, len(top.held))
        if not few.any():
            return self._search(query, top, progress)
        top.beat[~few] = COMPLETE
        stats = self._search(query, top, _part(progress, 0, 20), few)
        guess = guesses(self._prepared.tables, classes, few, top, query.most)
        top.beat[:] = np.where(few, COMPLETE, guess)
        everybody = self._search(query, top, _part(progress, 20, 920))
        missed = (top.held < query.most) & (guess > NOBODY) & ~few
        top.held[missed] = 0
        top.beat[:] = np.where(missed, NOBODY, COMPLETE)
        stats += self._search(query, top, _part(progress, 920, 1_000), missed)
        return replace(stats + everybody, pairs=everybody.pairs)

    def _search(
        self, query: PairQuery, top: TopPartners, progress: Progress, leading: Array | None = None
    ) -> ScanStats:
        """Scan all pairs, or those of the `leading` people, flagged by position; enter what the query wants."""
        tables = self._prepared.tables
        screen = self._bounds.screen(query, self._masks, tables.overlap, leading)
        turned = query.test != BEST
        rectangles = list(rectangles_of(self._prepared.classes, self._sweep.workers, turned=turned, leading=leading))
        counts = self._sweep.run(self._swept, query, screen, rectangles, top, progress)
        if screen.proofs:
            offer_returned(tables, query, top, counts, self._bounds.returned, self._rank)
        scanned = sum(one.pairs for one in rectangles)
        return ScanStats(scanned, *(int(counts[k]) for k in (SUMMED, EXAMINED, SCORED, PASSED)))

    def _pairs(self, top: TopPartners) -> Pairs:
        """The top partners of all people as pairs, each once, ascending."""
        partners = top.entries[1::2]
        most = len(partners) // max(len(top.held), 1)
        listed = np.arange(most) < top.held[:, None]
        entry = partners[listed.ravel()]
        me = np.repeat(self._prepared.tables.place, top.held).astype(np.int64)
        them = entry >> 32
        people = len(self._market)
        key = np.minimum(me, them) * people + np.maximum(me, them)
        order = np.argsort(key)
        key = key[order]
        once = np.ones(len(key), np.bool_)
        once[1:] = key[1:] != key[:-1]
        order = order[once]
        key = key[once]
        a = key // people
        b = key - a * people
        turned = (me > them)[order]
        entry = entry[order]
        mine = entry >> 16 & 0xFFFF
        theirs = entry & 0xFFFF
        a_to_b = np.where(turned, theirs, mine)
        b_to_a = np.where(turned, mine, theirs)
        worth = worths(self._worth.chances, view(self._worth.genders, np.uint8), a, b, a_to_b, b_to_a)
        return Pairs(
            a=_column(type_place, a, np.int32),
            b=_column(type_place, b, np.int32),
            a_to_b=_column(type_fact, a_to_b, np.uint16),
            b_to_a=_column(type_fact, b_to_a, np.uint16),
            mutual=_column(type_fact, np.sqrt(mine * theirs), np.uint16),
            worth=_column(type_place, worth, np.int32),
        )


def _part(progress: Progress, first: int, last: int) -> Progress:
    """The progress of a part of a search, in thousandths of all of it."""

    def tell(stage: str, done: int, total: int) -> None:
        progress(stage, (first * (total - done) + last * done) // total if total else last, 1_000)

    return tell


def _processors() -> int:
    """The number of processors this process may use; where the system does not say, all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _column(kind: str, values: Array, dtype: type) -> Column:
    column = array(kind)
    column.frombytes(values.astype(dtype).tobytes())
    return column
