"""The composition root: what exists, and which adapter answers for which port. The only place that knows punq.

async with build(Settings(database_url=SecretStr("memory:"))) as app:
    await app.weeks.create(Actor.operator(), CreateWeek())
"""

import json
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, cast, get_type_hints
from zoneinfo import ZoneInfo

import punq

from ygs.adapters.blobs.folder_blobs import FolderBlobs
from ygs.adapters.blobs.grants import Signer
from ygs.adapters.blobs.memory_blobs import MemoryBlobs
from ygs.adapters.blobs.signed_url_store import SignedUrlBlobStore
from ygs.adapters.calendars import LibraryCalendars
from ygs.adapters.identities.not_configured import NoFirebase, NoKakao
from ygs.adapters.images.not_configured import NoImages
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.pages.not_configured import NoPages
from ygs.adapters.random_and_hmac import SystemSecrets
from ygs.adapters.spreadsheets import SheetFiles
from ygs.adapters.system import SystemClock, UlidIds
from ygs.adapters.webhooks.not_configured import NoWebhooks
from ygs.application.accounts.use_cases import USE_CASES as ACCOUNT_USE_CASES
from ygs.application.accounts.use_cases import AccountUseCases
from ygs.application.advisor.rules import AdviceRules, DraftRules
from ygs.application.advisor.week_advice import WeekAdvice
from ygs.application.audit.budget_lifts import BudgetLifts
from ygs.application.audit.export import AuditExports
from ygs.application.audit.own_accesses import OwnAccesses
from ygs.application.audit.read_budgets import AuditWriter, ReadBudgets
from ygs.application.audit.search import AuditSearch
from ygs.application.consultations.bookings import Consultations
from ygs.application.consultations.calendar_feeds import ConsultationCalendars
from ygs.application.consultations.office_hours import OfficeHours
from ygs.application.consultations.prepared_questions import ConsultationQuestions
from ygs.application.consultations.staff_consultations import StaffConsultations
from ygs.application.directory.assignments import Assignments
from ygs.application.directory.members import Directory
from ygs.application.directory.saved_filters import SavedFilters
from ygs.application.directory.staff import StaffList
from ygs.application.directory.timeline import Timelines
from ygs.application.drafts.column_drafts import ColumnDrafts
from ygs.application.drafts.drafter import Drafter
from ygs.application.drafts.introduction_messages import MessageDrafts
from ygs.application.drafts.member_summary import MemberSummaries
from ygs.application.drafts.note_facts import NoteFacts
from ygs.application.explanations.explain import Explanations
from ygs.application.explanations.proposal import Proposals
from ygs.application.exporting.canaries import Canaries, CanaryPhones, MadeUpPeople
from ygs.application.exporting.export_members import MemberExport
from ygs.application.files.cleanup import FileCleanup
from ygs.application.files.documents import Documents
from ygs.application.files.photos import Photos
from ygs.application.files.uploads import Uploads
from ygs.application.forecasts.forecasts import Forecasts
from ygs.application.importing.import_members import MemberImport
from ygs.application.importing.template import ImportTemplate
from ygs.application.introductions.answer_writer import AnswerWriter
from ygs.application.introductions.manual_introductions import ManualIntroductions
from ygs.application.introductions.meetings import Meetings
from ygs.application.introductions.member_introductions import MemberIntroductions
from ygs.application.introductions.member_previews import MemberPreviews
from ygs.application.introductions.partner_view import Partners
from ygs.application.introductions.round_proof import RoundProofs
from ygs.application.introductions.staff_meetings import StaffMeetings
from ygs.application.jobs.export_jobs import ExportJobs
from ygs.application.jobs.file_removals import FileRemovals
from ygs.application.jobs.handlers import ScheduledWork
from ygs.application.jobs.import_jobs import ImportJobs
from ygs.application.jobs.import_undo import ImportUndo
from ygs.application.jobs.learning_jobs import LearningJobs
from ygs.application.jobs.queue import JobQueue
from ygs.application.jobs.week_jobs import WeekJobs
from ygs.application.jobs.worker import Worker
from ygs.application.learning.learning import Learning
from ygs.application.learning.pair_scores import PairScores
from ygs.application.members.blocks import Blocks
from ygs.application.members.bulk_status import BulkStatus
from ygs.application.members.completeness import ProfileCompleteness
from ygs.application.members.data_export import DataExport
from ygs.application.members.personal_data import PersonalData
from ygs.application.members.profile import Members
from ygs.application.members.review import MemberReview
from ygs.application.memberships.contracts import Memberships
from ygs.application.memberships.due_warnings import MembershipWarnings
from ygs.application.memberships.plans import MembershipPlans
from ygs.application.memberships.refund_assessments import RefundAssessments
from ygs.application.moderation.notes import Notes
from ygs.application.moderation.reports import Reports
from ygs.application.notifications.consultation_reminders import ConsultationReminders
from ygs.application.notifications.deliver import Deliverer
from ygs.application.notifications.dispatch import Dispatcher
from ygs.application.notifications.failed_deliveries import FailedDeliveries
from ygs.application.notifications.meeting_notices import MeetingNotices
from ygs.application.notifications.notices import Notices
from ygs.application.notifications.personal_channel import DefaultChannels, NoticeLink
from ygs.application.notifications.push_devices import PushDevices
from ygs.application.notifications.reminders import Reminders
from ygs.application.notifications.webhook_channel import WebhookChannel
from ygs.application.notifications.webhooks import Webhooks
from ygs.application.operations.breach import Breaches
from ygs.application.operations.consequences import Consequences
from ygs.application.operations.dashboard import Dashboard
from ygs.application.operations.invariants import InvariantCheck
from ygs.application.operations.purge import Erasure, Retention
from ygs.application.operations.readiness import Readiness
from ygs.application.own_members import OwnMembersOnly
from ygs.application.rounds.audit_bundle import AuditReleases
from ygs.application.rounds.backtest import Backtest
from ygs.application.rounds.commitments import CodeVersion
from ygs.application.rounds.leases import LeaseSeconds
from ygs.application.rounds.planning import Planning
from ygs.application.rounds.policies import Policies
from ygs.application.rounds.pool_balance import PoolBalances
from ygs.application.rounds.week_schedules import WeekSchedules
from ygs.application.rounds.weeks import MatchWeeks
from ygs.bootstrap.advice import advice_rules, draft_rules, match_advisor
from ygs.bootstrap.channels import message_senders, messenger, personal_channels
from ygs.bootstrap.engines import engines, warm_up
from ygs.bootstrap.extras import requires
from ygs.bootstrap.rounds import UnknownHistory, explain, plan_round, to_frame
from ygs.bootstrap.storages import (
    backup_database,
    open_storage,
    restore_database,
    rotate_keys,
    upgrade_database,
)
from ygs.domain.consultations import CancellationRule
from ygs.domain.errors import N_
from ygs.domain.files import Bucket
from ygs.domain.matching.attribute import Language
from ygs.domain.meetings import ContactRule
from ygs.domain.users import User
from ygs.ports.authentication import Firebase, Kakao, Messenger, Passwords, Secrets, Tokens
from ygs.ports.blob_store import BlobStore
from ygs.ports.calendars import Calendars
from ygs.ports.channels import DeliveryChannels
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.images import ImageProcessor
from ygs.ports.match_advisor import MatchAdvisor
from ygs.ports.message_senders import MessageSenders
from ygs.ports.page_printer import PagePrinter
from ygs.ports.phone_numbers import Phones
from ygs.ports.scoring_and_solving import RoundSolver, Scorer
from ygs.ports.signed_urls import SignedUrlEndpoint
from ygs.ports.spreadsheets import SheetForms, Sheets
from ygs.ports.storage import Storage
from ygs.ports.webhook_sender import WebhookSender
from ygs.settings import InsecureSettings, Settings

