"""How made-up members answer: at the stated rates, for the stated causes, and the same every time."""

import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ygs.application.simulation.behaviour import Behaviour
from ygs.application.simulation.club import club
from ygs.domain.introductions import Choice, DeclineReason
from ygs.domain.matching.eligibility import compatible
from ygs.domain.matching.market import Candidate, Genders
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.scoring import mutual, satisfaction

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
DEADLINE = AT + timedelta(days=6)
Couple = tuple[Candidate, Candidate]


@pytest.fixture(scope="module")
def people() -> Sequence[Candidate]:
    return [member.candidate(capacity=1) for member in club(300, seed=5, at=AT)]


@pytest.fixture(scope="module")
def couples(people: Sequence[Candidate]) -> Sequence[Couple]:
    """What a week's round would bring: each man, in turn, with the best woman who is left."""
    policy, couples = Policy(), []
    women = [person for person in people if person.gender is Genders.FEMALE]
    for he in (person for person in people if person.gender is Genders.MALE):
        suited = [she for she in women if compatible(he, she, policy)]
        if suited:
            best = max(suited, key=lambda she: mutual(he, she, policy))
            women.remove(best)
            couples.append((he, best))
    return couples


@pytest.fixture(scope="module")
def behaviour() -> Behaviour:
    return Behaviour(5)


def test_about_a_fifth_of_a_rounds_introductions_become_mutual(couples: Sequence[Couple], behaviour: Behaviour) -> None:
    assert 0.14 < statistics.mean(behaviour.mutual_yes(he, she) for he, she in couples) < 0.28
    assert 0.5 < statistics.mean(behaviour.acceptance(he, she) for he, she in couples) < 0.68
    assert 0.36 < statistics.mean(behaviour.acceptance(she, he) for he, she in couples) < 0.56


def test_answers_come_as_often_as_their_probability_says(couples: Sequence[Couple], behaviour: Behaviour) -> None:
    drawn, expected = 0, 0.0
    for one, other in [*couples, *((she, he) for he, she in couples)]:
        answer = behaviour.answer(one, other, opened=AT, deadline=DEADLINE)
        drawn += answer is not None and answer.choice is Choice.ACCEPT
        expected += behaviour.answering(one) * behaviour.acceptance(one, other)
    assert abs(drawn - expected) < 3 * (2 * len(couples) * 0.25) ** 0.5


def test_answers_fall_between_opening_and_deadline_and_are_the_same_every_time(
    couples: Sequence[Couple], behaviour: Behaviour
) -> None:
    answers = [behaviour.answer(he, she, opened=AT, deadline=DEADLINE) for he, she in couples]
    assert answers == [Behaviour(5).answer(he, she, opened=AT, deadline=DEADLINE) for he, she in couples]
    assert answers != [Behaviour(6).answer(he, she, opened=AT, deadline=DEADLINE) for he, she in couples]
    given = [answer for answer in answers if answer]
    assert 0.8 < len(given) / len(answers) < 0.96
    assert all(AT < answer.at < DEADLINE for answer in given)
    assert len({answer.reason for answer in given}) >= 4


def test_whoever_meets_my_wishes_better_is_accepted_more_readily(
    people: Sequence[Candidate], behaviour: Behaviour
) -> None:
    he = next(person for person in people if person.gender is Genders.MALE)
    women = [person for person in people if person.gender is Genders.FEMALE]
    liked = sorted(women, key=lambda she: satisfaction(he, she, Policy()))
    worst, best = (statistics.mean(behaviour.acceptance(he, she) for she in part) for part in (liked[:40], liked[-40:]))
    assert best > worst + 0.2


def test_the_attractive_are_accepted_by_more_and_accept_fewer(
    people: Sequence[Candidate], behaviour: Behaviour
) -> None:
    women = sorted((p for p in people if p.gender is Genders.FEMALE), key=behaviour.charm)
    men = [person for person in people if person.gender is Genders.MALE][::8]

    def wanted(part: Sequence[Candidate]) -> float:
        return statistics.mean(behaviour.acceptance(he, she) for he in men for she in part)

    def wanting(part: Sequence[Candidate]) -> float:
        return statistics.mean(behaviour.acceptance(she, he) for he in men for she in part)

    assert wanted(women[-20:]) > wanted(women[:20]) + 0.1
    assert wanting(women[-20:]) < wanting(women[:20])


def test_somebody_too_far_away_is_most_often_declined_for_distance(behaviour: Behaviour) -> None:
    member = next(m for m in club(200, seed=5, at=AT) if "region" in m.wishes and m.wishes["region"].importance >= 3)
    me = member.candidate(capacity=1)
    far = next(code for code in range(1, 19) if not me.wishes["region"].accepts >> (code - 1) & 1)
    reasons = []
    for number in range(300):
        them = Candidate(id=f"usr_{number}", gender=me.seeks, seeks=me.gender, facts={"region": far})
        answer = behaviour.answer(me, them, opened=AT, deadline=DEADLINE)
        reasons += [answer.reason] if answer and answer.reason else []
    assert reasons.count(DeclineReason.DISTANCE) / len(reasons) > 0.1


def test_two_people_agree_on_whether_they_met_and_rate_only_then(
    couples: Sequence[Couple], behaviour: Behaviour
) -> None:
    told = [(behaviour.impression(he, she), behaviour.impression(she, he)) for he, she in couples]
    assert all(his.met is hers.met for his, hers in told if his and hers)
    every = [impression for both in told for impression in both if impression]
    assert all((impression.rating is None) is not impression.met for impression in every)
    assert {impression.rating for impression in every} >= {None, 2, 3, 4, 5}
