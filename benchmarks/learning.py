"""What learning costs and brings: ``python -m benchmarks.learning [--people 200] [--seeds 20]``.

A year of half a million answers of 57,412 people is fitted. Then simulated clubs of sceptics, whose answers follow the
score hardly at all, are played: twelve weeks by the score, then eight weeks by the score and by learned chances. With
the answers of the twelve weeks dealt out anew nothing is left to learn; the evaluation must then refuse.

The last line is JSON: `fit_s`, `fit_peak_mib`; `lift`, percent more expected mutual yeses by chances than by scores,
with its interval over clubs, `lift_low` to `lift_high`; `refused_without_signal`, the share of evaluations that refuse.
"""

import argparse
import json
import multiprocessing
import resource
import sys
from collections.abc import Sequence
from math import exp
from random import Random
from time import perf_counter

from ygs.application.learning.evaluation import evaluate
from ygs.application.simulation.behaviour import SCEPTICAL
from ygs.application.simulation.learned_season import LearnedSeason, LearnedSeasons
from ygs.application.simulation.simulate import Interval
from ygs.application.simulation.simulated_club import SimulatedClub
from ygs.domain.learning.history import AnswerHistory, Said, Side
from ygs.domain.matching.market import Genders
from ygs.ports.chance_model import ChanceModel

PEOPLE = 57_412
ANSWERS = 500_000
BEFORE = 12
AFTER = 8
DEALS = 5


def main() -> None:
    """Print the figures for people, then one line of JSON."""
    options = _options()
    seconds, mebibytes = measured_fit()
    print(
        f"fit of {PEOPLE:,} people with {ANSWERS:,} answers: {seconds:.1f} s, {mebibytes:,.0f} MiB at most", flush=True
    )
    seasons = _seasons(options.people, options.seeds)
    lift = Interval.of([season.lift for season in seasons])
    overlooked = sum(season.overlooked for season in seasons)
    print(
        f"{options.seeds} clubs of {options.people} sceptics, {AFTER} weeks after {BEFORE}: {lift.mean:+.1f} % "
        f"expected mutual yeses ({lift.low:+.1f} .. {lift.high:+.1f}), {overlooked} overlooked"
    )
    refused = refused_without_signal([season.history for season in seasons], DEALS)
    print(f"answers dealt out at random: refused in {refused:.1%} of {DEALS * options.seeds} evaluations")
    figures = {"fit_s": round(seconds, 1), "fit_peak_mib": round(mebibytes)}
    interval = {"lift": lift.mean, "lift_low": lift.low, "lift_high": lift.high}
    rounded = {name: round(value, 2) for name, value in interval.items()}
    print(json.dumps({**figures, **rounded, "refused_without_signal": round(refused, 3), "overlooked": overlooked}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=20)
    return parser.parse_args()


def _model() -> ChanceModel:
    from ygs.adapters.learning.vectorised import VectorisedChanceModel

    return VectorisedChanceModel()


def _seasons(people: int, seeds: int) -> Sequence[LearnedSeason]:
    from ygs.adapters.scoring.numba_scorer import VectorisedScorer
    from ygs.adapters.solving.numba_solver import ExactSolver

    playing = LearnedSeasons(VectorisedScorer(), ExactSolver(), _model())
    seasons = []
    for seed in range(1, seeds + 1):
        club = SimulatedClub(men=people // 2, women=people - people // 2, seed=seed, population=SCEPTICAL)
        seasons.append(playing.play(club, before=BEFORE, after=AFTER))
        if sys.stderr.isatty():
            print(f"\rclubs: {seed}/{seeds}", end="", file=sys.stderr, flush=True)
    return seasons


def refused_without_signal(histories: Sequence[AnswerHistory], deals: int) -> float:
    """The share of histories, each with its answers dealt out at random `deals` times, on which learning is refused."""
    refused = [
        not evaluate(_dealt_anew(history, deal), _model()).helps for history in histories for deal in range(deals)
    ]
    return sum(refused) / len(refused)


def _dealt_anew(history: AnswerHistory, deal: int) -> AnswerHistory:
    sides = list(history.sides())
    said = [side.said for side in sides]
    Random(deal).shuffle(said)
    genders = dict(zip(history.ids, map(Genders, history.genders), strict=True))
    return AnswerHistory.of([side._replace(said=each) for side, each in zip(sides, said, strict=True)], genders)


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
