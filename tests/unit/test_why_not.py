"""Why B and not C: the price is never more than what solving again with the pair pinned really costs."""

from array import array
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.override_price import change_by
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.explanations.questions import questions_to_ask
from ygs.application.explanations.why_not import Partner, WhyNot, why_not
from ygs.application.rounds.solve_round import Round
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.chance import GenderRates
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.market import Candidate, Genders, Market, type_flag
from ygs.domain.matching.plan import Overrides
from ygs.domain.matching.policy import Objective, Policy, Strategy
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.entrypoints.testing.contracts.what_if import eligible_places
from ygs.entrypoints.testing.people import markets, policies, with_chances
from ygs.ports.scoring_and_solving import RoundSolver, Scorer

KO, EN = Language.KO, Language.EN


def round_of(market: Market, policy: Policy) -> Round:
    return Round(market, policy, scorer=PlainScorer(), solver=PlainSolver(), guarded=False)


def waiting(market: Market, weeks: list[int]) -> Market:
    """The market after these weeks of waiting: so that some come before the total."""
    for place, waited in zip(range(len(market)), weeks, strict=False):
        market.weeks_waited[place] = waited
        market.due[place] = waited == 1
    return market


def cost_is_never_more_than_solving_again_shows(scorer: Scorer, solver: RoundSolver) -> Callable[[], None]:
    """A test with these engines."""

    @settings(deadline=None, max_examples=60)
    @given(
        markets(least=2, most=7).flatmap(with_chances),
        policies(),
        st.lists(st.integers(0, 5), min_size=7, max_size=7),
        st.sampled_from(Objective),
        st.booleans(),
    )
    def test(market: Market, policy: Policy, weeks: list[int], objective: Objective, two_sided: bool) -> None:
        if two_sided:
            market.seeks[:] = array(type_flag, (3 - gender for gender in market.genders))
        market, policy = waiting(market, weeks), replace(policy, objective=objective)
        planning = Round(market, policy, scorer=scorer, solver=solver, guarded=False)
        plan = planning.plan()
        for a, c in combinations(range(len(market)), 2):
            why = why_not(plan, market, policy, a, c)
            assert (not why.objections) == (c in eligible_places(market, market.person(a), policy))
            if why.objections or why.together:
                assert why.cost is None
                continue
            change = change_by(Overrides.of(pins=[(market.ids[a], market.ids[c])]), planning, plan)
            if why.costs_a_promise:
                assert change[:-1] < (0,) * (len(change) - 1)
            elif why.cost is not None:
                assert change <= (*(0,) * (len(change) - 1), -why.cost)

    return test


test_the_cost_is_never_more_than_solving_again_shows = cost_is_never_more_than_solving_again_shows(
    PlainScorer(), PlainSolver()
)


def person(id: str, born: int, *wishes: Wish) -> Candidate:
    man = id in ("a", "b")
    return Candidate(
        id=id,
        gender=Genders.MALE if man else Genders.FEMALE,
        seeks=Genders.FEMALE if man else Genders.MALE,
        facts={"birth_year": VOCABULARY["birth_year"].code_of(born)},
        wishes={wish.attribute: wish for wish in wishes},
    )


ONE_SIDED = Policy(floor=0, affinities=(), wait_bonus=0)


def test_a_swap_says_what_both_got_and_what_it_would_cost_at_least() -> None:
    near = Wish.between("birth_year", 1990, 1990, Importance.FAIR)
    market = Market.of([person("a", 1990, near), person("b", 1990), person("w", 1991), person("x", 1990)])
    plan = round_of(market, ONE_SIDED).plan()
    why = why_not(plan, market, ONE_SIDED, 0, 2)
    assert why == WhyNot(
        a="a",
        c="w",
        together=False,
        objections=(),
        mutual=8165,
        a_got=(Partner("x", 10_000),),
        c_got=(Partner("b", 10_000),),
        cost=1835,
    )
    assert why.sentences(KO) == (
        "a 님과 w 님의 점수는 81.7%입니다.",
        "a 님의 이번 주 상대: x 님(100.0%).",
        "w 님의 이번 주 상대: b 님(100.0%).",
        "두 사람을 소개하면 전체 점수가 1,835점 이상 줄어듭니다(완벽한 한 쌍이 10,000점).",
    )
    assert why.sentences(EN)[-1] == (
        "Introducing them would cost the plan at least 1,835 points (a perfect pair is 10,000)."
    )
    assert why_not(plan, market, ONE_SIDED, 0, 3).sentences(KO) == ("a 님과 x 님은 이번 주에 소개됩니다.",)


