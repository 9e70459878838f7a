"""One transaction: runs statements and translates the errors of the driver."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Dialect, Executable, Row, Select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ygs.adapters.sql.statements.cancellation import transaction_block, uncancellable
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.errors import translated
from ygs.ports.clock_and_ids import Clock, SharedTime

Answer = TypeVar("Answer")
Found: TypeAlias = Row[*tuple[Any, ...]]
Query: TypeAlias = Select[*tuple[Any, ...]]


_SERVER_TIME = text("SELECT clock_timestamp()")
# With the schema's name, since advisory locks belong to the whole database, which may hold two services.
_NAMED_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext(:name))")


class SqlTransaction:
    """A connection inside a transaction.

    With `locking`, `for_update` locks the rows that a query reads. `limited`: whether its statements have a timeout.
    """

    def __init__(self, connection: AsyncConnection, keyring: Keyring, *, locking: bool, limited: bool = True) -> None:
        self.connection = connection
        self.keyring = keyring
        self.locking = locking
        self.limited = limited

    @property
    def dialect(self) -> Dialect:
        """The dialect of the database."""
        return self.connection.dialect

    @property
    def postgresql(self) -> bool:
        """Whether the database is PostgreSQL, which needs locks and timeouts; SQLite has one writer at a time."""
        return self.dialect.name == "postgresql"

    async def rows(self, statement: Executable, **values: Any) -> Sequence[Found]:
        """All rows of a query with these parameters."""
        with translated():
            return (await self._uncancellable(self.connection.execute(statement, values))).all()

    async def row(self, statement: Executable, **values: Any) -> Found | None:
        """The first row of a query, or None."""
        with translated():
            return (await self._uncancellable(self.connection.execute(statement, values))).first()

    async def scalar(self, statement: Executable) -> Any:
        """The first column of the first row."""
        with translated():
            return await self._uncancellable(self.connection.scalar(statement))

    async def run(self, statement: Executable, **values: Any) -> int:
        """Run a command; return how many rows it changed."""
        with translated():
            return (await self._uncancellable(self.connection.execute(statement, values))).rowcount

    async def send(self, statement: str, values: Any) -> None:
        """Run a statement on the driver directly, with a tuple of values or a list of such tuples."""
        with translated():
            await self._uncancellable(self.connection.exec_driver_sql(statement, values))

    async def stream(self, statement: Executable, take: Callable[[Sequence[Found]], None]) -> None:
        """Pass the rows of a query to `take`, ten thousand at a time, so that a large table is not in memory twice."""
        with translated():
            await self._uncancellable(self._stream(statement, take))

    async def _stream(self, statement: Executable, take: Callable[[Sequence[Found]], None]) -> None:
        result = await self.connection.stream(statement, execution_options={"yield_per": 10_000})
        async for partition in result.partitions():
            take(partition)

    async def _uncancellable(self, work: Awaitable[Answer]) -> Answer:
        return await uncancellable(self.connection, work)

    def for_update(self, query: Query) -> Query:
        """The query with FOR NO KEY UPDATE, if this transaction is `locking`.

        Other transactions may still insert rows that refer to these, so publishing a week does not wait for a member
        who is editing.
        """
        return _locking(query) if self.locking else query

    def for_share(self, query: Query) -> Query:
        """The query with FOR SHARE, if this transaction is `locking`: others may share these rows, and none change."""
        return _sharing(query) if self.locking else query

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A savepoint: a block that raises changes nothing, and its transaction goes on."""
        async with transaction_block(self.connection, self.connection.begin_nested()):
            yield

    async def lock(self, name: str) -> None:
        """Hold a named lock until the transaction ends, where no row exists that could be locked.

        Nothing to do in a transaction that only reads, nor on SQLite, whose writers run one after another.
        """
        if self.locking and self.postgresql:
            await self.run(_NAMED_LOCK, name=name)

    async def now(self, clock: Clock) -> datetime:
        """The time of a PostgreSQL server at this moment, not at the transaction's beginning; that of `clock` on
        SQLite, and where `clock` is not the time of day."""
        if self.postgresql and isinstance(clock, SharedTime):
            at: datetime = await self.scalar(_SERVER_TIME)
            return at.astimezone(UTC)
        return clock.now()

    async def long_timeout(self) -> None:
        """Allow the following statements a minute each, for the few that read whole tables."""
        if self.postgresql and self.limited:
            await self.run(text("SET LOCAL statement_timeout = '60s'"))


@lru_cache(256)
def _locking(query: Query) -> Query:
    # Cached, since most queries are constants: SQLAlchemy recognises a statement by its object, and would examine a new
    # object again.
    return query.with_for_update(key_share=True)


@lru_cache(64)
def _sharing(query: Query) -> Query:
    return query.with_for_update(read=True)
