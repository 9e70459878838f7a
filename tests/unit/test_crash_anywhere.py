"""A crash or an error at any call of any port, and running it again, ends as if nothing had happened."""

import pytest

from tests.deterministic.faults import as_of
from tests.support.crash_scenarios import SCENARIOS, attempt, resume, stage, stored
from tests.support.crashing import CrashPoint
from ygs.adapters.memory import MemoryStorage

# These run each time, the others with -m slow.
QUICK = {
    ("plan", "crash"),
    ("publish_by_job", "crash"),
    ("answer", "error"),
    ("close_by_job", "crash"),
    ("dispatch", "crash"),
    ("deliver", "crash"),
    ("refund", "crash"),
}
ALL = [(name, failure) for name in SCENARIOS for failure in ("crash", "error")]
EACH = [pytest.param(*each, marks=() if each in QUICK else pytest.mark.slow) for each in ALL]


@pytest.mark.parametrize(("name", "failure"), EACH)
async def test_crash_anywhere_and_resume_equals_no_crash(name: str, failure: str) -> None:
    scenario = SCENARIOS[name]
    async with stage() as one:
        one.mortal.storage = MemoryStorage()
        for step in scenario.before:
            await step(one)
        before = one.mortal.storage._committed
        began = one.clock.now()

        async def with_failure(point: CrashPoint) -> list[str]:
            one.mortal.storage = as_of(before)
            one.clock.set(began)
            await attempt(one, scenario, point)
            await resume(one, scenario)
            return await stored(one.mortal.storage)

        whole = CrashPoint()
        expected = await with_failure(whole)
        assert expected != await stored(as_of(before))
        for at in range(1, whole.calls + 1):
            for after in (False, True):
                point = CrashPoint(at, after=after, dies=failure == "crash")
                assert await with_failure(point) == expected, (at, after)
