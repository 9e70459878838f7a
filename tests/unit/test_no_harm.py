"""What a plan by chances gains is not paid for by a group of members, or by one who has waited for eight weeks."""

from collections import Counter
from dataclasses import replace
from itertools import product
from random import Random
from typing import NamedTuple

import pytest

from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.explanations.no_harm_words import no_harm_words
from ygs.application.explanations.override_price import OverridePrice
from ygs.application.explanations.why_not import why_not
from ygs.application.rounds.solve_round import Round
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.chance import GenderRates, PersonRates
from ygs.domain.matching.constraints import Terms
from ygs.domain.matching.market import Candidate, Genders, Market, zeros
from ygs.domain.matching.no_harm import FIRST_BONUS, ComparedPlan, GroupOutcome, NoHarm, compare_plans, groups_of
from ygs.domain.matching.plan import Overrides, PlanObjective, RoundPlan
from ygs.domain.matching.policy import Objective, Policy
from ygs.domain.matching.wishes import Importance, Wish
from ygs.entrypoints.testing.builders import coded

MEN, WOMEN = Genders.MALE, Genders.FEMALE
BY_CHANCE = Policy(floor=0, objective=Objective.CHANCE, affinities=(), wait_bonus=0)


def group(**changed: int) -> GroupOutcome:
    usual = {"introduced_by_chance": 40, "introduced_by_score": 40}
    usual |= {"expected_by_chance": 8_000_000, "expected_by_score": 8_000_000}
    return GroupOutcome(gender="male", born=1990, people=50, **usual | changed)


@pytest.mark.parametrize(
    ("changed", "harmed"),
    [
        ({}, False),
        ({"introduced_by_chance": 38}, False),
        ({"introduced_by_chance": 37}, True),
        ({"introduced_by_chance": 0, "introduced_by_score": 1}, False),
        ({"introduced_by_chance": 0, "introduced_by_score": 2}, True),
        ({"expected_by_chance": 7_600_000}, False),
        ({"expected_by_chance": 7_599_999}, True),
        ({"expected_by_chance": 20_000_000}, False),
    ],
)
def test_a_group_may_lose_a_twentieth(changed: dict[str, int], harmed: bool) -> None:
    assert group(**changed).harmed == harmed


def couples(count: int, *, born: int = 52, waited: int = 0) -> Market:
    """As many men as women, of one group each: men at the even places."""
    people = [
        Candidate(
            id=f"p{number:03}",
            gender=WOMEN if number % 2 else MEN,
            seeks=MEN if number % 2 else WOMEN,
            facts={"birth_year": born},
            weeks_waited=waited,
        )
        for number in range(2 * count)
    ]
    return Market.of(people)


def test_groups_are_genders_and_five_years_of_birth_and_small_ones_are_one() -> None:
    market = couples(24)
    for place in range(8):
        market.facts["birth_year"][place] = 0 if place < 4 else 20
    everybody = ComparedPlan(tuple((2 * k, 2 * k + 1, 250_000) for k in range(24)), 1_000)
    compared = compare_plans(market, everybody, everybody)
    assert [(each.gender, each.born, each.people, each.expected_by_chance) for each in compared.groups] == [
        ("female", 0, 4, 1_000_000),
        ("female", 1990, 20, 5_000_000),
        ("male", 0, 4, 1_000_000),
        ("male", 1990, 20, 5_000_000),
    ]
    assert compared.kept


@pytest.mark.parametrize(("waited", "overlooked"), [(6, 0), (7, 2)])
def test_nobody_in_the_eighth_week_is_left_out_whom_scores_would_introduce(waited: int, overlooked: int) -> None:
    market = couples(40, waited=waited)
    by_score = ComparedPlan(tuple((2 * k, 2 * k + 1, 200_000) for k in range(40)), 1_000)
    by_chance = ComparedPlan(tuple((2 * k, 2 * k + 1, 300_000) for k in range(39)), 1_000)
    compared = compare_plans(market, by_chance, by_score)
    assert compared.overlooked == overlooked
    assert compared.kept == (not overlooked)
    harm = [each for each in no_harm_words(compared, Language.EN) if "without an introduction" in each]
    assert harm == ["Members who would be without an introduction for 8 weeks or longer: 2."] * (overlooked > 0)


def two_kinds_of_women(*, rewarded: bool) -> Market:
    """More men than women; the men who suit the women best hardly ever say yes. Where that is `rewarded`, chances give
    all introductions to the older men, and the younger have none."""
    rates = {gender: GenderRates(base=0, slope=0, centre=0, answering=10_000) for gender in Genders}
    people = [
        *(Candidate(id=f"a{k}", gender=MEN, seeks=WOMEN, facts={"birth_year": 57}) for k in range(3)),
        *(Candidate(id=f"b{k}", gender=MEN, seeks=WOMEN, facts={"birth_year": 46}) for k in range(3)),
        *(Candidate(id=f"w{k}", gender=WOMEN, seeks=MEN, facts={"birth_year": 57}) for k in range(3)),
    ]
    says_yes = {f"a{k}": PersonRates(says_yes=-4_000 * rewarded, wanted=0, answering=10_000) for k in range(3)}
    return Market.of(people).with_chances("1", rates, says_yes)