__all__ = [
    "Application",
    "UnknownHistory",
    "backup_database",
    "build",
    "explain",
    "plan_round",
    "restore_database",
    "rotate_keys",
    "to_frame",
    "upgrade_database",
    "warm_up",
]

USE_CASES = (
    MatchWeeks,
    WeekSchedules,
    Policies,
    Learning,
    PairScores,
    Planning,
    WeekAdvice,
    Drafter,
    MemberSummaries,
    MessageDrafts,
    NoteFacts,
    ColumnDrafts,
    Proposals,
    Explanations,
    MemberIntroductions,
    MemberPreviews,
    ManualIntroductions,
    Forecasts,
    Partners,
    Meetings,
    StaffMeetings,
    Consultations,
    StaffConsultations,
    ConsultationQuestions,
    OfficeHours,
    ConsultationCalendars,
    RoundProofs,
    AuditReleases,
    Backtest,
    Consequences,
    Dashboard,
    InvariantCheck,
    Readiness,
    MemberImport,
    Canaries,
    MemberExport,
    Members,
    PersonalData,
    ProfileCompleteness,
    MemberReview,
    BulkStatus,
    Directory,
    SavedFilters,
    Assignments,
    StaffList,
    Uploads,
    Photos,
    Documents,
    FileCleanup,
    Blocks,
    Reports,
    Notes,
    MembershipPlans,
    Memberships,
    RefundAssessments,
    MembershipWarnings,
    DataExport,
    Erasure,
    JobQueue,
    WeekJobs,
    LearningJobs,
    PoolBalances,
    Notices,
    Webhooks,
    FailedDeliveries,
    BudgetLifts,
    Breaches,
    AuditSearch,
    AuditExports,
    Timelines,
    OwnAccesses,
    WebhookChannel,
    PushDevices,
    Reminders,
    MeetingNotices,
    ConsultationReminders,
    FileRemovals,
    ExportJobs,
    ImportJobs,
    ImportUndo,
    ImportTemplate,
    ScheduledWork,
    Dispatcher,
    Deliverer,
    *ACCOUNT_USE_CASES,
)


