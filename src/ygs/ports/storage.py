"""The port of storage: transactions and their repositories.

``async with storage.write() as tx`` commits when the block ends and rolls back when it raises. ``storage.read()``
yields readers without commands, and reads from a replica if there is one.

These rules hold for every repository:

- `get` inside `write()` locks what it returns until the transaction ends.
- A stored value begins at version 1, and each save raises its version. Saving an older version raises `StaleWrite`.
- A command that raises has changed nothing, and its transaction goes on.
- `Conflict` is raised for a new value whose id exists, or that names an unknown user, week or introduction;
  `Unavailable` when the store does not answer in time; `InvalidText` for text that it cannot store.
- Texts are ordered by code point, which orders Hangul by its syllables.
- The fields in `ygs.ports.encryption_at_rest` are encrypted at rest.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import SessionId, UserId
from ygs.domain.users import User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories.accounts import AccountReader, AccountRepository
from ygs.ports.repositories.advice import AdviceReader, AdviceRepository
from ygs.ports.repositories.audit import AuditReader, AuditRepository
from ygs.ports.repositories.blocks import BlockReader, BlockRepository
from ygs.ports.repositories.canaries import CanaryReader, CanaryRepository
from ygs.ports.repositories.commitments import CommitmentReader, CommitmentRepository
from ygs.ports.repositories.consultations import ConsultationReader, ConsultationRepository
from ygs.ports.repositories.consulting_hours import ConsultingHoursReader, ConsultingHoursRepository
from ygs.ports.repositories.deliveries import DeliveryReader, DeliveryRepository
from ygs.ports.repositories.directory import DirectoryLine, DirectoryReader, DirectoryRepository, MemberOrder
from ygs.ports.repositories.erasure import ErasureRepository
from ygs.ports.repositories.exports import ExportReader, ExportRepository
from ygs.ports.repositories.files import FileReader, FileRepository
from ygs.ports.repositories.forecasts import ForecastReader, ForecastRepository
from ygs.ports.repositories.idempotency import IdempotencyRepository
from ygs.ports.repositories.imports import ImportReader, ImportRepository
from ygs.ports.repositories.introductions import IntroductionReader, IntroductionRepository
from ygs.ports.repositories.invariants import InvariantReader
from ygs.ports.repositories.jobs import JobReader, JobRepository
from ygs.ports.repositories.learning import LearningReader, LearningRepository
from ygs.ports.repositories.market import MarketReader
from ygs.ports.repositories.meetings import MeetingReader, MeetingRepository
from ygs.ports.repositories.memberships import MembershipReader, MembershipRepository
from ygs.ports.repositories.notes import NoteReader, NoteRepository
from ygs.ports.repositories.notices import NoticeReader, NoticeRepository
from ygs.ports.repositories.one_time_tokens import OneTimeTokenRepository
from ygs.ports.repositories.outbox import OutboxReader, OutboxRepository
from ygs.ports.repositories.policies import PolicyReader, PolicyRepository
from ygs.ports.repositories.push_devices import PushDeviceReader, PushDeviceRepository
from ygs.ports.repositories.rate_limits import RateLimitRepository
from ygs.ports.repositories.read_budgets import ReadBudgetReader, ReadBudgetRepository
from ygs.ports.repositories.reports import ReportReader, ReportRepository
from ygs.ports.repositories.saved_filters import SavedFilterReader, SavedFilterRepository
from ygs.ports.repositories.sessions import Bearer, Caller, SessionReader, SessionRepository
from ygs.ports.repositories.suspensions import SuspensionReader, SuspensionRepository
from ygs.ports.repositories.timeline import TimelineReader
from ygs.ports.repositories.users import UserReader, UserRepository
from ygs.ports.repositories.webhooks import WebhookReader, WebhookRepository
from ygs.ports.repositories.week_schedules import WeekScheduleReader, WeekScheduleRepository
from ygs.ports.repositories.weeks import WeekReader, WeekRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The repositories of a read-only transaction. All of them see the same consistent state."""

    users: UserReader
    directory: DirectoryReader
    saved_filters: SavedFilterReader
    blocks: BlockReader
    suspensions: SuspensionReader
    market: MarketReader
    weeks: WeekReader
    commitments: CommitmentReader
    policies: PolicyReader
    week_schedules: WeekScheduleReader
    introductions: IntroductionReader
    learning: LearningReader
    meetings: MeetingReader
    consultations: ConsultationReader
    consulting_hours: ConsultingHoursReader
    outbox: OutboxReader
    notices: NoticeReader
    deliveries: DeliveryReader
    webhooks: WebhookReader
    push_devices: PushDeviceReader
    jobs: JobReader
    advice: AdviceReader
    imports: ImportReader
    exports: ExportReader
    canaries: CanaryReader
    memberships: MembershipReader
    forecasts: ForecastReader
    accounts: AccountReader
    sessions: SessionReader
    files: FileReader
    reports: ReportReader
    notes: NoteReader
    audit: AuditReader
    read_budgets: ReadBudgetReader
    timeline: TimelineReader
    invariants: InvariantReader


