"""The memory storage: readers see a snapshot, writers run one after another, a commit is one assignment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Any, cast

from ygs.adapters.memory.accounts import MemoryAccountReader, MemoryAccountRepository
from ygs.adapters.memory.advice import MemoryAdviceReader, MemoryAdviceRepository
from ygs.adapters.memory.audit import MemoryAuditReader, MemoryAuditRepository
from ygs.adapters.memory.blocks import MemoryBlockReader, MemoryBlockRepository
from ygs.adapters.memory.canaries import MemoryCanaryReader, MemoryCanaryRepository
from ygs.adapters.memory.commitments import MemoryCommitmentReader, MemoryCommitmentRepository
from ygs.adapters.memory.consultations import MemoryConsultationReader, MemoryConsultationRepository
from ygs.adapters.memory.consulting_hours import MemoryConsultingHoursReader, MemoryConsultingHoursRepository
from ygs.adapters.memory.deliveries import MemoryDeliveryReader, MemoryDeliveryRepository
from ygs.adapters.memory.directory import MemoryDirectoryReader, MemoryDirectoryRepository
from ygs.adapters.memory.erasure import MemoryErasureRepository
from ygs.adapters.memory.exports import MemoryExportReader, MemoryExportRepository
from ygs.adapters.memory.files import MemoryFileReader, MemoryFileRepository
from ygs.adapters.memory.forecasts import MemoryForecastReader, MemoryForecastRepository
from ygs.adapters.memory.hot_reads import MemoryHotReads
from ygs.adapters.memory.idempotency import MemoryIdempotencyRepository
from ygs.adapters.memory.imports import MemoryImportReader, MemoryImportRepository
from ygs.adapters.memory.introductions import MemoryIntroductionReader, MemoryIntroductionRepository
from ygs.adapters.memory.invariants import MemoryInvariantReader
from ygs.adapters.memory.jobs import MemoryJobReader, MemoryJobRepository
from ygs.adapters.memory.learning import MemoryLearningReader, MemoryLearningRepository
from ygs.adapters.memory.market import MemoryMarketReader
from ygs.adapters.memory.meetings import MemoryMeetingReader, MemoryMeetingRepository
from ygs.adapters.memory.memberships import MemoryMembershipReader, MemoryMembershipRepository
from ygs.adapters.memory.notes import MemoryNoteReader, MemoryNoteRepository
from ygs.adapters.memory.notices import MemoryNoticeReader, MemoryNoticeRepository
from ygs.adapters.memory.one_time_tokens import MemoryOneTimeTokenRepository
from ygs.adapters.memory.outbox import MemoryOutboxReader, MemoryOutboxRepository
from ygs.adapters.memory.policies import MemoryPolicyReader, MemoryPolicyRepository
from ygs.adapters.memory.push_devices import MemoryPushDeviceReader, MemoryPushDeviceRepository
from ygs.adapters.memory.rate_limits import MemoryRateLimitRepository
from ygs.adapters.memory.read_budgets import MemoryReadBudgetReader, MemoryReadBudgetRepository
from ygs.adapters.memory.reports import MemoryReportReader, MemoryReportRepository
from ygs.adapters.memory.saved_filters import MemorySavedFilterReader, MemorySavedFilterRepository
from ygs.adapters.memory.sessions import MemorySessionReader, MemorySessionRepository
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.suspensions import MemorySuspensionReader, MemorySuspensionRepository
from ygs.adapters.memory.timeline import MemoryTimelineReader
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.adapters.memory.users import MemoryUserReader, MemoryUserRepository
from ygs.adapters.memory.webhooks import MemoryWebhookReader, MemoryWebhookRepository
from ygs.adapters.memory.week_schedules import MemoryWeekScheduleReader, MemoryWeekScheduleRepository
from ygs.adapters.memory.weeks import MemoryWeekReader, MemoryWeekRepository
from ygs.domain.errors import N_, Unavailable
from ygs.ports.storage import Reading, Writing, time_by_clock

# The same limit as for SQLite writers. A writer that waits longer probably waits for itself.
PATIENCE_SECONDS = 5.0


def _reading(tx: MemoryTransaction) -> Reading:
    return Reading(
        users=MemoryUserReader(tx),
        directory=MemoryDirectoryReader(tx),
        saved_filters=MemorySavedFilterReader(tx),
        blocks=MemoryBlockReader(tx),
        suspensions=MemorySuspensionReader(tx),
        market=MemoryMarketReader(tx),
        weeks=MemoryWeekReader(tx),
        commitments=MemoryCommitmentReader(tx),
        policies=MemoryPolicyReader(tx),
        week_schedules=MemoryWeekScheduleReader(tx),
        introductions=MemoryIntroductionReader(tx),
        learning=MemoryLearningReader(tx),
        meetings=MemoryMeetingReader(tx),
        consultations=MemoryConsultationReader(tx),
        consulting_hours=MemoryConsultingHoursReader(tx),
        outbox=MemoryOutboxReader(tx),
        notices=MemoryNoticeReader(tx),
        deliveries=MemoryDeliveryReader(tx),
        webhooks=MemoryWebhookReader(tx),
        push_devices=MemoryPushDeviceReader(tx),
        jobs=MemoryJobReader(tx),
        advice=MemoryAdviceReader(tx),
        imports=MemoryImportReader(tx),
        exports=MemoryExportReader(tx),
        canaries=MemoryCanaryReader(tx),
        memberships=MemoryMembershipReader(tx),
        forecasts=MemoryForecastReader(tx),
        accounts=MemoryAccountReader(tx),
        sessions=MemorySessionReader(tx),
        files=MemoryFileReader(tx),
        reports=MemoryReportReader(tx),
        notes=MemoryNoteReader(tx),
        audit=MemoryAuditReader(tx),
        read_budgets=MemoryReadBudgetReader(tx),
        timeline=MemoryTimelineReader(tx),
        invariants=MemoryInvariantReader(tx),
    )


def _writing(tx: MemoryTransaction) -> Writing:
    return Writing(
        users=MemoryUserRepository(tx),
        directory=MemoryDirectoryRepository(tx),
        saved_filters=MemorySavedFilterRepository(tx),
        blocks=MemoryBlockRepository(tx),
        suspensions=MemorySuspensionRepository(tx),
        market=MemoryMarketReader(tx),
        weeks=MemoryWeekRepository(tx),
        commitments=MemoryCommitmentRepository(tx),
        policies=MemoryPolicyRepository(tx),
        week_schedules=MemoryWeekScheduleRepository(tx),
        introductions=MemoryIntroductionRepository(tx),
        learning=MemoryLearningRepository(tx),
        meetings=MemoryMeetingRepository(tx),
        consultations=MemoryConsultationRepository(tx),
        consulting_hours=MemoryConsultingHoursRepository(tx),
        outbox=MemoryOutboxRepository(tx),
        notices=MemoryNoticeRepository(tx),
        deliveries=MemoryDeliveryRepository(tx),
        webhooks=MemoryWebhookRepository(tx),
        push_devices=MemoryPushDeviceRepository(tx),
        jobs=MemoryJobRepository(tx),
        advice=MemoryAdviceRepository(tx),
        imports=MemoryImportRepository(tx),
        exports=MemoryExportRepository(tx),
        canaries=MemoryCanaryRepository(tx),
        memberships=MemoryMembershipRepository(tx),
        forecasts=MemoryForecastRepository(tx),
        accounts=MemoryAccountRepository(tx),
        sessions=MemorySessionRepository(tx),
        one_time_tokens=MemoryOneTimeTokenRepository(tx),
        rate_limits=MemoryRateLimitRepository(tx),
        read_budgets=MemoryReadBudgetRepository(tx),
        files=MemoryFileRepository(tx),
        reports=MemoryReportRepository(tx),
        notes=MemoryNoteRepository(tx),
        audit=MemoryAuditRepository(tx),
        idempotency=MemoryIdempotencyRepository(tx),
        erasure=MemoryErasureRepository(tx),
    )


class _Repositories:
    """The repositories of one transaction, each made when it is first asked for: of forty few are."""

    now = staticmethod(time_by_clock)

    def __init__(self, kinds: Mapping[str, Callable[[MemoryTransaction], object]], tx: MemoryTransaction) -> None:
        self._kinds = kinds
        self._tx = tx

    def __getattr__(self, name: str) -> object:
        # Called only for what is not there yet.
        if name not in self._kinds:
            raise AttributeError(name)
        self.__dict__[name] = repository = self._kinds[name](self._tx)
        return repository


def _kinds(repositories: Reading | Writing) -> Mapping[str, Any]:
    return {each.name: type(getattr(repositories, each.name)) for each in fields(repositories) if each.name != "now"}


_READERS = _kinds(_reading(MemoryTransaction(SnapshotTables())))
_WRITERS = _kinds(_writing(MemoryTransaction(SnapshotTables())))


class MemoryStorage:
    """A `Storage` that lasts as long as this object, for one event loop at a time.

    Writers run one after another, so transactions are serialisable. Every method lets other tasks run first, as a real
    store would.
    """

    schema = "memory"

    def __init__(self) -> None:
        self._committed = SnapshotTables()
        self._turn = asyncio.Lock()
        self._waiting = 0
        self.hot_reads = MemoryHotReads(self.read)

    @asynccontextmanager
    async def read(self, *, latest: bool = False) -> AsyncIterator[Reading]:
        """Sees what was committed when the block began."""
        tx = MemoryTransaction(self._committed)
        try:
            yield cast(Reading, _Repositories(_READERS, tx))
        finally:
            tx.end()

    @asynccontextmanager
    async def write(self, *, long: bool = False) -> AsyncIterator[Writing]:
        """Raises `Unavailable` after 5 seconds of waiting for other writers."""
        await self._wait_for_turn()
        try:
            tx = MemoryTransaction(self._committed.fork())
            try:
                yield cast(Writing, _Repositories(_WRITERS, tx))
                tables = await tx.step()
            finally:
                tx.end()
            self._committed = tables.sealed()
        finally:
            self._turn.release()

    async def _wait_for_turn(self) -> None:
        if not (self._turn.locked() or self._waiting):
            # Had at once, so there is nothing to time.
            await self._turn.acquire()
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._turn.acquire()
        except TimeoutError as waited:
            raise Unavailable(N_("other changes are still being written; try again in a moment")) from waited
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Nothing to close."""
