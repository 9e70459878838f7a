"""Look for a planted defect: ``python -m tests.deterministic.planted NAME`` tells which seed finds it."""

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.plant import Mutant, plant


@dataclass(frozen=True)
class Defect:
    """A defect in the service, and in how many seeds the simulator finds it with which words."""

    mutant: Mutant
    seeds: int
    found: str


def defects() -> dict[str, Defect]:
    """All defects by name."""
    with Path(__file__).with_name("defects.toml").open("rb") as file:
        known = tomllib.load(file)
    return {
        name: Defect(Mutant(name, each["module"], each["find"], each["replace"], ()), each["seeds"], each["found"])
        for name, each in known.items()
    }


def main(name: str) -> int:
    """Plant the defect, and run seeds until one reports it."""
    defect = defects()[name]
    plant(defect.mutant)
    from tests.deterministic.simulation import simulate

    for seed in range(defect.seeds):
        run = simulate(seed)
        if any(defect.found in each for each in run.violations):
            sys.stdout.write(f"{name}: {run}\n")
            return 0
    sys.stdout.write(f"{name}: not found in {defect.seeds} seeds\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
