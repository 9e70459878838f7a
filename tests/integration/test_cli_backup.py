"""The drill: what `ygs backup` wrote, `ygs restore` brings back whole, also into the other database."""

import asyncio
import json
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.integration.test_cli_maintenance import _a_photo
from ygs.application.actors import Actor
from ygs.bootstrap import build, upgrade_database
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_user


@pytest.fixture(autouse=True)
def club(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two members, one with a photo, in a database and a folder of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'old.db'}")
    monkeypatch.setenv("YGS_DATA_FOLDER", str(tmp_path / "old"))
    monkeypatch.setenv("YGS_SEALING_KEYS", json.dumps({"1": sha256(b"a key").hexdigest()}))
    monkeypatch.setenv("YGS_INDEX_KEY", sha256(b"an index").hexdigest())
    asyncio.run(_fill())


async def _fill() -> None:
    await upgrade_database()
    async with build() as application, application.storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2)])
    await _a_photo()


def ygs(*words: str) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_everything_is_there_again_after_a_restore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, into: str
) -> None:
    ygs("backup", "friday.zip")
    postgres = into == "postgresql"
    monkeypatch.setenv(
        "YGS_DATABASE_URL", request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path / 'new.db'}"
    )
    monkeypatch.setenv("YGS_DATA_FOLDER", str(tmp_path / "new"))
    if not postgres:
        ygs("db", "upgrade")
    ygs("restore", "friday.zip")
    ygs("check")
    assert asyncio.run(_looked_over()) == (2, a_user(2).id)
    old, new = (
        sorted(path.relative_to(tmp_path / each) for path in _files(tmp_path / each)) for each in ("old", "new")
    )
    assert old == new != []


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def _looked_over() -> tuple[int, str]:
    async with build() as application:
        assert application.accounts
        assert await application.accounts.audit_log.verify(Actor.operator()) == []
        async with application.storage.read() as reading:
            found = await reading.users.find_by_phone(a_user(2).phone or "")
            assert found
            return len(await reading.users.page()), found.id


def test_a_second_restore_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    ygs("backup", "friday.zip")
    again = CliRunner().invoke(app, ["restore", "friday.zip"])
    assert (again.exit_code, "ygs db upgrade" in again.output) == (1, True)


def test_memory_has_nothing_to_back_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", "memory:")
    refused = CliRunner().invoke(app, ["backup", "friday.zip"])
    assert refused.exit_code != 0
    assert "YGS_DATABASE_URL" in refused.output
