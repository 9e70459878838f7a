"""Rounds with adjusted pairs: the best by adjusted weight, proven, with nobody let in."""

from array import array
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.test_rounds import (
    every_plan,
    hold_little,
    some_overrides,
    some_pairs,
    some_people,
    somebody_learned,
    value,
    weight_of,
    worth,
)
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.rounds.solve_round import Round, plan_round
from ygs.domain.errors import BadFile, InvalidFact
from ygs.domain.matching.adjustments import MOST_SHARE, Adjustments, adjusted
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.matching.plan import Overrides, PairOfIds
from ygs.domain.matching.policy import Objective, Policy, Strategy
from ygs.ports.scoring_and_solving import RoundSolver, Scorer

Shares = Mapping[PairOfIds, int]


def some_shares(random: Random, people: list[Candidate], most: int) -> Shares:
    return {pair: random.choice((-2_000, -700, -3, 0, 5, 900, 2_000)) for pair in some_pairs(random, people, most)}


def adjusted_worth(
    plan: list[PairOfIds], people: list[Candidate], policy: Policy, shares: Shares, market: Market
) -> tuple[int, ...]:
    """The worth of a plan from the people and shares themselves, and what the market learned."""
    *tiers, total = worth(plan, people, policy, market)
    by_id = {each.id: each for each in people}
    for a, b in plan:
        if (a, b) in shares:
            weight = weight_of(by_id[a], by_id[b], policy, market)
            moved = weight * abs(shares[a, b]) // 10_000
            total += moved if shares[a, b] > 0 else -moved
    return (*tiers, total)


