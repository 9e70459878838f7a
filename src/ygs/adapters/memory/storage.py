"""Transactions in memory: readers see the moment they began, writers take turns, and a commit is one assignment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ygs.adapters.memory.accounts import (
    MemoryAccountReader,
    MemoryAccountRepository,
    MemoryOneTimeTokenRepository,
    MemoryRateLimitRepository,
    MemorySessionReader,
    MemorySessionRepository,
)
from ygs.adapters.memory.audit import MemoryAuditReader, MemoryAuditRepository, MemoryIdempotencyRepository
from ygs.adapters.memory.blocks import MemoryBlockReader, MemoryBlockRepository
from ygs.adapters.memory.erasure import MemoryErasureRepository
from ygs.adapters.memory.files import MemoryFileReader, MemoryFileRepository
from ygs.adapters.memory.hot_reads import MemoryHotReads
from ygs.adapters.memory.introductions import MemoryIntroductionReader, MemoryIntroductionRepository
from ygs.adapters.memory.invariants import MemoryInvariantReader
from ygs.adapters.memory.market import MemoryMarketReader
from ygs.adapters.memory.notes import MemoryNoteReader, MemoryNoteRepository
from ygs.adapters.memory.outbox import MemoryOutboxReader, MemoryOutboxRepository
from ygs.adapters.memory.reports import MemoryReportReader, MemoryReportRepository
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.adapters.memory.users import MemoryUserReader, MemoryUserRepository
from ygs.adapters.memory.weeks import MemoryWeekReader, MemoryWeekRepository
from ygs.domain.errors import Unavailable
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
from ygs.ports.storage import Reading, Writing

# As long as SQLite's writers wait for each other here: a writer that waits longer has asked for itself, or for a bug.
PATIENCE_SECONDS = 5.0


class MemoryReading:
    """What can be asked; there are no commands here to call by mistake."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self.users: UserReader = MemoryUserReader(tx)
        self.blocks: BlockReader = MemoryBlockReader(tx)
        self.market: MarketReader = MemoryMarketReader(tx)
        self.weeks: WeekReader = MemoryWeekReader(tx)
        self.introductions: IntroductionReader = MemoryIntroductionReader(tx)
        self.outbox: OutboxReader = MemoryOutboxReader(tx)
        self.accounts: AccountReader = MemoryAccountReader(tx)
        self.sessions: SessionReader = MemorySessionReader(tx)
        self.files: FileReader = MemoryFileReader(tx)
        self.reports: ReportReader = MemoryReportReader(tx)
        self.notes: NoteReader = MemoryNoteReader(tx)
        self.audit: AuditReader = MemoryAuditReader(tx)
        self.invariants: InvariantReader = MemoryInvariantReader(tx)


class MemoryWriting:
    """What can be asked and changed."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self.users: UserRepository = MemoryUserRepository(tx)
        self.blocks: BlockRepository = MemoryBlockRepository(tx)
        self.market: MarketReader = MemoryMarketReader(tx)
        self.weeks: WeekRepository = MemoryWeekRepository(tx)
        self.introductions: IntroductionRepository = MemoryIntroductionRepository(tx)
        self.outbox: OutboxRepository = MemoryOutboxRepository(tx)
        self.accounts: AccountRepository = MemoryAccountRepository(tx)
        self.sessions: SessionRepository = MemorySessionRepository(tx)
        self.one_time_tokens: OneTimeTokenRepository = MemoryOneTimeTokenRepository(tx)
        self.rate_limits: RateLimitRepository = MemoryRateLimitRepository(tx)
        self.files: FileRepository = MemoryFileRepository(tx)
        self.reports: ReportRepository = MemoryReportRepository(tx)
        self.notes: NoteRepository = MemoryNoteRepository(tx)
        self.audit: AuditRepository = MemoryAuditRepository(tx)
        self.idempotency: IdempotencyRepository = MemoryIdempotencyRepository(tx)
        self.erasure: ErasureRepository = MemoryErasureRepository(tx)


class MemoryStorage:
    """A `Storage` that lasts as long as this object, for one event loop at a time.

    Writers run one after another, so a write is serialisable by construction and what `get` returned cannot change
    under it. Every question lets other tasks run first, as a real store would.
    """

    def __init__(self) -> None:
        self._committed = SnapshotTables()
        self._turn = asyncio.Lock()
        self.hot_reads = MemoryHotReads(self.read)

    @asynccontextmanager
    async def read(self, *, latest: bool = False) -> AsyncIterator[Reading]:
        """The moment this block began, whatever is committed meanwhile; always the latest."""
        tx = MemoryTransaction(self._committed)
        try:
            yield MemoryReading(tx)
        finally:
            tx.end()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Writing]:
        """All of the block or nothing; `Unavailable` when other writers keep it waiting for more than 5 seconds."""
        await self._wait_for_turn()
        try:
            tx = MemoryTransaction(self._committed.fork())
            try:
                yield MemoryWriting(tx)
                tables = await tx.step()
            finally:
                tx.end()
            self._committed = tables
        finally:
            self._turn.release()

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._turn.acquire()
        except TimeoutError as waited:
            raise Unavailable("other changes are still being written; try again in a moment") from waited

    async def close(self) -> None:
        """There is nothing to give back."""
