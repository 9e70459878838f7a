"""Simulated seasons: the same clubs for every policy, honest sums, and fairness that shows."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.rounds.solve_round import plan_round
from ygs.application.simulation.simulate import Interval, Scenario, Simulation, SimulationResult, usual_policies
from ygs.application.simulation.simulated_club import RunningSeason, Season, SimulatedClub
from ygs.domain.errors import DomainError, RoundRefused
from ygs.domain.matching.policy import Objective, Policy

SMALL = Scenario(men=24, women=10, weeks=6, seeds=(1, 2))


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return Simulation(PlainScorer(), PlainSolver())


@pytest.fixture(scope="module")
def outcomes(simulation: Simulation) -> dict[str, SimulationResult]:
    return {outcome.policy: outcome for outcome in simulation.compare(SMALL, usual_policies())}


def seasons(outcomes: dict[str, SimulationResult]) -> list[Season]:
    return [season for outcome in outcomes.values() for season in outcome.seasons]


def test_a_season_follows_from_its_seed(simulation: Simulation) -> None:
    def season(seed: int) -> Season:
        return simulation.season(SimulatedClub(men=12, women=8, seed=seed), 2, Policy())

    assert season(3) == season(3)
    assert replace(season(3), seed=4) != season(4)


def test_made_up_members_of_whom_nothing_was_learned_are_not_simulated_by_chances(simulation: Simulation) -> None:
    with pytest.raises(RoundRefused, match="there are no chances"):
        simulation.season(SimulatedClub(men=3, women=3, seed=1), 1, Policy(objective=Objective.CHANCE))


def test_every_policy_has_one_season_per_club(outcomes: dict[str, SimulationResult]) -> None:
    assert list(outcomes) == list(usual_policies())
    assert all([season.seed for season in outcome.seasons] == [1, 2] for outcome in outcomes.values())


def test_figures_add_up_week_by_week(outcomes: dict[str, SimulationResult]) -> None:
    for season in seasons(outcomes):
        assert len(season.expected_by_week) == len(season.introduced_by_week) == SMALL.weeks
        assert list(season.expected_by_week) == sorted(season.expected_by_week)
        assert season.expected_by_week[-1] == season.expected_mutual
        assert list(season.introduced_by_week) == sorted(season.introduced_by_week)
        assert season.introduced_by_week[-1] + season.never_introduced == SMALL.men + SMALL.women
        assert 0 <= season.mutual <= season.introductions <= SMALL.weeks * SMALL.women * 2
        assert season.overlooked <= season.never_introduced


def test_nobody_is_introduced_to_the_same_person_twice() -> None:
    running, pairs = RunningSeason(SimulatedClub(men=8, women=6, seed=1), capacity=1), []
    for week in range(4):
        plan = plan_round(running.market, seed=week, scorer=PlainScorer(), solver=PlainSolver())
        running.introduce(plan)
        pairs += [(pair.a, pair.b) for pair in plan.pairs]
    assert len(set(pairs)) == len(pairs) > 6
    assert sum(running.market.introduced) == 2 * len(pairs)


def test_the_default_policy_overlooks_nobody(outcomes: dict[str, SimulationResult]) -> None:
    assert [season.overlooked for season in outcomes["default"].seasons] == [0, 0]
    assert max(season.longest_wait for season in outcomes["default"].seasons) <= Policy().longest_wait + 2


def test_without_fairness_somebody_is_overlooked(outcomes: dict[str, SimulationResult]) -> None:
    assert sum(season.overlooked for season in outcomes["unconstrained"].seasons) > 0
    assert sum(season.overlooked for season in outcomes["greedy"].seasons) > 0


def test_the_first_policy_costs_nothing_against_itself(outcomes: dict[str, SimulationResult]) -> None:
    assert outcomes["unconstrained"].cost(outcomes["unconstrained"]) == Interval(0.0, 0.0, 0.0)


def test_costs_compare_the_seasons_of_one_club() -> None:
    def outcome(*expected: float) -> SimulationResult:
        return SimulationResult("any", tuple(_season(each) for each in expected))

    assert outcome(9.0, 90.0).cost(outcome(10.0, 100.0)).mean == pytest.approx(10.0)
    assert outcome(9.0, 90.0).cost(outcome(10.0, 100.0)).high == pytest.approx(10.0)
    assert outcome(0.0, 0.0).cost(outcome(0.0, 0.0)) == Interval(0.0, 0.0, 0.0)


def test_intervals_are_students() -> None:
    interval = Interval.of([1, 2, 3, 4, 5])
    assert interval.mean == 3
    assert interval.high - 3 == pytest.approx(2.776 * (2.5 / 5) ** 0.5) == 3 - interval.low


def test_progress_counts_every_week_of_every_season(simulation: Simulation) -> None:
    told: list[tuple[str, int, int]] = []
    scenario = replace(SMALL, weeks=2)
    simulation.compare(scenario, {"default": Policy()}, lambda *step: told.append(step))
    assert told == [("simulate", done, 4) for done in range(1, 5)]


def test_a_club_of_one_gender_introduces_nobody_and_overlooks_nobody(simulation: Simulation) -> None:
    season = simulation.season(SimulatedClub(men=3, women=0, seed=1), 2, Policy())
    assert (season.introductions, season.never_introduced, season.overlooked, season.expected_mutual) == (0, 3, 0, 0)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: Scenario(men=1, women=0, weeks=1, seeds=(1, 2)),
        lambda: Scenario(men=-1, women=5, weeks=1, seeds=(1, 2)),
        lambda: Scenario(men=100_000, women=1, weeks=1, seeds=(1, 2)),
        lambda: Scenario(men=2, women=2, weeks=0, seeds=(1, 2)),
        lambda: Scenario(men=2, women=2, weeks=53, seeds=(1, 2)),
        lambda: Scenario(men=2, women=2, weeks=1, seeds=(1,)),
        lambda: Scenario(men=2, women=2, weeks=1, seeds=(1, 1)),
    ],
)
def test_what_cannot_be_simulated_is_refused(impossible: Callable[[], Scenario]) -> None:
    with pytest.raises(DomainError):
        impossible()


def _season(expected: float) -> Season:
    return Season(
        seed=1,
        introductions=0,
        expected_mutual=expected,
        mutual=0,
        never_introduced=0,
        overlooked=0,
        gini=0,
        mean_wait=0.0,
        longest_wait=0,
        expected_by_week=(expected,),
        introduced_by_week=(0,),
    )
