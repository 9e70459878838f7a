"""Why somebody got no one: every number recounted by the specification, on small random markets."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.application.explanations.funnel import Funnel
from ygs.application.explanations.questions import most_opening
from ygs.application.explanations.why_unmatched import WhyUnmatched, all_unmatched, why_unmatched
from ygs.domain.matching.attribute import Kind, Language
from ygs.domain.matching.eligibility import Reason, objections
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.plan import Overrides, PlannedPair, PlanStatistics, RoundPlan
from ygs.domain.matching.policy import Policy, Strategy
from ygs.domain.matching.relaxations import Change, Relaxing, answers, steps
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.entrypoints.testing.contracts.what_if import eligible_places
from ygs.entrypoints.testing.people import markets, policies

KO, EN = Language.KO, Language.EN
LENIENT = Policy(floor=0, affinities=())


def plan_of(market: Market, pairs: list[tuple[int, int]], overrides: Overrides | None = None) -> RoundPlan:
    """A plan of these places, good or bad: what is explained is not why it was made."""
    introduced = {place for pair in pairs for place in pair}
    return RoundPlan(
        strategy=Strategy.OPTIMAL,
        policy_version="",
        seed=0,
        input_hash="",
        overrides=overrides or Overrides(),
        pairs=tuple(PlannedPair(market.ids[a], market.ids[b], 0, 0, 0) for a, b in pairs),
        unmatched=tuple(each for place, each in enumerate(market.ids) if place not in introduced),
        certificate=None,
        report=PlanStatistics(
            people=len(market),
            introduced=len(introduced),
            pairs=len(pairs),
            total_mutual=0,
            distribution=(0,) * 10,
            blocking_pairs=0,
            longest_wait=0,
            gini=0,
            due=0,
            due_introduced=0,
            overdue=0,
            overdue_introduced=0,
        ),
    )


@st.composite
def rounds(draw: st.DrawFn) -> tuple[Market, Policy, RoundPlan]:
    """A market, a policy, and some plan that leaves the person at place 0 without an introduction."""
    market, policy = draw(markets(least=2)), draw(policies())
    others = draw(st.permutations(range(1, len(market))))
    pairs = [(others[k], others[k + 1]) for k in range(0, draw(st.integers(0, len(others) // 2)) * 2, 2)]
    left_out = draw(st.sets(st.sampled_from(market.ids), max_size=2))
    forbids = [(market.ids[0], each) for each in draw(st.sets(st.sampled_from(market.ids[1:]), max_size=2))]
    return market, policy, plan_of(market, pairs, Overrides.of(forbids=forbids, left_out=left_out))


def free_places(market: Market, plan: RoundPlan) -> set[int]:
    """Who could still be introduced to the person at place 0."""
    used = [each for pair in plan.pairs for each in (pair.a, pair.b)]
    taken = {place for place, each in enumerate(market.ids) if used.count(each) >= market.capacity[place]}
    forbidden = {place for place, each in enumerate(market.ids) if (market.ids[0], each) in plan.overrides.forbids}
    out = {place for place, each in enumerate(market.ids) if each in plan.overrides.left_out}
    return {*range(len(market))} - taken - forbidden - out


def explained(market: Market, policy: Policy, plan: RoundPlan) -> WhyUnmatched:
    return why_unmatched(0, market, PlainScorer().scores(market, policy), policy, plan)


def gained(market: Market, policy: Policy, plan: RoundPlan, changes: list[Change]) -> tuple[int, int]:
    """By the specification: how many more are eligible after the changes, and how many more of those who are free."""
    me = market.person(0)
    before, free = set(eligible_places(market, me, policy)), free_places(market, plan)
    for change in changes:
        me = change.applied(me)
    after = set(eligible_places(market, me, policy))
    return len(after) - len(before), len(after & free) - len(before & free)


@settings(deadline=None, max_examples=100)
@given(rounds())
def test_every_relaxation_and_question_brings_what_it_says(case: tuple[Market, Policy, RoundPlan]) -> None:
    market, policy, plan = case
    why = explained(market, policy, plan)
    for relaxation in why.relaxations:
        assert (relaxation.opens, relaxation.free) == gained(
            market, policy, plan, [step.change for step in relaxation.steps]
        )
        assert relaxation.opens > 0
    for question in why.questions:
        assert (question.opens, question.free) == gained(
            market, policy, plan, [Change(facts={question.attribute: question.answer})]
        )
        assert market.person(0).value(question.attribute) == 0
    assert [r.price for r in why.relaxations] == sorted(r.price for r in why.relaxations)
    assert [q.opens for q in why.questions] == sorted((q.opens for q in why.questions), reverse=True)


@pytest.mark.long
@settings(deadline=None, max_examples=40)
@given(rounds(), st.integers(1, 4))
def test_no_question_anywhere_opens_more_than_those_listed(case: tuple[Market, Policy, RoundPlan], most: int) -> None:
    market, policy, plan = case
    scores = PlainScorer().scores(market, policy)
    listed = [(each.question.opens, each.question.free) for each in most_opening([0], market, scores, plan, most)]
    best = [
        max(gained(market, policy, plan, [change]) for change in changes)
        for changes in answers(market.person(0)).values()
    ]
    assert listed == sorted((each for each in best if each[0] > 0), reverse=True)[:most]


@settings(deadline=None, max_examples=40)
@given(rounds())
def test_no_single_step_is_cheaper_than_the_first_relaxation(case: tuple[Market, Policy, RoundPlan]) -> None:
    market, policy, plan = case
    why = explained(market, policy, plan)
    for step in steps(market.person(0)):
        opens, free = gained(market, policy, plan, [step.change])
        if opens > 0 and free >= 0:
            assert why.relaxations
            assert why.relaxations[0].price <= step.effort / min(opens, 10)


@settings(deadline=None, max_examples=40)
@given(rounds())
def test_the_funnels_count_everybody_once_and_end_with_the_candidates(case: tuple[Market, Policy, RoundPlan]) -> None:
    market, policy, plan = case
    found = explained(market, policy, plan).funnels
    me, people = market.person(0), [market.person(place) for place in range(1, len(market))]
    apart = {frozenset(divmod(key, len(market))) for key in (*market.met, *market.blocked)}
    against = {
        place: {reason for reason, _ in objections(me, them, policy)} for place, them in enumerate(people, start=1)
    }
    asked = [
        reasons
        for place, reasons in against.items()
        if not reasons & {Reason.I_DO_NOT_SEEK, Reason.THEY_DO_NOT_SEEK} and frozenset((0, place)) not in apart
    ]
    mine, theirs = {Reason.I_REFUSE, Reason.MY_FLOOR}, {Reason.THEY_REFUSE, Reason.THEIR_FLOOR}
    assert found.everybody.start == len(market) - 1
    assert found.everybody.left == found.mine.start == found.theirs.start == len(asked)
    assert found.mine.left == sum(not reasons & mine for reasons in asked)
    assert found.theirs.left == sum(not reasons & theirs for reasons in asked)
    assert list(found.candidates) == eligible_places(market, me, policy)
    for funnel in (found.everybody, found.mine, found.theirs):
        assert list(recounted(funnel)) == [stage.left for stage in funnel.stages]


def recounted(funnel: Funnel) -> Iterator[int]:
    left = funnel.start
    for stage in funnel.stages:
        left -= stage.out
        yield left


@settings(deadline=None, max_examples=40)
@given(rounds(), st.sampled_from(Language))
def test_each_candidate_is_accounted_for_and_everything_can_be_said(
    case: tuple[Market, Policy, RoundPlan], language: Language
) -> None:
    market, policy, plan = case
    why = explained(market, policy, plan)
    assert why.candidates == why.forbidden + why.away + why.free + why.taken
    assert why.free == len(set(why.funnels.candidates) & free_places(market, plan))
    partners = {pair.a: pair.b for pair in plan.pairs} | {pair.b: pair.a for pair in plan.pairs}
    assert len(why.best_taken) == min(why.taken, 5)
    for taken in why.best_taken:
        assert [market.ids[place] for place in taken.partners] == [partners[market.ids[taken.candidate]]]
    assert all(why.sentences(language, lambda _: "김민수"))


@settings(deadline=None, max_examples=25)
@given(rounds())
def test_both_scorers_explain_alike(case: tuple[Market, Policy, RoundPlan]) -> None:
    market, policy, plan = case
    fast = VectorisedScorer(threads=1).scores(market, policy)
    assert why_unmatched(0, market, fast, policy, plan) == explained(market, policy, plan)


def man(id: str, born: int, *wishes: Wish) -> Candidate:
    return Candidate(
        id=id,
        gender=Genders.MALE,
        seeks=Genders.FEMALE,
        facts={"birth_year": VOCABULARY["birth_year"].code_of(born)},
        wishes={wish.attribute: wish for wish in wishes},
    )


def woman(id: str, born: int) -> Candidate:
    facts = {"birth_year": VOCABULARY["birth_year"].code_of(born)}
    return Candidate(id=id, gender=Genders.FEMALE, seeks=Genders.MALE, facts=facts)


def test_one_year_more_is_the_cheapest_and_says_whom_it_brings() -> None:
    wish = Wish.between("birth_year", 1990, 1994, Importance.MUST)
    market = Market.of([man("m", 1988, wish), *(woman(f"w{k}", 1987) for k in range(3))])
    why = explained(market, LENIENT, plan_of(market, [(1, 1)]))
    assert why.funnels.mine.stages[0].attribute == "birth_year"
    assert why.relaxations[0].opens == 3
    assert why.relaxations[0].sentence(KO) == (
        "출생 연도를 1989~1994년생으로 1년 넓히면 서로 맞는 사람이 3명 늘어납니다(이번 주에 소개할 수 있는 사람 2명)."
    )
    assert why.relaxations[0].sentence(EN) == (
        "Widen year of birth by 1 year to 1989-1994: 3 more mutual candidates, 2 of them free this week."
    )
    assert why.sentences(KO, lambda _: "김민수")[:3] == (
        "서로 맞는 사람이 없습니다.",
        (
            "소개할 수 있는 3명 가운데 김민수 님이 받아들이는 사람: 없음, "
            "김민수 님을 받아들이는 사람: 3명, 서로 맞는 사람: 없음."
        ),
        "김민수 님의 조건에서 많이 제외된 이유: 출생 연도 3명.",
    )


def test_whoever_has_candidates_is_told_that_others_got_them() -> None:
    market = Market.of([man("a", 1990), man("b", 1990), man("c", 1990), woman("w", 1990), woman("x", 1990)])
    why = explained(market, LENIENT, plan_of(market, [(1, 3), (2, 4)]))
    assert [(taken.candidate, taken.partners) for taken in why.best_taken] == [(3, (1,)), (4, (2,))]
    assert why.sentences(KO)[0] == "서로 맞는 사람 2명이 모두 이번 주 다른 사람과 소개됩니다."
    assert why.sentences(EN)[0] == "2 mutual candidates, all introduced to others this week."


def test_one_candidate_or_nobody_to_ask_is_said_as_it_is() -> None:
    people = [man("a", 1990), man("b", 1990), woman("w", 1990)]
    why = explained(Market.of(people), LENIENT, plan_of(Market.of(people), [(1, 2)]))
    assert why.sentences(KO)[0] == "서로 맞는 사람 1명이 이번 주 다른 사람과 소개됩니다."
    assert why.sentences(EN)[0] == "1 mutual candidate, introduced to somebody else this week."
    met = Market.of(people, met=[("a", "w")])
    assert explained(met, LENIENT, plan_of(met, [])).sentences(KO) == (
        "서로 맞는 사람이 없습니다.",
        "소개할 수 있는 사람이 없습니다: 찾는 성별이 아님 1명, 이미 소개됨 1명.",
    )
    alone = Market.of(people[:1])
    assert explained(alone, LENIENT, plan_of(alone, [])).sentences(EN)[1] == "There is nobody who could be asked."


@pytest.mark.parametrize(
    ("kind", "korean", "english"),
    [
        (Relaxing.FROM_LOWER, "키를 169~180 cm로 1 cm 넓히면", "widen height by 1 cm to 169-180 cm"),
        (Relaxing.TO_HIGHER, "키를 170~181 cm로 1 cm 넓히면", "widen height by 1 cm to 170-181 cm"),
        (Relaxing.NOT_A_MUST, "키 조건을 필수에서 매우 중요로 낮추면", "make height a strong wish instead of a must"),
        (Relaxing.GIVEN_UP, "키를 따지지 않으면", "give up the wish about height"),
    ],
)
def test_a_step_reads_as_advice(kind: Relaxing, korean: str, english: str) -> None:
    wish = Wish.between("height_cm", 170, 180, Importance.MUST)
    step = next(step for step in steps(man("a", 1990, wish)) if step.kind is kind)
    assert (step.words(KO), step.words(EN)) == (korean, english)


def test_steps_about_values_name_them() -> None:
    region = Wish.among("region", ["seoul"], Importance.FAIR)
    smoking = Wish.between("smoking", "no", "vaping", Importance.FAIR)
    one, *_, gyeonggi, _ = steps(man("a", 1990, region))
    assert (one.words(KO, last=False), gyeonggi.words(KO)) == ("거주 지역에 인천을 더하고", "거주 지역에 경기를 더하면")
    assert steps(man("a", 1990, smoking))[0].words(KO) == "흡연을 1단계 넓혀 모두 받아들이면"
    assert steps(man("a", 1990, smoking))[0].words(EN) == "widen smoking by 1 level to accept anything"


def test_staff_who_left_somebody_out_are_told_so_first() -> None:
    market = Market.of([man("a", 1990), woman("w", 1990), woman("x", 1990)])
    overrides = Overrides.of(forbids=[("a", "x")], left_out=["a", "w"])
    why = explained(market, LENIENT, plan_of(market, [], overrides))
    assert (why.left_out, why.away, why.forbidden, why.free, why.taken) == (True, 1, 1, 0, 0)
    assert why.sentences(KO)[:2] == (
        "직원이 이번 주 소개에서 a 님을 제외했습니다.",
        "서로 맞는 사람이 2명 있습니다: 이번 주 쉬는 사람 1명, 직원이 막은 사람 1명.",
    )


def test_everybody_left_without_an_introduction_is_explained_with_progress() -> None:
    market = Market.of([man("a", 1990), man("b", 1990), woman("w", 1990)])
    seen: list[tuple[str, int, int]] = []
    scores = PlainScorer().scores(market, LENIENT)
    told = all_unmatched(market, scores, LENIENT, plan_of(market, []), lambda *step: seen.append(step))
    assert [why.id for why in told] == ["a", "b", "w"]
    assert seen[-1] == ("explaining", 3, 3)


def test_steps_keep_within_the_vocabulary_and_accept_more_than_before() -> None:
    for known in VOCABULARY.values():
        for importance in (Importance.SLIGHT, Importance.STRONG, Importance.MUST):
            wish = (
                Wish(attribute=known.code, importance=importance, low=1, high=known.size - 1)
                if known.kind is Kind.ORDINAL
                else Wish(attribute=known.code, importance=importance, accepts=1)
            )
            person = Candidate(id="a", gender=Genders.MALE, seeks=Genders.FEMALE, wishes={known.code: wish})
            taken = steps(person)
            assert len({step.effort for step in taken}) > 1 or importance is not Importance.MUST
            for step in taken:
                assert step.effort > 0
                if step.after is not None:
                    assert step.after.low <= wish.low <= wish.high <= step.after.high
                    assert step.after.accepts & wish.accepts == wish.accepts
                for language in Language:
                    assert step.words(language)
                    assert step.words(language, last=False)
