"""Connections that ended while nobody used them are replaced before anybody is given one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import make_url

from tests.support.databases import DROP_ALL, opened
from ygs.adapters.sql import postgres
from ygs.adapters.sql.storage import SqlStorage


async def use(storage: SqlStorage) -> None:
    """Several connections of both kinds at once."""

    async def write() -> None:
        async with storage.write() as tx:
            await tx.users.count_by_status()
            await asyncio.sleep(0.05)

    async def read() -> None:
        async with storage.read() as reading:
            await reading.users.count_by_status()
            await asyncio.sleep(0.05)

    await asyncio.gather(*(each() for _ in range(3) for each in (write, read)))


class Between:
    """Passes bytes on between us and the server, until it has forgotten its connections without a word: like a router,
    it hangs up on whoever speaks again."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._passing = list[asyncio.Task[None]]()
        self.forgotten = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """The port to connect to."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        yield server.sockets[0].getsockname()[1]
        self.forget()
        server.close()

    def forget(self) -> None:
        """Drop all that there are."""
        while self._passing:
            self._passing.pop().cancel()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(self._socket)
        passing = [asyncio.create_task(_pass_on(reader, ours)), asyncio.create_task(_pass_on(theirs, writer))]
        self._passing += passing
        await asyncio.wait(passing)
        if await reader.read(1):
            self.forgotten += 1
        writer.transport.abort()
        ours.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while said := await reader.read(65_536):
        writer.write(said)
    writer.close()


async def test_all_connections_are_replaced_when_the_server_dropped_them(postgres_url: str) -> None:
    storage = await opened(postgres_url)
    await use(storage)
    async with storage.transaction() as bare:
        assert len(await bare.rows(DROP_ALL)) >= 4
    await asyncio.sleep(0.1)
    await use(storage)
    await storage.close()


async def test_a_connection_that_was_dropped_unheard_while_it_rested_is_replaced(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "REST_SECONDS", 0.2)
    url = make_url(postgres_url)
    between = Between(f"{url.query['host']}/.s.PGSQL.{url.query['port']}")
    async with between.listening() as port:
        storage = await opened(str(url.set(host="127.0.0.1", port=port, query={})))
        await use(storage)
        between.forget()
        await asyncio.sleep(0.3)
        await use(storage)
        assert between.forgotten
        await storage.close()
