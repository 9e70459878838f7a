"""The composition root: what exists, and which adapter answers for which port. The only place that knows punq.

async with build(Settings(database_url="memory:")) as app:
    await app.weeks.create(Actor.operator(), CreateWeek())
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from zoneinfo import ZoneInfo

import punq

from ygs.adapters.phones import LibPhones
from ygs.adapters.sheets import SheetFiles
from ygs.adapters.system import SystemClock, UlidIds
from ygs.application.backtesting import Backtesting
from ygs.application.checking import Checking
from ygs.application.exporting import Exporting
from ygs.application.importing import Importing
from ygs.application.introductions import MyIntroductions
from ygs.application.match_weeks import MatchWeeks
from ygs.application.planning import LeaseSeconds, Planning
from ygs.application.reviewing import Reviewing
from ygs.domain.matching.vocabulary import Language
from ygs.ports.matching import RoundSolver, Scorer
from ygs.ports.phones import Phones
from ygs.ports.sheets import Sheets
from ygs.ports.storage import Storage
from ygs.ports.system import Clock, Ids
from ygs.settings import Settings

CONVERSATIONS = (MatchWeeks, Planning, Reviewing, MyIntroductions, Backtesting, Checking, Importing, Exporting)


@dataclass(frozen=True, slots=True)
class Application:
    """Everything ygs can do, over one storage."""

    settings: Settings
    storage: Storage
    clock: Clock
    ids: Ids
    scorer: Scorer
    solver: RoundSolver
    weeks: MatchWeeks
    planning: Planning
    reviewing: Reviewing
    my_introductions: MyIntroductions
    backtesting: Backtesting
    checking: Checking
    importing: Importing
    exporting: Exporting


@asynccontextmanager
async def build(
    settings: Settings | None = None, overrides: Mapping[Any, object] | None = None
) -> AsyncIterator[Application]:
    """The application that the settings describe, open until the block ends.

    `overrides`: port -> an object that answers for it instead, such as ``{Clock: my_clock, Storage: my_storage}``;
    whoever
    brings a storage closes it. `Unavailable` when the database is not there or not at the schema's head.
    """
    settings = settings or Settings()
    chosen = _always(settings) | dict(overrides or {})
    if Storage in chosen:
        yield _wired(chosen)
        return
    storage = await _storage(settings)
    try:
        yield _wired(chosen | {Storage: storage})
    finally:
        await storage.close()


def _always(settings: Settings) -> dict[Any, object]:
    return {
        Settings: settings,
        Clock: SystemClock(),
        Ids: UlidIds(),
        Sheets: SheetFiles(),
        Phones: LibPhones(),
        ZoneInfo: settings.time_zone,
        Language: settings.language,
        LeaseSeconds: LeaseSeconds(settings.lease_seconds),
        **_engines(),
    }


def _engines() -> dict[Any, object]:
    if find_spec("numba") and find_spec("ortools"):
        from ygs.adapters.scoring.vectorised import VectorisedScorer
        from ygs.adapters.solving.exact import ExactSolver

        return {Scorer: VectorisedScorer(), RoundSolver: ExactSolver()}
    from ygs.adapters.scoring.plain import PlainScorer
    from ygs.adapters.solving.plain import PlainSolver

    return {Scorer: PlainScorer(), RoundSolver: PlainSolver()}


async def _storage(settings: Settings) -> Storage:
    url = settings.database_url.get_secret_value()
    if url.startswith("memory:"):
        from ygs.adapters.memory import MemoryStorage

        return MemoryStorage()
    from ygs.adapters.sql.sealing import Keyring

    keyring = Keyring(*settings.sealing)
    if url.startswith("sqlite:"):
        from ygs.adapters.sql.sqlite import open_sqlite

        return await open_sqlite(url, keyring)
    from ygs.adapters.sql.postgres import open_postgres

    replica = settings.replica_url
    return await open_postgres(url, keyring, replica_url=replica.get_secret_value() if replica else None)


def _wired(chosen: Mapping[Any, object]) -> Application:
    container = punq.Container()
    for port, adapter in chosen.items():
        container.register(port, instance=adapter)
    for conversation in (*CONVERSATIONS, Application):
        container.register(conversation, scope=punq.Scope.singleton)
    application: Application = container.resolve(Application)
    return application


async def upgrade_database(settings: Settings | None = None) -> str:
    """Bring the database's schema to this version's head, creating it when new; the head's name."""
    settings = settings or Settings()
    url = settings.database_url.get_secret_value()
    if url.startswith("memory:"):
        return "memory"
    from ygs.adapters.sql import migrations, postgres, sqlite

    lite = url.startswith("sqlite:")
    engine = sqlite.engine(sqlite.path_of(url), writes=True) if lite else postgres.engine(url, writes=True)
    try:
        await migrations.upgrade(engine)
    finally:
        await engine.dispose()
    return migrations.head()
