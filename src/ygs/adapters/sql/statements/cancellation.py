"""Cancellation that waits for running SQLite statements.

SQLite statements run in a thread. If a cancelled task left its thread, the connection would be lost with an open
transaction, and the file would stay locked until the garbage collector finds the connection. So a cancelled task waits
for its statement to end, rolls back, and is cancelled then. PostgreSQL cancels on the server.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, nullcontext
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncTransaction
from sqlalchemy.ext.asyncio.engine import AsyncConnection

from ygs.adapters.sql.statements.errors import committing, connecting, in_our_words, translated

Answer = TypeVar("Answer")


async def uncancellable(where: AsyncEngine | AsyncConnection, work: Awaitable[Answer]) -> Answer:
    """Await `work`. On SQLite, `work` has ended when this raises, also when it raises `CancelledError`."""
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
            continue  # the caller raises the first cancellation
    # Retrieved, or asyncio would log that it never was.
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
        # There is nothing to close when the connection failed.
        if connection.sync_connection is not None:
            with connecting():
                await uncancellable(engine, connection.close())


async def _roll_back(connection: AsyncConnection, transaction: AsyncTransaction) -> None:
    """Roll back; if that fails too, drop the connection, since the first error shows what is wrong."""
    try:
        await uncancellable(connection, transaction.rollback())
    except (SQLAlchemyError, OSError):
        await uncancellable(connection, connection.invalidate())


@asynccontextmanager
async def transaction_block(connection: AsyncConnection, transaction: AsyncTransaction) -> AsyncIterator[None]:
    """A transaction, or a savepoint in one, around a block."""
    with in_our_words():
        with translated():
            await uncancellable(connection, transaction.start())
        try:
            yield
        except BaseException:
            await _roll_back(connection, transaction)
            raise
        # SQLite commits in this process, and a savepoint stores nothing: both are done when they say so, or not at all.
        remote = connection.dialect.name != "sqlite" and transaction is connection.get_transaction()
        with translated(), committing() if remote else nullcontext():
            await uncancellable(connection, transaction.commit())
