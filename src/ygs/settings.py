"""Settings, read once from the environment (``YGS_…``) or given by an embedder; frozen from then on.

Everything has a default that works on a developer's machine; `ygs settings check` says what production still lacks.
"""

from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ygs.domain.errors import YgsError
from ygs.domain.matching.vocabulary import Language

# Published on purpose: it protects nothing, and lets development work without any configuration.
DEVELOPMENT_KEY = bytes(range(32))


class InsecureSettings(YgsError):
    """Settings that production must not start with."""

    code = "insecure_settings"
    ko = "운영 환경에서 쓸 수 없는 설정입니다."
    en = "Production must not start like this."


class Environment(StrEnum):
    """Where this runs; production refuses weak or missing keys."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """How one ygs runs.

    `database_url`: ``memory:``, ``sqlite:///file.db`` or ``postgresql://user@host/name``; `replica_url`: where to
    read from, when
    elsewhere. `time_zone`: the service's, in which ISO weeks and deadlines fall. `sealing_keys`: version -> 32 bytes
    in hex,
    the highest version seals, all open. `index_key`: 32 bytes in hex, finds phones without reading them; it never
    changes. `lease_seconds`: how long a worker holds a round without renewing it.
    """

    model_config = SettingsConfigDict(env_prefix="YGS_", env_file=".env", frozen=True, extra="ignore")

    environment: Environment = Environment.DEVELOPMENT
    database_url: SecretStr = SecretStr("sqlite:///ygs.db")
    replica_url: SecretStr | None = None
    time_zone: ZoneInfo = ZoneInfo("Asia/Seoul")
    language: Language = Language.EN
    sealing_keys: dict[int, SecretStr] = Field(default_factory=dict)
    index_key: SecretStr | None = None
    lease_seconds: int = Field(default=60, ge=5, le=600)
    data_folder: Path = Path("ygs-data")

    @property
    def in_production(self) -> bool:
        """Whether this is the real service."""
        return self.environment is Environment.PRODUCTION

    @property
    def sealing(self) -> tuple[dict[int, bytes], int, bytes]:
        """The keys that seal fields, by version, the current version, and the key of the blind index.

        Without any, development has fixed ones that everybody can read here; `InsecureSettings` in production.
        """
        if not self.sealing_keys or self.index_key is None:
            if self.in_production:
                raise InsecureSettings("set YGS_SEALING_KEYS and YGS_INDEX_KEY: see .env.example")
            return {1: DEVELOPMENT_KEY}, 1, DEVELOPMENT_KEY
        keys = {version: bytes.fromhex(key.get_secret_value()) for version, key in self.sealing_keys.items()}
        return keys, max(keys), bytes.fromhex(self.index_key.get_secret_value())
