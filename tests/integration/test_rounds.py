"""A round is the best there is, proven, repeatable, and honest about what staff's overrides cost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from random import Random

import pytest

from benchmarks.markets import city
from tests.support.override_price import change_by
from ygs.adapters.scoring.numba_scorer import VectorisedScorer
from ygs.adapters.scoring.reference import PlainScorer
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.adapters.solving.reference import PlainSolver
from ygs.application.rounds.solve_round import Round, plan_round
from ygs.domain.errors import BadFile, RoundRefused
from ygs.domain.matching.chance import GenderRates, PersonRates, sigmoid_table
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.plan import Certificate, Overrides, PairOfIds, RoundPlan
from ygs.domain.matching.policy import Objective, Policy, Strategy
from ygs.domain.matching.scoring import mutual, satisfaction
from ygs.domain.matching.wishes import Importance, Wish
from ygs.ports.scoring_and_solving import RoundSolver

MEN, WOMEN = Genders.MALE, Genders.FEMALE
EVERYTHING = Policy(floor=0)


def person(
    name: str, gender: Genders, age: int = 30, *, wishes: Mapping[str, Wish] | None = None, due: bool = False
) -> Candidate:
    """Somebody who seeks the other gender and whose age is known."""
    facts = {"birth_year": age}
    seeks = WOMEN if gender is MEN else MEN
    return Candidate(id=name, gender=gender, seeks=seeks, facts=facts, wishes=wishes or {}, due=due)


def some_people(random: Random, most: int, *, two_sides: bool) -> list[Candidate]:
    return [_somebody(random, f"u{number:02}", two_sides) for number in range(random.randint(0, most))]


def _somebody(random: Random, name: str, two_sides: bool) -> Candidate:
    gender = random.choice((MEN, WOMEN))
    low = random.randint(28, 45)
    importance = random.choice(list(Importance))
    return Candidate(
        id=name,
        gender=gender,
        seeks=(MEN | WOMEN) ^ gender if two_sides else random.choice((MEN, WOMEN, MEN | WOMEN)),
        facts={
            "birth_year": random.randint(26, 50),
            "region": random.randint(0, 4),
            "interests": random.getrandbits(9),
        },
        wishes={"birth_year": Wish(attribute="birth_year", importance=importance, low=low, high=low + 4)},
        weeks_waited=random.choice((0, 0, 1, 3, 4, 9)),
        due=random.random() < 0.2,
        capacity=random.choice((1, 1, 2, 3)),
    )


def some_pairs(random: Random, people: Sequence[Candidate], most: int) -> set[PairOfIds]:
    pairs = [(one.id, other.id) for one, other in combinations(people, 2)]
    return set(random.sample(pairs, random.randint(0, min(most, len(pairs)))))


def fitting(one: Candidate, other: Candidate, policy: Policy) -> bool:
    """Eligibility once more, in its own words: both genders sought, no must unmet, both above the floor."""
    for me, them in ((one, other), (other, one)):
        if not int(me.seeks) & int(them.gender) or satisfaction(me, them, policy) < policy.floor:
            return False
        for wish in me.wishes.values():
            year = them.facts.get("birth_year", 0)
            if wish.importance == Importance.MUST and year and not wish.low - 3 < year < wish.high + 3:
                return False
    return True


def every_plan(
    people: Sequence[Candidate], policy: Policy, overrides: Overrides, met: set[PairOfIds]
) -> Iterator[tuple[PairOfIds, ...]]:
    """Every feasible set of pairs, by trying all."""
    by_id = {each.id: each for each in people}
    room = {each.id: each.capacity for each in people if each.id not in overrides.left_out}
    barred = met | overrides.pins | overrides.forbids
    free = [(a, b) for a, b in combinations(sorted(room), 2) if fitting(by_id[a], by_id[b], policy)]
    free = [pair for pair in free if pair not in barred]
    for pair in overrides.pins:
        for each in pair:
            room[each] -= 1

    def choose(at: int) -> Iterator[tuple[PairOfIds, ...]]:
        if at == len(free):
            yield tuple(overrides.pins)
            return
        yield from choose(at + 1)
        a, b = free[at]
        if room[a] and room[b]:
            room[a], room[b] = room[a] - 1, room[b] - 1
            yield from (((a, b), *rest) for rest in choose(at + 1))
            room[a], room[b] = room[a] + 1, room[b] + 1

    return choose(0)


def somebody_learned(random: Random, market: Market) -> Market:
    """The market with rates of its people, some of whom hardly ever say yes or never answer."""
    rates = {gender: GenderRates(base=-500, slope=3_000, centre=7_000, answering=8_000) for gender in Genders}
    people = {
        person: PersonRates(
            says_yes=random.choice((-4_000, -500, 800)),
            wanted=random.choice((-2_000, 0, 1_500)),
            answering=random.choice((0, 6_000, 10_000)),
        )
        for person in market.ids
        if random.random() < 0.8
    }
    return market.with_chances("1", rates, people)


def worth(
    plan: Sequence[PairOfIds], people: Sequence[Candidate], policy: Policy, market: Market | None = None
) -> tuple[int, ...]:
    """Promises, long waits, people under coverage, total: from the people themselves, and what the market learned."""
    by_id = {each.id: each for each in people}
    introduced = [by_id[each] for each in {each for pair in plan for each in pair}]
    due = sum(each.due for each in introduced)
    late = sum(each.weeks_waited >= policy.longest_wait for each in introduced)
    total = sum(weight_of(by_id[a], by_id[b], policy, market) for a, b in plan)
    coverage = (len(introduced),) if policy.objective is Objective.COVERAGE else ()
    return (due, late, *coverage, total)


def weight_of(one: Candidate, other: Candidate, policy: Policy, market: Market | None) -> int:
    """The weight of a pair before it is adjusted: basis points, or by chances millionths."""
    bonus = policy.wait_bonus * sum(min(each.weeks_waited, policy.longest_wait) for each in (one, other))
    if policy.objective is Objective.CHANCE:
        return chance_of(one, other, policy, market) + 100 * bonus
    return mutual(one, other, policy) + bonus


def chance_of(one: Candidate, other: Candidate, policy: Policy, market: Market | None) -> int:
    """The chance once more, in its own words: 'yes' both ways, times both rates of answering."""
    assert market is not None
    learned = market.chances
    assert learned is not None
    product = answered = 1
    for me, them in ((one, other), (other, one)):
        rates = learned.rates[me.gender]
        place = market.ids.index(me.id)
        known = rates.slope * (satisfaction(me, them, policy) - rates.centre) // 10_000
        says = rates.base + learned.says_yes[place] + learned.wanted[market.ids.index(them.id)] + known
        product *= sigmoid_table()[12_000 + max(-12_000, min(says, 12_000))]
        answered *= learned.answering[place]
    return product // 10**6 * answered // 10**8


def planned(
    people: Sequence[Candidate] | Market,
    policy: Policy = EVERYTHING,
    overrides: Overrides | None = None,
    met: set[PairOfIds] | None = None,
    solver: RoundSolver | None = None,
) -> RoundPlan:
    return plan_round(
        people,
        policy,
        overrides,
        history=met or (),
        scorer=PlainScorer(),
        solver=solver or PlainSolver(),
        guarded=False,
    )


def value(plan: RoundPlan) -> tuple[int, ...]:
    assert plan.certificate is not None
    return plan.certificate.value


def equals_trying_every_plan(solver: RoundSolver, rounds: int, *, two_sides: bool) -> Callable[[], None]:
    """A test over made-up rounds with history, pins, forbids, people left out, tiers and all objectives."""

    def test() -> None:
        for seed in range(rounds):
            random = Random(seed)
            people = some_people(random, 6, two_sides=two_sides)
            policy = Policy(objective=random.choice(list(Objective)), floor=random.choice((0, 4_000)))
            met = some_pairs(random, people, 2)
            overrides = some_overrides(random, people, policy, met)
            market = somebody_learned(random, Market.of(people, met=met))
            plan = plan_round(market, policy, overrides, scorer=PlainScorer(), solver=solver, guarded=False)
            best = max(worth(each, people, policy, market) for each in every_plan(people, policy, overrides, met))
            assert value(plan) == best, seed
            assert plan.certificate is not None
            assert plan.certificate.proven, seed
            assert worth([(pair.a, pair.b) for pair in plan.pairs], people, policy, market) == best, seed

    return test


def some_overrides(random: Random, people: list[Candidate], policy: Policy, met: set[PairOfIds]) -> Overrides:
    by_id = {each.id: each for each in people}
    possible = sorted(some_pairs(random, people, 20) - met)
    fits = [(a, b) for a, b in possible if fitting(by_id[a], by_id[b], policy)]
    pins = fits[: random.randint(0, 1)]
    others = [each.id for each in people if all(each.id not in pair for pair in pins)]
    forbids = some_pairs(random, people, 2) - set(pins)
    return Overrides.of(pins, forbids, random.sample(others, min(len(others), random.choice((0, 0, 1)))))


test_plain_plans_are_best_on_two_sides = equals_trying_every_plan(PlainSolver(), 150, two_sides=True)
test_plain_plans_are_best_without_sides = equals_trying_every_plan(PlainSolver(), 150, two_sides=False)
test_exact_plans_are_best_on_two_sides = equals_trying_every_plan(ExactSolver(), 150, two_sides=True)
test_exact_plans_are_best_without_sides = equals_trying_every_plan(ExactSolver(), 150, two_sides=False)


@pytest.mark.parametrize("solver", [PlainSolver(), ExactSolver()], ids=["plain", "exact"])
def test_nobody_ineligible_met_blocked_or_beyond_capacity_is_introduced(solver: RoundSolver) -> None:
    pairs = 0
    for seed in range(40):
        random = Random(seed)
        people = some_people(random, 24, two_sides=seed % 2 == 0)
        by_id = {each.id: each for each in people}
        met, blocked = some_pairs(random, people, 60), some_pairs(random, people, 60)
        market = Market.of(people, met=met, blocked=blocked)
        for strategy in _strategies(seed):
            plan = plan_round(market, Policy(strategy=strategy), scorer=PlainScorer(), solver=solver)
            pairs += len(plan.pairs)
            named = [(pair.a, pair.b) for pair in plan.pairs]
            assert not (met | blocked) & set(named)
            assert all(a < b and fitting(by_id[a], by_id[b], Policy()) for a, b in named)
            for each in people:
                assert sum(each.id in pair for pair in named) <= each.capacity
            assert set(plan.unmatched) == set(by_id) - {each for pair in named for each in pair}
    assert pairs > 500


def _strategies(seed: int) -> Sequence[Strategy]:
    return list(Strategy) if seed % 2 == 0 else (Strategy.OPTIMAL, Strategy.GREEDY)


def test_a_market_without_anything_learned_is_planned_by_scores() -> None:
    people = some_people(Random(3), 9, two_sides=True)
    assert planned(people, Policy(objective=Objective.CHANCE)) == planned(people, Policy())


def test_the_market_is_searched_until_the_best_candidates_at_first_do_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = some_people(Random(3), 60, two_sides=True)
    all_at_once = planned(people)
    hold_little(monkeypatch)
    little_by_little = planned(people)
    assert value(little_by_little) == value(all_at_once)
    assert little_by_little.certificate is not None
    assert all_at_once.certificate is not None
    assert little_by_little.certificate.pricing_rounds > all_at_once.certificate.pricing_rounds
    assert little_by_little.certificate.pairs_held < all_at_once.certificate.pairs_held


def test_without_sides_too_the_best_of_the_whole_market_is_proven_from_few_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    markets = [city(150, seed=seed, seeks_both=0.5, seeks_same=0.3) for seed in (1, 5, 9, 25)]
    whole = [certified(market) for market in markets]
    hold_little(monkeypatch)
    for market, best in zip(markets, whole, strict=True):
        proof = certified(market)
        assert (proof.value, proof.bound) == (best.value, best.bound)
        assert proof.value == proof.bound
        assert proof.pairs_held < best.pairs_held


def certified(market: Market) -> Certificate:
    plan = plan_round(market, scorer=VectorisedScorer(threads=1), solver=ExactSolver(), seed=1)
    assert plan.certificate is not None
    return plan.certificate


def hold_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from everybody's best candidate, and add one a person at a time."""
    monkeypatch.setattr("ygs.application.rounds.solve_round.BEST_AT_FIRST", 1)
    monkeypatch.setattr("ygs.application.rounds.solve_round.BEST_WITHOUT_SIDES", 1)
    monkeypatch.setattr("ygs.application.rounds.column_generation.FOUND_AT_ONCE", 1)
    monkeypatch.setattr("ygs.application.rounds.baselines.FOUND_AT_ONCE", 1)


