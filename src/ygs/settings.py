"""Settings, read once from the environment (``YGS_…``) or given by an embedder; frozen from then on.

Everything has a default that works on a developer's machine; `ygs settings check` says what production still lacks.
"""

import hmac
import os
from collections.abc import Iterator
from datetime import time
from decimal import Decimal
from difflib import get_close_matches
from email.utils import parseaddr
from enum import StrEnum
from hashlib import sha256
from importlib.metadata import entry_points
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ygs.domain.advice import TOLD_BY_MEMBERS, DraftKind, PromptItem
from ygs.domain.deliveries import Channel
from ygs.domain.errors import N_, Listed, Misconfigured
from ygs.domain.events import EventType
from ygs.domain.matching.adjustments import MOST_SHARE
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import EventGroup
from ygs.domain.read_budgets import DEFAULT_LIMITS, ReadKind, ReadLimits
from ygs.domain.users import Purpose
from ygs.ports.message_senders import SmtpSecurity

Network: TypeAlias = IPv4Network | IPv6Network
PersonalChannelName: TypeAlias = Literal[Channel.EMAIL, Channel.TEXT, Channel.PUSH]

# The group of entry points by which other packages bring storages, each named after the scheme of its URLs.
STORAGE_PROVIDERS = "ygs.storages"
_WITHOUT_SCHEMAS = ("memory", "sqlite")
_SHIPPED_SCHEMES = ("memory", "sqlite", "postgresql", "postgres")

ENV_FILE = ".env"
# Notepad writes a byte order mark, which would become a part of the first name.
ENV_FILE_ENCODING = "utf-8-sig"

# Published on purpose: it protects nothing, and lets development work without any configuration.
DEVELOPMENT_KEY = sha256(b"ygs: protects nothing").digest()
# Scheme, host and port as a browser spells them: no path, no slash at the end, and never a wildcard.
_ROOT_PATH = r"^(/[A-Za-z0-9._~-]+)*$"
# As PostgreSQL folds names that are not quoted.
_SCHEMA = r"^([a-z_][a-z0-9_]{0,62})?$"
_ORIGIN = r"^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$"


_THIS_MACHINE = (IPv4Network("127.0.0.1"), IPv6Network("::1"))


def _not_everybody(network: Network) -> Network:
    """Whoever may say where they come from has as many addresses, and tries, as they like."""
    if network.prefixlen == 0:
        raise ValueError("name the proxies: everybody is none")
    return network


def _not_of_postgres(schema: str) -> str:
    """PostgreSQL keeps names that begin with `pg_` for itself."""
    if schema.startswith("pg_"):
        raise ValueError("a schema's name does not begin with pg_")
    return schema


def _channels_by_default() -> dict[EventGroup, frozenset[PersonalChannelName]]:
    return {
        EventGroup.INTRODUCTIONS: frozenset({Channel.EMAIL, Channel.PUSH}),
        EventGroup.REMINDERS: frozenset({Channel.PUSH}),
        EventGroup.ACCOUNT: frozenset({Channel.EMAIL, Channel.PUSH}),
    }


class InsecureSettings(Misconfigured):
    """Settings that production must not start with."""

    code = "insecure_settings"
    headline = N_("Production must not start like this.")


