"""The port `Sweep`: where the rectangles of a scan are scanned. Threads of this process are its default adapter.

A scan is a query and a screen; its unit of work is a rectangle, two ranges of blocks. What a scan finds does not depend
on where its rectangles are scanned, in which order, or how often one is begun anew.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.pruning_limits import MOST_BLOCKS, ThreadScratch, new_scratch
from ygs.adapters.scoring.score_tables import GenderClass, PreparedMarket
from ygs.adapters.scoring.simd_loop import LANES
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.tile_scan import scan
from ygs.adapters.scoring.top_partners import PairQuery, TopPartners
from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Progress


class Rectangle(NamedTuple):
    """Two ranges of blocks to scan against each other, ends not included; `pairs`: the number of pairs in them."""

    first: int
    last: int
    low: int
    high: int
    pairs: int


@dataclass(frozen=True, slots=True, eq=False)
class SweptMarket:
    """A market under a policy, from which its tables can be built elsewhere, and the tables built here."""

    market: Market
    policy: Policy
    prepared: PreparedMarket


class Sweep(Protocol):
    """Scans the rectangles of one scan after another."""

    @property
    def workers(self) -> int:
        """How many rectangles it scans at once."""
        ...

    def run(
        self,
        swept: SweptMarket,
        query: PairQuery,
        screen: Screen,
        rectangles: Sequence[Rectangle],
        top: TopPartners,
        progress: Progress,
    ) -> Array:
        """Scan the rectangles, enter what is found into `top`, and return the counts of the scan."""
        ...


@dataclass(frozen=True, slots=True)
class ThreadSweep:
    """A `Sweep` on threads of this process.

    Two running rectangles never share a block, so `TopPartners` needs no lock. After a failure or an interrupt, running
    rectangles finish first.
    """

    workers: int

    def run(
        self,
        swept: SweptMarket,
        query: PairQuery,
        screen: Screen,
        rectangles: Sequence[Rectangle],
        top: TopPartners,
        progress: Progress,
    ) -> Array:
        tables = swept.prepared.tables

        def work(scratch: ThreadScratch, one: Rectangle) -> None:
            scan(tables, query, top, scratch, screen, *one[:4])

        scratches = [new_scratch(tables) for _ in range(self.workers)]
        waiting = deque(rectangles)  # A list would move all that wait for each that is taken from its front.
        free = list(scratches)
        running: dict[Future[None], tuple[Rectangle, ThreadScratch]] = {}
        total = sum(one.pairs for one in rectangles)
        done = 0
        progress("scoring", 0, total)
        with ThreadPoolExecutor(self.workers) as pool:
            while waiting or running:
                while free and (k := _startable(waiting, running.values())) is not None:
                    one = waiting[k]
                    del waiting[k]
                    scratch = free.pop()
                    running[pool.submit(work, scratch, one)] = one, scratch
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    future.result()
                    one, scratch = running.pop(future)
                    free.append(scratch)
                    done += one.pairs
                progress("scoring", done, total)
        counts: Array = np.sum([scratch.counts for scratch in scratches], axis=0)
        return counts


def _startable(waiting: Iterable[Rectangle], running: Iterable[tuple[Rectangle, ThreadScratch]]) -> int | None:
    """The first waiting rectangle that shares no block with a running one."""
    busy = {block for one, _ in running for block in (one.first, one.low)}
    return next((k for k, one in enumerate(waiting) if one.first not in busy and one.low not in busy), None)


def rectangles_of(
    classes: Sequence[GenderClass], workers: int, *, turned: bool = False, leading: Array | None = None
) -> Iterator[Rectangle]:
    """All pairs of people who seek each other, along diagonals, so that consecutive rectangles share no block.

    The earlier of two classes gives the lanes of tiles, whose satisfaction with everybody is summed; `turned`: the
    later one does, so that what was summed of the earlier bounds the other way. `leading`: only pairs of which one is
    among these people, flagged by position, who come first in their class, or shares a block with them.
    """
    for k, one in enumerate(classes):
        for other in classes[k:]:
            if one.suits(other):
                yield from _between(other, one, workers, leading) if turned else _between(one, other, workers, leading)


def _between(one: GenderClass, other: GenderClass, workers: int, leading: Array | None) -> Iterator[Rectangle]:
    row_border = _border(one, leading)
    column_border = _border(other, leading)
    rows = _strips(one, workers, row_border)
    columns = _strips(other, workers, column_border)
    cells = [(x, y) for x in range(len(rows)) for y in range(x if one is other else 0, len(columns))]
    for x, y in sorted(cells, key=lambda cell: ((cell[1] - cell[0]) % len(columns), cell)):
        (first, last, people) = rows[x]
        (low, high, others) = columns[y]
        pairs = people * (people - 1) // 2 if first == low else people * others
        if first < row_border or low < column_border:
            yield Rectangle(first, last, low, high, pairs)


def _border(one: GenderClass, leading: Array | None) -> int:
    """The block of a class after those of its leading people; the last where all of them lead."""
    if leading is None:
        return one.last
    many = int(leading[one.positions].sum())
    return one.first + -(-many // LANES)


def _strips(one: GenderClass, workers: int, border: int) -> list[tuple[int, int, int]]:
    """Ranges of blocks of a class, none across the `border`, each with its number of people: several for each worker
    where possible."""
    step = min(MOST_BLOCKS, -(-(one.last - one.first) // (4 * workers)))
    ends = [(one.first, border), (border, one.last)]
    strips = [(at, min(at + step, end)) for start, end in ends for at in range(start, end, step)]
    return [(first, last, min(last * LANES, one.positions.stop) - first * LANES) for first, last in strips]
