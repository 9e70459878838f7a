"""A round that is interrupted after any search goes on from its checkpoint and gives the same plan."""

import json
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from time import sleep
from typing import Any

import pytest

from benchmarks.markets import city
from ygs.adapters.checkpoint_file import CheckpointFile
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.rounds.solve_round import plan_round
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Overrides, RoundPlan
from ygs.ports.scoring_and_solving import RoundState


class Interrupted(Exception):
    """The process ended here."""


class StopsAfter(CheckpointFile):
    """Ends the process after so many saved states."""

    def __init__(self, path: Path, saves: int) -> None:
        super().__init__(path)
        self.left = saves

    def save(self, round_name: str, state: RoundState) -> None:
        super().save(round_name, state)
        self.left -= 1
        if not self.left:
            raise Interrupted


def plan(market: Market, checkpoint: CheckpointFile | None = None, overrides: Overrides | None = None) -> RoundPlan:
    return plan_round(
        market, None, overrides, seed=3, scorer=VectorisedScorer(), solver=ExactSolver(), checkpoint=checkpoint
    )


@pytest.fixture(scope="module", params=[0.0, 0.2], ids=["two sides", "some seek both"])
def market(request: pytest.FixtureRequest) -> Market:
    return city(700, seed=5, seeks_both=request.param)


def test_a_round_interrupted_after_any_search_gives_the_same_plan(market: Market, tmp_path: Path) -> None:
    whole = plan(market)
    saves = 0
    while True:
        saves += 1
        path = tmp_path / f"{saves}.checkpoint"
        try:
            assert plan(market, StopsAfter(path, saves)) == whole
            break
        except Interrupted:
            assert plan(market, CheckpointFile(path)) == whole
    assert saves > 2


def test_a_process_that_is_interrupted_at_every_search_ends_at_last(market: Market, tmp_path: Path) -> None:
    made = None
    runs = 0
    while made is None:
        runs += 1
        with suppress(Interrupted):
            made = plan(market, StopsAfter(tmp_path / "round", 1))
    assert made == plan(market)
    assert runs > 2


def test_the_checkpoint_of_another_round_is_not_used(market: Market, tmp_path: Path) -> None:
    checkpoint = CheckpointFile(tmp_path / "round")
    plan(market, checkpoint)
    without = Overrides.of(left_out=[market.ids[0]])
    assert plan(market, checkpoint, without) == plan(market, None, without)


def test_the_plain_engines_go_on_too(tmp_path: Path) -> None:
    market = city(12, seed=1)

    def plain(checkpoint: CheckpointFile | None) -> RoundPlan:
        return plan_round(market, scorer=PlainScorer(), solver=PlainSolver(), checkpoint=checkpoint)

    with pytest.raises(Interrupted):
        plain(StopsAfter(tmp_path / "round", 1))
    assert plain(CheckpointFile(tmp_path / "round")) == plain(None)


def test_only_its_owner_may_read_it_and_nothing_in_it_is_run(market: Market, tmp_path: Path) -> None:
    path = tmp_path / "round"
    with pytest.raises(Interrupted):
        plan(market, StopsAfter(path, 1))
    assert path.stat().st_mode & 0o777 == 0o600
    name = path.read_bytes().split(b"\n", 1)[0]
    path.write_bytes(name + b"\n" + pickle.dumps(pytest.fail))
    with pytest.raises(pickle.UnpicklingError, match="delete the file"):
        plan(market, CheckpointFile(path))


@pytest.mark.long
def test_a_large_round_whose_process_is_killed_after_a_look_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    checkpoint = tmp_path / "city.checkpoint"
    whole = figures_of(engine("--people", "30000"))
    killed = engine("--people", "30000", "--checkpoint", str(checkpoint))
    first = wait_for_another(checkpoint, 0, killed)
    wait_for_another(checkpoint, first, killed)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -SIGKILL
    resumed = figures_of(engine("--people", "30000", "--checkpoint", str(checkpoint)))
    assert resumed["plan"] == whole["plan"]
    assert resumed["pairs_eligible"] < whole["pairs_eligible"]


def engine(*options: str) -> "subprocess.Popen[str]":
    """The benchmark of a whole round, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.engine", "--rivals", "0", *options]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)


def figures_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    figures: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return figures


def wait_for_another(checkpoint: Path, inode: int, process: "subprocess.Popen[str]") -> int:
    """Wait until the checkpoint is another file than that one; returns its inode."""
    while not checkpoint.exists() or checkpoint.stat().st_ino == inode:
        assert process.poll() is None
        sleep(0.01)
    return checkpoint.stat().st_ino
