"""The SQL storage: transactions over an engine that writes and an engine that only reads."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from ygs.adapters.sql.migrations import head
from ygs.adapters.sql.repositories.accounts import SqlAccountReader, SqlAccountRepository
from ygs.adapters.sql.repositories.advice import SqlAdviceReader, SqlAdviceRepository
from ygs.adapters.sql.repositories.audit import SqlAuditReader, SqlAuditRepository
from ygs.adapters.sql.repositories.blocks import SqlBlockReader, SqlBlockRepository
from ygs.adapters.sql.repositories.canaries import SqlCanaryReader, SqlCanaryRepository
from ygs.adapters.sql.repositories.commitments import SqlCommitmentReader, SqlCommitmentRepository
from ygs.adapters.sql.repositories.consultations import SqlConsultationReader, SqlConsultationRepository
from ygs.adapters.sql.repositories.consulting_hours import SqlConsultingHoursReader, SqlConsultingHoursRepository
from ygs.adapters.sql.repositories.deliveries import SqlDeliveryReader, SqlDeliveryRepository
from ygs.adapters.sql.repositories.directory import SqlDirectoryReader, SqlDirectoryRepository
from ygs.adapters.sql.repositories.erasure import SqlErasureRepository
from ygs.adapters.sql.repositories.exports import SqlExportReader, SqlExportRepository
from ygs.adapters.sql.repositories.files import SqlFileReader, SqlFileRepository
from ygs.adapters.sql.repositories.forecasts import SqlForecastReader, SqlForecastRepository
from ygs.adapters.sql.repositories.hot_reads import SqlHotReads
from ygs.adapters.sql.repositories.idempotency import SqlIdempotencyRepository
from ygs.adapters.sql.repositories.imports import SqlImportReader, SqlImportRepository
from ygs.adapters.sql.repositories.introductions import SqlIntroductionReader, SqlIntroductionRepository
from ygs.adapters.sql.repositories.invariants import SqlInvariantReader
from ygs.adapters.sql.repositories.jobs import SqlJobReader, SqlJobRepository
from ygs.adapters.sql.repositories.learning import SqlLearningReader, SqlLearningRepository
from ygs.adapters.sql.repositories.market import SqlMarketReader
from ygs.adapters.sql.repositories.meetings import SqlMeetingReader, SqlMeetingRepository
from ygs.adapters.sql.repositories.memberships import SqlMembershipReader, SqlMembershipRepository
from ygs.adapters.sql.repositories.notes import SqlNoteReader, SqlNoteRepository
from ygs.adapters.sql.repositories.notices import SqlNoticeReader, SqlNoticeRepository
from ygs.adapters.sql.repositories.one_time_tokens import SqlOneTimeTokenRepository
from ygs.adapters.sql.repositories.outbox import SqlOutboxReader, SqlOutboxRepository
from ygs.adapters.sql.repositories.policies import SqlPolicyReader, SqlPolicyRepository
from ygs.adapters.sql.repositories.push_devices import SqlPushDeviceReader, SqlPushDeviceRepository
from ygs.adapters.sql.repositories.rate_limits import SqlRateLimitRepository
from ygs.adapters.sql.repositories.read_budgets import SqlReadBudgetReader, SqlReadBudgetRepository
from ygs.adapters.sql.repositories.reports import SqlReportReader, SqlReportRepository
from ygs.adapters.sql.repositories.saved_filters import SqlSavedFilterReader, SqlSavedFilterRepository
from ygs.adapters.sql.repositories.sessions import SqlSessionReader, SqlSessionRepository
from ygs.adapters.sql.repositories.suspensions import SqlSuspensionReader, SqlSuspensionRepository
from ygs.adapters.sql.repositories.timeline import SqlTimelineReader
from ygs.adapters.sql.repositories.users import SqlUserReader, SqlUserRepository
from ygs.adapters.sql.repositories.webhooks import SqlWebhookReader, SqlWebhookRepository
from ygs.adapters.sql.repositories.week_schedules import SqlWeekScheduleReader, SqlWeekScheduleRepository
from ygs.adapters.sql.repositories.weeks import SqlWeekReader, SqlWeekRepository
from ygs.adapters.sql.statements.cancellation import open_transaction
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.prepared_query import QueryRunner
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.ports.storage import Reading, Writing


def _reading(tx: SqlTransaction) -> Reading:
    return Reading(
        users=SqlUserReader(tx),
        directory=SqlDirectoryReader(tx),
        saved_filters=SqlSavedFilterReader(tx),
        blocks=SqlBlockReader(tx),
        suspensions=SqlSuspensionReader(tx),
        market=SqlMarketReader(tx),
        weeks=SqlWeekReader(tx),
        commitments=SqlCommitmentReader(tx),
        policies=SqlPolicyReader(tx),
        week_schedules=SqlWeekScheduleReader(tx),
        introductions=SqlIntroductionReader(tx),
        learning=SqlLearningReader(tx),
        meetings=SqlMeetingReader(tx),
        consultations=SqlConsultationReader(tx),
        consulting_hours=SqlConsultingHoursReader(tx),
        outbox=SqlOutboxReader(tx),
        notices=SqlNoticeReader(tx),
        deliveries=SqlDeliveryReader(tx),
        webhooks=SqlWebhookReader(tx),
        push_devices=SqlPushDeviceReader(tx),
        jobs=SqlJobReader(tx),
        advice=SqlAdviceReader(tx),
        imports=SqlImportReader(tx),
        exports=SqlExportReader(tx),
        canaries=SqlCanaryReader(tx),
        memberships=SqlMembershipReader(tx),
        forecasts=SqlForecastReader(tx),
        accounts=SqlAccountReader(tx),
        sessions=SqlSessionReader(tx),
        files=SqlFileReader(tx),
        reports=SqlReportReader(tx),
        notes=SqlNoteReader(tx),
        audit=SqlAuditReader(tx),
        read_budgets=SqlReadBudgetReader(tx),
        timeline=SqlTimelineReader(tx),
        invariants=SqlInvariantReader(tx),
    )


def _writing(tx: SqlTransaction) -> Writing:
    return Writing(
        users=SqlUserRepository(tx),
        directory=SqlDirectoryRepository(tx),
        saved_filters=SqlSavedFilterRepository(tx),
        blocks=SqlBlockRepository(tx),
        suspensions=SqlSuspensionRepository(tx),
        market=SqlMarketReader(tx),
        weeks=SqlWeekRepository(tx),
        commitments=SqlCommitmentRepository(tx),
        policies=SqlPolicyRepository(tx),
        week_schedules=SqlWeekScheduleRepository(tx),
        introductions=SqlIntroductionRepository(tx),
        learning=SqlLearningRepository(tx),
        meetings=SqlMeetingRepository(tx),
        consultations=SqlConsultationRepository(tx),
        consulting_hours=SqlConsultingHoursRepository(tx),
        outbox=SqlOutboxRepository(tx),
        notices=SqlNoticeRepository(tx),
        deliveries=SqlDeliveryRepository(tx),
        webhooks=SqlWebhookRepository(tx),
        push_devices=SqlPushDeviceRepository(tx),
        jobs=SqlJobRepository(tx),
        advice=SqlAdviceRepository(tx),
        imports=SqlImportRepository(tx),
        exports=SqlExportRepository(tx),
        canaries=SqlCanaryRepository(tx),
        memberships=SqlMembershipRepository(tx),
        forecasts=SqlForecastRepository(tx),
        accounts=SqlAccountRepository(tx),
        sessions=SqlSessionRepository(tx),
        one_time_tokens=SqlOneTimeTokenRepository(tx),
        rate_limits=SqlRateLimitRepository(tx),
        read_budgets=SqlReadBudgetRepository(tx),
        files=SqlFileRepository(tx),
        reports=SqlReportRepository(tx),
        notes=SqlNoteRepository(tx),
        audit=SqlAuditRepository(tx),
        idempotency=SqlIdempotencyRepository(tx),
        erasure=SqlErasureRepository(tx),
        now=tx.now,
    )


class SqlStorage:
    """A `Storage` over SQLAlchemy.

    `writer` begins locking transactions, `reader` read-only ones, perhaps on a replica. `latest` reads from the
    primary; it defaults to `reader`. `long_writer` begins those without limits on the time of a statement; it defaults
    to `writer`. `turn` is held during a write, where writers of one process must run one after another. `query_runner`
    runs hot reads.
    """

    def __init__(
        self,
        writer: AsyncEngine,
        reader: AsyncEngine,
        keyring: Keyring,
        turn: Callable[[], AbstractAsyncContextManager[None]],
        query_runner: QueryRunner,
        latest: AsyncEngine | None = None,
        long_writer: AsyncEngine | None = None,
    ) -> None:
        self.writer = writer
        self.reader = reader
        self.keyring = keyring
        self._turn = turn
        self.latest = latest or reader
        self.long_writer = long_writer or writer
        self.hot_reads = SqlHotReads(query_runner, keyring)

    @property
    def schema(self) -> str:
        """The revision that this release needs, which the database was at when it was opened."""
        return head()

    @asynccontextmanager
    async def read(self, *, latest: bool = False) -> AsyncIterator[Reading]:
        """Begin a read-only transaction; `latest` avoids the replica."""
        async with open_transaction(self.latest if latest else self.reader) as connection:
            yield _reading(SqlTransaction(connection, self.keyring, locking=False))

    @asynccontextmanager
    async def write(self, *, long: bool = False) -> AsyncIterator[Writing]:
        """Begin a writing transaction."""
        async with self._transaction(self.long_writer if long else self.writer, limited=not long) as tx:
            yield _writing(tx)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """Begin a writing transaction for statements on the tables themselves."""
        async with self._transaction(self.writer) as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine, *, limited: bool = True) -> AsyncIterator[SqlTransaction]:
        async with self._turn(), open_transaction(engine) as connection:
            yield SqlTransaction(connection, self.keyring, locking=True, limited=limited)

    async def close(self) -> None:
        """Close all connections."""
        await self.hot_reads.close()
        await self.reader.dispose()
        await self.latest.dispose()
        await self.writer.dispose()
        await self.long_writer.dispose()
