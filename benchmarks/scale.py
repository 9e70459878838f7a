"""The schedule of a round that outgrows one machine: ``python -m benchmarks.scale [--people 10000000] [--cores 64]``.

Simulates the schedule, not the arithmetic: a round's searches are dealt out as `ShardedSweep` deals them, one shard a
worker, each search waits for its slowest worker, and the owner merges and solves alone. What each step costs
was measured, and stands below: `COSTS` search by search, `RUNS` of whole rounds on one machine.

`--threads`: cores of one machine that would share a worker's tables and screen; the present adapters give each core its
own. `--spread`: the standard deviation of the workers' speeds. `--page`: the tables of `docs/explanation/scale.md`.
`--measure 100000`: measure the costs of a search, of tables and of what travels anew, on this machine. `--runs LOG...`:
the lines of `RUNS` of what `python -m benchmarks.engine` printed.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil, log
from pathlib import Path

from benchmarks.growth import figures_of
from ygs.adapters.scoring.pruning_limits import MOST_BLOCKS
from ygs.adapters.scoring.simd_loop import LANES
from ygs.application.rounds.solve_round import BEST_AT_FIRST

GIB = 2**30
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Run:
    """A whole round of `python -m benchmarks.engine --rivals 0`, `people` a side."""

    people: int
    scans_s: float  # of CPU, as the next two
    solve_s: float
    between_s: float
    seconds: float
    peak_mib: int
    looked: float  # the share of the pairs
    held: int  # pairs
    searches: int  # at prices

    @classmethod
    def of(cls, log: Path) -> "Run":
        """The round that a log of the engine's benchmark tells of."""
        told = figures_of(log)
        spent = told["stages_cpu"]
        return cls(
            people=told["people"],
            scans_s=spent["scoring"],
            solve_s=spent["solve"],
            between_s=spent["between"],
            seconds=told["seconds"],
            peak_mib=told["peak_mib"],
            looked=round(told["pairs_looked"] / told["pairs_eligible"], 3),
            held=told["pairs_held"],
            searches=told["pricing_rounds"],
        )


# Two cores with AVX-512, nothing else running.
RUNS = (
    Run(10_000, 0.47, 0.10, 0.35, 0.70, 287, 0.132, 198_797, 4),
    Run(30_000, 2.35, 0.57, 1.18, 3.0, 523, 0.105, 616_743, 6),
    Run(100_000, 18.4, 3.2, 4.4, 17.2, 1_319, 0.108, 2_183_154, 6),
    Run(250_000, 107, 14.2, 16.5, 84.9, 2_874, 0.113, 5_839_034, 6),
    Run(500_000, 415, 61.5, 44.0, 318, 5_802, 0.104, 13_431_910, 7),
)


@dataclass(frozen=True, slots=True)
class Costs:
    """What `--measure` found with some vector instructions; nanoseconds of CPU a pair in scope."""

    best_ns: float
    price_ns: tuple[float, ...]
    blocks_ns: float


# 100,000 a side.
COSTS = {
    "AVX-512": Costs(0.80, (0.34, 0.16, 0.09, 0.05, 0.03, 0.01), 0.32),
    "AVX2": Costs(1.63, (0.51, 0.21, 0.12, 0.04, 0.04, 0.01), 0.36),
}
TABLE_US = 8.1  # to build a person's tables, on one core
TABLE_BYTES = 3_376  # a person, on each machine
COLUMN_BYTES = 503  # a person, to each machine, once
BEST_BYTES = 65  # a person, to each machine, each of `BEST_SENDS` times
BEST_SENDS = 4  # for a few people, twice for everybody, and for those whose list was guessed wrongly
PRICE_BYTES = 106  # a person, to each machine, a search at prices,
RETURNED_BYTES = 4  # and as much for each pair that earlier searches returned
COUNT_BYTES = 4  # a person, back from each machine
ENTRY_BYTES = 16
ENTRIES = 87  # a person, that all shards of the search for the best send back; others send hardly any
MERGE_NS = 30  # an entry
PAIR_BYTES = 190  # a pair held, where the owner needs most memory
RECTANGLE_US = 1.0  # to list a rectangle, for each search

