"""What fairness costs: ``python -m benchmarks.simulation [--men 300] [--women 200] [--weeks 8] [--seeds 40]``.

The README's figure: under the default policy nobody who has an eligible partner stays un-introduced, at a cost of at
most 0.5 % of the expected mutual yes of the optimum that no fairness constrains.
"""

import argparse
import json
import sys
from time import perf_counter

from ygs.application.simulation.simulate import Scenario, Simulation, SimulationResult, usual_policies


def main() -> None:
    options = _options()
    scenario = Scenario(men=options.men, women=options.women, weeks=options.weeks, seeds=range(1, options.seeds + 1))
    started = perf_counter()
    outcomes = _simulation().compare(scenario, usual_policies(), _progress)
    seconds = perf_counter() - started
    print(f"\n{options.men} men, {options.women} women, {options.weeks} weeks, {options.seeds} clubs: {seconds:.0f} s")
    for outcome in outcomes:
        print(_line(outcome, outcomes[0]))
    figures = {outcome.policy: _figures(outcome, outcomes[0]) for outcome in outcomes}
    setting = {"men": options.men, "women": options.women, "weeks": options.weeks, "seeds": options.seeds}
    print(json.dumps({**setting, "seconds": round(seconds, 1), "policies": figures}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("men", 300), ("women", 200), ("weeks", 8), ("seeds", 40)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    return parser.parse_args()


def _simulation() -> Simulation:
    from ygs.adapters.scoring.numba_scorer import VectorisedScorer
    from ygs.adapters.solving.numba_solver import ExactSolver

    return Simulation(VectorisedScorer(), ExactSolver())


def _progress(stage: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{stage}: {done}/{total} weeks", end="", file=sys.stderr, flush=True)


def _line(outcome: SimulationResult, base: SimulationResult) -> str:
    figures = _figures(outcome, base)
    return (
        f"{outcome.policy:>14}: expected mutual yes {figures['expected_mutual']:7.2f}"
        f"   cost {figures['cost_percent']:6.2f} ± {figures['cost_reach']:4.2f} %"
        f"   overlooked in all {figures['overlooked']:4}"
        f"   Gini {figures['gini']:.3f}   waits {figures['mean_wait']:.2f}, at most {figures['longest_wait']} weeks"
    )


def _figures(outcome: SimulationResult, base: SimulationResult) -> dict[str, float]:
    cost = outcome.cost(base)
    return {
        "expected_mutual": round(outcome.over(lambda season: season.expected_mutual).mean, 2),
        "cost_percent": round(cost.mean, 3),
        "cost_reach": round(cost.high - cost.mean, 3),
        "introductions": round(outcome.over(lambda season: season.introductions).mean, 1),
        "never_introduced": sum(season.never_introduced for season in outcome.seasons),
        "overlooked": sum(season.overlooked for season in outcome.seasons),
        "gini": round(outcome.over(lambda season: season.gini).mean / 10_000, 4),
        "mean_wait": round(outcome.over(lambda season: season.mean_wait).mean, 3),
        "longest_wait": max(season.longest_wait for season in outcome.seasons),
    }


if __name__ == "__main__":
    main()
