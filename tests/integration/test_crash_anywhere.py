"""A crash at any call of any port, over SQLite, and running it again in a new process, ends as if nothing had
happened."""

from pathlib import Path
from shutil import copyfile

import pytest

from tests.support.crash_scenarios import SCENARIOS, attempt, resume, stage, stored
from tests.support.crashing import CrashPoint
from tests.support.databases import opened


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
async def test_crash_anywhere_and_resume_equals_no_crash(sqlite_path: str, tmp_path: Path, name: str) -> None:
    """``.venv/bin/pytest -n 2 -m slow tests/integration/test_crash_anywhere.py``: some minutes."""
    scenario = SCENARIOS[name]
    before = tmp_path / "before.db"
    async with stage() as one:
        one.mortal.storage = await opened(sqlite_path)
        for step in scenario.before:
            await step(one)
        await one.mortal.storage.close()
        copyfile(sqlite_path, before)
        began = one.clock.now()

        async def with_failure(point: CrashPoint) -> list[str]:
            copyfile(before, sqlite_path)
            one.clock.set(began)
            one.mortal.storage = await opened(sqlite_path)
            await attempt(one, scenario, point)
            await one.mortal.storage.close()
            one.mortal.storage = await opened(sqlite_path)
            await resume(one, scenario)
            found = await stored(one.mortal.storage)
            await one.mortal.storage.close()
            return found

        whole = CrashPoint()
        expected = await with_failure(whole)
        for at in range(1, whole.calls + 1):
            for after in (False, True):
                assert await with_failure(CrashPoint(at, after=after)) == expected, (at, after)
