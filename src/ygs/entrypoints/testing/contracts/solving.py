"""The contract of `RoundSolver`: the best pairs, a bound that no choice exceeds, and dual prices that judge any pair.

`best_by_trying` tries every set of pairs, and shares nothing with any solver.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from ygs.domain.matching.market import type_flag, type_mask, type_place
from ygs.ports.scoring_and_solving import MatchingProblem, RoundSolver, Solution

_TOPS = (0, 1, 3, 10, 10_000, 218_000)  # the largest weight: few values make ties, the last is a policy's extreme


def problem_of(
    people: int,
    pairs: Sequence[tuple[int, int, int]],
    capacity: Sequence[int] | None = None,
    tiers: Sequence[Sequence[int]] = (),
) -> MatchingProblem:
    """A problem from rows: pairs as (a, b, weight), tiers as flags per person; the default capacity is 1."""
    a, b, weight = zip(*pairs, strict=True) if pairs else ((), (), ())
    return MatchingProblem(
        array(type_place, a),
        array(type_place, b),
        array(type_mask, weight),
        array(type_flag, capacity or [1] * people),
        tuple(array(type_flag, tier) for tier in tiers),
    )


def best_by_trying(problem: MatchingProblem) -> tuple[int, ...]:
    """The best value there is: each tier's count, then the weight, over every feasible set of pairs."""
    return max(value_of(problem, choice) for choice in _choices(problem, 0, list(problem.capacity)))


def value_of(problem: MatchingProblem, chosen: Sequence[int]) -> tuple[int, ...]:
    """The value of a choice of pairs: each tier's count, then the weight."""
    people = {person for at in chosen for person in (problem.a[at], problem.b[at])}
    counts = (sum(1 for person in people if tier[person]) for tier in problem.tiers)
    return (*counts, sum(problem.weight[at] for at in chosen))


def _choices(problem: MatchingProblem, at: int, room: list[int]) -> Iterator[tuple[int, ...]]:
    if at == len(problem.a):
        yield ()
        return
    yield from _choices(problem, at + 1, room)
    a = problem.a[at]
    b = problem.b[at]
    if room[a] and room[b]:
        room[a] -= 1
        room[b] -= 1
        yield from ((at, *rest) for rest in _choices(problem, at + 1, room))
        room[a] += 1
        room[b] += 1


def made_up(random: Random, *, people: int = 7, pairs: int = 10, two_sides: bool = False) -> MatchingProblem:
    """A small problem of every kind: capacities 0..3, up to three tiers, ties, people without pairs."""
    people = random.randint(0, people)
    possible = [(a, b) for a in range(people) for b in range(a + 1, people) if not two_sides or (a + b) % 2]
    random.shuffle(possible)
    top = random.choice(_TOPS)
    return problem_of(
        people,
        [(a, b, random.randint(0, top)) for a, b in sorted(possible[: random.randint(0, pairs)])],
        [random.choice((0, 1, 1, 1, 2, 3)) for _ in range(people)],
        [[random.randint(0, 1) for _ in range(people)] for _ in range(random.randint(0, 3))],
    )


def check(problem: MatchingProblem, solution: Solution) -> None:
    """Check what holds for every solution, optimal or not."""
    assert list(solution.chosen) == sorted(set(solution.chosen))
    for person, capacity in enumerate(problem.capacity):
        taken = sum(person in (problem.a[at], problem.b[at]) for at in solution.chosen)
        assert taken <= capacity
    assert solution.value == value_of(problem, solution.chosen)
    assert solution.bound >= solution.value
    assert len(solution.prices) == len(problem.capacity)


def equals_trying_everything(solver: RoundSolver, problems: int, *, two_sides: bool) -> Callable[[], None]:
    """A test: on so many made-up problems the solver finds the best value, and proves it where there are two sides."""

    def test() -> None:
        for seed in range(problems):
            problem = made_up(Random(seed), two_sides=two_sides)
            solution = solver.solve(problem)
            check(problem, solution)
            assert solution.value == best_by_trying(problem), seed
            if two_sides:
                assert (solution.bound, solution.slack, solution.scale) == (solution.value, 0, 1), seed

    return test


