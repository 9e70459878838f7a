"""The simulator finds planted defects, each within the number of seeds that `defects.toml` states."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.deterministic.planted import defects

ROOT = Path(__file__).parents[2]
DEFECTS = defects()


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_can_still_be_planted(name: str) -> None:
    """The code it alters has not changed meanwhile."""
    mutant = DEFECTS[name].mutant
    spec = find_spec(mutant.module)
    assert spec is not None
    assert spec.origin is not None
    assert mutant.planted(Path(spec.origin).read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(name: str) -> None:
    """``.venv/bin/pytest -n 2 -m slow tests/deterministic/test_planted_defects.py``: some seconds each."""
    command = [sys.executable, "-m", "tests.deterministic.planted", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-2_000:]
