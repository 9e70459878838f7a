"""The schedule of a round that outgrows one machine: ``python -m benchmarks.scale [--people 10000000] [--cores 64]``.

Simulates the schedule, not the arithmetic: rectangles of measured cost are dealt out to workers as `ShardedSweep` deals
them, each round of shards waits for its slowest worker, and the owner merges and solves alone. The costs are those of
`python -m benchmarks.engine` with AVX2, per pair, per person and per pair held; a worker's own speed varies as given.
"""

import argparse
import heapq
import json
import random
from dataclasses import asdict, dataclass
from itertools import pairwise

from ygs.adapters.scoring.pruning_limits import MOST_BLOCKS
from ygs.adapters.scoring.sharded_sweep import round_ends
from ygs.adapters.scoring.simd_loop import LANES

SCAN_NS = (7.7, 3.3, 2.1, 1.2, 0.3, 0.1, 2.1)  # CPU time per pair in scope: the best, five searches, blocking pairs
TABLE_BYTES = 3_000  # a person, on each worker
SCREEN_BYTES = 60  # a person: prices and screen, to each worker, a search
ENTRY_BYTES = 16
BEST = 12
FOUND = 0.6  # entries a person that a later search finds, the first; later ones find less
HELD = 22  # pairs held per man
SOLVE_S = 93  # for all solves of a round of 100,000 a side; 10,000 take 3.1, so they grow by the power 1.5
LINK = 1.25e9  # bytes a second into or out of the owner: 10 Gbit/s


@dataclass(frozen=True)
class Schedule:
    """The figures of one round: hours of wall time by stage, core hours, and bytes."""

    scan_hours: float
    traffic_hours: float
    solve_hours: float
    core_hours: float
    worker_gib: float
    owner_gib: float
    gib_a_search: float


def simulate(people: int, cores: int, spread: float, seed: int = 1) -> Schedule:
    """A round of `people` men and as many women on workers of one core each, whose speeds differ by `spread`."""
    speeds = [max(0.2, random.Random(f"{seed}/{k}").gauss(1, spread)) for k in range(cores)]
    scan = 0.0
    traffic = 0.0
    work = 0.0
    for search, cost in enumerate(SCAN_NS):
        rectangles = _rectangles(people, cores)
        ends = round_ends(rectangles, cores) if search == 0 else [rectangles]
        for first, last in pairwise((0, *ends)):
            seconds = people * people * (last - first) / rectangles * cost * 1e-9
            work += seconds
            scan += _slowest(seconds, last - first, speeds)
            entries = 2 * people * (min(cores, 8) * BEST / len(ends) if search == 0 else FOUND)
            traffic += (2 * people * SCREEN_BYTES * cores + entries * ENTRY_BYTES) / LINK
    return Schedule(
        scan_hours=scan / 3600,
        traffic_hours=traffic / 3600,
        solve_hours=SOLVE_S * (people / 100_000) ** 1.5 / 3600,
        core_hours=work / 3600,
        worker_gib=2 * people * (TABLE_BYTES + SCREEN_BYTES + BEST * ENTRY_BYTES) / 2**30,
        owner_gib=2 * people * (TABLE_BYTES + 2 * BEST * ENTRY_BYTES + HELD / 2 * 120) / 2**30,
        gib_a_search=2 * people * SCREEN_BYTES * cores / 2**30,
    )


def _rectangles(people: int, cores: int) -> int:
    """How many rectangles the sweep makes of a city."""
    blocks = -(-people // LANES)
    strips = -(-blocks // min(MOST_BLOCKS, -(-blocks // (4 * cores))))
    return strips * strips


def _slowest(seconds: float, rectangles: int, speeds: list[float]) -> float:
    """When the last worker ends: rectangles are handed to whoever is free, as many as there are."""
    tasks = min(rectangles, 50 * len(speeds))
    free = [(0.0, speed) for speed in speeds]
    heapq.heapify(free)
    last = 0.0
    for _ in range(tasks):
        at, speed = heapq.heappop(free)
        at += seconds / tasks / speed
        last = max(last, at)
        heapq.heappush(free, (at, speed))
    return last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000_000)
    parser.add_argument("--cores", type=int, nargs="+", default=[2, 64, 1_024])
    parser.add_argument("--spread", type=float, default=0.1)
    options = parser.parse_args()
    for people in sorted({100_000, 500_000, 1_000_000, options.people}):
        for cores in options.cores:
            figures = {k: round(v, 2) for k, v in asdict(simulate(people, cores, options.spread)).items()}
            print(json.dumps({"people": people, "cores": cores, **figures}))


if __name__ == "__main__":
    main()
