"""What learning costs and brings: ``python -m benchmarks.learning``.

The last line is JSON: `fit_s` and `fit_peak_mib` for 57,412 people with half a million answers.
"""

import json
import multiprocessing
import resource
from math import exp
from random import Random
from time import perf_counter

from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.matching.market import Genders

PEOPLE = 57_412
ANSWERS = 500_000


def main() -> None:
    """Print the figures for people, then one line of JSON."""
    seconds, mebibytes = measured_fit()
    print(f"fit of {PEOPLE:,} people with {ANSWERS:,} answers: {seconds:.1f} s, {mebibytes:,.0f} MiB at most")
    print(json.dumps({"fit_s": round(seconds, 1), "fit_peak_mib": round(mebibytes)}))


def measured_fit(people: int = PEOPLE, answers: int = ANSWERS) -> tuple[float, float]:
    """Seconds and peak memory, mebibytes, of one fit in a process of its own, history included."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_fit, (people, answers))


def _fit(people: int, answers: int) -> tuple[float, float]:
    from ygs.adapters.learning.vectorised import VectorisedChanceModel

    history = big_history(people, answers)
    started = perf_counter()
    VectorisedChanceModel().fit(history)
    return perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def big_history(people: int, answers: int, seed: int = 1) -> AnswerHistory:
    """A year of random introductions between men and women; everybody answers."""
    rng = Random(seed)
    ids = [f"usr_{place:07}" for place in range(people)]
    genders = {person: Genders.FEMALE if place % 2 else Genders.MALE for place, person in enumerate(ids)}
    choosy = [rng.gauss(0, 1) for _ in ids]
    charm = [rng.gauss(0, 0.7) for _ in ids]
    sides = []
    for _ in range(answers // 2):
        he = rng.randrange(0, people, 2)
        she = rng.randrange(1, people, 2)
        week = 202_600 + rng.randint(1, 52)
        for me, them in ((he, she), (she, he)):
            satisfaction = max(0, min(round(rng.gauss(8_500, 1_300)), 10_000))
            yes = 1 / (1 + exp(-(choosy[me] + charm[them] + (satisfaction - 8_500) / 8_000 - 0.3)))
            sides.append(Side(week, ids[me], ids[them], satisfaction, Said(rng.random() < yes)))
    return AnswerHistory.of(sides, genders)


if __name__ == "__main__":
    main()
