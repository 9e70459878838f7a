"""Who may be introduced to whom: every reason by name, and against a second predicate that shares nothing with it."""

from collections.abc import Set
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from random import Random

import pytest
from hypothesis import given

from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.eligibility import Reason, compatible, deal_breakers, objections
from ygs.domain.matching.market import Candidate, Genders
from ygs.domain.matching.policy import Affinity, Nearness, Policy
from ygs.domain.matching.scoring import mutual, satisfaction
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.entrypoints.testing.builders import coded, wishes
from ygs.entrypoints.testing.people import candidates, policies

PLAIN = Policy(affinities=(), floor=0)
MALE, FEMALE, BOTH = Genders.MALE, Genders.FEMALE, Genders.MALE | Genders.FEMALE
SEOYEON = Candidate(id="usr_서연", gender=FEMALE, seeks=MALE, facts=coded(height_cm=163, religion="catholic"))
MINJUN = Candidate(
    id="usr_민준", gender=MALE, seeks=FEMALE, facts=coded(height_cm=178, religion="none", smoking="daily")
)
MUST, FAIR = Importance.MUST, Importance.FAIR


def reasons(me: Candidate, them: Candidate, policy: Policy = PLAIN) -> list[tuple[Reason, str]]:
    return list(objections(me, them, policy))


def wishing(person: Candidate, *each: Wish) -> Candidate:
    return replace(person, wishes=wishes(*each))


def test_nothing_speaks_against_two_people_who_seek_each_other() -> None:
    assert reasons(SEOYEON, MINJUN) == []
    assert compatible(SEOYEON, MINJUN, PLAIN)


@pytest.mark.parametrize(
    ("mine", "theirs", "against"),
    [
        ((FEMALE, MALE), (MALE, FEMALE), []),
        ((FEMALE, MALE), (MALE, BOTH), []),
        ((FEMALE, FEMALE), (FEMALE, FEMALE), []),
        ((FEMALE, BOTH), (FEMALE, BOTH), []),
        ((FEMALE, FEMALE), (MALE, FEMALE), [Reason.I_DO_NOT_SEEK]),
        ((FEMALE, BOTH), (FEMALE, MALE), [Reason.THEY_DO_NOT_SEEK]),
        ((FEMALE, MALE), (FEMALE, MALE), [Reason.I_DO_NOT_SEEK, Reason.THEY_DO_NOT_SEEK]),
    ],
)
def test_each_seeks_the_others_gender(
    mine: tuple[Genders, Genders], theirs: tuple[Genders, Genders], against: list[Reason]
) -> None:
    me = Candidate(id="a", gender=mine[0], seeks=mine[1])
    them = Candidate(id="b", gender=theirs[0], seeks=theirs[1])
    assert [reason for reason, _ in reasons(me, them)] == against


def test_nobody_is_introduced_to_themselves() -> None:
    assert (Reason.SAME_PERSON, "") in reasons(SEOYEON, replace(SEOYEON, seeks=BOTH))


def test_a_deal_breaker_is_named_on_the_side_that_has_it() -> None:
    seoyeon = wishing(SEOYEON, Wish.between("smoking", "no", "no", MUST), Wish.among("religion", ["catholic"], MUST))
    minjun = wishing(MINJUN, Wish.between("height_cm", 170, 180, MUST))
    assert reasons(seoyeon, minjun) == [
        (Reason.I_REFUSE, "smoking"),
        (Reason.I_REFUSE, "religion"),
        (Reason.THEY_REFUSE, "height_cm"),
    ]
    assert reasons(minjun, seoyeon) == [
        (Reason.I_REFUSE, "height_cm"),
        (Reason.THEY_REFUSE, "smoking"),
        (Reason.THEY_REFUSE, "religion"),
    ]
    assert list(deal_breakers(seoyeon, minjun, PLAIN)) == ["smoking", "religion"]


def test_a_strong_wish_breaks_no_deal_and_a_near_miss_neither() -> None:
    assert reasons(wishing(SEOYEON, Wish.between("smoking", "no", "no", Importance.STRONG)), MINJUN) == []
    assert reasons(wishing(SEOYEON, Wish.between("height_cm", 179, 185, MUST)), MINJUN) == []