@pytest.mark.parametrize("little", [False, True], ids=["much held", "little held"])
@pytest.mark.parametrize("two_sides", [True, False], ids=["two sides", "no sides"])
@pytest.mark.parametrize("solver", [PlainSolver(), ExactSolver()], ids=["plain", "exact"])
def test_the_plan_is_the_best_of_all_by_adjusted_weights(
    solver: RoundSolver, two_sides: bool, little: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if little:
        hold_little(monkeypatch)
    changed = 0
    for seed in range(50):
        random = Random(seed)
        people = some_people(random, 6, two_sides=two_sides)
        policy = Policy(floor=random.choice((0, 4_000)), wait_bonus=random.choice((0, 300)))
        if seed % 3 == 0:
            policy = replace(policy, objective=Objective.CHANCE)
        met = some_pairs(random, people, 2)
        overrides = some_overrides(random, people, policy, met)
        shares = some_shares(random, people, 12)
        market = somebody_learned(random, Market.of(people, met=met)).with_adjustments(shares)
        plan = plan_round(market, policy, overrides, scorer=PlainScorer(), solver=solver, guarded=False)
        every = [list(each) for each in every_plan(people, policy, overrides, met)]
        best = max(adjusted_worth(each, people, policy, shares, market) for each in every)
        chosen = [(pair.a, pair.b) for pair in plan.pairs]
        assert (value(plan), adjusted_worth(chosen, people, policy, shares, market)) == (best, best), seed
        assert plan.certificate is not None
        assert plan.certificate.proven, seed
        assert sorted(chosen) in [sorted(each) for each in every], seed
        changed += best != max(worth(each, people, policy, market) for each in every)
    assert changed >= 3


@pytest.mark.parametrize("two_sides", [True, False], ids=["two sides", "no sides"])
@pytest.mark.parametrize("scorer", [PlainScorer(), VectorisedScorer()], ids=["plain", "fast"])
def test_however_little_is_held_larger_markets_come_out_the_same(
    scorer: Scorer, two_sides: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most pairs are adjusted downwards, so every search finds pairs that are held already."""
    markets = []
    for seed in range(8):
        random = Random(seed)
        people = some_people(random, 30, two_sides=two_sides)
        shares = {pair: random.choice((-2_000, -2_000, 1_500)) for pair in some_pairs(random, people, 300)}
        markets.append(Market.of(people).with_adjustments(shares))
    policy = Policy(floor=0)
    whole = [value(plan_round(each, policy, scorer=PlainScorer(), solver=ExactSolver())) for each in markets]
    hold_little(monkeypatch)
    for market, best in zip(markets, whole, strict=True):
        plan = plan_round(market, policy, scorer=scorer, solver=ExactSolver())
        assert value(plan) == best
        assert plan.certificate is not None
        assert plan.certificate.proven


def test_an_adjustment_lets_nobody_in() -> None:
    people = some_people(Random(4), 14, two_sides=True)
    met = some_pairs(Random(5), people, 20)
    plain = Market.of(people, met=met)
    every = dict.fromkeys(combinations(sorted(each.id for each in people), 2), MOST_SHARE)
    moved = Round(plain.with_adjustments(every), Policy(), scorer=PlainScorer(), solver=PlainSolver())
    without = Round(plain, Policy(), scorer=PlainScorer(), solver=PlainSolver())
    for strategy in Strategy:
        assert not met & {(pair.a, pair.b) for pair in moved.plan(strategy=strategy).pairs}
    # All weights moved alike, so the same pairs are the best, and those that nobody may meet are not there.
    assert moved.plan().pairs == without.plan().pairs


def test_strategies_without_weights_and_replanning_keep_to_the_same_adjustments() -> None:
    people = some_people(Random(7), 20, two_sides=True)
    market = Market.of(people).with_adjustments(some_shares(Random(8), people, 60))
    round_ = Round(market, Policy(floor=0), scorer=PlainScorer(), solver=ExactSolver())
    first = round_.plan()
    pair = first.pairs[0]
    round_.plan(Overrides.of(forbids=[(pair.a, pair.b)]))
    assert value(round_.plan()) == value(first)
    plain = Round(Market.of(people), Policy(floor=0), scorer=PlainScorer(), solver=ExactSolver())
    for strategy in (Strategy.GREEDY, Strategy.STABLE):
        assert round_.plan(strategy=strategy).pairs == plain.plan(strategy=strategy).pairs


def test_adjustments_are_a_part_of_the_stored_market_and_of_its_hash() -> None:
    people = some_people(Random(5), 20, two_sides=False)
    plain = Market.of(people)
    shares = some_shares(Random(6), people, 20)
    market = plain.with_adjustments(shares)
    again = Market.from_bytes(market.to_bytes())
    assert again == market
    assert market.adjustments is not None
    assert again.input_hash() == market.input_hash() != plain.input_hash()
    assert plain.with_adjustments({}).to_bytes() == plain.to_bytes()
    turned = {(b, a): share for (a, b), share in reversed(list(shares.items()))}
    assert plain.with_adjustments(turned).to_bytes() == market.to_bytes()
    assert plain.with_adjustments({("u00", "nobody"): 5}).adjustments is None


@pytest.mark.parametrize(
    "columns",
    [
        (array("q", [1]), array("h")),
        (array("q", [1]), array("h", [0])),
        (array("q", [1]), array("h", [2_001])),
        (array("q", [-1]), array("h", [5])),
        (array("q", [9]), array("h", [5])),
        (array("q", [1]), array("q", [5])),
        (),
    ],
)
def test_damaged_adjustments_are_noticed(columns: tuple["array[int]", ...]) -> None:
    with pytest.raises(BadFile):
        Adjustments.from_snapshot(columns, 3)


@pytest.mark.parametrize("share", [-MOST_SHARE - 1, MOST_SHARE + 1])
def test_no_share_goes_beyond_the_bound(share: int) -> None:
    with pytest.raises(InvalidFact):
        Adjustments.of({1: share})


@given(st.integers(0, 10**9), st.integers(-MOST_SHARE, MOST_SHARE))
def test_an_adjusted_weight_stays_within_its_share_and_keeps_its_sign(weight: int, share: int) -> None:
    moved = adjusted(weight, share)
    assert abs(moved - weight) * 10_000 <= weight * abs(share)
    assert moved >= 0
    assert (moved - weight) * share >= 0
