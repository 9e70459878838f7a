"""The promise the README makes about the default policy, held to."""

import pytest

from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.application.simulation.simulate import Scenario, Simulation, usual_policies


@pytest.mark.slow
def test_the_default_policy_overlooks_nobody_at_a_cost_of_at_most_half_a_percent() -> None:
    scenario = Scenario(men=300, women=200, weeks=8, seeds=range(1, 21))
    policies = {name: policy for name, policy in usual_policies().items() if name in ("unconstrained", "default")}
    free, fair = Simulation(VectorisedScorer(), ExactSolver()).compare(scenario, policies)
    assert sum(season.overlooked for season in free.seasons) > 0
    assert [season.overlooked for season in fair.seasons] == [0] * 20
    assert fair.cost(free).mean <= 0.5
