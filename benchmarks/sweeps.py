"""A whole round on threads, processes and Ray: ``python -m benchmarks.sweeps [--people 30000] [--on processes ray]``.

`--people`: men, and as many women. `--workers`: threads, processes or Ray workers. `--kill`: kill -9 a worker that is
at work, once in each round on processes and on Ray.

CPU seconds are of this process and of all that it started, as the system counts them. Start-up is apart: starting
workers, building their tables, loading their kernels, and the first few rectangles, which are scanned twice. Each
plan's bytes are compared with those of threads; exits with 1 where they differ.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from signal import SIGKILL
from threading import Thread
from time import perf_counter, sleep

from benchmarks.markets import city
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.process_workers import ProcessWorkers
from ygs.adapters.scoring.proven_bounds import Screen
from ygs.adapters.scoring.ray_workers import RayWorkers
from ygs.adapters.scoring.sharded_sweep import ShardedSweep
from ygs.adapters.scoring.sweep import Rectangle, Sweep, SweptMarket, ThreadSweep
from ygs.adapters.scoring.table_kernels import Array
from ygs.adapters.scoring.top_partners import BEST, EXAMINED, IMPROVES, PairQuery, TopPartners, empty_top_partners
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.application.rounds.solve_round import plan_round
from ygs.domain.matching.market import Market
from ygs.ports.scoring_and_solving import Progress, silent

_TICKS = os.sysconf("SC_CLK_TCK")
_WARM = 8  # rectangles a worker, before anything is measured


@dataclass(frozen=True, slots=True)
class Search:
    """One search of the market: which test, its CPU and wall seconds, and the pairs that were examined one by one."""

    test: int
    cpu: float
    wall: float
    examined: int


@dataclass(slots=True)
class MeteredSweep:
    """A `Sweep` that notes what each search on another one costs, and starts that one up apart.

    `startled`: called with its test as each search begins.
    """

    of: Sweep
    startled: Callable[[int], None] = lambda test: None
    start_up: float = 0.0
    searches: list[Search] = field(default_factory=list)
    _warm: SweptMarket | None = None

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
        if swept is not self._warm:
            self._warm = swept
            before = _cpu_seconds()
            some = rectangles[: _WARM * self.workers]
            self.of.run(swept, query, screen, some, empty_top_partners(len(top.held), query.most), silent)
            self.start_up += _cpu_seconds() - before
        self.startled(query.test)
        before = _cpu_seconds()
        started = perf_counter()
        counts = self.of.run(swept, query, screen, rectangles, top, progress)
        spent = _cpu_seconds() - before
        self.searches.append(Search(query.test, spent, perf_counter() - started, int(counts[EXAMINED])))
        return counts

    def spent(self) -> dict[str, float]:
        """CPU seconds of start-up, of the search for the best and of all searches; pairs examined; wall seconds."""
        return {
            "start_up": round(self.start_up, 2),
            "best": round(sum(each.cpu for each in self.searches if each.test == BEST), 2),
            "all": round(sum(each.cpu for each in self.searches), 2),
            "examined": sum(each.examined for each in self.searches),
            "wall": round(sum(each.wall for each in self.searches), 2),
            "searches": len(self.searches),
        }


def main() -> None:
    options = _options()
    market = city(options.people, seed=options.seed)
    figures: dict[str, object] = {"people": options.people, "workers": options.workers}
    base: dict[str, float] = {}
    digests = set()
    for name in ("threads", *(each for each in options.on if each != "threads")):
        with _sweep(name, options.workers) as sweep:
            metered = MeteredSweep(sweep)
            killer = _Killer() if options.kill and name != "threads" else None
            if killer:
                metered.startled = killer.startled
            digest = _digest(market, metered, options.seed)
        spent = metered.spent()
        base = base or spent
        digests.add(digest)
        ratios = {f"{kind}_vs_threads": round(spent[kind] / base[kind], 3) for kind in ("best", "all", "examined")}
        figures[name] = spent | ratios | {"plan": digest, "killed": killer.killed if killer else 0}
        print(f"{name}: {json.dumps(figures[name])}", flush=True)
    figures["same_bytes"] = len(digests) == 1
    print(json.dumps(figures))
    sys.exit(not figures["same_bytes"])


def _digest(market: Market, sweep: Sweep, seed: int) -> str:
    """The plan's bytes, as 16 digits."""
    plan = plan_round(market, scorer=VectorisedScorer(sweep=sweep), solver=ExactSolver(), seed=seed)
    return sha256(plan.to_json().encode()).hexdigest()[:16]


@contextmanager
def _sweep(name: str, many: int) -> Iterator[Sweep]:
    if name == "threads":
        yield ThreadSweep(many)
        return
    workers = ProcessWorkers(many) if name == "processes" else RayWorkers(many)
    try:
        yield ShardedSweep(workers)
    finally:
        workers.close()


class _Killer:
    """Kills a worker that is at work, once, in the second search at prices."""

    def __init__(self) -> None:
        self.killed = 0
        self._searches = 0

    def startled(self, test: int) -> None:
        """A search for that test begins."""
        self._searches += test == IMPROVES
        if self._searches == 2 and test == IMPROVES:
            Thread(target=self._kill, daemon=True).start()

    def _kill(self) -> None:
        sleep(0.05)
        busy = max(_descendants(), key=_ticks_lately)
        os.kill(busy, SIGKILL)
        self.killed = busy


def _ticks_lately(pid: int) -> int:
    """The CPU ticks of a process in the next two hundredths of a second."""
    before = _ticks(pid)
    sleep(0.02)
    return _ticks(pid) - before


def _cpu_seconds() -> float:
    """The CPU seconds of this process and of all that it started."""
    return sum(map(_ticks, (os.getpid(), *_descendants()))) / _TICKS


def _ticks(pid: int) -> int:
    """The CPU ticks of a process and of its ended children; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


def _descendants() -> list[int]:
    """The processes that this process started, and those that these did."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found = list(children.get(os.getpid(), []))
    for pid in found:
        found += children.get(pid, [])
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--on", nargs="+", choices=("threads", "processes", "ray"), default=("processes", "ray"))
    parser.add_argument("--kill", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
