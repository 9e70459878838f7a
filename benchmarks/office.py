"""What staff read all day, over a large club: ``python -m benchmarks.office [--members 200000] [--storages sqlite]``.

For each storage, medians in milliseconds of use cases as the console and HTTP call them: the dashboard, the first page
of the directory, with and without its exact total, a page deep in it, a search by a part of the name, one member whole.
Then the seconds and the memory that an export of the members takes, and the seconds of a dry run of an import, each in
a process of its own. Beside them the same reads as one would write them with SQLAlchemy's ORM on the same tables: LIKE,
OFFSET and a count for each figure. `*_vs_orm`: how many times longer the ORM takes, which writes nobody down; ours also
commits to the audit chain whom it showed.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload

from benchmarks._http_rivals import User
from tests.support.databases import migrated_postgres, migrated_sqlite, opened
from tests.support.postgres import LocalPostgres
from ygs.adapters.memory import MemoryStorage
from ygs.adapters.sql.storage import SqlStorage
from ygs.application.actors import Actor
from ygs.application.directory.search import DirectoryRequest
from ygs.application.importing.mapping import parse_mapping
from ygs.application.simulation.club import club
from ygs.bootstrap import Application, build
from ygs.domain.ids import UserId
from ygs.ports.storage import Storage

STORAGES = ("sqlite", "postgresql")
OPERATOR = Actor.operator()
AT_ONCE = 20_000
IMPORTED = 50_000
PAGE = 50
TIMES = 9
SEARCHED = "민준"

Figures = dict[str, Any]


def main() -> None:
    options = _options()
    if options.apart:
        print(json.dumps(asyncio.run(_APART[options.apart](options.place))))
        return
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    figures = {name: _figures(name, options.members) for name in options.storages}
    print(json.dumps({"members": options.members, "storages": figures}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=200_000)
    parser.add_argument("--storages", nargs="+", choices=STORAGES, default=STORAGES)
    parser.add_argument("--apart", choices=sorted(_APART), help=argparse.SUPPRESS)
    parser.add_argument("--place", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _figures(name: str, members: int) -> Figures:
    with _database(name) as place:
        figures = asyncio.run(_reads(name, place, members))
        figures |= _in_a_process("export", place)
        with tempfile.TemporaryDirectory() as folder:
            sheet = str(Path(folder) / "members.csv")
            asyncio.run(_write_sheet(sheet))
            figures |= _in_a_process("import", sheet)
    print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()), flush=True)
    return figures


@contextmanager
def _database(name: str) -> Iterator[str]:
    """Where an empty database is."""
    with tempfile.TemporaryDirectory() as folder:
        if name == "sqlite":
            yield str(migrated_sqlite(Path(folder) / "office.db"))
            return
        with LocalPostgres.start() as server:
            yield server.create_database("office", template=migrated_postgres(server))


def _in_a_process(work: str, place: str) -> Figures:
    command = [sys.executable, "-m", "benchmarks.office", "--apart", work, "--place", place]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


async def _reads(name: str, place: str, members: int) -> Figures:
    storage = await opened(place)
    async with build(overrides={Storage: storage}) as ygs:
        ids = await _add_club(storage, members)
        ours = await _ours(ygs, ids)
    driver = f"sqlite+aiosqlite:///{place}" if name == "sqlite" else place.replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(driver)
    async with async_sessionmaker(engine)() as session:
        orm = await _orm(session, ids)
    await engine.dispose()
    ratios = {f"{key.removesuffix('_ms')}_vs_orm": round(orm[key] / ours[key], 1) for key in orm}
    return ours | ratios


async def _add_club(storage: Storage, size: int) -> list[UserId]:
    people = list(club(size, seed=1, at=datetime.now(UTC).replace(microsecond=0)))
    for start in range(0, len(people), AT_ONCE):
        async with storage.write(long=True) as tx:
            await tx.users.add_all(people[start : start + AT_ONCE])
    await _vacuum(storage)
    return sorted(each.id for each in people)


async def _vacuum(storage: Storage) -> None:
    """What autovacuum does in a running service; the benchmark's server has none. SQLite has no statistics."""
    if isinstance(storage, SqlStorage) and storage.writer.dialect.name == "postgresql":
        async with storage.writer.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(text("SET statement_timeout = 0"))
            await alone.execute(text("VACUUM (ANALYZE)"))


