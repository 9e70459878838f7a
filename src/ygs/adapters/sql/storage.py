"""The storage: transactions over two engines, one that writes and one that cannot."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from ygs.adapters.sql.repositories.accounts import SqlAccountReader, SqlAccounts
from ygs.adapters.sql.repositories.audit import SqlAudit, SqlAuditReader, SqlIdempotencyRepository
from ygs.adapters.sql.repositories.blocks import SqlBlockReader, SqlBlockRepository
from ygs.adapters.sql.repositories.erasure import SqlErasing
from ygs.adapters.sql.repositories.files import SqlFileReader, SqlFiles
from ygs.adapters.sql.repositories.hot_reads import SqlHotReads
from ygs.adapters.sql.repositories.introductions import SqlIntroductionReader, SqlIntroductions
from ygs.adapters.sql.repositories.invariants import SqlChecks
from ygs.adapters.sql.repositories.market import SqlMarketReader
from ygs.adapters.sql.repositories.notes import SqlNoteReader, SqlNotes
from ygs.adapters.sql.repositories.outbox import SqlOutbox, SqlOutboxReader
from ygs.adapters.sql.repositories.reports import SqlReportReader, SqlReports
from ygs.adapters.sql.repositories.sessions import (
    SqlOneTimeTokenRepository,
    SqlRateLimitRepository,
    SqlSessionReader,
    SqlSessions,
)
from ygs.adapters.sql.repositories.users import SqlUserReader, SqlUsers
from ygs.adapters.sql.repositories.weeks import SqlWeekReader, SqlWeeks
from ygs.adapters.sql.statements.cancellation import open_transaction
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.prepared_query import QueryRunner
from ygs.adapters.sql.statements.transaction import Transaction
from ygs.ports.repositories.accounts import AccountReader, Accounts
from ygs.ports.repositories.audit import Audit, AuditReader
from ygs.ports.repositories.blocks import BlockReader, BlockRepository
from ygs.ports.repositories.erasure import Erasing
from ygs.ports.repositories.files import FileReader, Files
from ygs.ports.repositories.idempotency import IdempotencyRepository
from ygs.ports.repositories.introductions import IntroductionReader, Introductions
from ygs.ports.repositories.invariants import Checks
from ygs.ports.repositories.market import MarketReader
from ygs.ports.repositories.notes import NoteReader, Notes
from ygs.ports.repositories.one_time_tokens import OneTimeTokenRepository
from ygs.ports.repositories.outbox import Outbox, OutboxReader
from ygs.ports.repositories.rate_limits import RateLimitRepository
from ygs.ports.repositories.reports import ReportReader, Reports
from ygs.ports.repositories.sessions import SessionReader, Sessions
from ygs.ports.repositories.users import UserReader, Users
from ygs.ports.repositories.weeks import WeekReader, Weeks


class SqlReading:
    """What can be asked."""

    def __init__(self, tx: Transaction) -> None:
        self.users: UserReader = SqlUserReader(tx)
        self.blocks: BlockReader = SqlBlockReader(tx)
        self.markets: MarketReader = SqlMarketReader(tx)
        self.weeks: WeekReader = SqlWeekReader(tx)
        self.introductions: IntroductionReader = SqlIntroductionReader(tx)
        self.outbox: OutboxReader = SqlOutboxReader(tx)
        self.accounts: AccountReader = SqlAccountReader(tx)
        self.sessions: SessionReader = SqlSessionReader(tx)
        self.files: FileReader = SqlFileReader(tx)
        self.reports: ReportReader = SqlReportReader(tx)
        self.notes: NoteReader = SqlNoteReader(tx)
        self.audit: AuditReader = SqlAuditReader(tx)
        self.checks: Checks = SqlChecks(tx)


class SqlWriting:
    """What can be asked and changed."""

    def __init__(self, tx: Transaction) -> None:
        self.users: Users = SqlUsers(tx)
        self.blocks: BlockRepository = SqlBlockRepository(tx)
        self.markets: MarketReader = SqlMarketReader(tx)
        self.weeks: Weeks = SqlWeeks(tx)
        self.introductions: Introductions = SqlIntroductions(tx)
        self.outbox: Outbox = SqlOutbox(tx)
        self.accounts: Accounts = SqlAccounts(tx)
        self.sessions: Sessions = SqlSessions(tx)
        self.one_time_tokens: OneTimeTokenRepository = SqlOneTimeTokenRepository(tx)
        self.rate_limits: RateLimitRepository = SqlRateLimitRepository(tx)
        self.files: Files = SqlFiles(tx)
        self.reports: Reports = SqlReports(tx)
        self.notes: Notes = SqlNotes(tx)
        self.audit: Audit = SqlAudit(tx)
        self.idempotency: IdempotencyRepository = SqlIdempotencyRepository(tx)
        self.erasing: Erasing = SqlErasing(tx)


class SqlStorage:
    """A `Storage` over SQLAlchemy. `writer` begins transactions that lock, `reader` ones the database keeps read-only.

    `turn` is held around a write, where writers of one process must come one after another. `query_runner` answers hot
    reads. `latest` reads like `reader`, but never from a replica; without one they are the same.
    """

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        keyring: Keyring,
        turn: Callable[[], AbstractAsyncContextManager[None]],
        query_runner: QueryRunner,
        latest: AsyncEngine | None = None,
    ) -> None:
        self.writer, self.reader, self.keyring, self._turn = writer, reader, keyring, turn
        self.latest = latest or reader
        self.hot_reads = SqlHotReads(query_runner, keyring)

    @asynccontextmanager
    async def read(self, *, latest: bool = False) -> AsyncIterator[SqlReading]:
        """A consistent, read-only view; `latest` is never asked of a replica."""
        async with open_transaction(self.latest if latest else self.reader) as connection:
            yield SqlReading(Transaction(connection, self.keyring, locking=False))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlWriting]:
        """A serialisable read-modify-write."""
        async with self.transaction() as tx:
            yield SqlWriting(tx)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """What `write` is made of, for work on the tables themselves."""
        async with self._turn(), open_transaction(self.writer) as connection:
            yield Transaction(connection, self.keyring, locking=True)

    async def close(self) -> None:
        """Give all connections back."""
        await self.hot_reads.close()
        await self.reader.dispose()
        await self.latest.dispose()
        await self.writer.dispose()
