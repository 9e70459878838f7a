"""How a round's stages grow with the people: ``python -m benchmarks.growth LOG... --picture growth.svg``.

`LOG`: what `python -m benchmarks.engine` printed, any number of runs of one objective. Draws the CPU seconds of each
stage over the people of one gender, both by powers of ten, with the power each grew by from the least to the greatest
city. Needs the extra ``charts``.
"""

import argparse
import json
from math import log
from pathlib import Path
from typing import Any

STAGES = {"scoring": "scans of all pairs", "solve": "solving", "between": "between"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", nargs="+", type=Path, metavar="LOG")
    parser.add_argument("--picture", type=Path, required=True)
    options = parser.parse_args()
    runs = sorted((figures_of(path) for path in options.logs), key=lambda run: int(run["people"]))
    powers = {stage: _power(runs, stage) for stage in STAGES}
    _draw(runs, powers, options.picture)
    for stage, power in powers.items():
        print(f"{STAGES[stage]}: grows by the power {power:.2f}")
    print(json.dumps({"people": [run["people"] for run in runs], "powers": powers}))


def figures_of(path: Path) -> dict[str, Any]:
    """The line of JSON in a log."""
    figures: dict[str, Any] = next(json.loads(line) for line in path.read_text().splitlines() if line.startswith("{"))
    return figures


def _power(runs: list[dict[str, Any]], stage: str) -> float:
    least, greatest = runs[0], runs[-1]
    spent = greatest["stages_cpu"][stage] / least["stages_cpu"][stage]
    return round(log(spent) / log(greatest["people"] / least["people"]), 2)


def _draw(runs: list[dict[str, Any]], powers: dict[str, float], picture: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    people = [run["people"] for run in runs]
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for stage, marker in zip(STAGES, "os^", strict=True):
        seconds = [run["stages_cpu"][stage] for run in runs]
        axes.loglog(people, seconds, marker=marker, label=f"{STAGES[stage]} (power {powers[stage]})")
    axes.set_xticks(people, [f"{each:,}" for each in people], rotation=30)
    axes.minorticks_off()
    axes.set_xlabel("people a side")
    axes.set_ylabel("CPU seconds")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    with rc_context({"svg.hashsalt": "growth"}):
        figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main()