def test_a_swap_by_chances_says_what_it_would_cost_of_all_chances() -> None:
    rates = {gender: GenderRates(base=0, slope=10_000, centre=10_000, answering=10_000) for gender in Genders}
    near = Wish.between("birth_year", 1990, 1990, Importance.FAIR)
    people = [person("a", 1990, near), person("b", 1990), person("w", 1991), person("x", 1990)]
    market = Market.of(people).with_chances("1", rates, {})
    policy = replace(ONE_SIDED, objective=Objective.CHANCE)
    plan = round_of(market, policy).plan()
    assert [(pair.a, pair.b, pair.chance) for pair in plan.pairs] == [("a", "x", 250_000), ("b", "w", 250_000)]
    assert plan.report.total_chance == 500_000
    why = why_not(plan, market, policy, 0, 2)
    assert why.cost == 232_772  # of a half, what a sigmoid of -3.334 leaves to lose
    assert why.sentences(KO)[-1] == (
        "두 사람을 소개하면 서로 수락할 확률의 합이 23.2772%p 이상 줄어듭니다(확실한 한 쌍이 100%p)."
    )
    assert why.sentences(EN)[-1] == (
        "Introducing them would cost at least 23.2772 points of all chances (a sure pair is 100)."
    )


def test_what_keeps_two_people_apart_is_named_instead_of_a_price() -> None:
    market = Market.of([person("a", 1990), person("b", 1990), person("w", 1990), person("x", 1990)], met=[("a", "w")])
    overrides = Overrides.of(forbids=[("a", "x")], left_out=["b"])
    plan = round_of(market, ONE_SIDED).plan(overrides)
    reasons = [why_not(plan, market, ONE_SIDED, a, c).objections[0].reason for a, c in ((2, 0), (0, 3), (1, 2))]
    assert reasons == [Reason.INTRODUCED_BEFORE, Reason.FORBIDDEN, Reason.LEFT_OUT]


def test_a_pin_that_leaves_no_room_is_the_reason() -> None:
    market = Market.of([person("a", 1990), person("b", 1990), person("w", 1990), person("x", 1990)])
    plan = round_of(market, ONE_SIDED).plan(Overrides.of(pins=[("a", "w")]))
    why = why_not(plan, market, ONE_SIDED, 0, 3)
    assert (why.pinned, why.cost) == (True, None)
    assert why.sentences(KO)[-1] == "직원이 고정한 소개 때문에 남은 소개 횟수가 없습니다."


def test_a_plan_without_proof_has_no_price() -> None:
    market = Market.of([person("a", 1990), person("b", 1990), person("w", 1990), person("x", 1990)])
    plan = round_of(market, ONE_SIDED).plan(strategy=Strategy.GREEDY)
    other = next(pair for pair in ((0, 2), (0, 3)) if not why_not(plan, market, ONE_SIDED, *pair).together)
    why = why_not(plan, market, ONE_SIDED, *other)
    assert why.cost is None
    assert why.sentences(EN)[-1] == "Pin the two and plan again to see what that changes."


def test_what_must_be_met_and_is_unknown_is_asked_before_publishing() -> None:
    catholic = Wish.among("religion", ["catholic"], Importance.MUST)
    tall = Wish.between("height_cm", 170, 180, Importance.STRONG)
    market = Market.of([person("a", 1990, catholic, tall), person("x", 1990)])
    asked = list(questions_to_ask(round_of(market, ONE_SIDED).plan(), market))
    assert [(each.person, each.because, each.wish) for each in asked] == [("x", "a", catholic)]
    assert asked[0].sentence(KO) == "x 님에게 종교를 확인하세요. a 님의 필수 조건은 천주교입니다."
    assert asked[0].sentence(EN) == "Ask x: Religion. a must have Catholic."
