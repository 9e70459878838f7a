"""The composition root: what exists, and which adapter answers for which port. The only place that knows punq.

async with build(Settings(database_url=SecretStr("memory:"))) as app:
    await app.weeks.create(Actor.operator(), CreateWeek())
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast, get_type_hints
from zoneinfo import ZoneInfo

import punq

from ygs.adapters.blobs.folder_blobs import FolderBlobs
from ygs.adapters.blobs.grants import Signer
from ygs.adapters.blobs.memory_blobs import MemoryBlobs
from ygs.adapters.blobs.signed_url_store import SignedUrlBlobStore
from ygs.adapters.identities.not_configured import NoFirebase, NoKakao
from ygs.adapters.images.not_configured import NoImages
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.spreadsheets import SheetFiles
from ygs.adapters.system import SystemClock, UlidIds
from ygs.application.accounts.use_cases import USE_CASES as ACCOUNT_USE_CASES
from ygs.application.accounts.use_cases import AccountUseCases
from ygs.application.actors import Actor
from ygs.application.audit.log import AuditWriter, audit_entry
from ygs.application.explanations.explain import Explanations
from ygs.application.explanations.proposal import Proposals
from ygs.application.exporting.export_members import MemberExport
from ygs.application.files.cleanup import FileCleanup
from ygs.application.files.documents import Documents
from ygs.application.files.photos import Photos
from ygs.application.files.uploads import Uploads
from ygs.application.importing.import_members import MemberImport
from ygs.application.introductions.answer_writer import AnswerWriter
from ygs.application.introductions.member_introductions import MemberIntroductions
from ygs.application.introductions.partner_view import Partners
from ygs.application.members.blocks import Blocks
from ygs.application.members.completeness import ProfileCompleteness
from ygs.application.members.data_export import DataExport
from ygs.application.members.profile import Members
from ygs.application.members.review import MemberReview
from ygs.application.moderation.notes import Notes
from ygs.application.moderation.reports import Reports
from ygs.application.operations.invariants import InvariantCheck
from ygs.application.operations.purge import Erasure, Retention
from ygs.application.operations.readiness import Readiness
from ygs.application.rounds.backtest import Backtest
from ygs.application.rounds.dataframes import DataFrame, market_of
from ygs.application.rounds.planning import LeaseSeconds, Planning
from ygs.application.rounds.policies import Policies
from ygs.application.rounds.solve_round import plan_round as certified_round
from ygs.application.rounds.weeks import MatchWeeks
from ygs.domain.errors import N_, NotSetUp
from ygs.domain.files import Bucket
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.matching.plan import Overrides, RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.ports.authentication import Firebase, Kakao, Messenger, Passwords, Secrets, Tokens
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.images import ImageProcessor
from ygs.ports.phone_numbers import Phones
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent
from ygs.ports.signed_urls import SignedUrlEndpoint
from ygs.ports.spreadsheets import Sheets
from ygs.ports.storage import Storage
from ygs.settings import InsecureSettings, Settings

USE_CASES = (
    MatchWeeks,
    Policies,
    Planning,
    Proposals,
    Explanations,
    MemberIntroductions,
    Partners,
    Backtest,
    InvariantCheck,
    Readiness,
    MemberImport,
    MemberExport,
    Members,
    ProfileCompleteness,
    MemberReview,
    Uploads,
    Photos,
    Documents,
    FileCleanup,
    Blocks,
    Reports,
    Notes,
    DataExport,
    Erasure,
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
    policies: Policies
    planning: Planning
    proposals: Proposals
    explanations: Explanations
    member_introductions: MemberIntroductions
    partners: Partners
    backtest: Backtest
    invariant_check: InvariantCheck
    readiness: Readiness
    member_import: MemberImport
    member_export: MemberExport
    members: Members
    completeness: ProfileCompleteness
    member_review: MemberReview
    uploads: Uploads
    photos: Photos
    documents: Documents
    file_cleanup: FileCleanup
    blocks: Blocks
    reports: Reports
    notes: Notes
    data_export: DataExport
    erasure: Erasure
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
    `Unavailable` when the database is not there or not at the schema's head, `unsealable` when its keys are others.
    """
    settings = settings or Settings()
    settings.require_fit()
    async with AsyncExitStack() as open_until_the_end:
        ours = _always(settings)
        for port in (Passwords, Messenger, Firebase, Kakao, BlobStore, ImageProcessor):
            if close := getattr(ours.get(port), "close", None):
                open_until_the_end.push_async_callback(close)
        chosen = ours | dict(overrides or {})
        if Storage not in chosen:
            chosen[Storage] = storage = await _storage(settings)
            open_until_the_end.push_async_callback(storage.close)
        yield _wired(chosen)


