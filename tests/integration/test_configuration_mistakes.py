"""A wrong setting ends with exit code 2 and says what to do: never "try again", never a traceback, never the value."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.postgres import LocalPostgres
from ygs.entrypoints.cli.app import app

SECRET = "5eC7e7"

# Environment variables -> what the message has to name.
MISTAKES: dict[str, tuple[dict[str, str], str]] = {
    "another kind of database": ({"YGS_DATABASE_URL": f"mysql://u:{SECRET}@host/x"}, "sqlite:, postgresql:"),
    "no scheme": ({"YGS_DATABASE_URL": SECRET}, "sqlite:, postgresql:"),
    "empty": ({"YGS_DATABASE_URL": ""}, "sqlite:, postgresql:"),
    "a port that is no number": ({"YGS_DATABASE_URL": f"postgresql://u:{SECRET}@h:{SECRET}/x"}, "%40"),
    "a missing file": ({"YGS_DATABASE_URL": "sqlite:///missing.db"}, "ygs db upgrade"),
    "a missing folder": ({"YGS_DATABASE_URL": "sqlite:///nowhere/missing.db"}, "missing.db"),
    "SQLite in memory": ({"YGS_DATABASE_URL": "sqlite:///:memory:"}, "memory:"),
    "a file that is none": ({"YGS_DATABASE_URL": "sqlite:///text.db"}, "not a SQLite database"),
    "a file without tables": ({"YGS_DATABASE_URL": "sqlite:///empty.db"}, "ygs db upgrade"),
    "a time zone": ({"YGS_TIME_ZONE": "Nowhere"}, "YGS_TIME_ZONE"),
    "a language": ({"YGS_LANGUAGE": "fr"}, "YGS_LANGUAGE"),
    "JSON": ({"YGS_SEALING_KEYS": SECRET}, "YGS_SEALING_KEYS"),
    "a number out of range": ({"YGS_LEASE_SECONDS": "0"}, "YGS_LEASE_SECONDS"),
    "a proxy": ({"YGS_TRUSTED_PROXIES": '["0.0.0.0/0"]'}, "YGS_TRUSTED_PROXIES"),
    "a channel": ({"YGS_NOTICE_CHANNELS": '{"introductions": ["webhook"]}'}, "YGS_NOTICE_CHANNELS"),
    "a group of events": ({"YGS_NOTICE_CHANNELS": '{"weather": ["email"]}'}, "YGS_NOTICE_CHANNELS"),
    "an event": ({"YGS_ALIMTALK_TEMPLATES": '{"it.rained": {"ko": "A"}}'}, "YGS_ALIMTALK_TEMPLATES"),
    "no sender": ({"YGS_SMTP_HOST": "localhost", "YGS_SMTP_FROM": SECRET}, "YGS_SMTP_FROM"),
    "half of S3": ({"YGS_S3_PHOTOS_BUCKET": "x"}, "YGS_S3_DOCUMENTS_BUCKET"),
    "a key": ({"YGS_SEALING_KEYS": f'{{"1": "{SECRET}"}}', "YGS_INDEX_KEY": SECRET}, "YGS_SEALING_KEYS"),
    "production": ({"YGS_ENVIRONMENT": "production"}, "YGS_SEALING_KEYS"),
}


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with a file that is no database and one without tables; messages in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YGS_LANGUAGE", "en")
    (tmp_path / "text.db").write_text("not a database " * 100, "utf-8")
    sqlite3.connect(tmp_path / "empty.db").close()
    return tmp_path


def refused(*command: str) -> str:
    """What a command says that ends with exit code 2."""
    said = CliRunner().invoke(app, command)
    assert said.exception is None or isinstance(said.exception, SystemExit), repr(said.exception)
    assert said.exit_code == 2, said.output
    assert SECRET not in said.output
    assert "try again" not in said.output.lower()
    return said.output


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_setting_is_named_with_what_to_do(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment, words = MISTAKES[mistake]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert words in refused("week", "list")


@pytest.mark.parametrize("mistake", ["another kind of database", "no scheme", "a missing folder", "a time zone"])
def test_an_upgrade_names_a_wrong_setting_too(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MISTAKES[mistake][0].items():
        monkeypatch.setenv(name, value)
    assert "nowhere" in (said := refused("db", "upgrade").lower()) or MISTAKES[mistake][1].lower() in said


@pytest.mark.parametrize("command", [("week", "list"), ("db", "upgrade")])
def test_a_database_of_a_newer_release_is_told_apart(
    command: tuple[str, ...], sqlite_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(sqlite_path) as database:
        (table,) = database.execute("SELECT name FROM sqlite_master WHERE name LIKE '%version'").fetchone()
        database.execute(f"UPDATE {table} SET version_num = '9999_later'")
    database.close()
    monkeypatch.setenv("YGS_DATABASE_URL", f"sqlite:///{sqlite_path}")
    assert "9999_later" in refused(*command)


@pytest.mark.parametrize("command", [("week", "list"), ("db", "upgrade")])
def test_postgresql_says_which_database_or_login_is_wrong(
    command: tuple[str, ...], postgres: LocalPostgres, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", postgres.url("nobody_made_this"))
    assert "no database of that name" in refused(*command)
    monkeypatch.setenv("YGS_DATABASE_URL", postgres_url.replace("postgres@", f"stranger:{SECRET}@"))
    assert "user" in refused(*command)


def test_a_server_that_does_not_answer_is_no_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YGS_DATABASE_URL", "postgresql://127.0.0.1:9/x")
    said = CliRunner().invoke(app, ["week", "list"])
    assert said.exit_code == 3, said.output


def test_the_command_says_which_extra_brings_it(tmp_path: Path) -> None:
    """Without typer, as after a plain `pip install ygs`."""
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError(name='typer')", "utf-8")
    code = "from ygs.entrypoints.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (2, "ygs: the command line is not installed: pip install 'ygs[cli]'\n")


@pytest.mark.long
def test_sqlite_needs_no_postgresql_driver(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
sys.modules["asyncpg"] = None
from pydantic import SecretStr
from ygs import Settings, build, upgrade_database
settings = Settings(database_url=SecretStr("sqlite:///{tmp_path / "new.db"}"))
async def main():
    await upgrade_database(settings)
    async with build(settings):
        pass
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", code], check=True)