@pytest.mark.parametrize("two_sides", [True, False])
@pytest.mark.parametrize("solver", [PlainSolver(), ExactSolver()], ids=["plain", "exact"])
def test_plans_are_best_however_little_is_held_at_first(
    solver: RoundSolver, two_sides: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_little(monkeypatch)
    equals_trying_every_plan(solver, 150, two_sides=two_sides)()


def test_larger_markets_come_out_the_same_however_little_is_held_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    markets = [some_people(Random(seed), 36, two_sides=seed % 4 == 0) for seed in range(40)]
    greedy = Policy(floor=0, strategy=Strategy.GREEDY)
    whole = [(planned(people, solver=ExactSolver()), planned(people, greedy)) for people in markets]
    hold_little(monkeypatch)
    for people, (best, taken) in zip(markets, whole, strict=True):
        again = planned(people, solver=ExactSolver())
        assert again.certificate is not None
        assert again.certificate.proven
        assert value(again) == value(best)
        assert planned(people, greedy).pairs == taken.pairs


@pytest.mark.parametrize("two_sides", [True, False])
def test_the_order_of_people_and_history_changes_not_a_byte(two_sides: bool) -> None:
    for seed in range(20):
        random = Random(seed)
        people = some_people(random, 16, two_sides=two_sides)
        met = some_pairs(random, people, 10)
        shuffled = random.sample(people, len(people))
        turned = {(b, a) for a, b in met}
        one = planned(people, met=met, solver=ExactSolver())
        other = planned(shuffled, met=turned, solver=ExactSolver())
        assert one.to_json() == other.to_json()


OBJECTIVES = [Policy(floor=0, objective=objective) for objective in Objective]


@pytest.mark.parametrize("policy", OBJECTIVES, ids=list(Objective))
@pytest.mark.parametrize("solver", [PlainSolver(), ExactSolver()], ids=["plain", "exact"])
def test_one_more_person_never_lowers_the_optimum(solver: RoundSolver, policy: Policy) -> None:
    gained = 0
    for seed in range(40):
        random = Random(seed)
        people = some_people(random, 10, two_sides=seed % 2 == 0)
        more = [*people, _somebody(random, "u99", seed % 2 == 0)]
        before, after = (
            value(planned(somebody_learned(Random(seed), Market.of(each)), policy, solver=solver))
            for each in (people, more)
        )
        assert after >= before, seed
        gained += after > before
    assert gained > 10


@pytest.mark.parametrize("policy", OBJECTIVES, ids=list(Objective))
@pytest.mark.parametrize("solver", [PlainSolver(), ExactSolver()], ids=["plain", "exact"])
def test_forbidding_a_pair_never_raises_the_optimum(solver: RoundSolver, policy: Policy) -> None:
    lost = 0
    for seed in range(20):
        people = some_people(Random(seed), 12, two_sides=seed % 2 == 0)
        market = somebody_learned(Random(seed), Market.of(people))
        plan = planned(market, policy, solver=solver)
        for pair in plan.pairs:
            without = planned(market, policy, Overrides.of(forbids=[(pair.a, pair.b)]), solver=solver)
            assert (pair.a, pair.b) not in {(each.a, each.b) for each in without.pairs}
            assert value(without) <= value(plan), seed
            lost += value(without) < value(plan)
    assert lost > 20


def test_the_price_of_overrides_is_the_difference_of_two_optima_and_never_a_gain() -> None:
    for seed in range(40):
        random = Random(seed)
        people = some_people(random, 12, two_sides=seed % 2 == 0)
        overrides = some_overrides(random, people, EVERYTHING, set())
        round_ = Round(Market.of(people), EVERYTHING, scorer=PlainScorer(), solver=ExactSolver())
        change = change_by(overrides, round_)
        cold = zip(value(planned(people, overrides=overrides)), value(planned(people)), strict=True)
        assert change == tuple(now - then for now, then in cold)
        assert change <= (0, 0, 0)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (Overrides.of(pins=[("a", "x")]), "a and x cannot be pinned .i_refuse"),
        (Overrides.of(pins=[("a", "b")]), "i_do_not_seek"),
        (Overrides.of(pins=[("a", "y")]), "introduced_before"),
        (Overrides.of(pins=[("a", "nobody")]), "names nobody, who is not in this round"),
        (Overrides.of(left_out=["nobody"]), "names nobody, who is not in this round"),
        (Overrides.of(pins=[("b", "x"), ("b", "y")]), "b is pinned more often than their capacity.*pin.b.x, pin.b.y"),
        (Overrides.of(pins=[("a", "b")], left_out=["nobody"]), "leave_out.nobody names nobody"),
    ],
)
def test_overrides_nobody_can_keep_are_refused_by_name_and_reason(overrides: Overrides, words: str) -> None:
    must = Wish(attribute="birth_year", importance=Importance.MUST, low=40, high=50)
    people = [
        person("a", MEN, wishes={"birth_year": must}),
        person("b", MEN),
        person("x", WOMEN, 20),
        person("y", WOMEN, 45),
    ]
    with pytest.raises(RoundRefused, match=words):
        planned(people, overrides=overrides, met={("a", "y")})


