"""Forecasts of simulated members, and what became of them in clubs whose behaviour the forecast does not assume."""

from math import comb

import pytest

from tests.support.forecast_clubs import Life, Outcome, outcomes
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.domain.forecasts import ForecastTerms

CLUBS = 12
NEWCOMERS = 4
COVERED = 0.9


def life(seed: int) -> Life:
    """Clubs of little and much acceptance, that grow and shrink, some of them without a week behind them."""
    return Life(
        people=60,
        willing=(-1.2, -0.3, 0.6)[seed % 3],
        joining=(0.01, 0.05)[seed % 2],
        leaving=(0.03, 0.01)[seed % 2],
        weeks_before=(6, 0, 3, 6)[seed % 4],
    )


def least_covered(members: int) -> int:
    """How many are covered at least, with a probability of 95 %, when each is with a probability of `COVERED`."""
    below = 0.0
    for covered in range(members + 1):
        below += comb(members, covered) * COVERED**covered * (1 - COVERED) ** (members - covered)
        if below > 0.05:
            return covered
    return members


@pytest.mark.slow
def test_the_interval_covers_nine_of_ten_members_who_behave_otherwise() -> None:
    members: list[Outcome] = []
    for seed in range(CLUBS):
        members += outcomes(life(seed), ForecastTerms(weeks=10), NEWCOMERS, seed, VectorisedScorer(), ExactSolver())
    introduced = sum(each.introductions_covered for each in members)
    mutual = sum(each.mutual_covered for each in members)
    print(f"\ncovered of {len(members)}: introductions {introduced}, mutual answers {mutual}")  # noqa: T201 - the figure is the result
    assert len(members) == CLUBS * NEWCOMERS
    assert introduced >= least_covered(len(members))
    assert mutual >= least_covered(len(members))
