"""One transaction's statements: run, and their errors said in our words where they arise."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Dialect, Executable, Row, Select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ygs.adapters.sql.statements.cancellation import transaction_block, uncancellable
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.errors import translated

Answer = TypeVar("Answer")
Found: TypeAlias = Row[*tuple[Any, ...]]
Query: TypeAlias = Select[*tuple[Any, ...]]


_NAMED_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


class SqlTransaction:
    """A connection inside its transaction. `locking`: what is read to be changed stays locked until the end."""

    def __init__(self, connection: AsyncConnection, keyring: Keyring, *, locking: bool) -> None:
        self.connection, self.keyring, self.locking = connection, keyring, locking

    @property
    def dialect(self) -> Dialect:
        """The database's."""
        return self.connection.dialect

    @property
    def postgresql(self) -> bool:
        """Whether the database has locks and timeouts of its own to be told about; SQLite's writer is alone."""
        return self.dialect.name == "postgresql"

    async def rows(self, statement: Executable, **values: Any) -> Sequence[Found]:
        """Everything a query brings, with these values for its parameters."""
        with translated():
            return (await self._uncancellable(self.connection.execute(statement, values))).all()

    async def row(self, statement: Executable, **values: Any) -> Found | None:
        """The first row, if there is one."""
        with translated():
            return (await self._uncancellable(self.connection.execute(statement, values))).first()

    async def scalar(self, statement: Executable) -> Any:
        """The first column of the first row."""
        with translated():
            return await self._uncancellable(self.connection.scalar(statement))

    async def run(self, statement: Executable, **values: Any) -> int:
        """Run a command; how many rows it changed."""
        with translated():
            return (await self._uncancellable(self.connection.execute(statement, values))).rowcount

    async def send(self, statement: str, values: Any) -> None:
        """Run a statement in the driver's own terms: a tuple of values, or a list of such tuples."""
        with translated():
            await self._uncancellable(self.connection.exec_driver_sql(statement, values))

    async def stream(self, statement: Executable, take: Callable[[Sequence[Found]], None]) -> None:
        """Hand over what a query brings, some thousand rows at a time: a large table is never in memory twice."""
        with translated():
            await self._uncancellable(self._stream(statement, take))

    async def _stream(self, statement: Executable, take: Callable[[Sequence[Found]], None]) -> None:
        result = await self.connection.stream(statement, execution_options={"yield_per": 10_000})
        async for partition in result.partitions():
            take(partition)

    async def _uncancellable(self, work: Awaitable[Answer]) -> Answer:
        return await uncancellable(self.connection, work)

    def for_update(self, query: Query) -> Query:
        """`query`, locking what it finds if this transaction may change it.

        Not against being pointed at: a week that is published while a member edits must not wait for that member.
        """
        return _locking(query) if self.locking else query

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """All of the block's statements or none, even when the caller handles the error and goes on."""
        async with transaction_block(self.connection, self.connection.begin_nested()):
            yield

    async def lock(self, name: str) -> None:
        """Hold a named lock until the transaction ends, where no row exists that could be locked.

        Nothing to do in a transaction that only reads, nor on SQLite, whose writers run one after another.
        """
        if self.locking and self.postgresql:
            await self.run(_NAMED_LOCK, name=name)

    async def long_timeout(self) -> None:
        """Give the statements from here on a minute each: for the few that read everything there is."""
        if self.postgresql:
            await self.run(text("SET LOCAL statement_timeout = '60s'"))


@lru_cache(256)
def _locking(query: Query) -> Query:
    # Remembered, as the queries that are asked most are constants: SQLAlchemy knows what it made of a statement by the
    # statement itself, and would otherwise take each for a new one and look it over.
    return query.with_for_update(key_share=True)
