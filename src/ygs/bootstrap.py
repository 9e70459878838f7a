"""The composition root: what exists, and which adapter answers for which port. The only place that knows punq.

async with build(Settings(database_url="memory:")) as app:
    await app.weeks.create(Actor.operator(), CreateWeek())
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import punq

from ygs.adapters.system import SystemClock, UlidIds
from ygs.application.introductions import MyIntroductions
from ygs.application.match_weeks import MatchWeeks
from ygs.application.planning import LeaseSeconds, Planning
from ygs.application.reviewing import Reviewing
from ygs.ports.matching import RoundSolver, Scorer
from ygs.ports.storage import Storage
from ygs.ports.system import Clock, Ids
from ygs.settings import Settings


@dataclass(frozen=True, slots=True)
class Application:
    """Everything ygs can do, over one storage that it owns: use it as ``async with build(settings) as app``."""

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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.storage.close()


def build(settings: Settings | None = None, overrides: Mapping[Any, object] | None = None) -> Application:
    """Wire the application that the settings describe.

    `overrides`: port -> an object that answers for it instead, such as ``{Clock: my_clock, Storage: my_storage}``.
    Nothing is opened or connected before it is first used.
    """
    settings = settings or Settings()
    chosen = {
        Settings: settings,
        Clock: SystemClock(),
        Ids: UlidIds(),
        ZoneInfo: settings.time_zone,
        LeaseSeconds: LeaseSeconds(settings.lease_seconds),
    } | dict(overrides or {})
    for port, adapter in ((Storage, _storage), (Scorer, _scorer), (RoundSolver, _solver)):
        if port not in chosen:
            chosen[port] = adapter(settings)
    return _wired(chosen)


def _wired(chosen: Mapping[Any, object]) -> Application:
    container = punq.Container()
    for port, adapter in chosen.items():
        container.register(port, instance=adapter)
    for conversation in (MatchWeeks, Planning, Reviewing, MyIntroductions, Application):
        container.register(conversation, scope=punq.Scope.singleton)
    application: Application = container.resolve(Application)
    return application
