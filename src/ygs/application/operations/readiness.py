"""Readiness: whether the service can answer requests."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ygs.domain.errors import N_, NotWritable, Unavailable
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

READY_SECONDS = 2.0
# Anybody may request the readiness, so only one request in ten seconds writes to the storage.
WRITTEN_EVERY = timedelta(seconds=10)
COUNTER = "readiness"


@dataclass
class Readiness:
    """The check behind a load balancer's health probe."""

    storage: Storage
    clock: Clock
    _written: datetime | None = field(default=None, init=False)

    async def check(self) -> str:
        """Read from the database, write to it at most every ten seconds, and return the version of its schema.

        `Unavailable` when no answer comes within 2 s, `NotWritable` when the disk is full or read-only. A write that
        times out behind other writers is no fault: a long import may lock the storage. The schema is not checked
        again, because it was when the application was built.
        """
        try:
            async with asyncio.timeout(READY_SECONDS), self.storage.read() as reading:
                await reading.weeks.latest(1)
        except TimeoutError as error:
            raise Unavailable(N_("the database does not answer")) from error
        await self._require_writable()
        return self.storage.schema

    async def _require_writable(self) -> None:
        now = self.clock.now()
        if self._written and now - self._written < WRITTEN_EVERY:
            return
        self._written = now  # first, so that concurrent requests do not write too
        try:
            async with asyncio.timeout(READY_SECONDS), self.storage.write() as tx:
                await tx.rate_limits.save(COUNTER, await tx.rate_limits.get(COUNTER, now))
        except NotWritable:
            self._written = None
            raise
        except (TimeoutError, Unavailable):
            pass  # a busy storage is no fault
