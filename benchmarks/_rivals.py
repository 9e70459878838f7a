"""The scorer's rivals: what one would write in NumPy, and the scorer's own scheme in C."""

import ctypes
import shutil
import subprocess
import tempfile
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ygs.adapters.jit import instructions
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.score_tables import GenderClass, PreparedMarket, ScoreTables, Work, prepare
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.table_kernels import REFUSAL
from ygs.domain.matching.market import Column, Market, Pairs, type_mask
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Test

Array = NDArray[Any]
THREADS = 2
_SAMPLE = 1_000  # people NumPy finds the best for: its speed does not depend on it, and it is slow
# What the C compiler calls a processor with the instructions that the kernels are compiled for.
_MACHINES = {"AVX-512": "native", "AVX2": "x86-64-v3", "baseline": "x86-64"}
_ROWS = 1_000  # people in one pair of products: what two float32 matrices of a side of 10,000 take, 80 MiB


def best_speeds(market: Market, policy: Policy, most: int) -> tuple[float, float]:
    """Pairs a second at finding each person's `most` best: the scorer's, and NumPy's for one of the two sides only."""
    scores, ready = VectorisedScorer(THREADS).scores(market, policy), prepare(market, policy, _here)
    one, other = _two_sides(ready)
    ours = _least_time(lambda: scores.best(most, array(type_mask, bytes(8 * len(market)))))
    some = GenderClass(one.gender, one.seeks, one.places[:_SAMPLE], one.first)
    theirs = _least_time(lambda: numpy_best(ready.tables, some, other, most))
    return scores.stats.pairs / ours, len(some.places) * len(other.places) / theirs


def numpy_best(tables: ScoreTables, one: GenderClass, other: GenderClass, most: int) -> Array:
    """Each person's `most` best, by two float32 products over one-hot facts, a geometric mean and argpartition.

    Kind to NumPy: facts and weighted fits are given, products run on all processors, wishes for sets are left out,
    values in common counted without a limit, history ignored, and the other side's lists not made.
    """
    people = [_rows(tables, side) for side in (one, other)]
    best = np.empty((len(people[0][0]), min(most, len(people[1][0]))), np.int64)
    for first in range(0, len(best), _ROWS):
        rows = slice(first, first + _ROWS)
        there = people[0][1][rows] @ people[1][0].T
        back = people[0][0][rows] @ people[1][1].T
        there[(there < tables.floor) | (back < tables.floor)] = 0
        mutual = np.sqrt(there * back)
        best[rows] = np.argpartition(mutual, -best.shape[1], axis=1)[:, -best.shape[1] :]
    return best


def _rows(tables: ScoreTables, side: GenderClass) -> tuple[Array, Array]:
    """What a side's people are, and what they want, one row of features each."""
    people = side.positions
    facts, sets = tables.facts, tables.sets
    wanted = facts.exact.reshape(-1, facts.height)[people].astype(np.float32)
    are = np.zeros_like(wanted)
    np.put_along_axis(are, facts.rows.reshape(-1, facts.many)[people], 1, axis=1)
    bits = sets.own.reshape(-1, sets.many)[people, :, None] >> np.arange(60) & 1
    bits = bits.reshape(len(are), -1).astype(np.float32)
    each = np.repeat(sets.shared.reshape(-1, 65)[:, 1], 60).astype(np.float32)
    weight = tables.weight[people, None].astype(np.float32)
    return np.hstack([are, bits]), np.hstack([wanted, bits * each]) / weight


