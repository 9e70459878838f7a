"""A backup brings everything back, whichever database it goes into, and a bad one brings nothing."""

import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.test_sql_erasure import dump, plant
from tests.support.databases import opened
from ygs.adapters.sql.backup import backup, restore
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.sql.tables import metadata
from ygs.adapters.sql.tables.users import users
from ygs.application.simulation.club import club
from ygs.domain.audit import Entry
from ygs.domain.errors import BadFile, Conflict, Misconfigured
from ygs.domain.events import member_submitted
from ygs.entrypoints.testing.builders import a_draft, a_user, a_week
from ygs.entrypoints.testing.clock import NOON

PEOPLE = 30


@pytest.fixture
async def full(storage: SqlStorage) -> SqlStorage:
    """Every table with a row at least, and some people who are whole."""
    one, other = a_draft(1), a_user(2)
    async with storage.write() as tx:
        members = [replace(each, phone=None) for each in club(PEOPLE, seed=1, at=NOON)]
        await tx.users.add_all([one, other, *members])
        await tx.weeks.add(a_week(1))
        await tx.audit.add(Entry(at=NOON, actor="operator", role="operator", action="week.created"))
    async with storage.transaction() as bare:
        await plant(bare, one, other)
        # A canary is no ciphertext, and phones are looked into before a backup is believed.
        await bare.run(users.update().where(users.c.id == one.id).values(phone=None, phone_index=None))
    return storage


@pytest.fixture(params=["sqlite_path", "postgres_url"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: bytes) -> AsyncIterator[SqlStorage]:
    """Another database at the schema's head."""
    if request.param == "postgres_url":
        where = request.getfixturevalue("postgres_url")
        if request.getfixturevalue("kind") == "postgres":
            pytest.skip("one private PostgreSQL database a test: the others show it")
    else:
        path = tmp_path / "restored.db"
        path.write_bytes(sqlite_template)
        where = f"sqlite:///{path}"
    storage = await opened(where)
    yield storage
    await storage.close()


async def test_what_is_restored_is_what_was_there(full: SqlStorage, empty: SqlStorage, tmp_path: Path) -> None:
    file, files, back = tmp_path / "week.ygs.zip", tmp_path / "files", tmp_path / "back"
    (files / "photos").mkdir(parents=True)
    (files / "photos" / "한 장.jpg").write_bytes(b"\xff\xd8 a face")
    before = await dump(full, set())
    written = await backup(full, file, at=NOON, files=files)
    assert file.stat().st_mode & 0o077 == 0
    restored = await restore(empty, file, files=back)
    assert restored == written
    assert restored.tables.keys() == metadata.tables.keys()
    after = await dump(empty, set())
    assert {name: sorted(map(repr, rows)) for name, rows in after.items()} == {
        name: sorted(map(repr, rows)) for name, rows in before.items()
    }
    assert (back / "photos" / "한 장.jpg").read_bytes() == b"\xff\xd8 a face"
    async with empty.write() as tx:
        members = sorted(each.id for each in club(PEOPLE, seed=1, at=NOON))
        assert [each.id for each in await tx.users.by_ids(members)] == members
        # New rows are numbered after those that came back.
        await tx.outbox.add([member_submitted(a_user(2), NOON)])


async def test_nothing_is_restored_over_rows_that_are_there(full: SqlStorage, tmp_path: Path) -> None:
    before = await dump(full, set())
    await backup(full, tmp_path / "b.zip", at=NOON)
    with pytest.raises(Conflict, match="restore into a new one"):
        await restore(full, tmp_path / "b.zip")
    assert await dump(full, set()) == before


WRONG = ("cut short", "a row lost", "a row changed", "another schema", "no zip", "a table lost")


def files_named(folder: Path, pattern: str) -> list[Path]:
    return list(folder.rglob(pattern))


async def test_a_damaged_or_foreign_backup_restores_nothing(
    full: SqlStorage, tmp_path: Path, sqlite_template: bytes, subtests: pytest.Subtests
) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    await backup(full, good, at=NOON)
    (tmp_path / "new.db").write_bytes(sqlite_template)
    new = await opened(f"sqlite:///{tmp_path / 'new.db'}")
    try:
        for wrong in WRONG:
            with subtests.test(wrong):
                _spoil(good, bad, wrong)
                with pytest.raises(BadFile):
                    await restore(new, bad)
                assert not any((await dump(new, set())).values())
    finally:
        await new.close()


def _spoil(good: Path, bad: Path, wrong: str) -> None:
    if wrong in {"cut short", "no zip"}:
        content = good.read_bytes()
        bad.write_bytes(content[: len(content) // 2] if wrong == "cut short" else b"not a zip")
        return
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "tables/users.jsonl":
                content = {
                    "a row lost": content[content.index(b"\n") + 1 :],
                    "a row changed": content.replace(b"usr_", b"usr-", 1),
                }.get(wrong, content)
            if name == "manifest.json" and wrong == "another schema":
                content = json.dumps({**json.loads(content), "schema": "0000"}).encode()
            if not (name == "tables/wishes.jsonl" and wrong == "a table lost"):
                new.writestr(name, content)


async def test_a_name_that_would_leave_the_folder_is_refused(
    full: SqlStorage, tmp_path: Path, sqlite_template: bytes
) -> None:
    file, files = tmp_path / "b.zip", tmp_path / "files"
    files.mkdir()
    (files / "a.jpg").write_bytes(b"x")
    await backup(full, file, at=NOON, files=files)
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            new.writestr("files/../../outside.jpg" if name.startswith("files/") else name, old.read(name))
    (tmp_path / "new.db").write_bytes(sqlite_template)
    storage = await opened(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(BadFile):
        await restore(storage, evil, files=tmp_path / "a" / "back")
    await storage.close()
    assert files_named(tmp_path, "outside.jpg") == []


async def test_a_backup_that_fails_leaves_the_one_before_as_it_was(
    full: SqlStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.zip"
    await backup(full, file, at=NOON)
    before = file.read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ygs.adapters.sql.backup.os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        await backup(full, file, at=NOON)
    assert file.read_bytes() == before
    assert files_named(tmp_path, "*.part") == []


async def test_a_backup_is_not_restored_under_other_keys(
    full: SqlStorage, tmp_path: Path, sqlite_template: bytes
) -> None:
    async with full.write() as tx:
        await tx.users.add(a_user(3))
    await backup(full, tmp_path / "b.zip", at=NOON)
    (tmp_path / "new.db").write_bytes(sqlite_template)
    new = await opened(f"sqlite:///{tmp_path / 'new.db'}", Keyring({9: b"k" * 32}, 9, b"i" * 32))
    with pytest.raises(Misconfigured):
        await restore(new, tmp_path / "b.zip")
    assert not any((await dump(new, set())).values())
    await new.close()
