"""The first plan on a machine: small markets wait for no compiler; what was compiled is used only while it is right."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ygs.adapters import jit
from ygs.bootstrap.engines import PLAIN_PEOPLE, PLAIN_WITHOUT_SIDES, _has_two_sides
from ygs.entrypoints.cli.app import app
from ygs.entrypoints.testing.contracts.solving import problem_of

TWO = """
import sys, ygs
plan = ygs.plan_round({"id": [1, 2], "gender": ["male", "female"], "seeks": ["female", "male"]})
assert len(plan.pairs) == 1
assert "numba" not in sys.modules
"""
CALLER = """
from mine.called import called
from ygs.adapters.jit import allocating_kernel

@allocating_kernel
def caller(number):
    return called(number)
"""
CALLED = """
from ygs.adapters.jit import allocating_kernel

@allocating_kernel
def called(number):
    return number + {added}
"""


def run(code: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_plan_of_two_people_loads_no_compiler(tmp_path: Path) -> None:
    run(TWO, tmp_path)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A kernel that calls another one, which stands in another file."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").touch()
    (tmp_path / "mine" / "caller.py").write_text(CALLER, "utf-8")
    (tmp_path / "mine" / "called.py").write_text(CALLED.format(added=1), "utf-8")
    return tmp_path


CALL = "from mine.caller import caller; print(caller(1), sum(caller.stats.cache_hits.values()))"


@pytest.mark.long
def test_a_kernel_is_compiled_once_and_anew_when_a_file_it_calls_changes(package: Path) -> None:
    assert [run(CALL, package), run(CALL, package)] == ["2 0", "2 1"]
    (package / "mine" / "called.py").write_text(CALLED.format(added=10), "utf-8")
    assert run(CALL, package) == "11 0"


@pytest.mark.long
def test_a_cache_that_cannot_be_read_is_compiled_anew(package: Path) -> None:
    run(CALL, package)
    for kind in ("nbi", "nbc"):
        for content in (b"", b"garbage", b"cos\nnothing_like_it\n.", None):
            files = list((package / "cache").rglob(f"*.{kind}"))
            assert files
            for file in files:
                file.write_bytes(file.read_bytes()[:-20] if content is None else content)
            assert run(CALL, package).startswith("2 "), (kind, content)


def test_where_nothing_can_be_kept_a_warning_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(function: Any) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(jit, "_FolderCache", refuse)
    function = jit.allocating_kernel(lambda number: number + 1)
    said: list[tuple[str, int, int]] = []
    with (
        pytest.warns(jit.KernelsNotKept, match="NUMBA_CACHE_DIR"),
        jit.compiling(lambda *each: said.append(each), function),
    ):
        assert function(1) == 2
    with jit.compiling(lambda *each: said.append(each), function):
        pass
    assert said == [("compiling once", 0, 1), ("compiling once", 1, 1)]


def test_the_engine_depends_on_the_size_and_the_sides() -> None:
    assert PLAIN_WITHOUT_SIDES < PLAIN_PEOPLE
    assert _has_two_sides(problem_of(4, [(0, 1, 1), (1, 2, 1), (2, 3, 1), (0, 3, 1)]))
    assert not _has_two_sides(problem_of(4, [(0, 1, 1), (1, 2, 1), (0, 2, 1)]))


def test_the_command_compiles_ahead() -> None:
    said = CliRunner().invoke(app, ["warm-up"], env={"YGS_LANGUAGE": "en"})
    assert (said.exit_code, said.output) == (0, "The engines are compiled.\n")