def test_what_was_not_told_breaks_a_deal_only_under_a_strict_policy() -> None:
    seoyeon = wishing(SEOYEON, Wish.among("pets", ["cat"], MUST))
    assert reasons(seoyeon, MINJUN) == []
    assert reasons(seoyeon, MINJUN, replace(PLAIN, strict_unknown=True)) == [(Reason.I_REFUSE, "pets")]


def test_the_floor_holds_in_both_directions() -> None:
    # 178 is 3 cm beyond 175: two fifths remain.
    seoyeon = wishing(SEOYEON, Wish.between("height_cm", 170, 175, FAIR))
    assert satisfaction(seoyeon, MINJUN, PLAIN) == 4_000
    assert reasons(seoyeon, MINJUN, replace(PLAIN, floor=4_000)) == []
    assert reasons(seoyeon, MINJUN, replace(PLAIN, floor=4_001)) == [(Reason.MY_FLOOR, "")]
    assert reasons(MINJUN, seoyeon, replace(PLAIN, floor=4_001)) == [(Reason.THEIR_FLOOR, "")]


def test_all_reasons_are_told_not_only_the_first() -> None:
    me = wishing(replace(SEOYEON, seeks=FEMALE), Wish.between("smoking", "no", "no", MUST))
    assert reasons(me, MINJUN, replace(PLAIN, floor=5_000)) == [
        (Reason.I_DO_NOT_SEEK, ""),
        (Reason.I_REFUSE, "smoking"),
        (Reason.MY_FLOOR, ""),
    ]


def test_who_wishes_for_nothing_is_satisfied_by_anybody() -> None:
    assert satisfaction(MINJUN, SEOYEON, PLAIN) == 10_000
    only_ignored = wishing(MINJUN, Wish.among("religion", ["none"], Importance.IGNORE))
    assert satisfaction(only_ignored, SEOYEON, PLAIN) == 10_000


# A second predicate, on answers and fractions: whoever changes the rules must change both.