@dataclass(frozen=True, slots=True)
class Application:
    """Everything ygs can do, over one storage.

    `accounts` is None where the extra `accounts` is not installed. `signed_urls` is None where the blob store has
    servers of its own, such as S3, and the service answers no signed URLs.
    """

    settings: Settings
    storage: Storage
    clock: Clock
    ids: Ids
    scorer: Scorer
    solver: RoundSolver
    weeks: MatchWeeks
    week_schedules: WeekSchedules
    policies: Policies
    learning: Learning
    pair_scores: PairScores
    planning: Planning
    week_advice: WeekAdvice
    drafter: Drafter
    member_summaries: MemberSummaries
    message_drafts: MessageDrafts
    note_facts: NoteFacts
    column_drafts: ColumnDrafts
    proposals: Proposals
    explanations: Explanations
    member_introductions: MemberIntroductions
    member_previews: MemberPreviews
    manual_introductions: ManualIntroductions
    forecasts: Forecasts
    partners: Partners
    meetings: Meetings
    staff_meetings: StaffMeetings
    consultations: Consultations
    staff_consultations: StaffConsultations
    consultation_questions: ConsultationQuestions
    office_hours: OfficeHours
    consultation_calendars: ConsultationCalendars
    round_proofs: RoundProofs
    audit_releases: AuditReleases
    backtest: Backtest
    dashboard: Dashboard
    consequences: Consequences
    invariant_check: InvariantCheck
    readiness: Readiness
    member_import: MemberImport
    member_export: MemberExport
    canaries: Canaries
    members: Members
    personal_data: PersonalData
    completeness: ProfileCompleteness
    member_review: MemberReview
    bulk_status: BulkStatus
    directory: Directory
    saved_filters: SavedFilters
    assignments: Assignments
    staff_list: StaffList
    uploads: Uploads
    photos: Photos
    documents: Documents
    file_cleanup: FileCleanup
    blocks: Blocks
    reports: Reports
    notes: Notes
    membership_plans: MembershipPlans
    memberships: Memberships
    refunds: RefundAssessments
    data_export: DataExport
    erasure: Erasure
    jobs: JobQueue
    week_jobs: WeekJobs
    learning_jobs: LearningJobs
    export_jobs: ExportJobs
    import_jobs: ImportJobs
    import_undo: ImportUndo
    import_template: ImportTemplate
    worker: Worker
    notices: Notices
    webhooks: Webhooks
    failed_deliveries: FailedDeliveries
    budget_lifts: BudgetLifts
    breaches: Breaches
    audit_search: AuditSearch
    audit_exports: AuditExports
    timelines: Timelines
    own_accesses: OwnAccesses
    push_devices: PushDevices
    dispatcher: Dispatcher
    deliverer: Deliverer
    blob_store: BlobStore
    signed_urls: SignedUrlEndpoint | None
    accounts: AccountUseCases | None


