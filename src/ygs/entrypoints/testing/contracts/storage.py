"""The contract of a whole `Storage`.

Inherit `StorageContract` and give two fixtures: `storage`, an empty one for each test, and `stored_bytes` (see
`encryption_at_rest`).
"""

from ygs.entrypoints.testing.contracts.accounts import AccountContract
from ygs.entrypoints.testing.contracts.advice import AdviceContract
from ygs.entrypoints.testing.contracts.audit import AuditContract
from ygs.entrypoints.testing.contracts.bulk_writes import BulkWriteContract
from ygs.entrypoints.testing.contracts.canaries import CanaryContract
from ygs.entrypoints.testing.contracts.commitments import CommitmentContract
from ygs.entrypoints.testing.contracts.concurrency import ConcurrencyContract
from ygs.entrypoints.testing.contracts.consultations import ConsultationContract, ConsultingHoursContract
from ygs.entrypoints.testing.contracts.deliveries import DeliveryContract
from ygs.entrypoints.testing.contracts.directory import DirectoryContract
from ygs.entrypoints.testing.contracts.encryption_at_rest import EncryptionAtRestContract
from ygs.entrypoints.testing.contracts.exports import ExportContract
from ygs.entrypoints.testing.contracts.files import FileRecordContract
from ygs.entrypoints.testing.contracts.forecasts import ForecastContract
from ygs.entrypoints.testing.contracts.hot_reads import HotReadContract
from ygs.entrypoints.testing.contracts.imports import ImportContract
from ygs.entrypoints.testing.contracts.introductions import FeedbackContract, IntroductionContract
from ygs.entrypoints.testing.contracts.jobs import JobContract
from ygs.entrypoints.testing.contracts.kept_pairs import KeptPairContract
from ygs.entrypoints.testing.contracts.learned import LearningContract
from ygs.entrypoints.testing.contracts.market import BlockContract, MarketContract
from ygs.entrypoints.testing.contracts.meetings import MeetingContract
from ygs.entrypoints.testing.contracts.memberships import MembershipContract
from ygs.entrypoints.testing.contracts.moderation import NoteContract, ReportContract
from ygs.entrypoints.testing.contracts.outbox import NoticeContract, OutboxContract
from ygs.entrypoints.testing.contracts.policies import PolicyContract
from ygs.entrypoints.testing.contracts.push_devices import PushDeviceContract
from ygs.entrypoints.testing.contracts.read_budgets import ReadBudgetContract
from ygs.entrypoints.testing.contracts.saved_filters import SavedFilterContract
from ygs.entrypoints.testing.contracts.suspensions import SuspensionContract
from ygs.entrypoints.testing.contracts.texts import TextContract
from ygs.entrypoints.testing.contracts.timeline import TimelineContract
from ygs.entrypoints.testing.contracts.transactions import ReaderContract, TransactionContract
from ygs.entrypoints.testing.contracts.users import UserContract
from ygs.entrypoints.testing.contracts.webhooks import WebhookContract
from ygs.entrypoints.testing.contracts.week_schedules import WeekScheduleContract
from ygs.entrypoints.testing.contracts.weeks import WeekContract
from ygs.entrypoints.testing.contracts.wish_counts import WishCountContract


class StorageContract(
    TransactionContract,
    ReaderContract,
    ConcurrencyContract,
    OutboxContract,
    NoticeContract,
    DeliveryContract,
    WebhookContract,
    PushDeviceContract,
    SavedFilterContract,
    JobContract,
    ImportContract,
    ExportContract,
    CanaryContract,
    UserContract,
    DirectoryContract,
    HotReadContract,
    WishCountContract,
    ReadBudgetContract,
    TimelineContract,
    BlockContract,
    SuspensionContract,
    KeptPairContract,
    WeekContract,
    CommitmentContract,
    PolicyContract,
    WeekScheduleContract,
    IntroductionContract,
    FeedbackContract,
    LearningContract,
    MarketContract,
    TextContract,
    BulkWriteContract,
    AccountContract,
    AuditContract,
    FileRecordContract,
    ReportContract,
    NoteContract,
    AdviceContract,
    MeetingContract,
    ConsultationContract,
    ConsultingHoursContract,
    MembershipContract,
    ForecastContract,
    EncryptionAtRestContract,
):
    """Every promise of `ygs.ports.storage`."""