def plain_fit(attribute: str, wish: Wish, value: int, policy: Policy) -> Fraction:
    known = VOCABULARY[attribute]
    if value == 0:
        return Fraction(policy.unknown_fit)
    if known.kind is Kind.ORDINAL:
        outside = 0 if wish.low <= value <= wish.high else min(abs(value - wish.low), abs(value - wish.high))
        return _fallen(outside, known.slack)
    accepted = {code for code in range(1, known.size + 1) if wish.accepts & (1 << (code - 1))}
    if known.kind is Kind.SET:
        common = sum(bool(value & (1 << (code - 1))) for code in accepted)
        return Fraction(10_000 * min(common, wish.low or 1) // (wish.low or 1))
    return _beside(attribute, accepted, value)


def _beside(attribute: str, accepted: Set[int], value: int) -> Fraction:
    known = VOCABULARY[attribute]
    if value in accepted:
        return Fraction(10_000)
    answer = known.values[value - 1].code
    near = any(answer in known.neighbours.get(known.values[code - 1].code, ()) for code in accepted)
    return Fraction(5_000 if near else 0)


def _fallen(steps: int, span: int) -> Fraction:
    if steps == 0:
        return Fraction(10_000)
    return Fraction(ceil(Fraction(10_000 * (span - steps), span))) if steps < span else Fraction(0)


def plain_affinity(term: Affinity, mine: int, theirs: int, policy: Policy) -> Fraction:
    if not (mine and theirs):
        return Fraction(policy.unknown_fit)
    if term.nearness is Nearness.NEAR:
        return _fallen(abs(mine - theirs), term.span)
    if term.nearness is Nearness.SHARED:
        shared = sum(1 for bit in range(64) if mine & theirs & (1 << bit))
        return Fraction(floor(Fraction(10_000 * min(shared, term.span), term.span)))
    return _beside(term.attribute, {mine}, theirs)


def plain_satisfaction(me: Candidate, them: Candidate, policy: Policy) -> int:
    terms = [
        ({0: 0, 1: 1, 2: 3, 3: 9, 4: 9}[wish.importance], plain_fit(name, wish, them.facts.get(name, 0), policy))
        for name, wish in me.wishes.items()
    ]
    terms += [
        (
            term.weight,
            plain_affinity(term, me.facts.get(term.attribute, 0), them.facts.get(term.attribute, 0), policy),
        )
        for term in policy.affinities
    ]
    weight = sum(weight for weight, _ in terms)
    return floor(sum(weight * value for weight, value in terms) / weight) if weight else 10_000


def plain_eligible(me: Candidate, them: Candidate, policy: Policy) -> bool:
    return me.id != them.id and all(_accepts(*side, policy) for side in ((me, them), (them, me)))


def _accepts(me: Candidate, them: Candidate, policy: Policy) -> bool:
    if them.gender not in me.seeks or plain_satisfaction(me, them, policy) < policy.floor:
        return False
    for name, wish in me.wishes.items():
        value = them.facts.get(name, 0)
        broken = policy.strict_unknown if value == 0 else plain_fit(name, wish, value, policy) == 0
        if wish.importance == 4 and broken:
            return False
    return True


@given(candidates("usr_1"), candidates("usr_2"), policies())
def test_a_second_predicate_agrees(me: Candidate, them: Candidate, policy: Policy) -> None:
    assert compatible(me, them, policy) is plain_eligible(me, them, policy)
    assert satisfaction(me, them, policy) == plain_satisfaction(me, them, policy)


@given(candidates("usr_1"), candidates("usr_2"), policies())
def test_eligibility_and_worth_have_no_direction(me: Candidate, them: Candidate, policy: Policy) -> None:
    assert compatible(me, them, policy) is compatible(them, me, policy)
    assert mutual(me, them, policy) == mutual(them, me, policy)
    swapped = {
        Reason.I_DO_NOT_SEEK: Reason.THEY_DO_NOT_SEEK,
        Reason.I_REFUSE: Reason.THEY_REFUSE,
        Reason.MY_FLOOR: Reason.THEIR_FLOOR,
    }
    swapped |= {theirs: mine for mine, theirs in swapped.items()}
    mirrored = {(swapped.get(reason, reason), about) for reason, about in objections(me, them, policy)}
    assert mirrored == set(objections(them, me, policy))


def a_crowd(random: Random, people: int) -> list[Candidate]:
    """People over the whole vocabulary, a third of their facts unknown, with up to five wishes each."""
    return [_anybody(f"usr_{number}", random) for number in range(people)]


def _anybody(id: str, random: Random) -> Candidate:
    facts = {}
    for code, attribute in VOCABULARY.items():
        most = (1 << attribute.size) - 1 if attribute.kind is Kind.SET else attribute.size
        facts[code] = 0 if random.random() < 1 / 3 else random.randint(1, most)
    wished = random.sample(sorted(VOCABULARY), random.randint(0, 5))
    return Candidate(
        id=id,
        gender=random.choice((MALE, FEMALE)),
        seeks=random.choice((MALE, FEMALE, BOTH)),
        facts=facts,
        wishes={code: _any_wish(code, random) for code in wished},
    )


def _any_wish(code: str, random: Random) -> Wish:
    attribute, importance = VOCABULARY[code], random.choice(list(Importance))
    if attribute.kind is not Kind.ORDINAL:
        return Wish(attribute=code, importance=importance, accepts=random.randint(1, (1 << attribute.size) - 1))
    low, high = sorted(random.choices(range(1, attribute.size + 1), k=2))
    return Wish(attribute=code, importance=importance, low=low, high=high)


def _disagreements(people: int, seed: int) -> list[tuple[str, str]]:
    crowd, policy = a_crowd(Random(seed), people), Policy()
    return [
        (one.id, other.id)
        for place, one in enumerate(crowd)
        for other in crowd[:place]
        if compatible(one, other, policy) is not plain_eligible(one, other, policy)
    ]


def test_a_second_predicate_agrees_over_a_crowd() -> None:
    assert _disagreements(people=100, seed=20261123) == []


@pytest.mark.slow
def test_a_second_predicate_agrees_over_a_hundred_thousand_pairs() -> None:
    assert _disagreements(people=450, seed=7) == []
