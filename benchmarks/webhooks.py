"""How fast events reach another system: stored as deliveries, signed, sent over HTTP, and recorded.

`python -m benchmarks.webhooks [EVENTS]`: prints `signed_dispatch_per_s` of each storage as JSON, and the processor time
that one message took in the process that sends; 5,000 events by default. The receiver is a process of its own. The
dispatch that stores the deliveries is timed with the rest.
"""

import asyncio
import json
import multiprocessing
import sys
import tempfile
from collections.abc import Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tests.support.databases import migrated_postgres, migrated_sqlite, opened
from tests.support.postgres import LocalPostgres
from tests.support.webhook_receiver import Receiver, receiving
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.system import SystemClock, UlidIds
from ygs.adapters.webhooks.http_sender import HttpWebhookSender
from ygs.application.notifications.deliver import Deliverer
from ygs.application.notifications.dispatch import Dispatcher
from ygs.application.notifications.webhook_channel import WebhookChannel
from ygs.domain.deliveries import DeliveryState
from ygs.domain.events import EventType, proposed
from ygs.entrypoints.testing.builders import a_user, a_week, an_introduction
from ygs.entrypoints.testing.contracts.webhooks import a_webhook
from ygs.ports.channels import DeliveryChannels
from ygs.ports.storage import Storage

EVENTS = 5_000
Result = TypeVar("Result")


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("spawn").Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    print(json.dumps(_run(figures(ours.recv(), events))))
    receiver.terminate()


def receive(told: Connection) -> None:
    """Take messages until this process ends; tell the address first."""

    async def serve() -> None:
        async with receiving(Receiver()) as receiver:
            told.send(receiver.url())
            await asyncio.Event().wait()

    _run(serve())


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in the loop of `ygs serve`."""
    from uvicorn.loops.auto import auto_loop_factory

    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(work)


async def figures(url: str, events: int) -> dict[str, dict[str, float]]:
    """The figures of each storage."""
    with tempfile.TemporaryDirectory() as folder, LocalPostgres.start() as server:
        sqlite = await opened(str(migrated_sqlite(Path(folder) / "bench.db")))
        postgres = await opened(server.create_database("bench", template=migrated_postgres(server)))
        storages: dict[str, Storage] = {"memory": MemoryStorage(), "sqlite": sqlite, "postgresql": postgres}
        measured = {name: await sent(each, url, events) for name, each in storages.items()}
        for each in storages.values():
            await each.close()
    return measured


async def sent(storage: Storage, url: str, events: int) -> dict[str, float]:
    """Messages a second, and milliseconds of processor time for each."""
    await _happen(storage, url, events)
    clock, sender = SystemClock(), HttpWebhookSender(insecure=True)
    channels = DeliveryChannels((WebhookChannel(clock, sender),))
    dispatcher = Dispatcher(storage, clock, UlidIds(), channels)
    deliverer = Deliverer(storage, clock, ZoneInfo("Asia/Seoul"), channels)
    begun, used = perf_counter(), process_time()
    while await dispatcher.dispatch():
        pass
    while await deliverer.deliver(f"webhook:{a_webhook().id}"):
        pass
    took, used = perf_counter() - begun, process_time() - used
    async with storage.read(latest=True) as reading:
        for state in (DeliveryState.WAITING, DeliveryState.FAILED):
            assert not await reading.deliveries.page(state=state, limit=1), "some were not taken"
    await sender.close()
    return {"signed_dispatch_per_s": round(events / took), "cpu_ms_each": round(1000 * used / events, 2)}


async def _happen(storage: Storage, url: str, events: int) -> None:
    week, one, other = a_week(1), a_user(1), a_user(2)
    introductions = (an_introduction(one, other, week, number) for number in range(events // 2))
    async with storage.write() as tx:
        await tx.webhooks.add(a_webhook(url=url, types=frozenset([EventType.INTRODUCTION_PROPOSED])))
        await tx.outbox.add(event for each in introductions for event in proposed(each))


if __name__ == "__main__":
    main()