async def _ours(ygs: Application, ids: list[UserId]) -> Figures:
    def listed(**wanted: Any) -> Callable[[], Awaitable[object]]:
        request = DirectoryRequest(limit=PAGE, **wanted)
        return lambda: ygs.directory.list_members(OPERATOR, request)

    # Newest first: a tenth of the way from the oldest.
    deep = ids[len(ids) // 10]
    return {
        "dashboard_ms": await _median(lambda: ygs.dashboard.read(OPERATOR)),
        "page_first_ms": await _median(listed()),
        "page_total_ms": await _median(listed(total=True)),
        "page_deep_ms": await _median(listed(after=deep)),
        "search_ms": await _median(listed(search=SEARCHED)),
        "search_initials_ms": await _median(listed(search="ㄱㅁㅈ")),
        "member_ms": await _median(lambda: ygs.member_review.get_member(OPERATOR, deep)),
    }


async def _orm(session: AsyncSession, ids: list[UserId]) -> Figures:
    """The same as a tutorial has it."""
    live = User.deleted_at.is_(None)
    page = select(User).where(live).order_by(User.id.desc()).limit(PAGE)

    async def dashboard() -> None:
        now = datetime.now(UTC)
        for since in (None, now - timedelta(days=30), now - timedelta(days=7), now - timedelta(days=1)):
            count = select(func.count()).select_from(User).where(live)
            await session.execute(count if since is None else count.where(User.created_at >= since))
        for column in (User.status, User.gender, User.region, User.birth_year):
            await session.execute(select(column, func.count()).where(live).group_by(column))

    async def read(query: Any) -> None:
        session.expire_all()
        (await session.scalars(query)).all()

    async def with_total() -> None:
        await read(page)
        await session.execute(select(func.count()).select_from(User).where(live))

    whole = select(User).options(selectinload(User.wishes), selectinload(User.consents))
    return {
        "dashboard_ms": await _median(dashboard),
        "page_first_ms": await _median(lambda: read(page)),
        "page_total_ms": await _median(with_total),
        "page_deep_ms": await _median(lambda: read(page.offset(len(ids) * 9 // 10))),
        "search_ms": await _median(lambda: read(page.where(User.name.like(f"%{SEARCHED}%")))),
        "member_ms": await _median(lambda: read(whole.where(User.id == ids[len(ids) // 10]))),
    }


async def _median(work: Callable[[], Awaitable[object]]) -> float:
    """The median time in milliseconds, after one that warms up."""
    await work()
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        await work()
        took.append(perf_counter() - began)
    return round(statistics.median(took) * 1000, 1)


async def _export(place: str) -> Figures:
    """Write all members to a workbook; the memory is the most that the whole process had."""
    storage = await opened(place)
    async with build(overrides={Storage: storage}) as ygs:
        with tempfile.TemporaryDirectory() as folder:
            began = perf_counter()
            report = await ygs.member_export.members(OPERATOR, f"{folder}/members.xlsx", reason="benchmark")
            took = perf_counter() - began
    return {
        "export_rows": report.rows,
        "export_s": round(took, 1),
        "export_peak_mib": _peak_mib(),
    }


def _peak_mib() -> int:
    """The most memory that this process had. Not by `getrusage`: that counts the parent before the program began."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


async def _import(sheet: str) -> Figures:
    """Check a sheet by the mapping that its headers suggest, and store nothing."""
    async with build(overrides={Storage: MemoryStorage()}) as ygs:
        mapping = parse_mapping((await ygs.member_import.suggest(OPERATOR, sheet)).encode())
        began = perf_counter()
        report = await ygs.member_import.run(OPERATOR, sheet, mapping)
        return {"import_rows": report.rows, "import_s": round(perf_counter() - began, 1)}


async def _write_sheet(file: str) -> None:
    """A sheet of members to import."""
    storage = MemoryStorage()
    await _add_club(storage, IMPORTED)
    async with build(overrides={Storage: storage}) as ygs:
        await ygs.member_export.members(OPERATOR, file, reason="benchmark", contacts=True)


_APART: dict[str, Callable[[str], Coroutine[Any, Any, Figures]]] = {"export": _export, "import": _import}


if __name__ == "__main__":
    main()