def _always(settings: Settings) -> dict[Any, object]:
    return {
        Settings: settings,
        Clock: SystemClock(),
        Ids: UlidIds(),
        Sheets: SheetFiles(),
        Phones: LibPhones(),
        ZoneInfo: settings.time_zone,
        Language: settings.language,
        LeaseSeconds: LeaseSeconds(settings.lease_seconds),
        Retention: Retention(timedelta(days=settings.retention_days)),
        **_engines(),
        **_accounts(settings),
        BlobStore: _files(settings),
        ImageProcessor: _pictures(),
    }


def _engines() -> dict[Any, Any]:
    if find_spec("numba") and find_spec("ortools"):
        from ygs.adapters.scoring.numba_scorer import VectorisedScorer
        from ygs.adapters.solving.numba_solver import ExactSolver

        return {Scorer: VectorisedScorer(), RoundSolver: ExactSolver()}
    from ygs.adapters.scoring.reference import PlainScorer
    from ygs.adapters.solving.reference import PlainSolver

    return {Scorer: PlainScorer(), RoundSolver: PlainSolver()}


def _accounts(settings: Settings) -> dict[Any, object]:
    if not (find_spec("joserfc") and find_spec("argon2")):
        return {}
    from ygs.adapters.argon2_passwords import ArgonPasswords
    from ygs.adapters.jwt_tokens import JwtTokens
    from ygs.adapters.random_and_hmac import SystemSecrets
    from ygs.adapters.sms import LogMessenger, WebhookMessenger

    url = settings.messenger_url
    key = settings.messenger_key.get_secret_value()
    messenger = WebhookMessenger(url, bytes.fromhex(key)) if url else LogMessenger(show=not settings.in_production)
    issuer = settings.token_issuer
    audience = settings.token_audience
    return {
        Passwords: ArgonPasswords(),
        Tokens: JwtTokens(settings.token_signing, issuer=issuer, audience=audience),
        Secrets: SystemSecrets(settings.blinding),
        Messenger: messenger,
        Firebase: _firebase(settings),
        Kakao: _kakao(settings),
    }


def _firebase(settings: Settings) -> Firebase:
    if not settings.firebase_project:
        return NoFirebase()
    from ygs.adapters.identities.firebase import FirebaseTokens

    credentials = _service_account(settings.firebase_credentials) if settings.firebase_credentials else None
    return FirebaseTokens(settings.firebase_project, credentials, emulator=settings.firebase_emulator)