def planned(market: Market, policy: Policy = BY_CHANCE, *, guarded: bool = True) -> RoundPlan:
    return Round(market, policy, scorer=PlainScorer(), solver=PlainSolver(), guarded=guarded).plan()


def test_where_the_rule_breaks_the_plan_by_scores_is_taken_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ygs.domain.matching.no_harm.LEAST_GROUP", 3)
    market = two_kinds_of_women(rewarded=True)
    wishful = replace(BY_CHANCE, affinities=Policy().affinities[:1])
    plan = planned(market, wishful)
    by_score = planned(market, replace(wishful, objective=Objective.TOTAL))
    assert {pair.a[0] for pair in planned(market, wishful, guarded=False).pairs} == {"b"}
    assert plan.no_harm is not None
    assert not plan.no_harm.kept
    assert not plan.by_chance
    assert replace(plan, no_harm=None) == by_score
    assert RoundPlan.from_json(plan.to_json()) == plan
    assert list(no_harm_words(plan.no_harm, Language.KO)) == [
        "확률을 기준으로 하면 손해를 보는 회원이 있어, 점수를 기준으로 한 매칭안을 제안합니다.",
        "1995~1999년생 남성: 소개 3명 → 0명, 서로 수락할 것으로 기대되는 소개 0.0건 → 0.0건",
    ]


def test_a_plan_by_chances_that_keeps_the_rule_is_proposed_with_the_comparison() -> None:
    plan = planned(two_kinds_of_women(rewarded=False))
    assert plan.by_chance
    assert plan.no_harm is not None
    assert plan.no_harm.kept
    assert RoundPlan.from_json(plan.to_json()) == plan


def crowded(seed: int) -> Market:
    """Seven men of two generations and four women: by chances the younger men, who are less wanted, lose out."""
    rng = Random(seed)
    rates = {gender: GenderRates(base=0, slope=20, centre=5_000, answering=10_000) for gender in Genders}
    men = [
        Candidate(
            id=f"m{k}",
            gender=MEN,
            seeks=WOMEN,
            facts={"birth_year": 57 if k < 4 else 46, **coded(height_cm=170 + 2 * (k % 4))},
        )
        for k in range(7)
    ]
    women = [
        Candidate(
            id=f"w{k}",
            gender=WOMEN,
            seeks=MEN,
            facts={"birth_year": 57},
            wishes={"height_cm": Wish.between("height_cm", 170 + 2 * rng.randrange(5), None, Importance.STRONG)},
        )
        for k in range(4)
    ]
    people = [*men, *women]
    wanted = {
        each.id: PersonRates(
            says_yes=rng.randrange(-500, 500), wanted=700 * (k > 3) + rng.randrange(500), answering=10_000
        )
        for k, each in enumerate(people)
    }
    return Market.of(people).with_chances("1", rates, wanted)


def mended(monkeypatch: pytest.MonkeyPatch) -> tuple[Market, RoundPlan]:
    """A market where the plain plan by chances harms the younger men, and the plan that keeps the rule."""
    monkeypatch.setattr("ygs.domain.matching.no_harm.LEAST_GROUP", 3)
    for seed in range(200):
        market = crowded(seed)
        plan = planned(market)
        if plan.by_chance and plan.group_bonuses:
            return market, plan
    raise AssertionError("no market of that kind")


