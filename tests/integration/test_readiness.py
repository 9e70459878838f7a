"""`/health/ready` asks the database itself, and the service does not open over a schema that is not its own."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from tests.support.databases import migrated_postgres, opened
from tests.support.postgres import LocalPostgres
from ygs.bootstrap import build
from ygs.domain.errors import Unavailable
from ygs.entrypoints.http.app import create
from ygs.settings import Settings


def settings(url: str) -> Settings:
    """What a service over that database needs."""
    sealing, index, tokens, blinding = (
        SecretStr(hashlib.sha256(name).hexdigest()) for name in (b"sealing", b"index", b"tokens", b"blinding")
    )
    return Settings(
        database_url=SecretStr(url),
        sealing_keys={1: sealing},
        index_key=index,
        token_keys={"test": tokens},
        secrets_key=blinding,
    )


@asynccontextmanager
async def asked(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service over that database."""
    async with build(settings(url)) as ygs:
        transport = httpx.ASGITransport(create(ygs))
        async with httpx.AsyncClient(transport=transport, base_url="http://ygs.test") as client:
            yield client


def _lose(path: Path) -> None:
    path.unlink()


async def test_a_service_whose_file_is_gone_is_alive_and_not_ready(sqlite_path: str) -> None:
    async with asked(f"sqlite:///{sqlite_path}") as client:
        _lose(Path(sqlite_path))
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
    # Nor was an empty one made in its place.
    with pytest.raises(FileNotFoundError):
        _lose(Path(sqlite_path))


async def test_a_service_whose_server_stops_is_not_ready_any_more_and_says_so_soon() -> None:
    with LocalPostgres.start() as server:
        url = server.create_database("served", template=migrated_postgres(server))
        async with asked(url) as client:
            assert (await client.get("/health/ready")).json()["status"] == "ready"
            server.__exit__(None, None, None)
            began = monotonic()
            assert (await client.get("/health/ready")).status_code == 503
            assert monotonic() - began < 3
            assert (await client.get("/health/live")).status_code == 200


async def test_a_database_that_can_be_reached_and_not_asked_is_not_ready(database: str) -> None:
    async with asked(url_of(database)) as client:
        storage = await opened(database)
        async with storage.transaction() as tx:
            await tx.run(text("ALTER TABLE match_weeks RENAME TO lost"))
        await storage.close()
        assert (await client.get("/health/ready")).status_code == 503


def url_of(database: str) -> str:
    """The URL of a test's database, which is a URL of PostgreSQL or a path for SQLite."""
    return database if database.startswith("postgresql") else f"sqlite:///{database}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE ygs_version SET version_num = 'older'", "at schema older"),
        ("DELETE FROM ygs_version", "not of this ygs"),
    ],
)
async def test_no_service_opens_over_a_schema_that_is_not_its_own(database: str, change: str, told: str) -> None:
    async with asked(url_of(database)) as client:
        assert (await client.get("/health/ready")).status_code == 200
    storage = await opened(database)
    async with storage.transaction() as tx:
        await tx.run(text(change))
    await storage.close()
    with pytest.raises(Unavailable, match=told):
        async with build(settings(url_of(database))):
            pass
