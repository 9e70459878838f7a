"""Every planted defect is caught."""

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.mutants.plant import VARIABLE, mutants

ROOT = Path(__file__).parents[2]
MUTANTS = mutants()
SECONDS = 300
SOME_FAILED = 1
CONTRACTS = ROOT / "src" / "ygs" / "entrypoints" / "testing" / "contracts"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_defect_can_still_be_planted(name: str) -> None:
    """The code it alters has not changed meanwhile, and its tests are there."""
    mutant = MUTANTS[name]
    spec = find_spec(mutant.module)
    assert spec is not None
    assert spec.origin is not None
    assert mutant.planted(Path(spec.origin).read_text("utf-8"))
    for test in mutant.tests:
        file = test.split("::")[0]
        name = test.split("::")[-1].split("[")[0]
        assert (ROOT / file).exists(), test
        assert name == file or f"def {name}(" in (ROOT / file).read_text("utf-8") + contracts(), test


@cache
def contracts() -> str:
    """The source of all contracts, whose tests many classes have."""
    return "".join(path.read_text("utf-8") for path in sorted(CONTRACTS.glob("*.py")))


@pytest.mark.mutants
@pytest.mark.parametrize("name", MUTANTS)
def test_a_defect_is_caught(name: str) -> None:
    """``make mutants``: some seconds each."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-n",
        "0",
        "-m",
        "not slow",
        "-p",
        "tests.mutants.plant",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [*command, *MUTANTS[name].tests],
        cwd=ROOT,
        env=os.environ | {VARIABLE: name},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == SOME_FAILED, done.stdout[-2_000:] + done.stderr[-2_000:]
