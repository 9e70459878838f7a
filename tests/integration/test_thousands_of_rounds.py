"""The solvers and the round against trying everything, thousands of times.

`test_solving.py` and `test_rounds.py` do so hundreds of times, in every run.
"""

import pytest

from tests.integration.test_rounds import equals_trying_every_plan
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.adapters.solving.reference import PlainSolver
from ygs.entrypoints.testing.contracts.solving import (
    equals_trying_everything,
    prices_judge_further_pairs,
    starts_only_save_time,
)

pytestmark = pytest.mark.long

test_plain_is_best_on_two_sides = equals_trying_everything(PlainSolver(), 2_000, two_sides=True)
test_plain_is_best_without_sides = equals_trying_everything(PlainSolver(), 2_000, two_sides=False)
test_exact_is_best_on_two_sides = equals_trying_everything(ExactSolver(), 3_000, two_sides=True)
test_exact_is_best_without_sides = equals_trying_everything(ExactSolver(), 3_000, two_sides=False)
test_exact_prices_judge_further_pairs = prices_judge_further_pairs(ExactSolver(), 1_500)
test_exact_starts_only_save_time = starts_only_save_time(ExactSolver(), 1_000)
test_plain_plans_are_best_on_two_sides = equals_trying_every_plan(PlainSolver(), 1_000, two_sides=True)
test_plain_plans_are_best_without_sides = equals_trying_every_plan(PlainSolver(), 1_000, two_sides=False)
test_exact_plans_are_best_on_two_sides = equals_trying_every_plan(ExactSolver(), 2_000, two_sides=True)
test_exact_plans_are_best_without_sides = equals_trying_every_plan(ExactSolver(), 2_000, two_sides=False)
