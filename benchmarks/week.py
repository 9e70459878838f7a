"""What follows a published week: how fast its events are dispatched to the lists of those who are notified.

`python -m benchmarks.week [EVENTS]`: prints `dispatch_per_s` of each storage as JSON; 50,000 events by default.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.support.databases import migrated_postgres, migrated_sqlite, opened
from tests.support.postgres import LocalPostgres
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.system import SystemClock, UlidIds
from ygs.application.notifications.dispatch import Dispatcher
from ygs.domain.events import Event, proposed
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.ports.channels import DeliveryChannels
from ygs.ports.storage import Storage

EVENTS = 50_000
PEOPLE = 5_000


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    print(json.dumps(asyncio.run(figures(events))))


async def figures(events: int) -> dict[str, dict[str, int]]:
    """The figures of each storage."""
    with tempfile.TemporaryDirectory() as folder, LocalPostgres.start() as server:
        sqlite = await opened(str(migrated_sqlite(Path(folder) / "bench.db")))
        postgres = await opened(server.create_database("bench", template=migrated_postgres(server)))
        storages: dict[str, Storage] = {"memory": MemoryStorage(), "sqlite": sqlite, "postgresql": postgres}
        measured = {name: {"dispatch_per_s": round(await dispatched(each, events))} for name, each in storages.items()}
        for each in storages.values():
            await each.close()
    return measured


async def dispatched(storage: Storage, events: int) -> float:
    """Events a second, of that many that wait."""
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, PEOPLE + 1)])
        await tx.outbox.add(_events(events))
    dispatcher = Dispatcher(storage, SystemClock(), UlidIds(), DeliveryChannels(()))
    begun = perf_counter()
    while await dispatcher.dispatch():
        pass
    return events / (perf_counter() - begun)


def _events(count: int) -> list[Event]:
    """Both events of each introduction, as a week has them."""
    week = a_week(1)
    people = [a_user(number) for number in range(1, PEOPLE + 1)]
    introductions = (
        an_introduction(people[number % PEOPLE], people[(number + 1) % PEOPLE], week, number)
        for number in range(count // 2)
    )
    return [event for each in introductions for event in proposed(each)]


if __name__ == "__main__":
    main()