def _service_account(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        # Neither the cause, which may quote the file: it holds a private key.
        raise InsecureSettings(N_("YGS_FIREBASE_CREDENTIALS names no file that can be read as JSON")) from None


def _kakao(settings: Settings) -> Kakao:
    if not settings.kakao_client_id:
        return NoKakao()
    from ygs.adapters.identities.kakao import KakaoApp, KakaoOauth

    secret = settings.kakao_client_secret.get_secret_value()
    return KakaoOauth(KakaoApp(settings.kakao_client_id, settings.kakao_redirect_uri, secret))


def _files(settings: Settings) -> BlobStore:
    if settings.buckets:
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


async def _storage(settings: Settings) -> Storage:
    url = settings.database_url.get_secret_value()
    if url.startswith("memory:"):
        from ygs.adapters.memory import MemoryStorage

        return MemoryStorage()
    from ygs.adapters.sql.statements.encryption import Keyring

    storage = await _database(settings, url, Keyring(*settings.sealing))
    from ygs.adapters.sql.key_check import require_fitting_keys

    try:
        await require_fitting_keys(storage)
    except BaseException:
        await storage.close()
        raise
    return cast(Storage, storage)


async def _database(settings: Settings, url: str, keyring: Any) -> Any:
    if url.startswith("sqlite:"):
        from ygs.adapters.sql.sqlite import open_sqlite

        return await open_sqlite(url, keyring)
    from ygs.adapters.sql.postgres import open_postgres

    replica = settings.replica_url
    return await open_postgres(url, keyring, replica_url=replica.get_secret_value() if replica else None)


def _wired(chosen: Mapping[Any, object]) -> Application:
    container = punq.Container()
    for port, adapter in chosen.items():
        container.register(port, instance=adapter)
    for use_case in (AuditWriter, AnswerWriter, *USE_CASES):
        container.register(use_case, scope=punq.Scope.singleton)
    optional: dict[str, Any] = {
        "accounts": container.resolve(AccountUseCases) if Passwords in chosen else None,
        "signed_urls": _signed_urls(chosen),
    }
    parts = {name: part for name, part in get_type_hints(Application).items() if name not in optional}
    return Application(**{name: container.resolve(part) for name, part in parts.items()}, **optional)


def _signed_urls(chosen: Mapping[Any, object]) -> SignedUrlEndpoint | None:
    """The endpoint that was chosen, or the blob store when it is its own."""
    store = chosen[BlobStore]
    if isinstance(store, SignedUrlBlobStore):
        return store
    return cast(SignedUrlEndpoint | None, chosen.get(SignedUrlEndpoint))


async def upgrade_database(settings: Settings | None = None) -> str:
    """Bring the database's schema to this version's head, creating it when new; the head's name."""
    settings = settings or Settings()
    url = settings.database_url.get_secret_value()
    if url.startswith("memory:"):
        return "memory"
    from ygs.adapters.sql import migrations, postgres, sqlite

    lite = url.startswith("sqlite:")
    engine = sqlite.engine(sqlite.path_of(url), writes=True) if lite else postgres.engine(url, writes=True)
    try:
        await migrations.upgrade(engine)
    finally:
        await engine.dispose()
    return migrations.head()


def plan_round(
    candidates: Iterable[Candidate] | Market | Mapping[str, Any] | DataFrame,
    history: Iterable[tuple[str, str]] = (),
    policy: Policy | None = None,
    overrides: Overrides | None = None,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> RoundPlan:
    """Plan one round with the fastest engines installed, without any database; a pure function of its arguments.

    `candidates`: everybody who takes part, as `Candidate` objects, as a table of columns
    (`ygs.application.rounds.dataframes` says which) or as a `Market`, which holds its own history. `history`: pairs of
    ids who met before, in either order.
    Scores are basis points (0..10000), waits weeks. `RoundRefused` when the overrides cannot be kept.
    """
    if isinstance(candidates, Mapping | DataFrame):
        return plan_round(market_of(candidates, history), (), policy, overrides, seed=seed, progress=progress)
    engines = _engines()
    return certified_round(
        candidates,
        policy,
        overrides,
        history=history,
        seed=seed,
        scorer=engines[Scorer],
        solver=engines[RoundSolver],
        progress=progress,
    )


async def rotate_keys(settings: Settings | None = None, progress: Progress = silent) -> int:
    """Seal anew with the current key what older ones sealed, while the service runs; how many values. Stopped midway,
    it goes on when run again. `progress` hears the column, and how many of how many are done."""
    settings = settings or Settings()
    settings.require_fit()
    storage = await _storage(settings)
    try:
        from ygs.adapters.sql.key_rotation import reseal
        from ygs.adapters.sql.storage import SqlStorage

        if not isinstance(storage, SqlStorage):
            return 0
        return await reseal(storage, progress)
    finally:
        await storage.close()


async def backup_database(to: Path, settings: Settings | None = None, progress: Progress = silent) -> int:
    """Write the database, and the folder of photos and documents if there is one, into one file; how many rows.

    The service may go on meanwhile. Files in S3 are not in it: their bucket keeps its own versions. `NotSetUp` for
    ``memory:``.
    """
    from ygs.adapters.sql.backup import backup

    settings = settings or Settings()
    settings.require_fit()
    storage = await _sql_storage(settings)
    clock = SystemClock()
    try:
        manifest = await backup(storage, to, at=clock.now(), files=_files_folder(settings), progress=progress)
        async with storage.write() as tx:
            await tx.audit.add(audit_entry(Actor.operator(), "database.backed_up", at=clock.now()))
        return manifest.rows
    finally:
        await storage.close()


async def restore_database(source: Path, settings: Settings | None = None, progress: Progress = silent) -> int:
    """Fill a new database, and a new folder of photos and documents, from a backup; how many rows.

    The keys must be those the backup was made with: `Unsealable` otherwise, and nothing is restored.
    """
    from ygs.adapters.sql.backup import restore

    settings = settings or Settings()
    settings.require_fit()
    storage = await _sql_storage(settings)
    try:
        manifest = await restore(storage, source, files=_files_folder(settings), progress=progress)
        async with storage.write() as tx:
            await tx.audit.add(audit_entry(Actor.operator(), "database.restored", at=SystemClock().now()))
        return manifest.rows
    finally:
        await storage.close()


async def _sql_storage(settings: Settings) -> Any:
    from ygs.adapters.sql.storage import SqlStorage

    storage = await _storage(settings)
    if not isinstance(storage, SqlStorage):
        await storage.close()
        raise NotSetUp(N_("memory: keeps nothing to back up or restore: set YGS_DATABASE_URL"))
    return storage


def _files_folder(settings: Settings) -> Path | None:
    return None if settings.buckets else settings.data_folder / "files"