@asynccontextmanager
async def build(
    settings: Settings | None = None, overrides: Mapping[Any, object] | None = None
) -> AsyncIterator[Application]:
    """The application that the settings describe, open until the block ends.

    `overrides`: port -> an object that answers for it instead, such as ``{Clock: my_clock, Storage: my_storage}``;
    whoever brings a storage closes it. `InsecureSettings` in production with settings that are not fit for it;
    `Misconfigured` when the database is not there, not at the schema's head or was written with other keys;
    `Unavailable` when it does not answer.
    """
    settings = settings or Settings()
    settings.require_fit(sends=Messenger not in (overrides or {}))
    async with AsyncExitStack() as open_until_the_end:
        ours = _always(settings)
        for port in (Passwords, Messenger, Firebase, Kakao, BlobStore, ImageProcessor, WebhookSender, MatchAdvisor):
            if close := getattr(ours.get(port), "close", None):
                open_until_the_end.push_async_callback(close)
        for sender in cast(MessageSenders, ours[MessageSenders]).values():
            if close := getattr(sender, "close", None):
                open_until_the_end.push_async_callback(close)
        chosen = ours | dict(overrides or {})
        if Storage not in chosen:
            chosen[Storage] = storage = await open_storage(settings)
            open_until_the_end.push_async_callback(storage.close)
        yield _wired(chosen)


def _always(settings: Settings) -> dict[Any, object]:
    return {
        Settings: settings,
        Clock: SystemClock(),
        Ids: UlidIds(),
        Sheets: SheetFiles(),
        SheetForms: SheetFiles(),
        Phones: LibPhones(),
        ZoneInfo: settings.time_zone,
        Language: settings.language,
        LeaseSeconds: LeaseSeconds(settings.lease_seconds),
        CodeVersion: _code_version(),
        Secrets: SystemSecrets(settings.blinding),
        CancellationRule: CancellationRule(settings.consultation_hours_before),
        Calendars: LibraryCalendars(settings.holiday_country, settings.language),
        OwnMembersOnly: OwnMembersOnly(settings.own_members_only),
        ContactRule: ContactRule(settings.contact_hours_before_meeting),
        CanaryPhones: CanaryPhones(settings.canary_phones),
        MadeUpPeople: MadeUpPeople(_made_up),
        ReadBudgets: ReadBudgets(settings.reading, settings.time_zone),
        Retention: Retention(timedelta(days=settings.retention_days)),
        **engines(),
        **_accounts(settings),
        MessageSenders: message_senders(settings, _account(settings)),
        DefaultChannels: DefaultChannels(settings.notice_channels),
        NoticeLink: NoticeLink(settings.notice_link),
        BlobStore: _files(settings),
        ImageProcessor: _pictures(),
        PagePrinter: _pages(),
        WebhookSender: _webhooks(settings),
        MatchAdvisor: match_advisor(settings),
        AdviceRules: advice_rules(settings),
        DraftRules: draft_rules(settings),
    }


def _made_up(seed: int, at: datetime) -> User:
    from ygs.application.simulation.club import club

    return list(club(2, seed=seed, at=at))[seed & 1]


@cache
def _code_version() -> CodeVersion:
    return CodeVersion(version("ygs"))


def _accounts(settings: Settings) -> dict[Any, object]:
    if not (find_spec("joserfc") and find_spec("argon2")):
        return {}
    from ygs.adapters.argon2_passwords import ArgonPasswords
    from ygs.adapters.jwt_tokens import JwtTokens

    issuer = settings.token_issuer
    audience = settings.token_audience
    return {
        Passwords: ArgonPasswords(),
        Tokens: JwtTokens(settings.token_signing, issuer=issuer, audience=audience),
        Messenger: messenger(settings),
        Firebase: _firebase(settings),
        Kakao: _kakao(settings),
    }


def _firebase(settings: Settings) -> Firebase:
    if not settings.firebase_project:
        return NoFirebase()
    with requires("firebase"):
        from ygs.adapters.identities.firebase import FirebaseTokens

    return FirebaseTokens(settings.firebase_project, _account(settings), emulator=settings.firebase_emulator)


def _account(settings: Settings) -> Any:
    """Firebase's service account; None without one."""
    if not settings.firebase_credentials:
        return None
    try:
        account = json.loads(settings.firebase_credentials.read_text("utf-8"))
    except (OSError, ValueError):
        # Neither the cause, which may quote the file: it holds a private key.
        raise InsecureSettings(N_("YGS_FIREBASE_CREDENTIALS names no file that can be read as JSON")) from None
    if not isinstance(account, dict) or account.get("type") != "service_account":
        raise InsecureSettings(
            N_("YGS_FIREBASE_CREDENTIALS holds no key of a service account: make one in the Firebase console")
        )
    return account


