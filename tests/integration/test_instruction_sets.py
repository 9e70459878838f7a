"""A round gives the same bytes whatever vector instructions its kernels are compiled for, and on any number of threads.

Each set of instructions has a process of its own, which compiles all kernels for it once (under a minute) and keeps
them in pytest's cache. NumPy, too, does without the instructions that such a machine would not have.
"""

import json
import os
import platform
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from benchmarks.markets import city, with_chances
from ygs.adapters.jit import instructions
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.application.rounds.solve_round import plan_round
from ygs.domain.matching.policy import Objective, Policy

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names instructions of x86-64"),
]

ROOT = Path(__file__).parents[2]
AVX2 = "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+movbe,+xsave"
# What NumPy calls the instructions that it chooses among as it starts: of NumPy 2.4, and of those before it.
BEYOND_AVX2 = "X86_V4 AVX512_ICL AVX512_SPR AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL"
BEYOND_BASELINE = f"X86_V3 AVX2 FMA3 {BEYOND_AVX2}"
ENVIRONMENTS = {
    "baseline": {"NUMBA_CPU_NAME": "generic", "NPY_DISABLE_CPU_FEATURES": BEYOND_BASELINE},
    "AVX2": {
        "NUMBA_CPU_NAME": "x86-64-v3",
        "NUMBA_CPU_FEATURES": AVX2,
        "NPY_DISABLE_CPU_FEATURES": BEYOND_AVX2,
    },
}


def figures() -> dict[str, str]:
    """Digests of three rounds with their certificates, prices and statistics, and of one person's scores: by scores on
    one, two and three threads, by chances, and without two sides."""
    people = city(2_000, seed=11)
    chances = with_chances(city(2_000, seed=12), seed=12)
    mixed = city(1_000, seed=13, seeks_both=0.2, seeks_same=0.05)
    by_chance = Policy(objective=Objective.CHANCE)
    made = {f"{threads} threads": _digest(people, Policy(), threads) for threads in (1, 2, 3)}
    made |= {"by chances": _digest(chances, by_chance, 2), "without sides": _digest(mixed, Policy(), 2)}
    against = VectorisedScorer(threads=2).scores(people, Policy()).against(people.person(0))
    return made | {"one to all": sha256(repr(against).encode()).hexdigest()}


def _digest(market: Any, policy: Policy, threads: int) -> str:
    plan = plan_round(market, policy, seed=1, scorer=VectorisedScorer(threads=threads), solver=ExactSolver())
    assert plan.certificate is not None
    return sha256(plan.to_json().encode()).hexdigest()


def figures_with(environment: dict[str, str]) -> dict[str, str]:
    """The figures of a process with these variables, and the `instructions` that its kernels were compiled for."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.test_instruction_sets"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def of_this_machine() -> dict[str, str]:
    return figures()


def test_one_two_and_three_threads_give_the_same_bytes(of_this_machine: dict[str, str]) -> None:
    assert len({of_this_machine[f"{threads} threads"] for threads in (1, 2, 3)}) == 1


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_kernels_for_other_instructions_give_the_same_bytes(
    name: str, of_this_machine: dict[str, str], pytestconfig: pytest.Config
) -> None:
    if name == "AVX2" and instructions() == "baseline":
        pytest.skip("this machine has no AVX2")
    assert pytestconfig.cache is not None
    kernels = pytestconfig.cache.mkdir(f"kernels-{name}")
    found = figures_with({**ENVIRONMENTS[name], "NUMBA_CACHE_DIR": str(kernels)})
    assert found.pop("instructions") == name
    assert found == of_this_machine


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"instructions": instructions(), **figures()}))
