"""Stable and greedy rounds are what they say, and blocking pairs are counted over the whole market."""

from collections.abc import Sequence
from itertools import combinations
from random import Random

import pytest

from tests.integration.test_rounds import (
    EVERYTHING,
    MEN,
    every_plan,
    fitting,
    hold_little,
    planned,
    some_overrides,
    some_people,
)
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.rounds.solve_round import Round
from ygs.domain.errors import RoundRefused
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.matching.plan import Overrides, PairOfIds, RoundPlan
from ygs.domain.matching.policy import Policy, Strategy
from ygs.domain.matching.scoring import mutual, satisfaction


def test_a_stable_plan_has_no_blocking_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_little(monkeypatch)
    for seed in range(40):
        people = some_people(Random(seed), 12, two_sides=True)
        by_id = {each.id: each for each in people}
        plan = planned(people, Policy(strategy=Strategy.STABLE, floor=0))
        assert plan.report.blocking_pairs == 0
        assert blocking(plan, by_id, EVERYTHING) == 0


def test_blocking_pairs_of_any_plan_are_counted_over_the_whole_market() -> None:
    for seed in range(30):
        random = Random(seed)
        people = some_people(random, 12, two_sides=False)
        by_id = {each.id: each for each in people}
        overrides = some_overrides(random, people, EVERYTHING, set())
        for strategy in (Strategy.OPTIMAL, Strategy.GREEDY):
            plan = planned(people, Policy(floor=0, strategy=strategy), overrides)
            assert plan.report.blocking_pairs == blocking(plan, by_id, EVERYTHING), seed


def test_a_stable_plan_is_one_of_those_found_by_trying_every_plan() -> None:
    ties = several = 0
    for seed in range(300):
        people = some_people(Random(seed), 7, two_sides=True)
        by_id = {each.id: each for each in people}
        plans = every_plan(people, EVERYTHING, Overrides(), set())
        none = Overrides()
        stable = {frozenset(pairs) for pairs in plans if not blocking_pairs(pairs, by_id, EVERYTHING, none)}
        plan = planned(people, Policy(strategy=Strategy.STABLE, floor=0))
        assert frozenset((pair.a, pair.b) for pair in plan.pairs) in stable, seed
        several += len(stable) > 1
        ties += has_ties(people)
    assert several > 5
    assert ties > 20


def has_ties(people: Sequence[Candidate]) -> bool:
    """Whether somebody likes two others equally."""
    liked = [[satisfaction(me, them, EVERYTHING) for them in people if fitting(me, them, EVERYTHING)] for me in people]
    return any(len(set(each)) < len(each) for each in liked)


def blocking(plan: RoundPlan, by_id: dict[str, Candidate], policy: Policy) -> int:
    return blocking_pairs([(pair.a, pair.b) for pair in plan.pairs], by_id, policy, plan.overrides)


def blocking_pairs(plan: Sequence[PairOfIds], by_id: dict[str, Candidate], policy: Policy, overrides: Overrides) -> int:
    """Pairs outside the plan who both strictly prefer each other to the least liked of their partners, or have room."""
    partners: dict[str, list[str]] = {each: [] for each in by_id}
    for a, b in plan:
        partners[a].append(b)
        partners[b].append(a)

    def would(me: str, them: str) -> bool:
        if len(partners[me]) < by_id[me].capacity:
            return True
        liked = satisfaction(by_id[me], by_id[them], policy)
        return liked > min(satisfaction(by_id[me], by_id[other], policy) for other in partners[me])

    return sum(
        would(a, b) and would(b, a)
        for a, b in combinations(sorted(by_id.keys() - overrides.left_out), 2)
        if b not in partners[a] and (a, b) not in overrides.forbids and fitting(by_id[a], by_id[b], policy)
    )


def test_a_greedy_plan_takes_the_best_mutual_score_still_free(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_little(monkeypatch)
    for seed in range(30):
        people = some_people(Random(seed), 12, two_sides=False)
        room = {each.id: each.capacity for each in people}
        pairs = [(one, other) for one, other in combinations(people, 2) if fitting(one, other, EVERYTHING)]
        expected = []
        for one, other in sorted(
            pairs, key=lambda pair: (-mutual(pair[0], pair[1], EVERYTHING), pair[0].id, pair[1].id)
        ):
            if room[one.id] and room[other.id]:
                room[one.id], room[other.id] = room[one.id] - 1, room[other.id] - 1
                expected.append((one.id, other.id))
        plan = planned(people, Policy(floor=0, strategy=Strategy.GREEDY))
        assert [(pair.a, pair.b) for pair in plan.pairs] == sorted(expected)


def test_a_stable_plan_of_a_market_without_two_sides_is_refused() -> None:
    three = [Candidate(id=name, gender=MEN, seeks=MEN) for name in "abc"]
    with pytest.raises(RoundRefused, match="two sides"):
        planned(three, Policy(strategy=Strategy.STABLE, floor=0))
    round_ = Round(Market.of(three), EVERYTHING, scorer=PlainScorer(), solver=PlainSolver())
    plans = round_.compare()
    assert "two sides" in str(plans[Strategy.STABLE])
    assert isinstance(plans[Strategy.GREEDY], RoundPlan)
