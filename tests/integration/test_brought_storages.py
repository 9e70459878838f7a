"""A storage that another package brings is found by the scheme of its URLs, by `build` and by every command."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from ygs import Actor, CreateWeek, Settings, build, upgrade_database
from ygs.adapters.memory import MemoryStorage
from ygs.domain.errors import Misconfigured
from ygs.entrypoints.cli.app import app
from ygs.settings import STORAGE_PROVIDERS

BROUGHT = """
from ygs.adapters.memory import MemoryStorage

class Provider:
    async def open(self, settings):
        return MemoryStorage()

    async def upgrade(self, settings):
        return "brought"

class NotThere:
    pass

provider = Provider()
"""


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is installed, with a provider as an object, one as a class, and one that is missing."""
    (tmp_path / "brought_storage.py").write_text(BROUGHT, "utf-8")
    info = tmp_path / "brought-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n", "utf-8")
    points = ("dynamo = brought_storage:provider", "mysql = brought_storage:Provider", "lost = brought_storage:nothing")
    (info / "entry_points.txt").write_text("\n".join((f"[{STORAGE_PROVIDERS}]", *points)), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_LANGUAGE", "en")


@pytest.mark.parametrize("scheme", ["dynamo", "mysql", "mysql+driver"])
async def test_the_application_opens_it(scheme: str) -> None:
    settings = Settings(database_url=SecretStr(f"{scheme}://table"))
    assert await upgrade_database(settings) == "brought"
    async with build(settings) as ygs:
        assert isinstance(ygs.storage, MemoryStorage)
        await ygs.weeks.create(Actor.operator(), CreateWeek())


def test_commands_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", "mysql://table")
    said = CliRunner().invoke(app, ["db", "upgrade"])
    assert (said.exit_code, "brought" in said.output) == (0, True)
    assert CliRunner().invoke(app, ["week", "create"]).exit_code == 0


async def test_its_scheme_is_named_among_those_there_are() -> None:
    with pytest.raises(Misconfigured, match="memory:, sqlite:, postgresql:, dynamo:, lost:, mysql:"):
        await upgrade_database(Settings(database_url=SecretStr("oracle://x")))


async def test_one_that_cannot_be_loaded_is_named_with_its_package() -> None:
    with pytest.raises(Misconfigured, match="lost of the package brought"):
        await upgrade_database(Settings(database_url=SecretStr("lost://x")))
