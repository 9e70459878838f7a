"""A `Sweep` over workers that share no memory: other processes, or other machines.

A worker builds the market's tables once, from its columns. Then only prices, screens and lists of partners travel: a
shard names the rectangles to scan, and its result is the list entries that were found, as columns, which the owner
merges. Where lists are empty and nothing is guessed of them, a search for the best begins with one rectangle a worker;
what its lists say is to be beaten then goes with the next shards, or each worker would fill lists that another had
filled better (2.3 times the work at 8 workers).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from ygs.adapters.jit import kernel
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.pruning_limits import new_scratch
from ygs.adapters.scoring.score_tables import PreparedMarket
from ygs.adapters.scoring.sweep import Rectangle, SweptMarket
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.tile_scan import scan
from ygs.adapters.scoring.top_partners import BEST, COMPLETE, NOBODY, PairQuery, TopPartners, empty_top_partners, enter
from ygs.ports.scoring_and_solving import Progress

_FEW_OPEN = 0.2  # Of the lists; for fewer, nobody waits for another round.
_PART = 6  # One in so many rectangles goes first where lists are guessed at.
_GROWTH = 4  # How many times as far the next round of shards of a search for the best goes.


class ShardResult(NamedTuple):
    """What a shard found: the `held` entries of each person, one after another (see `TopPartners`), and its counts."""

    held: Array  # int32[people]
    entries: Array  # int64[2 * sum(held)]
    counts: Array
    pairs: int


class Shard(NamedTuple):
    """Rectangles to scan for a query, and the values that are to be beaten already."""

    query: PairQuery
    screen: Screen
    beat: Array  # int64[people], see `TopPartners`
    rectangles: tuple[Rectangle, ...]

    def scan(self, prepared: PreparedMarket) -> ShardResult:
        """Scan the rectangles."""
        tables = prepared.tables
        people = len(tables.place)
        top = empty_top_partners(people, self.query.most)._replace(beat=self.beat.copy())
        scratch = new_scratch(tables)
        for one in self.rectangles:
            scan(tables, self.query, top, scratch, self.screen, *one[:4])
        listed = np.arange(self.query.most) < top.held[:, None]
        entries = top.entries.reshape(people, self.query.most, 2)[listed].ravel()
        return ShardResult(top.held, entries, scratch.counts, sum(one.pairs for one in self.rectangles))


class Workers(Protocol):
    """Workers for one market after another."""

    @property
    def many(self) -> int:
        """How many there are."""
        ...

    def scan(self, swept: SweptMarket, shards: Sequence[Shard]) -> Iterator[ShardResult]:
        """Return the result of each shard, in any order; a shard whose worker dies is scanned by another."""
        ...


@dataclass(frozen=True, slots=True)
class ShardedSweep:
    """A `Sweep` whose rectangles are dealt out to workers."""

    of: Workers

    @property
    def workers(self) -> int:
        return self.of.many

    def run(
        self,
        swept: SweptMarket,
        query: PairQuery,
        screen: Screen,
        rectangles: Sequence[Rectangle],
        top: TopPartners,
        progress: Progress,
    ) -> Array:
        total = sum(one.pairs for one in rectangles)
        done = 0
        counts = np.zeros(4, np.int64)
        progress("scoring", 0, total)
        first = 0
        for last in self._ends(query, top, len(rectangles)):
            for result in self.of.scan(swept, self._dealt(query, screen, top, rectangles[first:last])):
                merge(query, top, result.held, result.entries)
                counts += result.counts
                done += result.pairs
                progress("scoring", done, total)
            first = last
        return counts

    def _ends(self, query: PairQuery, top: TopPartners, rectangles: int) -> list[int]:
        """How far into the rectangles each round of shards goes.

        All of them at once where nearly all lists are complete; a part first where they are guessed at, so that what it
        finds to be beaten goes with the rest; see `round_ends` where they are empty.
        """
        if query.test != BEST or np.mean(top.beat < COMPLETE) < _FEW_OPEN:
            return [rectangles]
        if np.mean(top.beat == NOBODY) < _FEW_OPEN:
            return sorted({-(-rectangles // _PART), rectangles})
        return round_ends(rectangles, self.workers)

    def _dealt(
        self, query: PairQuery, screen: Screen, top: TopPartners, rectangles: Sequence[Rectangle]
    ) -> list[Shard]:
        """A shard for each worker: of `n` workers the `k`-th gets the `k`-th rectangle and every `n`-th after it."""
        beat = top.beat.copy()
        dealt = [tuple(rectangles[k :: self.of.many]) for k in range(self.of.many)]
        return [Shard(query, screen, beat, some) for some in dealt if some]


def round_ends(rectangles: int, workers: int) -> list[int]:
    """How far into the rectangles each round of shards of a search for the best goes.

    Lists are empty in the first round, which fills them anew on each worker: so it is short. Each further one costs
    every worker another copy of the screen.
    """
    ends = [min(workers, rectangles)]
    while ends[-1] < rectangles:
        ends.append(min(_GROWTH * ends[-1], rectangles))
    return ends


@kernel
def merge(query: PairQuery, top: TopPartners, held: Array, entries: Array) -> None:
    """Enter the entries of a shard's result into the top partners."""
    at = 0
    for person in range(len(held)):
        for _ in range(held[person]):
            enter(top, query.most, person, entries[2 * at], entries[2 * at + 1])
            at += 1
