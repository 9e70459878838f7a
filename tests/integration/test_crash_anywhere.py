"""A crash at any call of any port, over a database, and running it again in a new process, ends as if nothing had
happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from tests.support.crash_scenarios import SCENARIOS, attempt, resume, stage, stored
from tests.support.crashing import CrashPoint
from tests.support.databases import opened
from tests.support.postgres import LocalPostgres

# Makes a new copy of a database that nobody has open, in place of the last, and says where it is.
Copy = Callable[[], str]


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
async def test_crash_anywhere_and_resume_equals_no_crash_on_sqlite(sqlite_path: str, tmp_path: Path, name: str) -> None:
    """``.venv/bin/pytest -n 2 -m slow tests/integration/test_crash_anywhere.py``: some minutes."""

    await _crash_everywhere(name, sqlite_path, lambda: copyfile(sqlite_path, str(tmp_path / "copy.db")))


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
async def test_crash_anywhere_and_resume_equals_no_crash_on_postgresql(
    postgres: LocalPostgres, postgres_url: str, name: str
) -> None:
    with _copies(postgres, postgres_url) as copy:
        await _crash_everywhere(name, postgres_url, copy)


@contextmanager
def _copies(postgres: LocalPostgres, url: str) -> Iterator[Copy]:
    """Copies of a database, of which the last is dropped at the end."""
    template = make_url(url).database
    name = f"test_{uuid4().hex}"

    def copy() -> str:
        postgres.drop_database(name)
        return postgres.create_database(name, template=template)

    try:
        yield copy
    finally:
        postgres.drop_database(name)


async def _crash_everywhere(name: str, before: str, copy: Copy) -> None:
    """Crash the use case at each call, on a copy of what is stored before it, and compare what is stored at the end."""
    scenario = SCENARIOS[name]
    async with stage() as one:
        one.mortal.storage = await opened(before)
        for step in scenario.before:
            await step(one)
        await one.mortal.storage.close()
        began = one.clock.now()

        async def with_failure(point: CrashPoint) -> list[str]:
            where = copy()
            one.clock.set(began)
            one.mortal.storage = await opened(where)
            await attempt(one, scenario, point)
            await one.mortal.storage.close()
            one.mortal.storage = await opened(where)
            await resume(one, scenario)
            found = await stored(one.mortal.storage)
            await one.mortal.storage.close()
            return found

        whole = CrashPoint()
        expected = await with_failure(whole)
        for at in range(1, whole.calls + 1):
            for after in (False, True):
                assert await with_failure(CrashPoint(at, after=after)) == expected, (at, after)