def prices_judge_further_pairs(solver: RoundSolver, problems: int) -> Callable[[], None]:
    """A test: a pair that does not pass the prices raises nothing; within the slack, it does not pass the bound."""

    def test() -> None:
        judged = 0
        for seed in range(problems):
            random = Random(seed)
            problem = made_up(random, people=6, pairs=8)
            solution = solver.solve(problem)
            known = set(zip(problem.a, problem.b, strict=True))
            for a, b in sorted({*combinations(range(len(problem.capacity)), 2)} - known):
                most = solution.prices[a] + solution.prices[b]
                weight = min(most // solution.scale, max(problem.weight, default=0), 218_000)
                if weight < 0:
                    continue
                judged += 1
                value = best_by_trying(_with(problem, a, b, weight))
                assert value <= solution.bound, seed
                if solution.slack is not None and solution.scale * weight <= most - solution.slack:
                    assert value == solution.value, seed
        assert judged > problems // 4

    return test


def starts_only_save_time(solver: RoundSolver, problems: int) -> Callable[[], None]:
    """A test: from the solution of a problem with fewer pairs, more pairs, other weights or capacities, the same best
    is found."""

    def test() -> None:
        for seed in range(problems):
            random = Random(seed)
            problem = made_up(random, people=12, pairs=30, two_sides=random.random() < 0.5)
            best = solver.solve(problem).value
            for other in (_some(problem, random), _heavier(problem, random), _roomier(problem, random)):
                again = solver.solve(problem, solver.solve(other))
                check(problem, again)
                assert again.value == best, seed

    return test


def _with(problem: MatchingProblem, a: int, b: int, weight: int) -> MatchingProblem:
    return replace(
        problem,
        a=problem.a + array(type_place, [a]),
        b=problem.b + array(type_place, [b]),
        weight=problem.weight + array(type_mask, [weight]),
    )


def _some(problem: MatchingProblem, random: Random) -> MatchingProblem:
    kept = [at for at in range(len(problem.a)) if random.random() < 0.7]
    a, b, weight = (array(c.typecode, [c[at] for at in kept]) for c in (problem.a, problem.b, problem.weight))
    return replace(problem, a=a, b=b, weight=weight)


def _heavier(problem: MatchingProblem, random: Random) -> MatchingProblem:
    return replace(problem, weight=array(type_mask, [weight + random.randint(0, 50) for weight in problem.weight]))


def _roomier(problem: MatchingProblem, random: Random) -> MatchingProblem:
    return replace(problem, capacity=array(type_flag, [random.randint(0, 3) for _ in problem.capacity]))


class SolverContract:
    """Inherit this, and give the fixture `solver`."""

    @pytest.fixture
    def solver(self) -> RoundSolver:
        """The solver under test."""
        raise NotImplementedError

    def test_a_problem_without_people_or_pairs_has_a_solution(self, solver: RoundSolver) -> None:
        assert solver.solve(problem_of(0, [])).value == (0,)
        assert solver.solve(problem_of(3, [], tiers=[[1, 1, 1]])).value == (0, 0)

    def test_the_best_total_is_not_the_greedy_one(self, solver: RoundSolver) -> None:
        solution = solver.solve(problem_of(4, [(0, 2, 10), (0, 3, 9), (1, 2, 9)]))
        assert (list(solution.chosen), solution.value) == ([1, 2], (18,))

    def test_a_triangle_gets_its_heaviest_pair_and_a_bound_by_halves_at_most(self, solver: RoundSolver) -> None:
        solution = solver.solve(problem_of(3, [(0, 1, 4), (0, 2, 4), (1, 2, 4)]))
        assert solution.value == (4,)
        assert (4,) <= solution.bound <= (6,)

    def test_a_pair_is_chosen_once_however_much_room_its_people_have(self, solver: RoundSolver) -> None:
        assert solver.solve(problem_of(2, [(0, 1, 5)], [7, 7])).value == (5,)

    def test_a_tier_outweighs_any_total(self, solver: RoundSolver) -> None:
        pairs = [(0, 3, 218_000), (1, 4, 218_000), (2, 3, 0)]
        assert solver.solve(problem_of(5, pairs, tiers=[[0, 0, 1, 0, 0]])).value == (1, 218_000)

    def test_an_earlier_tier_outweighs_a_later_one(self, solver: RoundSolver) -> None:
        pairs = [(0, 3, 9), (1, 3, 9), (1, 4, 0), (2, 4, 9)]
        tiers = [[1, 0, 0, 0, 0], [0, 1, 1, 0, 0]]
        assert solver.solve(problem_of(5, [*pairs[:2], pairs[3]], tiers=tiers)).value == (1, 1, 18)
        assert solver.solve(problem_of(5, pairs[:3], tiers=tiers)).value == (1, 1, 9)

    def test_zero_weight_pairs_count_for_a_tier(self, solver: RoundSolver) -> None:
        assert solver.solve(problem_of(2, [(0, 1, 0)], tiers=[[1, 1]])).value == (2, 0)

    def test_a_person_without_capacity_is_in_no_pair_and_has_a_price_that_none_is_worth(
        self, solver: RoundSolver
    ) -> None:
        solution = solver.solve(problem_of(3, [(0, 1, 9), (1, 2, 5)], [0, 1, 1], [[1, 0, 0]]))
        assert list(solution.chosen) == [1]
        assert solution.prices[0] > 218_000 * 2

    def test_the_order_of_pairs_changes_no_value(self, solver: RoundSolver) -> None:
        for seed in range(50):
            random = Random(seed)
            problem = made_up(random, people=10, pairs=20)
            order = random.sample(range(len(problem.a)), len(problem.a))
            columns = (problem.a, problem.b, problem.weight)
            a, b, weight = (array(c.typecode, [c[at] for at in order]) for c in columns)
            assert solver.solve(replace(problem, a=a, b=b, weight=weight)).value == solver.solve(problem).value

    def test_the_same_problem_gives_the_same_solution(self, solver: RoundSolver) -> None:
        problem = made_up(Random(7), people=14, pairs=40)
        assert solver.solve(problem) == solver.solve(problem)

    def test_weights_on_another_scale_change_nothing(self, solver: RoundSolver) -> None:
        for seed in range(50):
            problem = made_up(Random(seed), people=10, pairs=20)
            times = replace(problem, weight=array(type_mask, [7 * weight for weight in problem.weight]))
            *tiers, total = solver.solve(problem).value
            assert solver.solve(times).value == (*tiers, 7 * total)
