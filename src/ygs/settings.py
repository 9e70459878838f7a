"""Settings, read once from the environment (``YGS_…``) or given by an embedder; frozen from then on.

Everything has a default that works on a developer's machine; `ygs settings check` says what production still lacks.
"""

from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ygs.domain.matching.vocabulary import Language


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
    the highest version seals, all open. `lease_seconds`: how long a worker holds a round without renewing it.
    """

    model_config = SettingsConfigDict(env_prefix="YGS_", env_file=".env", frozen=True, extra="ignore")

    environment: Environment = Environment.DEVELOPMENT
    database_url: SecretStr = SecretStr("sqlite:///ygs.db")
    replica_url: SecretStr | None = None
    time_zone: ZoneInfo = ZoneInfo("Asia/Seoul")
    language: Language = Language.KO
    sealing_keys: dict[int, SecretStr] = Field(default_factory=dict)
    lease_seconds: int = Field(default=60, ge=5, le=600)
    data_folder: Path = Path("ygs-data")

    @property
    def in_production(self) -> bool:
        """Whether this is the real service."""
        return self.environment is Environment.PRODUCTION
