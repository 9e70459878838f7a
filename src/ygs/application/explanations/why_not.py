"""Why a plan does not introduce A to C: whom they got instead, and what the swap would cost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ygs.domain.matching.attribute import Language
from ygs.domain.matching.constraints import Terms
from ygs.domain.matching.descriptions import percent, pick
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.explaining import Naming, Objection, called, explain_pair
from ygs.domain.matching.market import Market
from ygs.domain.matching.pair_worth import PairWorth
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Objective, Policy


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner (an id) that the plan gives a person, and their mutual score, basis points."""

    id: str
    mutual: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why the plan does not introduce `a` and `c`.

    `objections`: what makes them ineligible. `a_got`, `c_got`: whom they are introduced to instead. `mutual`: the
    score they would have. `pinned`: staff's pins leave one of them no introduction. `cost`: how much of the plan's
    total every plan with this pair loses *at least*, in basis points, or `by_chance` in millionths;
    None when the plan has no prices (only optimal plans do), when two people of one gender may be introduced, or when
    the pair is not eligible. `costs_a_promise`: every plan with this pair does worse on an objective before the total
    (a promise due, a longest wait, under `coverage` the number of introductions).
    """

    a: str
    c: str
    together: bool
    objections: tuple[Objection, ...]
    mutual: int
    a_got: tuple[Partner, ...]
    c_got: tuple[Partner, ...]
    pinned: bool = False
    cost: int | None = None
    costs_a_promise: bool = False
    by_chance: bool = False

    def sentences(self, language: Language, name: Naming = str) -> tuple[str, ...]:
        """The explanation in sentences, most important first."""
        a = called(self.a, language, name)
        c = called(self.c, language, name)
        if self.together:
            return (pick(language, ko=f"{a}과 {c}은 이번 주에 소개됩니다.", en=f"{a} and {c} are introduced."),)
        if self.objections:
            return tuple(objection.sentence(language, name) for objection in self.objections)
        score = pick(
            language,
            ko=f"{a}과 {c}의 점수는 {percent(self.mutual)}입니다.",
            en=f"{a} and {c} would have a mutual score of {percent(self.mutual)}.",
        )
        a_got = _got(a, self.a_got, language, name)
        c_got = _got(c, self.c_got, language, name)
        return (score, a_got, c_got, *self._price(language))

    def _price(self, language: Language) -> Iterator[str]:
        if self.pinned:
            yield pick(
                language,
                ko="직원이 고정한 소개 때문에 남은 소개 횟수가 없습니다.",
                en="Staff's pins leave no introduction for them.",
            )
        elif self.costs_a_promise:
            yield pick(
                language,
                ko="두 사람을 소개하면 먼저 소개해야 할 사람(약속, 오래 기다린 사람)이 소개를 못 받습니다.",
                en="Introducing them would cost somebody who comes first (a promise, a longest wait) theirs.",
            )
        elif self.cost and self.by_chance:
            points = f"{self.cost / 10_000:,.4f}"
            yield pick(
                language,
                ko=f"두 사람을 소개하면 서로 수락할 확률의 합이 {points}%p 이상 줄어듭니다(확실한 한 쌍이 100%p).",
                en=f"Introducing them would cost at least {points} points of all chances (a sure pair is 100).",
            )
        elif self.cost:
            yield pick(
                language,
                ko=f"두 사람을 소개하면 전체 점수가 {self.cost:,}점 이상 줄어듭니다(완벽한 한 쌍이 10,000점).",
                en=f"Introducing them would cost the plan at least {self.cost:,} points (a perfect pair is 10,000).",
            )
        elif self.cost == 0:
            yield pick(
                language,
                ko="두 사람을 소개하면서도 전체로는 손해가 없는 매칭안이 있을 수도 있습니다.",
                en="A plan with them may be worth as much.",
            )
        else:
            yield pick(
                language,
                ko="얼마나 달라지는지는 두 사람을 고정하고 다시 계산하면 알 수 있습니다.",
                en="Pin the two and plan again to see what that changes.",
            )


def _got(person: str, partners: tuple[Partner, ...], language: Language, name: Naming) -> str:
    if not partners:
        return pick(language, ko=f"{person}은 이번 주 소개가 없습니다.", en=f"{person} has no introduction this week.")
    listed = ", ".join(f"{called(each.id, language, name)}({percent(each.mutual)})" for each in partners)
    return pick(language, ko=f"{person}의 이번 주 상대: {listed}.", en=f"{person} is introduced to {listed}.")


def why_not(plan: RoundPlan, market: Market, policy: Policy, a: int, c: int) -> WhyNot:
    """Explain why the plan does not introduce the people at places `a` and `c`; needs no scores of the market.

    The cost comes from the plan's dual prices. They bound every plan: one with this pair is worth at most the proven
    bound, less the pair's shortfall (its two people's prices minus its weight).
    """
    if policy.objective is Objective.CHANCE and not plan.by_chance:
        policy = replace(policy, objective=Objective.TOTAL)
    terms = Terms.of(market, policy, plan.overrides, plan.group_bonuses)
    one, other = sorted((a, c))
    pair = explain_pair(market.person(a), market.person(c), policy, _apart(plan, market, one, other))
    why = WhyNot(
        a=market.ids[a],
        c=market.ids[c],
        together=any((each.a, each.b) == (market.ids[one], market.ids[other]) for each in plan.pairs),
        objections=pair.objections,
        mutual=pair.mutual,
        a_got=tuple(_partners(plan, market.ids[a])),
        c_got=tuple(_partners(plan, market.ids[c])),
        by_chance=plan.by_chance,
    )
    if why.together or why.objections:
        return why
    if not (terms.capacity[a] and terms.capacity[c]):
        return replace(why, pinned=True)
    if not _two_sided(market):
        return why
    worth = PairWorth.of(market, policy).pair(a, c, pair.mine.satisfaction, pair.theirs.satisfaction)
    return _priced(why, plan, one, other, terms.weight(one, other, worth))


def _two_sided(market: Market) -> bool:
    """Whether no two people of one gender could be introduced.

    Otherwise the bound from the prices may exceed the best plan (three people who all suit each other: one and a half
    pairs), and says little about a single pair.
    """
    own = Counter(gender for gender, seeks in zip(market.genders, market.seeks, strict=True) if gender & seeks)
    return all(count < 2 for count in own.values())


def _priced(why: WhyNot, plan: RoundPlan, one: int, other: int, weight: int) -> WhyNot:
    proof = plan.certificate
    if not plan.prices or proof is None or proof.value[:-1] != proof.bound[:-1]:
        return why
    shortfall = plan.prices[one] + plan.prices[other] - plan.scale * weight
    cost = max(0, -(-shortfall // plan.scale) - proof.gap)
    if cost > proof.value[-1]:  # More than the whole total: an objective before it must get worse.
        return replace(why, costs_a_promise=True)
    return replace(why, cost=cost)


def apart_in_market(market: Market, one: int, other: int) -> Iterator[Reason]:
    """The reasons besides facts and wishes that keep two people apart: an earlier introduction, a block."""
    key = min(one, other) * len(market) + max(one, other)
    if key in market.met:
        yield Reason.INTRODUCED_BEFORE
    if key in market.blocked:
        yield Reason.BLOCK


def _apart(plan: RoundPlan, market: Market, one: int, other: int) -> Iterator[Reason]:
    yield from apart_in_market(market, one, other)
    ids = (market.ids[one], market.ids[other])
    if ids in plan.overrides.forbids:
        yield Reason.FORBIDDEN
    if plan.overrides.left_out & {*ids}:
        yield Reason.LEFT_OUT


def _partners(plan: RoundPlan, person: str) -> Iterator[Partner]:
    for pair in plan.pairs:
        if person in (pair.a, pair.b):
            yield Partner(pair.b if pair.a == person else pair.a, pair.mutual)
