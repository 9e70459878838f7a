"""Our solver beside others on the same pairs: ``python -m benchmarks.solvers [--people 10000] [--mixed 1500]``.

`--people` a side in a generated city, each with their 12 best candidates; `--mixed`: people of a market in which some
seek both genders or their own. Each other solver runs on the largest city, up to that size, that it does in seconds,
and ours again on the same pairs. Times are of the solve alone, imports and compilation left out; the machine's load
moves them all alike.
"""

import argparse
import json
from array import array
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.markets import city
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.domain.matching.market import type_mask, zeros
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import MatchingProblem, Solution

_CANDIDATES = 12
_LARGEST = {"ortools": 100_000, "scipy": 4_000, "rustworkx": 400}
_MOST_MIXED = 600  # rustworkx takes minutes above


def main() -> None:
    options = _options()
    solver = ExactSolver()
    solver.solve(_problem(20))  # compiles
    figures: dict[str, Any] = {"people": options.people, "others": {}}
    _ours(solver, options.people, figures)
    for name, other in (("ortools", _ortools), ("scipy", _scipy), ("rustworkx", _rustworkx)):
        size = min(options.people, _LARGEST[name])
        figures["others"][name] = _beside(solver, name, other, _problem(size), size)
    mixed = min(options.mixed, _MOST_MIXED)
    problem = _problem(mixed // 2, mixed=0.1)
    figures["others"]["rustworkx_mixed"] = _beside(solver, "rustworkx, no two sides", _rustworkx, problem, mixed // 2)
    figures["mixed"] = _mixed(solver, options.mixed)
    figures["never_worse"] = all(each["ours"] >= each["theirs"] for each in figures["others"].values())
    print(json.dumps(figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--mixed", type=int, default=6_000)
    return parser.parse_args()


def _problem(people: int, mixed: float = 0.0) -> MatchingProblem:
    """The pairs of a city, its capacities, and no promises: other solvers know none. `mixed`: the share who seek both
    genders, and again who seek their own."""
    market = city(people, seeks_both=mixed, seeks_same=mixed)
    scores = VectorisedScorer().scores(market, Policy())
    pairs = scores.best(_CANDIDATES, zeros(type_mask, len(market)))
    return MatchingProblem(pairs.a, pairs.b, array(type_mask, pairs.mutual), market.capacity)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = perf_counter()
    return work(), perf_counter() - started


def _ours(solver: ExactSolver, people: int, figures: dict[str, Any]) -> None:
    problem = _problem(people)
    cold, seconds = _timed(lambda: solver.solve(problem))
    forbidden = cold.chosen[len(cold.chosen) // 2]
    fewer = replace(problem, **{name: _without(getattr(problem, name), forbidden) for name in ("a", "b", "weight")})
    warm, again = _timed(lambda: solver.solve(fewer, cold))
    assert cold.value == cold.bound
    assert warm.value == warm.bound <= cold.value
    figures |= {"pairs": len(problem.a), "cold_seconds": round(seconds, 3), "warm_seconds": round(again, 3)}
    print(f"{people:,} x {people:,} people, {len(problem.a):,} pairs: cold {seconds:.2f} s, and {again:.2f} s", end=" ")
    print("to solve again without one of the chosen pairs; both proven optimal")


def _without(column: Any, at: int) -> Any:
    return column[:at] + column[at + 1 :]


def _beside(
    solver: ExactSolver, name: str, other: Callable[[MatchingProblem], int], problem: MatchingProblem, size: int
) -> dict[str, float]:
    theirs, their_seconds = _timed(lambda: other(problem))
    solution, seconds = _timed(lambda: solver.solve(problem))
    ours = _total(solution)
    print(
        f"{name:>24}, {size:,} x {size:,}: theirs {theirs:,} in {their_seconds:.3f} s,"
        f" ours {ours:,} in {seconds:.3f} s ({their_seconds / seconds:.1f} times)"
    )
    seen = {"their_seconds": round(their_seconds, 3), "our_seconds": round(seconds, 3)}
    return {"size": size, "theirs": theirs, "ours": ours, **seen}


def _mixed(solver: ExactSolver, people: int) -> dict[str, float]:
    problem = _problem(people // 2, mixed=0.1)
    solution, seconds = _timed(lambda: solver.solve(problem))
    gap = solution.bound[-1] - solution.value[-1]
    percent = 100 * gap / max(1, solution.bound[-1])
    proven = "proven the best of its pairs" if solution.slack is not None else "not proven the best"
    print(f"no two sides, {people:,} people: {seconds:.2f} s, {percent:.5f} % below the bound by halves, {proven}")
    best = solution.slack is not None
    return {"people": people, "seconds": round(seconds, 3), "gap_percent": round(percent, 6), "proven": best}


def _total(solution: Solution) -> int:
    return solution.value[-1]


def _arrays(problem: MatchingProblem) -> tuple[Any, Any, Any]:
    return np.asarray(problem.a, np.int64), np.asarray(problem.b, np.int64), np.asarray(problem.weight)


def _ortools(problem: MatchingProblem) -> int:
    """OR-Tools' cost-scaling flow, as a user would call it; no prices, and only for two sides."""
    from ortools.graph.python import min_cost_flow

    a, b, weight, side = *_arrays(problem), _sides(problem)
    a, b = np.where(side[a], b, a), np.where(side[a], a, b)
    people = len(side)
    givers, takers = np.flatnonzero(side == 0), np.flatnonzero(side)
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate((a, np.full(len(givers), people), takers, [people])),
        np.concatenate((b, givers, np.full(len(takers), people + 1), [people + 1])),
        np.concatenate((np.ones(len(a) + people, np.int64), [people])),
        np.concatenate((-weight, np.zeros(people + 1, np.int64))),
    )
    flow.set_nodes_supplies(np.array([people, people + 1]), np.array([len(givers), -len(givers)]))
    flow.solve()
    return -int(flow.optimal_cost())


def _scipy(problem: MatchingProblem) -> int:
    """SciPy's dense assignment; a pair that is not there counts 0, as being alone does."""
    from scipy.optimize import linear_sum_assignment

    a, b, weight, side = *_arrays(problem), _sides(problem)
    a, b = np.where(side[a], b, a), np.where(side[a], a, b)
    rank = np.where(side == 0, np.cumsum(side == 0), np.cumsum(side)) - 1
    dense = np.zeros((int((side == 0).sum()), int(side.sum())), np.int64)
    dense[rank[a], rank[b]] = weight
    return int(dense[linear_sum_assignment(dense, maximize=True)].sum())


def _rustworkx(problem: MatchingProblem) -> int:
    """rustworkx's general matching (Galil's algorithm)."""
    import rustworkx

    graph = rustworkx.PyGraph()
    graph.add_nodes_from(range(len(problem.capacity)))
    graph.add_edges_from(list(zip(problem.a, problem.b, problem.weight, strict=True)))
    matching = rustworkx.max_weight_matching(graph, weight_fn=int)
    return sum(graph.get_edge_data(a, b) for a, b in matching)


def _sides(problem: MatchingProblem) -> Any:
    from ygs.adapters.solving.graph import two_sides

    side, crossing = two_sides(len(problem.capacity), np.asarray(problem.a), np.asarray(problem.b))
    assert crossing
    return np.asarray(side, np.int64)


if __name__ == "__main__":
    main()