class TransactionTime(Protocol):
    """The time that decides deadlines in a transaction. Call it after locking the rows that the decision is about."""

    async def __call__(self, clock: Clock) -> datetime:
        """Return the store's time if it has a clock of its own and `clock` is a `SharedTime`; else the time of `clock`.
        UTC."""
        ...


async def time_by_clock(clock: Clock) -> datetime:
    """The `TransactionTime` of a store without a clock of its own."""
    return clock.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The repositories of a writing transaction."""

    users: UserRepository
    directory: DirectoryRepository
    saved_filters: SavedFilterRepository
    blocks: BlockRepository
    suspensions: SuspensionRepository
    market: MarketReader
    weeks: WeekRepository
    commitments: CommitmentRepository
    policies: PolicyRepository
    week_schedules: WeekScheduleRepository
    introductions: IntroductionRepository
    learning: LearningRepository
    meetings: MeetingRepository
    consultations: ConsultationRepository
    consulting_hours: ConsultingHoursRepository
    outbox: OutboxRepository
    notices: NoticeRepository
    deliveries: DeliveryRepository
    webhooks: WebhookRepository
    push_devices: PushDeviceRepository
    jobs: JobRepository
    advice: AdviceRepository
    imports: ImportRepository
    exports: ExportRepository
    canaries: CanaryRepository
    memberships: MembershipRepository
    forecasts: ForecastRepository
    accounts: AccountRepository
    sessions: SessionRepository
    one_time_tokens: OneTimeTokenRepository
    rate_limits: RateLimitRepository
    read_budgets: ReadBudgetRepository
    files: FileRepository
    reports: ReportRepository
    notes: NoteRepository
    audit: AuditRepository
    idempotency: IdempotencyRepository
    erasure: ErasureRepository
    now: TransactionTime = time_by_clock


class HotReads(Protocol):
    """The queries of nearly every request, each a single statement outside any transaction.

    Each sees everything that was committed before it, also where a replica lags. Two hot reads may see two states.
    """

    async def bearer(self, id: SessionId) -> Bearer | None:
        """The session, ended or not, with its user as of now; None when the user left or there is no such session."""
        ...

    async def user(self, id: UserId) -> User:
        """The live user with profile, wishes and consents, or `NotFound`."""
        ...

    async def assigned(self, consultant: UserId) -> Sequence[UserId]:
        """The ids of the live users who are assigned to a consultant, ascending."""
        ...

    async def first_page(self, order: MemberOrder, limit: int) -> Sequence[DirectoryLine]:
        """The first `limit` users of the directory in an order, whoever they are."""
        ...

    async def caller(self, phone: str, address: str) -> Caller | None:
        """The account of the live user with that E.164 phone, seen from a hashed client address; None without one."""
        ...


class Storage(Protocol):
    """The storage of all data. It opens transactions and owns its connections."""

    @property
    def hot_reads(self) -> HotReads:
        """Queries outside any transaction."""
        ...

    @property
    def schema(self) -> str:
        """The version of the schema, for operators."""
        ...

    def read(self, *, latest: bool = False) -> AbstractAsyncContextManager[Reading]:
        """Begin a read-only transaction of one consistent state. The database itself refuses writes.

        `latest` reads from the primary database, because a replica may lag.
        """
        ...

    def write(self, *, long: bool = False) -> AbstractAsyncContextManager[Writing]:
        """Begin a serialisable transaction: what `get` returned cannot change until it ends.

        `OutcomeUnknown` when the connection is lost during the commit; after any other error nothing is stored.

        `long` lifts the store's limits on how long a statement may take, for the publication of a week.
        """
        ...

    async def close(self) -> None:
        """Close all connections. The storage cannot be used afterwards."""
        ...
