"""Readiness: whether the service can answer requests."""

import asyncio
from dataclasses import dataclass

from ygs.domain.errors import N_, Unavailable
from ygs.ports.storage import Storage

READY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """The check behind a load balancer's health probe."""

    storage: Storage

    async def check(self) -> None:
        """Read one row from the database; `Unavailable` when it does not answer within 2 s.

        The schema is not checked again: it was at this version's when the application was built.
        """
        try:
            async with asyncio.timeout(READY_SECONDS), self.storage.read() as reading:
                await reading.weeks.latest(1)
        except TimeoutError as error:
            raise Unavailable(N_("the database does not answer")) from error
