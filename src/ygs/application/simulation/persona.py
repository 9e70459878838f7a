"""The few traits of a person on which all other facts depend."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Sketch:
    """A person before any detail.

    `age`: this year minus the birth year. `married_before`: divorced or widowed. `standing`, `outgoing`: standard
    normal; education, job and income depend on `standing`, pastimes on `outgoing`.
    """

    male: bool
    age: int
    married_before: bool
    standing: float
    outgoing: float


# Approximate, after what Korean agencies publish about their own members: most have never married and are in their
# thirties, women about three years younger; about one in seven looks for a second marriage, ten years later.
_FIRST_AGES = {True: (36.5, 4.6), False: (33.8, 4.2)}
_SECOND_AGES = {True: (47.0, 6.5), False: (43.5, 6.5)}
_SECOND_SHARE = 0.14
_YOUNGEST = 24
_OLDEST = 66


def sketch(rng: Random, *, male: bool) -> Sketch:
    """Draw a member of an agency."""
    married_before = rng.random() < _SECOND_SHARE
    mean, spread = (_SECOND_AGES if married_before else _FIRST_AGES)[male]
    age = round(rng.gauss(mean, spread))
    youngest = 30 if married_before else _YOUNGEST
    # Ages below the youngest are mirrored rather than cut off, so that they do not pile up at the limit.
    age = min(max(age, 2 * youngest - age), _OLDEST)
    return Sketch(male, age, married_before, rng.gauss(0, 1), rng.gauss(0, 1))