class Environment(StrEnum):
    """Where this runs; production refuses weak or missing keys."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class AdvisorKind(StrEnum):
    """Which language model advises on pairs."""

    NONE = "none"
    GEMINI = "gemini"
    RECORDED = "recorded"


class Settings(BaseSettings):
    """How one ygs runs: each field below is the environment variable ``YGS_`` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="YGS_", env_file=".env", env_file_encoding="utf-8-sig", frozen=True, extra="ignore"
    )

    environment: Environment = Environment.DEVELOPMENT
    """`development` or `production`. Production refuses to start with settings that are not fit for it."""
    database_url: SecretStr = SecretStr("sqlite:///ygs.db")
    """Where everything is stored: `memory:`, `sqlite:///file.db` or `postgresql://user:password@host/name`."""
    replica_url: SecretStr | None = None
    """A PostgreSQL read replica, asked by reads that may be some moments behind. None: the database itself."""
    database_schema: Annotated[str, Field(pattern=_SCHEMA), AfterValidator(_not_of_postgres)] = ""
    """The PostgreSQL schema that holds the tables, such as `ygs`, where other applications share the database; `ygs db
    upgrade` makes it. None: the first schema of the server's search path, which is `public` unless it was changed."""
    writer_connections: int = Field(default=10, ge=1, le=200)
    """How many connections of one process write at most (1 to 200). SQLite always has one."""
    reader_connections: int = Field(default=10, ge=1, le=200)
    """How many connections of one process read at most (1 to 200); with a replica, as many again at the database."""
    hot_read_connections: int = Field(default=10, ge=1, le=200)
    """How many further connections of one process answer the short questions that most requests begin with (1 to 200).
    """
    time_zone: ZoneInfo = ZoneInfo("Asia/Seoul")
    """The service's time zone: ISO weeks and answer deadlines fall in it."""
    language: Language = Language.KO
    """`ko` or `en`: the language of the command line, of sheets, and of HTTP replies without Accept-Language."""
    sealing_keys: dict[int, SecretStr] = Field(default_factory=dict)
    """Keys that encrypt fields, 32 bytes in hex by version: the highest version encrypts, all decrypt. To change it,
    add one, restart, and run `ygs keys rotate`; take the old one out once that finds nothing and no backup needs it."""
    index_key: SecretStr | None = None
    """32 bytes in hex: the key of the keyed hashes by which phone numbers are found without being read. It must never
    change."""
    token_keys: dict[str, SecretStr] = Field(default_factory=dict)
    """Keys of access tokens, 32 bytes or more in hex by name: the last signs, all verify. To change it, add one at the
    end, restart, and take the old one out ten minutes later."""
    secrets_key: SecretStr | None = None
    """32 bytes in hex: the key of the keyed hashes of client addresses and one-time codes, and of signed URLs."""
    token_issuer: str = "ygs"  # noqa: S105
    """The `iss` of access tokens."""
    token_audience: str = "ygs"  # noqa: S105
    """The `aud` of access tokens."""
    firebase_project: str = ""
    """The Firebase project whose ID tokens sign people in. None: Firebase sign-in is off."""
    firebase_credentials: Path | None = None
    """The service account's JSON file, for asking Firebase whether a token was revoked."""
    firebase_emulator: bool = False
    """Accept unsigned tokens of Firebase's emulator at 127.0.0.1:9099, or at the address in the environment variable
    `FIREBASE_AUTH_EMULATOR_HOST`. Refused in production."""
    consent_versions: dict[Purpose, Annotated[str, Field(min_length=1, max_length=20)]] = Field(default_factory=dict)
    """The version of each consent's text that front ends show now, which they read at `GET /auth/options`, such as
    `{"terms": "2026-12", "privacy": "2026-12"}`. Purposes: terms, privacy, sensitive, llm, marketing."""
    kakao_client_id: str = ""
    """The Kakao app's REST API key. None: Kakao sign-in is off."""
    kakao_client_secret: SecretStr = SecretStr("")
    """The Kakao app's client secret, if it has one."""
    kakao_redirect_uri: str = ""
    """Where Kakao sends the browser back to, as registered with the app."""
    kakao_base_url: str = ""
    """The address of a server that plays Kakao, such as `http://127.0.0.1:9200`. None: Kakao. Refused in production."""
    messenger_url: str = ""
    """The webhook that sends one-time codes to phones, and to e-mail addresses where no mail server is set. None: codes
    go to the log, in development readable; production refuses to start."""
    messenger_key: SecretStr = SecretStr("")
    """32 bytes or more in hex: the key that signs requests to that webhook."""
    insecure_webhooks: bool = False
    """Let webhooks go to `http:` addresses and to private ones such as 127.0.0.1. Refused in production."""
    alimtalk_templates: dict[EventType, dict[Language, str]] = Field(default_factory=dict)
    """Kakao's approved Alimtalk templates by event and language, such as `{"introduction.proposed": {"ko": "AT_001"}}`:
    the messenger's webhook gets the template's code with the text. Other events go as an SMS."""
    smtp_host: str = ""
    """The mail server that sends e-mails: one-time codes for e-mail addresses, and messages about events. None: those
    codes go to the messenger's webhook, and messages about events to the log in development, nowhere in production."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    """Its port: 587 for STARTTLS, 465 for TLS."""
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    """`starttls`, `tls` or `none`; production takes `none` for this machine only."""
    smtp_user: str = ""
    """The user who signs in to the mail server. None: nobody does."""
    smtp_password: SecretStr = SecretStr("")
    """That user's password."""
    smtp_from: str = ""
    """Whom e-mails are from, such as `Service <no-reply@example.kr>`."""
    notice_channels: dict[EventGroup, frozenset[PersonalChannelName]] = Field(default_factory=_channels_by_default)
    """Which events go by which channels to people who chose none, such as `{"introductions": ["push", "text"]}`.
    Groups: introductions, reminders, account, work (of staff); channels: email, text, push. A group that is left out
    goes to the list of notices only, as all do."""
    notice_link: str = ""
    """Where messages about events lead, such as `https://www.example.kr/notices`. None: they hold no link."""
    lease_seconds: int = Field(default=60, ge=5, le=600)
    """How long a worker that gives no sign of life keeps its job and its match week, in seconds (5 to 600)."""
    contact_hours_before_meeting: Annotated[int, Field(ge=0, le=336)] | None = None
    """How many hours before their fixed meeting two members may read each other's phone (0 to 336). None: as soon as
    both accepted the introduction."""
    consultation_hours_before: Annotated[int, Field(ge=0, le=336)] = 24
    """Until how many hours before it a member may move or cancel a consultation (0 to 336). Staff always may."""
    holiday_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "KR"
    """The country whose public holidays are proposed as closed days, such as `KR`."""
    data_folder: Path = Path("ygs-data")
    """The folder that holds photos and documents when no S3 buckets are set."""
    read_limits: dict[ReadKind, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(default_factory=dict)
    """How many people one account of staff may be shown in a day, such as `{"full": 100}`: `full` (by name, 200),
    `masked` (rows of lists, 3000), `queue` (who waits for review, 300), `consultation` (100), `proposal` (a week's
    plan, 3000). Kinds that are left out keep the size in brackets."""
    canary_phones: tuple[Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")], ...] = ()
    """Phones of your own that nobody has, such as `["+821012345678"]`, one for each account that exports: every sheet
    of members holds a made-up one with the account's phone, which names the account when the sheet turns up. None:
    sheets hold no canary. See docs/how-to/exports.md."""
    read_warn_percent: int = Field(default=80, ge=1, le=100)
    """From which share of such a size on administrators are warned, in percent (1 to 100)."""
    read_alarm_people: int = Field(default=60, ge=1, le=1_000_000)
    """More people than this within ten minutes, masked rows apart, are unusual: administrators are told."""
    read_night_from: int = Field(default=22, ge=0, le=23)
    """The hour at which the night begins, by the service's time zone: reading at night is unusual (0 to 23)."""
    read_night_until: int = Field(default=6, ge=0, le=23)
    """The hour at which the night ends (0 to 23); the hour at which it begins for no night."""
    own_members_only: bool = False
    """Whether consultants see only the members who are assigned to them: others are not found, as strangers are."""
    retention_days: int = Field(default=30, ge=0, le=3650)
    """How many days the data of people who left is kept until `ygs purge` erases it; at most 30 in production."""
    root_path: Annotated[str, Field(pattern=_ROOT_PATH)] = ""
    """The path at which a proxy publishes the service, such as `/match`, whether it takes that path off or not."""
    public_url: str = ""
    """The API's own address, such as `https://api.example.kr`: it begins the signed URLs of files in `data_folder`."""
    front_end_origins: tuple[Annotated[str, Field(pattern=_ORIGIN)], ...] = ()
    """Origins whose pages browsers may let call this API (CORS), such as `["https://www.example.kr"]`: scheme, host and
    port, no path and no wildcard."""
    trusted_proxies: tuple[Annotated[IPvAnyNetwork, AfterValidator(_not_everybody)], ...] = _THIS_MACHINE
    """Addresses or networks of the proxies in front of `ygs serve`: only their X-Forwarded-For is believed. Behind a
    proxy that is missing here, all clients count as one address and share its rate limits."""
    metrics_token: SecretStr = SecretStr("")
    """32 bytes or more in hex: the bearer token that opens `/metrics`. None: open in development, 404 in production."""
    s3_photos_bucket: str = ""
    """The S3 bucket of approved photos. None: files are kept in `data_folder`."""
    s3_documents_bucket: str = ""
    """The S3 bucket of uploads and documents, another one than that of photos."""
    s3_region: str = "ap-northeast-2"
    """The region of both buckets."""
    s3_endpoint: str = ""
    """The address of another S3-compatible service. None: AWS."""
    s3_access_key: SecretStr = SecretStr("")
    """The access key of S3. None: what AWS's own library finds, such as an instance role."""
    s3_secret_key: SecretStr = SecretStr("")
    """The secret of that access key."""

    advisor: AdvisorKind = AdvisorKind.NONE
    """The language model that advises on pairs: `none`, `gemini`, or `recorded` answers. See docs/how-to/advice.md."""
    advisor_key: SecretStr = SecretStr("")
    """The API key of Gemini."""
    advisor_model: Annotated[str, Field(max_length=100)] = ""
    """The model's name, as Gemini lists it."""
    advisor_url: str = ""
    """The address of another server that speaks Gemini's API. None: Google's."""
    advisor_recording: Path | None = None
    """The file of recorded answers."""
    advisor_consent_versions: frozenset[str] = frozenset()
    """The versions of the consent for `llm` whose text names this recipient, country, items and retention, such as
    `["2026-12"]`. Only members who consented to one of them are in a prompt; without any nobody is."""
    advisor_recipient: str = ""
    """Who receives the data, as the text of that consent says: `Google LLC`."""
    advisor_country: str = ""
    """The country in which they are received, as that text says: `US`."""
    advisor_items: frozenset[PromptItem] = TOLD_BY_MEMBERS
    """What is sent, as that text says: `facts`, `introduction`, `ideal_partner`, and `note`, staff's note of a
    consultation, which `facts` of `YGS_ADVISOR_DRAFTS` needs."""
    advisor_share: int = Field(default=500, ge=0, le=MOST_SHARE)
    """The most by which advice moves the weight of a pair, in basis points (0 to 2000)."""
    advisor_candidates: int = Field(default=5, ge=1, le=20)
    """Of each person the best so many pairs are asked about (1 to 20)."""
    advisor_pairs_per_call: int = Field(default=8, ge=1, le=20)
    """How many pairs one call asks about (1 to 20)."""
    advisor_calls_at_once: int = Field(default=4, ge=1, le=32)
    """How many calls run at the same time (1 to 32)."""
    advisor_call_seconds: float = Field(default=20, gt=0, le=120)
    """How long one call may take, with its retries."""
    advisor_most_calls: int = Field(default=2_000, ge=0)
    """The most calls for one round."""
    advisor_most_tokens: int = Field(default=5_000_000, ge=0)
    """The most tokens for one round, read and written."""
    advisor_most_seconds: int = Field(default=1_200, ge=1, le=86_400)
    """How long asking for one round may take; what is not answered by then leaves its pairs as they are."""
    advisor_most_cost: Decimal = Field(default=Decimal(10), ge=0)
    """The most money for one round, in `advisor_currency`, by the two prices."""
    advisor_drafts: frozenset[DraftKind] = frozenset()
    """What the model writes for staff: `summary` of a member, `messages` to the two of an introduction, `columns` of a
    sheet to import, `facts` in the note of a consultation. None: nothing."""
    advisor_draft_calls: int = Field(default=200, ge=0)
    """The most calls for drafts on one day."""
    advisor_draft_cost: Decimal = Field(default=Decimal(1), ge=0)
    """The most money for drafts on one day."""
    advisor_input_price: Decimal = Field(default=Decimal(0), ge=0)
    """The price of a million tokens that the model reads."""
    advisor_output_price: Decimal = Field(default=Decimal(0), ge=0)
    """The price of a million tokens that the model writes, its thinking included."""
    advisor_currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    """The currency of these prices."""

    @property
    def in_production(self) -> bool:
        """Whether this is the real service."""
        return self.environment is Environment.PRODUCTION

    @property
    def database_scheme(self) -> str:
        """What the database URL begins with, without a driver: `postgresql` of `postgresql+asyncpg://…`."""
        beginning, colon, _ = self.database_url.get_secret_value().partition(":")
        return beginning.partition("+")[0].lower() if colon else ""

    def require_known_database(self) -> None:
        """`Misconfigured` unless the database URL begins as one of ours, or as that of an installed package."""
        if self.database_schema and self.database_scheme in _WITHOUT_SCHEMAS:
            raise Misconfigured(N_("YGS_DATABASE_SCHEMA: only PostgreSQL has schemas: leave it out, or change the URL"))
        if self.database_scheme in _SHIPPED_SCHEMES:
            return  # Entry points are in the metadata of every installed package, which takes long to read.
        brought = sorted(entry_points(group=STORAGE_PROVIDERS).names)
        if self.database_scheme in brought:
            return
        # Never what was given: a password may stand in it.
        known = ", ".join(f"{scheme}:" for scheme in (*_SHIPPED_SCHEMES[:3], *brought))
        raise Misconfigured(N_("YGS_DATABASE_URL must begin with one of these: {known}"), known=known)

    @property
    def sealing(self) -> tuple[dict[int, bytes], int, bytes]:
        """The keys that seal fields, by version, the current version, and the key of the blind index.

        Without any, development has fixed ones that everybody can read here; `InsecureSettings` in production.
        """
        if not self.sealing_keys or self.index_key is None:
            key = self._development_key("YGS_SEALING_KEYS and YGS_INDEX_KEY")
            return {1: key}, 1, key
        keys = {version: _raw("YGS_SEALING_KEYS", key) for version, key in self.sealing_keys.items()}
        return keys, max(keys), _raw("YGS_INDEX_KEY", self.index_key)

    @property
    def token_signing(self) -> dict[str, bytes]:
        """The keys of access tokens by name, the signing one last; as `sealing` without any."""
        if not self.token_keys:
            return {"development": self._development_key("YGS_TOKEN_KEYS")}
        return {name: _raw("YGS_TOKEN_KEYS", key) for name, key in self.token_keys.items()}

    @property
    def blinding(self) -> bytes:
        """The key that blinds addresses and codes; as `sealing` without one."""
        if self.secrets_key is None:
            return self._development_key("YGS_SECRETS_KEY")
        return _raw("YGS_SECRETS_KEY", self.secrets_key)

    @property
    def reading(self) -> ReadLimits:
        """The sizes of the read budgets, and which reading is unusual."""
        return ReadLimits(
            people={**DEFAULT_LIMITS, **self.read_limits},
            warn_percent=self.read_warn_percent,
            fast=self.read_alarm_people,
            night=(time(self.read_night_from), time(self.read_night_until)),
        )

    @property
    def file_signing(self) -> bytes:
        """The key of our own addresses of files, made from `blinding`."""
        return hmac.digest(self.blinding, b"addresses of files", "sha256")

    @property
    def buckets(self) -> tuple[str, str] | None:
        """The buckets of photos and of documents; None without S3, `InsecureSettings` unless there are two."""
        photos = self.s3_photos_bucket
        documents = self.s3_documents_bucket
        if not photos and not documents:
            return None
        if not photos or not documents or photos == documents:
            raise InsecureSettings(N_("set YGS_S3_PHOTOS_BUCKET and YGS_S3_DOCUMENTS_BUCKET to two different buckets"))
        return photos, documents

    def problems(self, *, sends: bool = True) -> list["InsecureSettings"]:
        """Why production must not run like this, each with what to set; nothing when it may. Says no key.

        `sends`: whether the messenger that these settings name has to send codes.
        """
        groups = [
            _name_problems(),
            self._key_problems(),
            self._place_problems(),
            self._identity_problems(),
            self._webhook_problems(),
            self._channel_problems(),
            self._advisor_problems(),
            self._halves(),
        ]
        if sends:
            groups.append(self._messenger_problems())
        return [problem for group in groups for problem in group]

    def _key_problems(self) -> Iterator[InsecureSettings]:
        given = self._keys()
        for name in ("YGS_SEALING_KEYS", "YGS_INDEX_KEY", "YGS_TOKEN_KEYS", "YGS_SECRETS_KEY"):
            if not given[name]:
                yield InsecureSettings(N_("{name} is missing: make one with `openssl rand -hex 32`"), name=name)
        for name, keys in given.items():
            for key in keys:
                if weakness := _weakness(key):
                    yield InsecureSettings(weakness.template, about=name, **weakness.fields)
        every = [key.lower() for keys in given.values() for key in keys]
        if len(set(every)) < len(every):
            yield InsecureSettings(
                N_(
                    "one key serves two purposes, and whoever learns it both: make one with `openssl rand -hex 32` "
                    "for each"
                )
            )
        if any(not 0 < version < 1 << 16 for version in self.sealing_keys):
            yield InsecureSettings(N_("YGS_SEALING_KEYS: versions are numbered 1..65535"))

    def _keys(self) -> dict[str, list[str]]:
        """Every key that is ours to make, by its setting."""
        given: dict[str, list[SecretStr | None]] = {
            "YGS_SEALING_KEYS": [*self.sealing_keys.values()],
            "YGS_INDEX_KEY": [self.index_key],
            "YGS_TOKEN_KEYS": [*self.token_keys.values()],
            "YGS_SECRETS_KEY": [self.secrets_key],
            "YGS_MESSENGER_KEY": [self.messenger_key],
            "YGS_METRICS_TOKEN": [self.metrics_token],
        }
        return {name: [key.get_secret_value() for key in keys if key] for name, keys in given.items()}

    def _place_problems(self) -> Iterator[InsecureSettings]:
        url = self.database_url.get_secret_value()
        replica = self.replica_url
        if "database_url" not in self.model_fields_set:
            yield InsecureSettings(N_("YGS_DATABASE_URL is missing: say where everything is stored"))
        if url.startswith("memory:"):
            yield InsecureSettings(N_("YGS_DATABASE_URL is memory: everything would be gone at the next start"))
        try:
            self.require_known_database()
        except Misconfigured as error:
            yield InsecureSettings(error.template, about=error.about, **error.fields)
        if replica and not (url.startswith(_POSTGRES) and replica.get_secret_value().startswith(_POSTGRES)):
            yield InsecureSettings(
                N_("YGS_REPLICA_URL: only PostgreSQL has replicas, and both URLs must begin with postgresql:")
            )
        if self.retention_days > _LONGEST_RETENTION:
            yield InsecureSettings(
                N_("YGS_RETENTION_DAYS is more than {longest_retention}: people who left must be gone by then"),
                longest_retention=_LONGEST_RETENTION,
            )
        try:
            _ = self.buckets
        except InsecureSettings as error:
            yield error

    def _identity_problems(self) -> Iterator[InsecureSettings]:
        if self.firebase_emulator:
            yield InsecureSettings(N_("YGS_FIREBASE_EMULATOR is on: it accepts tokens that anybody can write"))
        if self.kakao_base_url:
            yield InsecureSettings(N_("YGS_KAKAO_BASE_URL is set: whoever answers there can sign in as anybody"))
        if os.environ.get("FIREBASE_AUTH_EMULATOR_HOST"):
            yield InsecureSettings(
                N_("FIREBASE_AUTH_EMULATOR_HOST is set: Firebase's library would accept tokens that anybody can write")
            )
        addresses = {
            "YGS_ADVISOR_URL": self.advisor_url,
            "YGS_KAKAO_REDIRECT_URI": self.kakao_redirect_uri,
            "YGS_MESSENGER_URL": self.messenger_url,
            "YGS_NOTICE_LINK": self.notice_link,
            "YGS_PUBLIC_URL": self.public_url,
            "YGS_S3_ENDPOINT": self.s3_endpoint,
        }
        origins = [("YGS_FRONT_END_ORIGINS", origin) for origin in self.front_end_origins]
        for name, url in [*addresses.items(), *origins]:
            if url and not url.startswith("https://"):
                yield InsecureSettings(N_("{name} must begin with https://"), name=name)
        if self.public_url.endswith("/"):
            yield InsecureSettings(N_("YGS_PUBLIC_URL must not end with a slash: addresses of files begin with it"))
        if self.firebase_credentials and not self.firebase_credentials.is_file():
            yield InsecureSettings(N_("YGS_FIREBASE_CREDENTIALS names no file that is there"))

    def _webhook_problems(self) -> Iterator[InsecureSettings]:
        if self.insecure_webhooks:
            yield InsecureSettings(
                N_("YGS_INSECURE_WEBHOOKS is on: whoever sets up webhooks could reach the machines of this network")
            )

    def _advisor_problems(self) -> Iterator[InsecureSettings]:
        if self.advisor is AdvisorKind.NONE:
            return
        needed = ["advisor_model", "advisor_consent_versions", "advisor_recipient", "advisor_country"]
        needed.append("advisor_key" if self.advisor is AdvisorKind.GEMINI else "advisor_recording")
        for name in needed:
            if name not in self.model_fields_set:
                yield InsecureSettings(
                    N_("YGS_ADVISOR is set, and {name}, which it needs, is not"), name=f"YGS_{name.upper()}"
                )

    def _messenger_problems(self) -> Iterator[InsecureSettings]:
        if not self.messenger_url and not self.messenger_key.get_secret_value():
            yield InsecureSettings(
                N_("YGS_MESSENGER_URL is missing: no codes would be sent, and nobody could sign up or reset a password")
            )

    @property
    def code_channels(self) -> tuple[str, str]:
        """Which settings send one-time codes to phones, and to e-mail addresses; empty where they go to the log."""
        texts = "YGS_MESSENGER_URL" if self.messenger_url else ""
        return texts, "YGS_SMTP_HOST" if self.smtp_host else texts

    def _channel_problems(self) -> Iterator[InsecureSettings]:
        if self.smtp_host and self.smtp_security is SmtpSecurity.NONE and self.smtp_host not in _LOCAL_HOSTS:
            yield InsecureSettings(
                N_("YGS_SMTP_SECURITY is none: e-mails would cross the network readable; set it to starttls or tls")
            )
        if self.smtp_host and self.smtp_from:
            try:
                _ = self.mail_sender
            except InsecureSettings as error:
                yield error
        missing = {
            Channel.EMAIL: "" if self.smtp_host else "YGS_SMTP_HOST",
            Channel.TEXT: "" if self.messenger_url else "YGS_MESSENGER_URL",
            Channel.PUSH: "" if self.firebase_project else "YGS_FIREBASE_PROJECT",
        }
        named = {channel for channels in self.notice_channels.values() for channel in channels}
        # The default names channels that a service may do without.
        for channel in sorted(named if "notice_channels" in self.model_fields_set else ()):
            if missing[channel]:
                yield InsecureSettings(
                    N_("YGS_NOTICE_CHANNELS names {channel}, and {missing}, without which it does nothing, is not set"),
                    channel=channel.value,
                    missing=missing[channel],
                )

    @property
    def mail_sender(self) -> str:
        """Whom e-mails are from; `InsecureSettings` unless that holds an address."""
        name, address = parseaddr(self.smtp_from)
        local, at, host = address.rpartition("@")
        if not (local and at and host):
            raise InsecureSettings(
                N_("YGS_SMTP_FROM holds no e-mail address: write it like Service <no-reply@example.kr>")
            )
        return f"{name} <{address}>"

    def _halves(self) -> Iterator[InsecureSettings]:
        """What is set without what belongs to it: it would do nothing, or fail when it is first used."""
        for name, needed in _NEEDS:
            if getattr(self, name) and not getattr(self, needed):
                yield InsecureSettings(
                    N_("YGS_{upper} is set, and YGS_{upper_2}, without which it does nothing, is not"),
                    upper=name.upper(),
                    upper_2=needed.upper(),
                )

    def require_fit(self, *, sends: bool = True) -> None:
        """`InsecureSettings` in production with any problem; development runs anyway; `sends`: see `problems`."""
        if self.in_production and (problems := self.problems(sends=sends)):
            raise InsecureSettings(N_("{problems}"), problems=Listed(problems))

    def _development_key(self, missing: str) -> bytes:
        if self.in_production:
            raise InsecureSettings(N_("set {missing}: make each key with `openssl rand -hex 32`"), missing=missing)
        return DEVELOPMENT_KEY


# However the rest is spelled: postgres: and postgresql+asyncpg: mean the same here.
_POSTGRES = "postgres"
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_NEEDS = (
    ("firebase_credentials", "firebase_project"),
    ("kakao_client_secret", "kakao_client_id"),
    ("kakao_redirect_uri", "kakao_client_id"),
    ("kakao_client_id", "kakao_redirect_uri"),
    ("messenger_url", "messenger_key"),
    ("messenger_key", "messenger_url"),
    ("smtp_user", "smtp_password"),
    ("smtp_password", "smtp_user"),
    ("smtp_user", "smtp_host"),
    ("smtp_host", "smtp_from"),
    ("smtp_from", "smtp_host"),
    ("alimtalk_templates", "messenger_url"),
    ("s3_endpoint", "s3_photos_bucket"),
    ("s3_access_key", "s3_photos_bucket"),
    ("s3_access_key", "s3_secret_key"),
    ("s3_secret_key", "s3_access_key"),
)
# What members are promised, and guarantee: see the retention classes of the tables.
_LONGEST_RETENTION = 30
_KEY_BYTES = 32
# How alike two names are that one is taken for the other's misspelling, from 0 to 1.
_ALIKE = 0.85
# 32 random bytes hold 30 different ones on average, and fewer than 20 once in many millions of keys.
_LEAST_VARIETY = 20


def _name_problems() -> Iterator[InsecureSettings]:
    """Variables that are meant for a setting and name none. Of the environment only those like a setting's name: others
    put variables there too, such as Kubernetes for a service that is called ygs."""
    known = [f"YGS_{name.upper()}" for name in Settings.model_fields]
    in_file = {name.upper() for name in dotenv_values(ENV_FILE, encoding=ENV_FILE_ENCODING)}
    for name in sorted((in_file | os.environ.keys()) - set(known)):
        if not name.startswith("YGS_"):
            continue
        if meant := get_close_matches(name, known, n=1, cutoff=_ALIKE):
            yield InsecureSettings(N_("{name} is no setting; is {meant} meant?"), name=name, meant=meant[0])
        elif name in in_file:
            yield InsecureSettings(N_("{name} in .env is no setting: take it out"), name=name)


def _raw(name: str, key: SecretStr) -> bytes:
    """The key itself; `InsecureSettings` for what is none, in development too."""
    try:
        raw = bytes.fromhex(key.get_secret_value())
    except ValueError:
        raw = b""
    if len(raw) < _KEY_BYTES:
        raise InsecureSettings(
            N_("{name}: a key is no {size} bytes in hexadecimal: make one with `openssl rand -hex 32`"),
            name=name,
            size=_KEY_BYTES,
        )
    return raw


def _weakness(key: str) -> InsecureSettings | None:
    """What is wrong with a key in hex; None for nothing."""
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        return InsecureSettings(N_("a key is not hexadecimal: make one with `openssl rand -hex 32`"))
    if len(raw) < _KEY_BYTES:
        return InsecureSettings(
            N_("a key is shorter than {key_bytes} bytes: make one with `openssl rand -hex 32`"), key_bytes=_KEY_BYTES
        )
    if raw == DEVELOPMENT_KEY:
        return InsecureSettings(
            N_("this is the key of development, which everybody knows: make one with `openssl rand -hex 32`")
        )
    if len(set(raw)) < _LEAST_VARIETY:
        return InsecureSettings(N_("a key repeats itself and could be guessed: make one with `openssl rand -hex 32`"))
    return None
