"""What a `Storage` promises, whole: inherit this, give the fixture `storage`, an empty one for each test."""

from ygs.entrypoints.testing.contracts.accounts import AccountContract
from ygs.entrypoints.testing.contracts.auditing import AuditContract
from ygs.entrypoints.testing.contracts.choosing import ChooserContract
from ygs.entrypoints.testing.contracts.concerns import NoteContract, ReportContract
from ygs.entrypoints.testing.contracts.concurrency import ConcurrencyContract
from ygs.entrypoints.testing.contracts.files import FileRecordContract
from ygs.entrypoints.testing.contracts.glances import GlanceContract
from ygs.entrypoints.testing.contracts.introductions import FeedbackContract, IntroductionContract
from ygs.entrypoints.testing.contracts.markets import MarketContract, WallContract
from ygs.entrypoints.testing.contracts.outbox import OutboxContract
from ygs.entrypoints.testing.contracts.plurals import PluralContract
from ygs.entrypoints.testing.contracts.texts import TextContract
from ygs.entrypoints.testing.contracts.transactions import ReaderContract, TransactionContract
from ygs.entrypoints.testing.contracts.users import UserContract
from ygs.entrypoints.testing.contracts.weeks import WeekContract


class StorageContract(
    TransactionContract,
    ReaderContract,
    ConcurrencyContract,
    OutboxContract,
    UserContract,
    GlanceContract,
    ChooserContract,
    WallContract,
    WeekContract,
    IntroductionContract,
    FeedbackContract,
    MarketContract,
    TextContract,
    PluralContract,
    AccountContract,
    AuditContract,
    FileRecordContract,
    ReportContract,
    NoteContract,
):
    """Every promise of `ygs.ports.storage`."""
