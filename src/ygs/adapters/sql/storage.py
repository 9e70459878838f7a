"""The storage: transactions over two engines, one that writes and one that cannot."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from ygs.adapters.sql.repositories.accounts import SqlAccountReader, SqlAccountRepository
from ygs.adapters.sql.repositories.audit import SqlAuditReader, SqlAuditRepository, SqlIdempotencyRepository
from ygs.adapters.sql.repositories.blocks import SqlBlockReader, SqlBlockRepository
from ygs.adapters.sql.repositories.erasure import SqlErasureRepository
from ygs.adapters.sql.repositories.files import SqlFileReader, SqlFileRepository
from ygs.adapters.sql.repositories.hot_reads import SqlHotReads
from ygs.adapters.sql.repositories.introductions import SqlIntroductionReader, SqlIntroductionRepository
from ygs.adapters.sql.repositories.invariants import SqlInvariantReader
from ygs.adapters.sql.repositories.market import SqlMarketReader
from ygs.adapters.sql.repositories.notes import SqlNoteReader, SqlNoteRepository
from ygs.adapters.sql.repositories.outbox import SqlOutboxReader, SqlOutboxRepository
from ygs.adapters.sql.repositories.reports import SqlReportReader, SqlReportRepository
from ygs.adapters.sql.repositories.sessions import (
    SqlOneTimeTokenRepository,
    SqlRateLimitRepository,
    SqlSessionReader,
    SqlSessionRepository,
)
from ygs.adapters.sql.repositories.users import SqlUserReader, SqlUserRepository
from ygs.adapters.sql.repositories.weeks import SqlWeekReader, SqlWeekRepository
from ygs.adapters.sql.statements.cancellation import open_transaction
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.prepared_query import QueryRunner
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.ports.repositories.accounts import AccountReader, AccountRepository
from ygs.ports.repositories.audit import AuditReader, AuditRepository
from ygs.ports.repositories.blocks import BlockReader, BlockRepository
from ygs.ports.repositories.erasure import ErasureRepository
from ygs.ports.repositories.files import FileReader, FileRepository
from ygs.ports.repositories.idempotency import IdempotencyRepository
from ygs.ports.repositories.introductions import IntroductionReader, IntroductionRepository
from ygs.ports.repositories.invariants import InvariantReader
from ygs.ports.repositories.market import MarketReader
from ygs.ports.repositories.notes import NoteReader, NoteRepository
from ygs.ports.repositories.one_time_tokens import OneTimeTokenRepository
from ygs.ports.repositories.outbox import OutboxReader, OutboxRepository
from ygs.ports.repositories.rate_limits import RateLimitRepository
from ygs.ports.repositories.reports import ReportReader, ReportRepository
from ygs.ports.repositories.sessions import SessionReader, SessionRepository
from ygs.ports.repositories.users import UserReader, UserRepository
from ygs.ports.repositories.weeks import WeekReader, WeekRepository


class SqlReading:
    """What can be asked."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.users: UserReader = SqlUserReader(tx)
        self.blocks: BlockReader = SqlBlockReader(tx)
        self.market: MarketReader = SqlMarketReader(tx)
        self.weeks: WeekReader = SqlWeekReader(tx)
        self.introductions: IntroductionReader = SqlIntroductionReader(tx)
        self.outbox: OutboxReader = SqlOutboxReader(tx)
        self.accounts: AccountReader = SqlAccountReader(tx)
        self.sessions: SessionReader = SqlSessionReader(tx)
        self.files: FileReader = SqlFileReader(tx)
        self.reports: ReportReader = SqlReportReader(tx)
        self.notes: NoteReader = SqlNoteReader(tx)
        self.audit: AuditReader = SqlAuditReader(tx)
        self.invariants: InvariantReader = SqlInvariantReader(tx)


class SqlWriting:
    """What can be asked and changed."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.users: UserRepository = SqlUserRepository(tx)
        self.blocks: BlockRepository = SqlBlockRepository(tx)
        self.market: MarketReader = SqlMarketReader(tx)
        self.weeks: WeekRepository = SqlWeekRepository(tx)
        self.introductions: IntroductionRepository = SqlIntroductionRepository(tx)
        self.outbox: OutboxRepository = SqlOutboxRepository(tx)
        self.accounts: AccountRepository = SqlAccountRepository(tx)
        self.sessions: SessionRepository = SqlSessionRepository(tx)
        self.one_time_tokens: OneTimeTokenRepository = SqlOneTimeTokenRepository(tx)
        self.rate_limits: RateLimitRepository = SqlRateLimitRepository(tx)
        self.files: FileRepository = SqlFileRepository(tx)
        self.reports: ReportRepository = SqlReportRepository(tx)
        self.notes: NoteRepository = SqlNoteRepository(tx)
        self.audit: AuditRepository = SqlAuditRepository(tx)
        self.idempotency: IdempotencyRepository = SqlIdempotencyRepository(tx)
        self.erasure: ErasureRepository = SqlErasureRepository(tx)


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
            yield SqlReading(SqlTransaction(connection, self.keyring, locking=False))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlWriting]:
        """A serialisable read-modify-write."""
        async with self.transaction() as tx:
            yield SqlWriting(tx)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """What `write` is made of, for work on the tables themselves."""
        async with self._turn(), open_transaction(self.writer) as connection:
            yield SqlTransaction(connection, self.keyring, locking=True)

    async def close(self) -> None:
        """Give all connections back."""
        await self.hot_reads.close()
        await self.reader.dispose()
        await self.latest.dispose()
        await self.writer.dispose()
