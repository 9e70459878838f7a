"""Faults at the ports: calls that are late, that fail before or after their effect, and commits of unknown outcome."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from inspect import iscoroutinefunction
from random import Random
from typing import Any, TypeVar, cast

from ygs.adapters.memory import MemoryStorage
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.domain.errors import OutcomeUnknown, Unavailable
from ygs.ports.storage import HotReads, Reading, Storage, Writing

Repositories = TypeVar("Repositories", Reading, Writing)

LONGEST_STALL_SECONDS = 120


class Crashed(BaseException):
    """The process is dead: none of its calls has an effect any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRates:
    """How probable each fault is, for one call of a port.

    `late`: some milliseconds pass; `stalled`: the call takes up to two minutes; `stopped`: the whole process stops for
    some seconds just when it has taken the lease on a week, and the clock jumps beyond that lease;
    `before`, `after`: the call fails without or with its effect (a commit that fails after its effect is one of unknown
    outcome); `lag`: a read sees an earlier state, as on a replica.
    """

    late: float = 0.0
    stalled: float = 0.0
    stopped: float = 0.0
    before: float = 0.0
    after: float = 0.0
    lag: float = 0.0


class FaultInjector:
    """Decides at each port call of one process whether it fails."""

    def __init__(
        self, random: Random, rates: FaultRates, hear: Callable[[str], None], jump: Callable[[timedelta], None]
    ) -> None:
        self.rates = rates
        self._jump = jump
        self.crashed = False
        self._stopped_until = 0.0
        self._random = random
        self._hear = hear

    async def before(self, call: str) -> None:
        """Let time pass, then perhaps fail without the call's effect."""
        rates = self.rates
        chance = self._random.random()
        if chance < rates.stalled + rates.late:
            await self._wait(call, stalled=chance < rates.stalled)
        if self._stopped_until and self.is_stopped:
            await asyncio.sleep(self._stopped_until - asyncio.get_running_loop().time())
        if self.crashed:
            raise Crashed
        if rates.before and self._random.random() < rates.before:
            self._hear(f"failed before {call}")
            raise Unavailable(f"injected before {call}")

    def after(self, call: str, error: type[Unavailable] = Unavailable) -> None:
        """Perhaps fail with the call's effect."""
        if self.crashed:
            raise Crashed
        if self.rates.after and self._random.random() < self.rates.after:
            self._hear(f"failed after {call}")
            raise error(f"injected after {call}")

    def took_a_lease(self) -> None:
        """Perhaps stop the process, as SIGSTOP would: none of its calls begins until it continues."""
        if self._random.random() < self.rates.stopped:
            self._hear("is stopped with a lease")
            self._stopped_until = asyncio.get_running_loop().time() + self._random.uniform(5, 20)
            self._jump(timedelta(minutes=2))

    @property
    def is_stopped(self) -> bool:
        """Whether the process is stopped now."""
        return self._stopped_until > asyncio.get_running_loop().time()

    def lag(self, states: Sequence[SnapshotTables]) -> SnapshotTables | None:
        """An earlier state to read, or None for the present one."""
        if self._random.random() < self.rates.lag:
            return self._random.choice(states[-8:])
        return None

    async def _wait(self, call: str, *, stalled: bool) -> None:
        if stalled:
            self._hear(f"stalled at {call}")
            await asyncio.sleep(self._random.uniform(0, LONGEST_STALL_SECONDS))
        else:
            await asyncio.sleep(self._random.expovariate(50))


class _FaultyPort:
    """Passes every call on, and may fail around it."""

    def __init__(self, port: object, name: str, faults: FaultInjector) -> None:
        self._port = port
        self._kind: Any = type(port)
        self._name = name
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not _is_call(self._kind, name):
            return attribute
        call = f"{self._name}.{name}"

        async def faulty(*args: Any, **kwargs: Any) -> Any:
            await self._faults.before(call)
            result = await attribute(*args, **kwargs)
            self._faults.after(call)
            return result

        self.__dict__[name] = faulty
        return faulty


@cache
def _is_call(kind: Hashable, name: str) -> bool:
    return iscoroutinefunction(getattr(kind, name, None))


def faulty(port: object, name: str, faults: FaultInjector) -> Any:
    """A port whose calls may fail."""
    return _FaultyPort(port, name, faults)


class ObservedStorage(MemoryStorage):
    """The storage that all processes share. `on_commit` hears of every commit, and `states` keeps the latest."""

    def __init__(self, on_commit: Callable[[SnapshotTables, SnapshotTables], None]) -> None:
        self.states: list[SnapshotTables] = []
        self._on_commit = on_commit
        super().__init__()

    @property
    def tables(self) -> SnapshotTables:
        """What is committed."""
        return self.states[-1]

    # What `MemoryStorage` assigns when it commits.
    @property
    def _committed(self) -> SnapshotTables:
        return self.states[-1]

    @_committed.setter
    def _committed(self, tables: SnapshotTables) -> None:
        if not self.states:
            self.states.append(tables)
        elif tables is not self.tables:
            self.states.append(tables)
            self._on_commit(self.states[-2], tables)


class FaultyStorage:
    """One process's way to the shared storage."""

    schema = "memory"

    def __init__(self, shared: ObservedStorage, faults: FaultInjector) -> None:
        self._shared = shared
        self._faults = faults
        self.hot_reads: HotReads = faulty(shared.hot_reads, "hot_reads", faults)

    @asynccontextmanager
    async def read(self, *, latest: bool = False) -> AsyncIterator[Reading]:
        """Read the present state, or an earlier one where a replica may answer."""
        await self._faults.before("read")
        earlier = None if latest else self._faults.lag(self._shared.states)
        async with (as_of(earlier) if earlier else self._shared).read() as reading:
            yield _around(reading, self._faults)

    @asynccontextmanager
    async def write(self, *, long: bool = False) -> AsyncIterator[Writing]:
        """Write; the commit too may fail, before or after its effect."""
        await self._faults.before("begin")
        async with self._shared.write(long=long) as tx:
            earlier = self._shared.tables
            yield _around(tx, self._faults)
            await self._faults.before("commit")
        if _takes_a_lease(earlier, self._shared.tables):
            self._faults.took_a_lease()
        self._faults.after("commit", OutcomeUnknown)

    async def close(self) -> None:
        """Nothing to close."""


def _takes_a_lease(before: SnapshotTables, after: SnapshotTables) -> bool:
    if before.weeks._rows is after.weeks._rows:
        return False
    return any(week.fence != before.weeks[key].fence for key, week in after.weeks.items() if key in before.weeks)


def as_of(tables: SnapshotTables) -> MemoryStorage:
    """A storage of its own that begins in that state."""
    storage = MemoryStorage()
    storage._committed = tables
    return storage


class _FaultyRepositories:
    """The repositories of a transaction, each a faulty port; made when they are asked for, since few are."""

    def __init__(self, repositories: Reading | Writing, faults: FaultInjector) -> None:
        self._repositories = repositories
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._repositories, name)
        # The time that decides is no repository but a function.
        self.__dict__[name] = made = part if name == "now" else faulty(part, name, self._faults)
        return made


def _around(repositories: Repositories, faults: FaultInjector) -> Repositories:
    return cast(Repositories, _FaultyRepositories(repositories, faults))


def storage_of(shared: ObservedStorage, faults: FaultInjector) -> Storage:
    """The storage as one process sees it."""
    return cast(Storage, FaultyStorage(shared, faults))