def test_a_market_survives_being_stored_and_damage_is_noticed() -> None:
    random = Random(5)
    people = some_people(random, 40, two_sides=False)
    market = Market.of([*people, person("홍길동\n", MEN)], met=some_pairs(random, people, 9))
    packed = market.to_bytes()
    assert Market.from_bytes(packed) == market
    assert Market.from_bytes(packed).input_hash() == market.input_hash()
    for damaged in (b"", packed[:4], packed[:-9], b"X" + packed[1:], packed[:60] + b"\0\0\0" + packed[63:]):
        with pytest.raises(BadFile):
            Market.from_bytes(damaged)


def test_the_input_hash_tells_any_difference() -> None:
    people = [person("a", MEN), person("b", WOMEN)]
    hashes = {
        Market.of(people).input_hash(),
        Market.of(people, met=[("a", "b")]).input_hash(),
        Market.of(people, blocked=[("a", "b")]).input_hash(),
        Market.of([person("a", MEN, 31), people[1]]).input_hash(),
        Market.of([person("a", MEN, due=True), people[1]]).input_hash(),
    }
    assert len(hashes) == 5


def test_a_plan_survives_being_stored() -> None:
    people = some_people(Random(8), 20, two_sides=False)
    overrides = some_overrides(Random(1), people, EVERYTHING, set())
    for strategy in (Strategy.OPTIMAL, Strategy.GREEDY):
        plan = planned(people, Policy(floor=0, strategy=strategy), overrides)
        assert RoundPlan.from_json(plan.to_json()) == plan
    for broken in ("", "{}", "[]", plan.to_json()[:-3]):
        with pytest.raises(BadFile):
            RoundPlan.from_json(broken)


def test_nobody_is_planned_too() -> None:
    plan = planned([])
    assert (plan.pairs, plan.unmatched, value(plan), plan.report.gini) == ((), (), (0, 0, 0), 0)