def _kakao(settings: Settings) -> Kakao:
    if not settings.kakao_client_id:
        return NoKakao()
    from ygs.adapters.identities.kakao import KAKAO_URL, KakaoApp, KakaoOauth

    secret = settings.kakao_client_secret.get_secret_value()
    base = settings.kakao_base_url.rstrip("/") or KAKAO_URL
    return KakaoOauth(KakaoApp(settings.kakao_client_id, settings.kakao_redirect_uri, secret, base))


def _files(settings: Settings) -> BlobStore:
    if settings.buckets:
        with requires("s3"):
            from ygs.adapters.blobs.s3 import S3Account, S3BlobStore

        buckets = dict(zip((Bucket.PHOTOS, Bucket.DOCUMENTS), settings.buckets, strict=True))
        keys = settings.s3_access_key.get_secret_value(), settings.s3_secret_key.get_secret_value()
        return S3BlobStore(S3Account(buckets, settings.s3_region, settings.s3_endpoint, *keys))
    passing = settings.database_url.get_secret_value().startswith("memory:")
    blobs = MemoryBlobs() if passing else FolderBlobs(settings.data_folder / "files")
    return SignedUrlBlobStore(blobs, Signer(settings.file_signing), f"{settings.public_url}/api/v1/files")


def _pictures() -> ImageProcessor:
    if not find_spec("PIL"):
        return NoImages()
    from ygs.adapters.images.pillow import PillowImages

    return PillowImages()


def _pages() -> PagePrinter:
    if not all(map(find_spec, ("fpdf", "pylopdf_fonts_ko"))):
        return NoPages()
    from ygs.adapters.pages.fpdf_pages import FpdfPages

    return FpdfPages()


def _webhooks(settings: Settings) -> WebhookSender:
    if not find_spec("httpcore"):
        return NoWebhooks()
    from ygs.adapters.webhooks.http_sender import HttpWebhookSender

    return HttpWebhookSender(insecure=settings.insecure_webhooks)


def _wired(chosen: Mapping[Any, object]) -> Application:
    container = punq.Container()
    for port, adapter in chosen.items():
        container.register(port, instance=adapter)
    made = dict[Any, Any]()
    for use_case in (AuditWriter, AnswerWriter, *USE_CASES):
        container.register(use_case, _maker(container, use_case, made), scope=punq.Scope.singleton)
    if DeliveryChannels not in chosen:
        webhooks: WebhookChannel = container.resolve(WebhookChannel)
        channels = DeliveryChannels((webhooks, *personal_channels(chosen)))
        container.register(DeliveryChannels, instance=channels)
    container.register(Worker, instance=_worker(container, cast(int, chosen[LeaseSeconds])))
    optional: dict[str, Any] = {
        "accounts": container.resolve(AccountUseCases) if Passwords in chosen else None,
        "signed_urls": _signed_urls(chosen),
    }
    parts = {name: container.resolve(part) for name, part in _needs(Application) if name not in optional}
    return Application(**parts, **optional)


def _maker(container: punq.Container, use_case: type[Any], made: dict[Any, Any]) -> Callable[[], Any]:
    """What makes the use case, once. punq would do so by itself, but read every signature anew for each application,
    and look for a part again for each use case that needs it: `made` keeps those that were found."""

    def make() -> Any:
        needs = _needs(cast(Hashable, use_case))
        for _, part in needs:
            if part not in made:
                made[part] = container.resolve(part)
        return use_case(**{name: made[part] for name, part in needs})

    return make


@cache
def _needs(use_case: Hashable) -> Sequence[tuple[str, Any]]:
    """The parameters of a use case, and the type of each."""
    return [(name, part) for name, part in get_type_hints(cast(Any, use_case).__init__).items() if name != "return"]


def _worker(container: punq.Container, lease_seconds: int) -> Worker:
    work = container.resolve(ScheduledWork)
    return Worker(work.storage, work.clock, work.handlers(), work.schedule, lease_seconds)


def _signed_urls(chosen: Mapping[Any, object]) -> SignedUrlEndpoint | None:
    """The endpoint that was chosen, or the blob store when it is its own."""
    store = chosen[BlobStore]
    if isinstance(store, SignedUrlBlobStore):
        return store
    return cast(SignedUrlEndpoint | None, chosen.get(SignedUrlEndpoint))