def test_a_harmed_group_is_given_its_introductions_back_within_the_plan_by_chances(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market, plan = mended(monkeypatch)
    plain = planned(market, guarded=False)
    by_score = planned(market, replace(BY_CHANCE, objective=Objective.TOTAL))
    assert plan.no_harm is not None
    assert plan.no_harm.kept
    assert by_score.report.total_chance is not None
    assert plan.report.total_chance is not None
    assert plain.report.total_chance is not None
    assert by_score.report.total_chance < plan.report.total_chance < plain.report.total_chance
    assert RoundPlan.from_json(plan.to_json()) == plan
    points = min(plan.group_bonuses.values()) // 10_000
    assert any(f" {points}%p" in sentence for sentence in no_harm_words(plan.no_harm, Language.KO))


def test_no_plan_that_introduces_these_groups_as_often_has_a_greater_total_of_chances(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market, plan = mended(monkeypatch)
    groups = groups_of(market)
    places = market.places()
    chances = {(each.a, each.b): each.worth for each in every_pair(market)}
    least = Counter(groups[places[person]] for pair in plan.pairs for person in (pair.a, pair.b))
    women = [place for place, gender in enumerate(market.genders) if gender == WOMEN]
    best = 0
    for partners in product([None, *range(7)], repeat=len(women)):
        chosen = [(man, woman) for man, woman in zip(partners, women, strict=True) if man is not None]
        met = [man for man, _ in chosen]
        if len(met) > len(set(met)) or any((min(pair), max(pair)) not in chances for pair in chosen):
            continue
        count = Counter(groups[person] for pair in chosen for person in pair)
        if all(count[group] >= least[group] for group in plan.group_bonuses):
            best = max(best, sum(chances[min(pair), max(pair)] for pair in chosen))
    assert plan.report.total_chance == best
    assert plan.certificate is not None
    assert plan.certificate.proven


class EveryPair(NamedTuple):
    a: int
    b: int
    worth: int


def every_pair(market: Market) -> list[EveryPair]:
    pairs = PlainScorer().scores(market, BY_CHANCE).best(len(market), zeros("q", len(market)))
    return [EveryPair(*row) for row in zip(pairs.a, pairs.b, pairs.worth, strict=True)]


def test_the_engines_agree_on_what_plans_with_bonuses_are_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ygs.domain.matching.no_harm.LEAST_GROUP", 3)
    alike = 0
    for seed in range(12):
        slow = planned(crowded(seed))
        fast = Round(crowded(seed), BY_CHANCE, scorer=VectorisedScorer(), solver=ExactSolver()).plan()
        # Of two plans of the same worth the engines may choose either, and only one may keep the rule.
        if slow.by_chance and slow.group_bonuses and slow.group_bonuses == fast.group_bonuses:
            assert slow.certificate is not None
            assert fast.certificate is not None
            assert slow.certificate.value == fast.certificate.value
            alike += 1
    assert alike


def test_the_prices_of_a_plan_with_bonuses_explain_every_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    market, plan = mended(monkeypatch)
    terms = Terms.of(market, BY_CHANCE, Overrides(), plan.group_bonuses)
    together = {(each.a, each.b) for each in plan.pairs}
    for a, b, worth in every_pair(market):
        shortfall = plan.prices[a] + plan.prices[b] - plan.scale * terms.weight(a, b, worth)
        why = why_not(plan, market, BY_CHANCE, a, b)
        if (market.ids[a], market.ids[b]) in together:
            assert shortfall == 0
        else:
            assert why.cost == -(-shortfall // plan.scale) >= 0


def test_a_round_is_planned_alike_again_and_as_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    market, plan = mended(monkeypatch)
    again = Round(market, BY_CHANCE, scorer=PlainScorer(), solver=PlainSolver())
    assert again.plan().to_json() == plan.to_json()
    forbidden = Overrides.of(forbids=[(plan.pairs[0].a, plan.pairs[0].b)])
    other = again.plan(forbidden)
    back = again.plan()
    assert other.pairs != plan.pairs
    assert back.certificate is not None
    assert plan.certificate is not None
    assert (back.certificate.value, back.no_harm) == (plan.certificate.value, plan.no_harm)


def test_a_stored_comparison_of_before_there_were_bonuses_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(two_kinds_of_women(rewarded=False))
    assert RoundPlan.from_json(plan.to_json().replace('"bonus":0,', "")) == plan


def test_bonuses_begin_and_double_for_the_groups_that_are_harmed() -> None:
    harmed = group(introduced_by_chance=20)
    compared = NoHarm(
        groups=(harmed, replace(harmed, born=1985, bonus=40_000), group(), replace(group(), born=1980, bonus=20_000)),
        overlooked=0,
        gini_by_chance=0,
        gini_by_score=0,
    )
    raised = {("male", 1990): FIRST_BONUS, ("male", 1985): 80_000, ("male", 1980): 20_000}
    assert compared.raised() == raised


def test_a_change_after_which_the_other_objective_is_planned_is_priced_in_both_units(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ygs.domain.matching.no_harm.LEAST_GROUP", 3)
    wishful = replace(BY_CHANCE, affinities=Policy().affinities[:1])
    before, after = (
        planned(two_kinds_of_women(rewarded=True), wishful),
        planned(two_kinds_of_women(rewarded=False), wishful),
    )
    assert (before.by_chance, after.by_chance) == (False, True)
    price = OverridePrice.of(before, after, {}, {})
    assert [each.objective for each in price.objectives][-2:] == [PlanObjective.TOTAL, PlanObjective.CHANCES]


def test_a_policy_by_scores_is_planned_once() -> None:
    plan = planned(two_kinds_of_women(rewarded=True), replace(BY_CHANCE, objective=Objective.TOTAL))
    assert plan.no_harm is None
    assert plan.overrides == Overrides()