def improving_speeds(market: Market, policy: Policy) -> tuple[float, float] | None:
    """Pairs a second at searching for improving pairs: the scorer's, and C's; None when there is no C compiler.

    For markets of two classes, men who seek women and women who seek men.
    """
    compiled = _compiled()
    if compiled is None:
        return None
    scores, ready = VectorisedScorer(THREADS).scores(market, policy), prepare(market, policy, _here)
    thresholds = usual_thresholds(scores.best(1, array(type_mask, bytes(8 * len(market)))), len(market))
    ours = _least_time(lambda: scores.beyond(Test.IMPROVES, thresholds, 0))
    theirs = _least_time(lambda: _c_count(compiled, ready, thresholds))
    if _c_count(compiled, ready, thresholds) != scores.beyond(Test.IMPROVES, thresholds, 0).count:
        raise AssertionError("C found other pairs than the scorer")
    return scores.stats.pairs / ours, scores.stats.pairs / theirs


def usual_thresholds(best: Pairs, people: int) -> Column:
    """Prices as a solution has them: about half of what each person's best partner would bring."""
    highest = np.zeros(people, np.int64)
    for side in (best.a, best.b):
        np.maximum.at(highest, np.frombuffer(side, np.int32), np.frombuffer(best.mutual, np.uint16))
    return array(type_mask, (highest * 49 // 100).tobytes())


def _two_sides(ready: PreparedMarket) -> tuple[GenderClass, GenderClass]:
    """The two classes with the most pairs between them; in a made-up city all men and all women."""
    sides = [(one, other) for one, other in combinations(ready.classes, 2) if one.suits(other)]
    return max(sides, key=lambda two: len(two[0].places) * len(two[1].places))


def _compiled() -> Any:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    source = Path(__file__).with_name("scorer.c")
    library = Path(tempfile.mkdtemp()) / "scorer.so"
    options = ["-O3", f"-march={_MACHINES[instructions()]}", "-shared", "-fPIC"]
    subprocess.run([compiler, *options, "-o", library, source, "-lm"], check=True)
    return ctypes.CDLL(str(library))


class _CMarket(ctypes.Structure):
    """`Market` in scorer.c: 17 pointers, then 10 numbers."""

    _fields_ = (
        *((f"pointer_{k}", ctypes.c_void_p) for k in range(17)),
        *((f"number_{k}", ctypes.c_int64) for k in range(10)),
    )


def _c_count(compiled: Any, ready: PreparedMarket, thresholds: Column) -> int:
    tables = ready.tables
    facts, sets, bounds = tables.facts, tables.sets, tables.bounds
    table = (
        bounds.table[: len(tables.place) * bounds.height].reshape(-1, LANES, bounds.height).transpose(0, 2, 1).copy()
    )
    refused: Array = np.all(table < 0, axis=2)
    guard = int(np.argmax([refused[:, bounds.rows[k :: bounds.groups]].mean() for k in range(bounds.groups)]))
    ranked = np.where(tables.place >= 0, np.frombuffer(thresholds, np.int64)[tables.place], 0)
    pointers = [tables.place, tables.weight, tables.base, facts.exact, facts.rows, sets.row, sets.wish, sets.shared]
    pointers += [sets.shared_unknown, bounds.rows, sets.own, sets.accepts, ranked, sets.must]
    pointers += [table, refused, tables.per_weight]
    numbers = [facts.height, facts.many, sets.many, bounds.height, bounds.groups, guard]
    numbers += [sets.unknown_fit, int(sets.strict), tables.floor, REFUSAL]
    market = _CMarket(*(one.ctypes.data for one in pointers), *numbers)
    one, other = _two_sides(ready)
    compiled.count_improving.restype = ctypes.c_int64

    def strip(first: int) -> int:
        last = min(first + 8, one.last)
        ends = [ctypes.c_int64(end) for end in (first, last, other.first, other.last)]
        return int(compiled.count_improving(ctypes.byref(market), *ends))

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(strip, range(one.first, one.last, 8)))


def _here(work: Work, blocks: int) -> None:
    work(0, blocks)


def _least_time(work: Callable[[], object]) -> float:
    """Seconds, the better of two runs: the first may still be compiling, or have had a busy neighbour."""
    times = []
    for _ in range(2):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)
