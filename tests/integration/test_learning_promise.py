"""What learning promises: more mutual yeses among people who hardly follow the score, and nobody overlooked."""

import pytest

from benchmarks.learning import AFTER, BEFORE, refused_without_signal
from ygs.adapters.learning.reference import PlainChanceModel
from ygs.adapters.learning.vectorised import VectorisedChanceModel
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.simulation.behaviour import SCEPTICAL
from ygs.application.simulation.learned_season import LearnedSeasons
from ygs.application.simulation.simulate import Interval, Simulation
from ygs.application.simulation.simulated_club import SimulatedClub
from ygs.domain.matching.policy import Policy


def sceptics(people: int, seed: int) -> SimulatedClub:
    return SimulatedClub(men=people // 2, women=people // 2, seed=seed, population=SCEPTICAL)


def test_the_weeks_by_the_score_are_those_of_a_season_without_learning() -> None:
    playing = LearnedSeasons(PlainScorer(), PlainSolver(), PlainChanceModel())
    season = playing.play(sceptics(16, 1), before=2, after=2)
    plain = Simulation(PlainScorer(), PlainSolver()).season(sceptics(16, 1), 4, Policy())
    assert season.by_score == pytest.approx(plain.expected_by_week[3] - plain.expected_by_week[1])
    assert season.by_chance > 0
    assert season.history.weeks() == [202_601, 202_602]


@pytest.mark.slow
def test_sceptics_agree_more_often_by_chances_and_nobody_in_reach_is_overlooked() -> None:
    playing = LearnedSeasons(VectorisedScorer(), ExactSolver(), VectorisedChanceModel())
    seasons = [playing.play(sceptics(200, seed), before=BEFORE, after=AFTER) for seed in range(1, 21)]
    assert Interval.of([season.lift for season in seasons]).low > 0
    assert [season.overlooked for season in seasons] == [0] * 20
    assert refused_without_signal([season.history for season in seasons], 2) >= 0.95
