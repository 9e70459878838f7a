"""How made-up members answer: at the stated rates, for the stated causes, and the same every time."""

import statistics
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import log, pi

import pytest

from ygs.application.simulation.behaviour import SCEPTICAL, Behaviour
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


@pytest.fixture(scope="module")
def sides(people: Sequence[Candidate]) -> tuple[Sequence[Candidate], Sequence[Candidate]]:
    """Sixty men and sixty women."""
    men, women = ([person for person in people if person.gender is gender][:60] for gender in Genders)
    return men, women


@pytest.fixture(scope="module")
def log_odds(sides: tuple[Sequence[Candidate], Sequence[Candidate]]) -> Sequence[Sequence[Sequence[float]]]:
    """The log odds of each man's yes to each woman, and of each woman's to each man, in the sceptical population."""
    sceptical = Behaviour(5, SCEPTICAL)
    return [
        [[-log(1 / sceptical.acceptance(me, them) - 1) for them in others] for me in choosers]
        for choosers, others in (sides, sides[::-1])
    ]


def test_sceptics_desire_varies_as_much_by_chooser_and_target_as_speed_dating_found(
    log_odds: Sequence[Sequence[Sequence[float]]],
) -> None:
    shares = [_shares(rows) for rows in log_odds]
    assert 0.14 < statistics.mean(chooser for chooser, _ in shares) < 0.20
    assert 0.10 < statistics.mean(target for _, target in shares) < 0.16


def _shares(rows: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The shares of the variance that the chooser and the target account for; a logit's own noise has pi^2 / 3."""
    choosers = [statistics.mean(row) for row in rows]
    targets = [statistics.mean(column) for column in zip(*rows, strict=True)]
    whole = statistics.mean(choosers)
    pairs = [
        (value - chooser - target + whole) ** 2
        for row, chooser in zip(rows, choosers, strict=True)
        for value, target in zip(row, targets, strict=True)
    ]
    total = statistics.variance(choosers) + statistics.variance(targets) + statistics.mean(pairs) + pi**2 / 3
    return statistics.variance(choosers) / total, statistics.variance(targets) / total


def test_the_score_ranks_a_sceptics_list_little_better_than_a_coin(
    sides: tuple[Sequence[Candidate], Sequence[Candidate]],
) -> None:
    believing, sceptical = (_auc(behaviour, *sides) for behaviour in (Behaviour(5), Behaviour(5, SCEPTICAL)))
    assert 0.51 < sceptical < 0.60
    assert believing > 0.65


def _auc(behaviour: Behaviour, choosers: Sequence[Candidate], others: Sequence[Candidate]) -> float:
    """How often, in a chooser's list, somebody accepted has a higher score than somebody declined: expected."""
    right = both = 0.0
    for me in choosers:
        ranked = sorted(others, key=lambda them: satisfaction(me, them, Policy()))
        chances = [behaviour.acceptance(me, them) for them in ranked]
        for place, yes in enumerate(chances):
            right += yes * sum(1 - no for no in chances[:place])
            both += yes * sum(1 - no for no in (*chances[:place], *chances[place + 1 :]))
    return right / both


def test_sceptics_too_agree_to_about_a_sixth_of_a_rounds_introductions(couples: Sequence[Couple]) -> None:
    sceptical = Behaviour(5, SCEPTICAL)
    assert 0.12 < statistics.mean(sceptical.mutual_yes(he, she) for he, she in couples) < 0.22