LINK = 1.25e9  # bytes a second into or out of the owner: 10 Gbit/s
CORE_DOLLARS = 0.04  # an hour of a core, and
GIB_DOLLARS = 0.004  # of a GiB of memory: about what large providers ask


@dataclass(frozen=True, slots=True)
class Schedule:
    """The figures of one round: hours of wall time by part and altogether, core hours of work, GiB, and dollars.

    `start_hours`: sending everybody's columns and building the tables. `owner_hours`: what the owner does alone beside
    solving. `gib_a_search`: sent at the last search at prices. `dollars`: of machines that are given back while
    the owner works alone; `waiting_dollars`: in addition where they are not. One machine is the owner, and is never.
    """

    start_hours: float
    scan_hours: float
    traffic_hours: float
    solve_hours: float
    owner_hours: float
    hours: float
    core_hours: float
    worker_gib: float
    owner_gib: float
    gib_a_search: float
    dollars: float
    waiting_dollars: float


@dataclass(frozen=True, slots=True)
class City:
    """A round of `people` men and as many women, as far as it does not depend on who scans it."""

    people: int
    costs: Costs

    @property
    def everybody(self) -> int:
        """How many people."""
        return 2 * self.people

    @property
    def held(self) -> float:
        """Pairs held at the end."""
        return _grown(self.people, "held")

    @property
    def solve_s(self) -> float:
        """CPU seconds of all solves, on one core."""
        return _grown(self.people, "solve_s")

    @property
    def searches(self) -> int:
        """Searches at prices: as many more for each ten times the people as from the least run to the greatest."""
        least, greatest = RUNS[0], RUNS[-1]
        steps = log(self.people / greatest.people) / log(greatest.people / least.people)
        return ceil(greatest.searches + (greatest.searches - least.searches) * steps)

    @property
    def price_ns(self) -> float:
        """CPU time of a pair in all searches at prices; one beyond the measured ones costs what the middle one does."""
        measured = self.costs.price_ns
        return sum(measured) + max(0, self.searches - len(measured)) * measured[len(measured) // 2]

    @property
    def price_bytes(self) -> float:
        """To each machine, at the last search at prices."""
        return self.everybody * PRICE_BYTES + self.held * RETURNED_BYTES

    def seconds(self, ns: float) -> float:
        """CPU seconds of scanning all pairs, each of which takes that long."""
        return self.people**2 * ns * 1e-9


@dataclass(frozen=True, slots=True)
class Machines:
    """Workers of `threads` cores each; the slowest has `speed`, where 1 is usual. One alone is the owner itself."""

    many: int
    threads: int
    speed: float

    @classmethod
    def of(cls, cores: int, threads: int, spread: float, seed: int = 1) -> "Machines":
        """Machines for so many cores, whose speeds differ by `spread`."""
        many = ceil(cores / threads)
        speeds = [max(0.2, random.Random(f"{seed}/{k}").gauss(1, spread)) for k in range(many)]
        return cls(many, threads, min(speeds) if many > 1 else 1.0)

    @property
    def remote(self) -> int:
        """To how many of them everything must be sent."""
        return self.many if self.many > 1 else 0

    def hours(self, seconds: float) -> float:
        """Hours that so many CPU seconds take, dealt out evenly, until the slowest ends."""
        return seconds / (self.many * self.threads * self.speed) / HOUR

    def busiest(self, people: int) -> float:
        """The share of all rectangles that the busiest machine gets, times all machines: 1 where they are dealt out
        evenly."""
        rectangles = rectangles_of(people, self.many)
        return ceil(rectangles / self.many) * self.many / rectangles if self.remote else 1.0


def simulate(
    people: int, cores: int, *, threads: int = 1, spread: float = 0.1, instructions: str = "AVX-512"
) -> Schedule:
    """A round of `people` men and as many women, on machines of `threads` cores each."""
    city = City(people, COSTS[instructions])
    machines = Machines.of(cores, threads, spread)
    scans = city.seconds(city.costs.best_ns + city.price_ns + city.costs.blocks_ns)
    tables = city.everybody * TABLE_US * 1e-6 * machines.many
    start = city.everybody * COLUMN_BYTES * machines.remote / LINK / HOUR + machines.hours(tables)
    scan = machines.hours(scans * machines.busiest(people))
    traffic = _bytes_sent(city, machines) / LINK / HOUR
    owner = _owner_s(city, machines) / HOUR
    solve = city.solve_s / HOUR
    work = scans + tables
    figures = {
        "start_hours": start,
        "scan_hours": scan,
        "traffic_hours": traffic,
        "solve_hours": solve,
        "owner_hours": owner,
        "hours": start + scan + traffic + solve + owner,
        "core_hours": work / HOUR + solve + owner,
        "worker_gib": _worker_bytes(city) / GIB if machines.remote else 0.0,
        "owner_gib": (city.everybody * (TABLE_BYTES + COLUMN_BYTES) + city.held * PAIR_BYTES) / GIB,
        "gib_a_search": machines.remote * city.price_bytes / GIB,
    }
    return Schedule(**figures, **_dollars(figures, cores, machines))


def _bytes_sent(city: City, machines: Machines) -> float:
    """To all machines and back, in all searches."""
    if not machines.remote:
        return 0.0
    counts = machines.remote * city.everybody * COUNT_BYTES
    best = BEST_SENDS * (machines.remote * city.everybody * BEST_BYTES + counts)
    entries = city.everybody * ENTRIES * ENTRY_BYTES
    return best + entries + (city.searches + 1) * (machines.remote * city.price_bytes + counts)


def _owner_s(city: City, machines: Machines) -> float:
    """Seconds of the owner alone, beside solving: what it does on one machine too, lists of rectangles, merging."""
    listed = (city.searches + 4) * rectangles_of(city.people, machines.many) * RECTANGLE_US * 1e-6
    entries = city.everybody * ENTRIES if machines.remote else 0.0
    return _grown(city.people, "between_s") + listed + entries * MERGE_NS * 1e-9


def _worker_bytes(city: City) -> float:
    """On each machine: tables, the columns that they are made of, a screen, and lists of partners."""
    return city.everybody * (TABLE_BYTES + COLUMN_BYTES + BEST_AT_FIRST * ENTRY_BYTES) + city.price_bytes


def _dollars(figures: dict[str, float], cores: int, machines: Machines) -> dict[str, float]:
    owner = CORE_DOLLARS + figures["owner_gib"] * GIB_DOLLARS
    alone = figures["solve_hours"] + figures["owner_hours"]
    if not machines.remote:
        rent = owner + (cores - 1) * CORE_DOLLARS
        return {"dollars": figures["hours"] * rent, "waiting_dollars": 0.0}
    rent = cores * CORE_DOLLARS + machines.many * figures["worker_gib"] * GIB_DOLLARS
    busy = figures["hours"] - alone
    return {"dollars": busy * rent + figures["hours"] * owner, "waiting_dollars": alone * rent}


def _grown(people: int, what: str) -> float:
    """A figure of a round, from the greatest run measured, growing as over the last five times the people."""
    greatest = RUNS[-1]
    before = next(run for run in RUNS if 5 * run.people == greatest.people)
    power = log(getattr(greatest, what) / getattr(before, what)) / log(5)
    return float(getattr(greatest, what) * (people / greatest.people) ** power)


def rectangles_of(people: int, workers: int) -> int:
    """How many rectangles the sweep makes of a city."""
    blocks = -(-people // LANES)
    strips = -(-blocks // min(MOST_BLOCKS, -(-blocks // (4 * workers))))
    return strips * strips


def numbers_used(people: int) -> dict[str, float]:
    """Which share is used of numbers that are kept in few bits: places, arcs of the solver, keys of pairs."""
    held = _grown(people, "held")
    return {"places": 2 * people / 2**31, "arcs": 2 * held / 2**31, "keys": (2 * people) ** 2 / 2**63}


def even_cores(people: int) -> int:
    """On how many cores of one machine the scans take as long as what the owner does alone."""
    one = simulate(people, 1)
    return ceil(one.scan_hours / (one.solve_hours + one.owner_hours))


# People a side, cores, and cores of a machine.
PLANNED = (
    (500_000, 2, 2),
    (1_000_000, 64, 1),
    (10_000_000, 2, 2),
    (10_000_000, 64, 1),
    (10_000_000, 1_024, 1),
    (10_000_000, 64, 64),
    (10_000_000, 1_024, 64),
)
MEASURED_COLUMNS = (
    "a side",
    "scans, CPU s",
    "solving, CPU s",
    "between, CPU s",
    "wall, s",
    "peak MiB",
    "pairs looked at",
)
COLUMNS = (
    *("a side", "cores", "machines", "start, h", "scans, h", "traffic, h", "solving, h", "owner, h", "**all, h**"),
    *("core hours", "GiB a machine", "GiB of the owner", "GiB a search", "dollars", "waiting, dollars"),
)


def measured_table() -> list[str]:
    """The lines of the page's table of rounds that were run."""
    rows = []
    for run in reversed(RUNS):
        figures = (run.scans_s, run.solve_s, run.between_s, run.seconds, run.peak_mib)
        rows.append([f"{run.people:,}", *map(_written, figures), f"{100 * run.looked:.1f} %"])
    return _table(MEASURED_COLUMNS, rows)


def planned_table() -> list[str]:
    """The lines of the page's table of rounds on paper."""
    rows = []
    for people, cores, threads in PLANNED:
        figures = asdict(simulate(people, cores, threads=threads))
        rows.append([f"{people:,}", f"{cores:,}", f"{ceil(cores / threads):,}", *map(_written, figures.values())])
    return _table(COLUMNS, rows)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (columns, ["---"] * len(columns), *rows)]


def _written(figure: float) -> str:
    """Two digits, or all before the point."""
    if figure == 0:
        return "0"
    if figure >= 10:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 1 else f"{figure:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000_000)
    parser.add_argument("--cores", type=int, nargs="+", default=[2, 64, 1_024])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--spread", type=float, default=0.1)
    parser.add_argument("--instructions", choices=tuple(COSTS), default="AVX-512")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--measure", type=int, metavar="PEOPLE")
    parser.add_argument("--runs", type=Path, nargs="+", metavar="LOG")
    options = parser.parse_args()
    if options.measure:
        _measure(options.measure)
    elif options.runs:
        print(*sorted(map(Run.of, options.runs), key=lambda run: run.people), sep="\n")
    elif options.page:
        print("\n".join([*measured_table(), "", *planned_table()]))
    else:
        _tell(options)


def _measure(people: int) -> None:
    from benchmarks import _round_costs
    from benchmarks.engine import compile_kernels

    compile_kernels()
    print(json.dumps(_round_costs.threads(people)), flush=True)
    print(json.dumps(_round_costs.sharded(30_000, 64)))


def _tell(options: argparse.Namespace) -> None:
    given = {"threads": options.threads, "spread": options.spread, "instructions": options.instructions}
    for cores in options.cores:
        figures = {k: round(v, 2) for k, v in asdict(simulate(options.people, cores, **given)).items()}
        print(json.dumps({"people": options.people, "cores": cores, **given, **figures}))
    used = {k: round(v, 3) for k, v in numbers_used(options.people).items()}
    print(json.dumps({"used": used, "even_cores": even_cores(options.people)}))


if __name__ == "__main__":
    main()
