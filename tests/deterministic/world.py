"""The world of one simulation: clock, processes over one storage, the trace of steps, and what was found wrong."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from pydantic import SecretStr

from tests.deterministic.commits import Commit, People
from tests.deterministic.faults import Crashed, FaultInjector, FaultRates, ObservedStorage, faulty, storage_of
from tests.deterministic.invariants import violations
from ygs.adapters.jwt_tokens import JwtTokens
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.random_and_hmac import SystemSecrets
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.adapters.spreadsheets import SheetFiles
from ygs.bootstrap import Application, build
from ygs.domain.errors import Unavailable, YgsError
from ygs.entrypoints.testing.accounts import KEY, Mailbox, QuickPasswords
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.authentication import Messenger, Passwords, Secrets, Tokens
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.ports.spreadsheets import Cell, Sheets
from ygs.ports.storage import Storage
from ygs.settings import Settings

Result = TypeVar("Result")
Work = Callable[[Application], Awaitable[Result]]

SETTINGS = Settings(_env_file=None, database_url=SecretStr("memory:"), retention_days=6)
# Which step of which actor runs. Tasks that the step begins inherit it.
STEP: ContextVar[str] = ContextVar("STEP", default="nobody")


class SimulatedClock:
    """A `Clock` that follows the loop's time, and jumps."""

    def __init__(self) -> None:
        self._jumped = timedelta()

    def now(self) -> datetime:
        """The virtual moment."""
        return NOON + timedelta(seconds=asyncio.get_running_loop().time()) + self._jumped

    def jump(self, time: timedelta) -> None:
        """Go on by so much at once."""
        self._jumped += time


class SeededSecrets(SystemSecrets):
    """`Secrets` that are the same in every run."""

    def __init__(self, random: Random) -> None:
        super().__init__(KEY)
        self._random = random

    def random_bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def code(self) -> str:
        return f"{self._random.randrange(10**8):08}"


class PlainSheets(SheetFiles):
    """Writes sheets as lines of text: writing workbooks would take longer than the rest of a simulation."""

    def write(self, file: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], **kwargs: Any) -> int:
        Path(file).write_text("\n".join(json.dumps([*row]) for row in (header, *rows)), "utf-8")
        return 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended: with a value, refused by a rule, or with nobody knowing whether it took effect."""

    value: Any = None
    refusal: YgsError | None = None
    unknown: bool = False

    @property
    def ok(self) -> bool:
        """Whether the reply was a success."""
        return self.refusal is None and not self.unknown

    def __str__(self) -> str:
        if self.unknown:
            return "unknown"
        return self.refusal.code if self.refusal else "ok"


class Process:
    """One process of the service: an application of its own over the shared storage. It can crash and start again."""

    def __init__(self, world: "World", name: str) -> None:
        self.name = name
        self._world = world
        self._running: list[asyncio.Future[Any]] = []
        self._lifetime = AsyncExitStack()
        self.faults = FaultInjector(Random(), FaultRates(), world.trace, world.clock.jump)
        self.app: Application | None = None

    async def start(self) -> None:
        """Build the application."""
        world = self._world
        self.faults = FaultInjector(world.random(f"faults of {self.name}"), world.rates, self._hear, world.clock.jump)
        self.app = await self._lifetime.enter_async_context(
            build(
                SETTINGS,
                {
                    Storage: storage_of(world.storage, self.faults),
                    Clock: world.clock,
                    Ids: world.ids,
                    Secrets: world.secrets,
                    Messenger: faulty(world.mailbox, "messenger", self.faults),
                    Passwords: QuickPasswords(),
                    Sheets: PlainSheets(),
                    Tokens: JwtTokens({"test": KEY}, issuer="ygs", audience="ygs-api"),
                    Scorer: PlainScorer(),
                    RoundSolver: PlainSolver(),
                },
            )
        )

    def _hear(self, fault: str) -> None:
        self._world.trace(f"{self.name} {fault} ({STEP.get()})")

    async def run(self, work: Work[Result]) -> Result:
        """Run work in this process; `Crashed` when the process dies before it ends."""
        if self.app is None:
            raise Crashed
        task = asyncio.ensure_future(work(self.app))
        me = asyncio.current_task()
        assert me is not None
        self._running.append(task)
        try:
            return await task
        except asyncio.CancelledError:
            if me.cancelling():  # Whoever waits is cancelled, and not this process.
                raise
            raise Crashed from None
        finally:
            task.cancel()
            self._running.remove(task)

    async def crash(self) -> None:
        """Die: from now on nothing that this process does has an effect."""
        self._world.trace(f"{self.name} crashes")
        self.faults.crashed = True
        self.app = None
        for task in list(self._running):
            task.cancel()
        await self.stop()

    async def stop(self) -> None:
        """Close the application."""
        lifetime, self._lifetime = self._lifetime, AsyncExitStack()
        await lifetime.aclose()


@dataclass
class World:
    """Everything that the actors of one simulation share."""

    seed: int
    rates: FaultRates = field(default_factory=FaultRates)

    def __post_init__(self) -> None:
        self.steps: list[str] = []
        self.found: list[str] = []
        self.ended = asyncio.Event()
        self.people = People()
        self.clock = SimulatedClock()
        self.ids = CountingIds()
        self.secrets = SeededSecrets(self.random("secrets"))
        self.mailbox = Mailbox()
        self.storage = ObservedStorage(self._committed)
        # In some seeds the week matters less than consultations, meetings, exports and contracts.
        self.is_about_the_office = self.random("emphasis").random() < 0.4
        self.processes = [Process(self, f"process{number}") for number in (1, 2)]

    def random(self, purpose: str) -> Random:
        """A source of chance of its own, so that one actor's choices do not change another's."""
        return Random(f"{self.seed} {purpose}")

    def trace(self, text: str) -> None:
        """Note a step."""
        self.steps.append(f"{asyncio.get_running_loop().time():9.3f} {text}")

    def violation(self, text: str) -> None:
        """Note that something is wrong, and end the simulation."""
        self.trace(f"VIOLATION {text}")
        self.found.append(text)
        self.ended.set()

    @property
    def over(self) -> bool:
        """Whether everybody is to stop."""
        return self.ended.is_set()

    @property
    def digest(self) -> str:
        """A hash of all steps: two runs with the same digest took the same steps."""
        return sha256("\n".join(self.steps).encode()).hexdigest()

    @property
    def tables(self) -> SnapshotTables:
        """What is committed."""
        return self.storage.tables

    def _committed(self, before: SnapshotTables, after: SnapshotTables) -> None:
        for text in violations(Commit(before, after, self.clock.now(), STEP.get()), self.people):
            self.violation(text)

    def _serving(self) -> Sequence[Process]:
        """The processes that new requests go to: a load balancer leaves out one that does not answer."""
        return [each for each in self.processes if not each.faults.is_stopped] or self.processes

    async def step(self, random: Random, actor: str, name: str, work: Work[Any]) -> Outcome:
        """Run a step of an actor in one of the processes, note how it ended, and return that."""
        STEP.set(f"{actor} {name} #{len(self.steps)}")
        try:
            outcome = Outcome(await random.choice(self._serving()).run(work))
        except (Unavailable, Crashed):
            outcome = Outcome(unknown=True)
        except YgsError as refusal:
            outcome = Outcome(refusal=refusal)
        except Exception as error:  # the service would answer 500
            self.violation(f"{actor} {name}: {type(error).__name__}: {error}")
            raise
        self.trace(f"{actor} {name}: {outcome}")
        return outcome
