"""The contract of `ChanceModel`: it fits what the specification fits."""

from collections.abc import Callable, Iterator
from math import exp
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ygs.domain.learning.chance_model import fit
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.market import Genders
from ygs.ports.chance_model import ChanceModel

ONE_IN = 10_000


def random_history(seed: int, *, people: int = 14, introductions: int = 60) -> tuple[list[Side], dict[str, Genders]]:
    """Sides of made-up introductions, in no order, and everybody's gender; some say nothing."""
    rng = Random(seed)
    ids = [f"usr_{place:05}" for place in range(people)]
    genders = {person: rng.choice((Genders.MALE, Genders.FEMALE)) for person in ids}
    choosy = {person: rng.gauss(0, 1.3) for person in ids}
    charm = {person: rng.gauss(0, 0.9) for person in ids}
    usual = rng.uniform(-2, 2)
    sides = []
    for _ in range(introductions):
        one, other = rng.sample(ids, 2)
        week = 202_600 + rng.randint(1, 9)
        for me, them in ((one, other), (other, one)):
            satisfaction = min(round(rng.gauss(8_500, 1_300)), 10_000)
            yes = 1 / (1 + exp(-(usual + choosy[me] + charm[them] + (satisfaction - 8_500) / 8_000)))
            said = Said.NOTHING if rng.random() < 0.1 else Said(rng.random() < yes)
            sides.append(Side(week, me, them, satisfaction, said))
    return sides, genders


def agrees_with_the_specification(model: ChanceModel, histories: int) -> Callable[[], None]:
    """A test that a model fits the specification's integers to random histories: off by one at most, in at most one
    number of ten thousand."""

    def test() -> None:
        compared = apart = 0
        for seed in range(histories):
            rng = Random(seed)
            history = AnswerHistory.of(
                *random_history(seed, people=rng.randint(2, 24), introductions=rng.randint(0, 80))
            )
            for ours, theirs in zip(numbers(model.fit(history)), numbers(fit(history)), strict=True):
                compared += 1
                apart += ours != theirs
                assert abs(ours - theirs) <= 1
        assert apart * ONE_IN <= compared

    return test


def ignores_the_order(model: ChanceModel) -> Callable[[], None]:
    """A test that a history fitted in any order gives the same integers."""

    @given(st.integers(0, 1 << 32), st.randoms(use_true_random=False))
    def test(seed: int, rng: Random) -> None:
        sides, genders = random_history(seed)
        parameters = model.fit(AnswerHistory.of(sides, genders))
        rng.shuffle(sides)
        assert model.fit(AnswerHistory.of(sides, genders)) == parameters

    return test


def numbers(parameters: ChanceParameters) -> Iterator[int]:
    """Every fitted number, in one order."""
    for gender in sorted(parameters.rates):
        common = parameters.rates[gender]
        yield from (common.base, common.slope, common.centre, common.answering)
    for person in sorted(parameters.people):
        each = parameters.people[person]
        yield from (each.says_yes, each.wanted, each.answering)
