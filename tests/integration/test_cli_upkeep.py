"""``ygs purge`` and ``ygs keys rotate`` on a file, as an operator runs them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ygs.bootstrap import build, upgrade_database
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_user

OLD, NEW, INDEX = (sha256(name).hexdigest() for name in (b"old", b"new", b"index"))


@pytest.fixture(autouse=True)
def club(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with somebody who left long ago and somebody who stays."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{tmp_path / 'club.db'}")
    monkeypatch.setenv("YGS_SEALING_KEYS", json.dumps({"1": OLD}))
    monkeypatch.setenv("YGS_INDEX_KEY", INDEX)
    asyncio.run(_two_people())


async def _two_people() -> None:
    await upgrade_database()
    async with build() as application:
        async with application.storage.write() as tx:
            await tx.users.add_all([a_user(1), a_user(2)])
        async with application.storage.write() as tx:
            left = datetime.now(UTC) - timedelta(days=31)
            await tx.users.save((await tx.users.get(a_user(1).id)).withdraw(at=left))


def test_a_purge_says_what_went_and_a_second_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_RETENTION_DAYS", "32")
    assert json.loads(CliRunner().invoke(app, ["purge", "--json"]).stdout)["people"] == 0
    monkeypatch.setenv("YGS_RETENTION_DAYS", "30")
    said = CliRunner().invoke(app, ["purge"])
    assert (said.exit_code, "1 people" in said.output) == (0, True), said.output
    assert json.loads(CliRunner().invoke(app, ["purge", "--json"]).stdout)["people"] == 0


def test_after_a_rotation_the_old_key_is_needed_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_SEALING_KEYS", json.dumps({"1": OLD, "2": NEW}))
    said = CliRunner().invoke(app, ["keys", "rotate"])
    assert (said.exit_code, "4 values" in said.output) == (0, True), said.output
    assert "0 values" in CliRunner().invoke(app, ["keys", "rotate"]).output
    monkeypatch.setenv("YGS_SEALING_KEYS", json.dumps({"2": NEW}))
    assert asyncio.run(_phone()) == a_user(2).phone


async def _phone() -> str | None:
    async with build() as application, application.storage.read() as reading:
        return (await reading.users.get(a_user(2).id)).phone
