"""Every event becomes a notice, once, though the process that dispatches it is killed again and again."""

import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.databases import opened
from ygs.adapters.sql.storage import SqlStorage
from ygs.domain.events import EventType, introduction_event
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 300
KILLS = 3
EVENTS = 50_000


@dataclass(frozen=True)
class Dispatching:
    """A storage, and the URL by which other processes open it."""

    storage: SqlStorage
    url: str

    async def add(self, events: int) -> None:
        """Store so many events about one member."""
        me, week = a_user(1), a_week(1)
        async with self.storage.write() as tx:
            await tx.users.add(me)
            await tx.outbox.add(
                introduction_event(
                    EventType.INTRODUCTION_PROPOSED, an_introduction(me, a_user(2), week, number), me.id, NOON
                )
                for number in range(1, events + 1)
            )

    async def count(self) -> int:
        """How many notices there are."""
        async with self.storage.read(latest=True) as reading:
            return await reading.notices.count_unread(a_user(1).id)

    async def reaches(self, notices: int) -> None:
        """Wait until there are that many."""
        end = time.monotonic() + PATIENCE_SECONDS
        while await self.count() < notices:
            assert time.monotonic() < end, await self.count()
            await asyncio.sleep(0.02)

    def start(self) -> subprocess.Popen[bytes]:
        """A dispatcher in a process of its own."""
        return subprocess.Popen([sys.executable, "-m", "tests.support.dispatcher", self.url], cwd=ROOT)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_no_event_is_lost_and_none_notified_twice_though_the_dispatcher_is_killed(
    request: pytest.FixtureRequest, kind: str
) -> None:
    where: str = request.getfixturevalue("sqlite_path" if kind == "sqlite" else "postgres_url")
    dispatching = Dispatching(await opened(where), where)
    await dispatching.add(EVENTS)
    for kill in range(1, KILLS + 1):
        killed = dispatching.start()
        try:
            await dispatching.reaches(min(kill * EVENTS // (KILLS + 1), EVENTS - 1))
        finally:
            killed.kill()
            killed.wait()
    last = dispatching.start()
    try:
        await dispatching.reaches(EVENTS)
    finally:
        last.kill()
        last.wait()
    assert await dispatching.count() == EVENTS
    async with dispatching.storage.read(latest=True) as reading:
        assert await reading.outbox.pending(1) == []
    await dispatching.storage.close()
