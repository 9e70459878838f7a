"""Cancellation, kept away from statements that SQLite is in the middle of.

Its statements run in a thread, which a cancelled task would leave alone with them: the connection is then given up,
with its transaction still open and the whole file locked, until the garbage collector finds it. So a task that is
cancelled waits for the statement to end, which is soon, rolls back, and is cancelled then. PostgreSQL cancels at its
server.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncTransaction
from sqlalchemy.ext.asyncio.engine import AsyncConnection

from ygs.adapters.sql.statements.errors import connecting, in_our_words, translated

Answer = TypeVar("Answer")


async def uncancellable(where: AsyncEngine | AsyncConnection, work: Awaitable[Answer]) -> Answer:
    """What `work` answers; on SQLite it is over when this raises, whatever this raises."""
    if where.dialect.name != "sqlite":
        return await work
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _end_of(task)
        raise


async def _end_of(task: asyncio.Future[Answer]) -> None:
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue  # as impatient as ever, and the first cancellation will be passed on
    # Looked at, or asyncio would complain that nobody did.
    if not task.cancelled():
        task.exception()


@asynccontextmanager
async def open_transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction, committed or rolled back at the end."""
    connection = engine.connect()
    try:
        with connecting():
            await uncancellable(engine, connection.start())
        async with transaction_block(connection, connection.begin()):
            yield connection
    finally:
        # There is nothing to close when it could not be reached.
        if connection.sync_connection is not None:
            with connecting():
                await uncancellable(engine, connection.close())


@asynccontextmanager
async def transaction_block(connection: AsyncConnection, transaction: AsyncTransaction) -> AsyncIterator[None]:
    """A transaction, or a savepoint in one, around a block."""
    with in_our_words():
        with translated():
            await uncancellable(connection, transaction.start())
        try:
            yield
        except BaseException:
            await uncancellable(connection, transaction.rollback())
            raise
        with translated():
            await uncancellable(connection, transaction.commit())
