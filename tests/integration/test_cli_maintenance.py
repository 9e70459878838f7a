"""``ygs purge`` and ``ygs keys rotate`` on a file, as an operator runs them."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ygs.bootstrap import build, upgrade_database
from ygs.domain.files import JPEG
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.contracts.files import a_photo, an_album

YGS = str(Path(sys.executable).parent / "ygs")
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


@pytest.mark.long
def test_a_purge_that_is_killed_in_the_middle_goes_on_when_run_again(tmp_path: Path) -> None:
    asyncio.run(_more_who_left(3_000))
    process = subprocess.Popen([YGS, "purge"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (erased := _erased(tmp_path)):
        assert process.poll() is None, "it should take longer than that"
    process.kill()
    process.wait()
    assert len(erased) < 3_001
    said = CliRunner().invoke(app, ["purge", "--json"])
    assert said.exit_code == 0, said.output
    after = _erased(tmp_path)
    assert (len(after), len(set(after))) == (3_001, 3_001)


def _erased(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "club.db", timeout=30)) as file:
        return [row[0] for row in file.execute("SELECT subject FROM audit WHERE action = 'member.erased'")]


async def _more_who_left(count: int) -> None:
    async with build() as application, application.storage.write() as tx:
        left = datetime.now(UTC) - timedelta(days=40)
        people = [a_user(number) for number in range(10, 10 + count)]
        await tx.users.add_all(people)
        stored = [replace(user, version=1) for user in people]
        await tx.users.save_all([user.withdraw(at=left) for user in stored])


def test_a_purge_erases_people_while_the_store_of_files_is_away_and_their_files_once_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = asyncio.run(_a_photo())
    for name, value in {
        "PHOTOS_BUCKET": "photos",
        "DOCUMENTS_BUCKET": "documents",
        "ENDPOINT": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(f"YGS_S3_{name}", value)
    said = CliRunner().invoke(app, ["purge"], env={"YGS_S3_ACCESS_KEY": "key", "YGS_S3_SECRET_KEY": "secret"})
    assert (said.exit_code, "store of files" in said.output) == (3, True), said.output
    assert _erased(tmp_path) == [a_user(1).id]
    assert place.exists()
    for name in ("PHOTOS_BUCKET", "DOCUMENTS_BUCKET", "ENDPOINT"):
        monkeypatch.delenv(f"YGS_S3_{name}")
    assert json.loads(CliRunner().invoke(app, ["purge", "--json"]).stdout)["files"]["files"] == 2
    assert not place.exists()


async def _a_photo() -> Path:
    """Of the one who left; where its bytes lie."""
    async with build() as application:
        full, thumbnail = a_photo().object_keys
        for place in (full, thumbnail):
            await application.blob_store.put(place, b"jpeg", JPEG)
        async with application.storage.write() as tx:
            await tx.files.save_album(an_album(a_photo()))
        return application.settings.data_folder.resolve() / "files" / full.bucket / full.path


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


@pytest.mark.long
def test_a_key_that_was_taken_out_too_early_is_asked_for_by_every_command(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value, missing in (
        ("YGS_SEALING_KEYS", json.dumps({"2": NEW}), "key version 1"),
        ("YGS_INDEX_KEY", NEW, "YGS_INDEX_KEY"),
    ):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            for command in (["check"], ["keys", "rotate"], ["purge"], ["serve"]):
                said = CliRunner().invoke(app, command)
                assert (said.exit_code, missing in said.output) == (2, True), said.output
                assert not any(key in said.output for key in (OLD, NEW, INDEX))
    assert CliRunner().invoke(app, ["check"]).exit_code == 0
