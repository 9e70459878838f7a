"""The same reads with one server process, two and three on one PostgreSQL, run as `ygs serve --workers` runs them.

Processor time is told besides the rate: with as many processes as the machine has cores, client and database take their
share of the same cores, and the rate stops growing. What must not grow is the processor time of a read.
"""

import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks._http_load import rate, up

# Enough that each of a few processes accepts some, whichever the kernel wakes.
CONNECTIONS = 24
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessRates:
    """Medians over the rounds: reads a second; CPU seconds of a thousand reads, in the servers and in the database."""

    rate: float
    server_cpu: float
    database_cpu: float


@contextmanager
def served(url: str, port: int, workers: int) -> Iterator[int]:
    """So many processes that share a port, as `ygs serve` starts them; the id of their parent."""
    environment = {**os.environ, "YGS_DATABASE_URL": url}
    command = [sys.executable, "-m", "benchmarks._http_processes", str(port), str(workers)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


async def measure(
    port: int,
    requests: list[bytes],
    seconds: float,
    rounds: int,
    cpu: Callable[[], tuple[float, float]],
) -> ProcessRates:
    """Measure reads of a server that runs. `cpu`: seconds used so far by servers and database."""
    rates, servers, databases = [], [], []
    for number in range(rounds + 1):
        before = cpu()
        a_second = await rate(port, requests, seconds, CONNECTIONS)
        after = cpu()
        # The first round warms up.
        if number:
            thousands = a_second * seconds / 1000
            rates.append(a_second)
            servers.append((after[0] - before[0]) / thousands)
            databases.append((after[1] - before[1]) / thousands)
    return ProcessRates(statistics.median(rates), statistics.median(servers), statistics.median(databases))


def cpu_seconds(of: Callable[[int, Mapping[int, int]], bool]) -> float:
    """The CPU seconds of the processes that `of` picks by id and by the parents of all, those that ended included."""
    stats = dict(_stats())
    parents = {each: int(fields[1]) for each, fields in stats.items()}
    # User and system time, and that of children who have ended.
    return sum(sum(map(int, fields[11:15])) for each, fields in stats.items() if of(each, parents)) / _TICKS


def descends_from(ancestor: int) -> Callable[[int, Mapping[int, int]], bool]:
    """Picks a process and all that it started."""

    def picks(process: int, parents: Mapping[int, int]) -> bool:
        while process in parents and process != ancestor:
            process = parents[process]
        return process == ancestor

    return picks


def runs_in(folder: Path) -> Callable[[int, Mapping[int, int]], bool]:
    """Picks the processes whose working directory is in a folder, as the database's are."""

    def picks(process: int, _: Mapping[int, int]) -> bool:
        try:
            return Path(f"/proc/{process}/cwd").readlink().is_relative_to(folder)
        except OSError:
            return False

    return picks


def _stats() -> Iterator[tuple[int, list[str]]]:
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                text = (each / "stat").read_text()
            except OSError:
                continue  # It has ended meanwhile.
            yield int(each.name), text.rpartition(")")[2].split()


async def all_answer(port: int, workers: int) -> None:
    """Wait until somebody listens there, and give each process the time to start."""
    await up(port, seconds=60)
    await asyncio.sleep(workers)


def _serve(port: int, workers: int) -> None:
    from ygs.entrypoints.http.server import serve_by_workers
    from ygs.settings import Settings

    serve_by_workers(Settings(), host="127.0.0.1", port=port, workers=workers)


if __name__ == "__main__":
    _serve(*(int(each) for each in sys.argv[1:3]))
