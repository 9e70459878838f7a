"""A certified round for a whole city: ``python -m benchmarks.engine [--people 100000] [--rivals 30000]``.

`--checkpoint FILE`: keep the state after each search; the same command goes on from there. For hours of work, such as
``nohup nice python -m benchmarks.engine --people 250000 --rivals 0 --checkpoint city.checkpoint > city.log &``.
`--objective chance`: a round by chances, and how many times as long it takes as one by scores.
`--people`: men, and as many women. `--rivals`: of each, for the scorer beside NumPy and C (0: leave them out).

Of the JSON keys, `pairs_looked` counts the pairs whose satisfaction was summed, in all scans of the market, and
`pairs_eligible` the pairs of two who seek each other's gender, in all scans. `cpu_seconds`: of the process, all threads
together; `stages` in wall time, `stages_cpu` in CPU time; `instructions`: the vector instructions of the kernels;
`plan`: a digest of the plan's bytes.
"""

import argparse
import json
import resource
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time

from benchmarks import _rivals
from benchmarks.markets import city, with_chances
from ygs.adapters.checkpoint_file import CheckpointFile
from ygs.adapters.jit import instructions
from ygs.adapters.scoring.numba_scorer import ScanStats, VectorisedScorer, VectorisedScores
from ygs.adapters.solving.numba_solver import ExactSolver
from ygs.application.rounds.solve_round import BEST_AT_FIRST, Round, plan_round
from ygs.domain.matching.market import Candidate, Genders, Market
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Objective, Policy
from ygs.ports.scoring_and_solving import Checkpoint


def main() -> None:
    options = _options()
    compile_kernels()
    market = city(options.people, seed=options.seed)
    objective = Objective(options.objective)
    if objective is Objective.CHANCE:
        market = with_chances(market, seed=options.seed)
    checkpoint = CheckpointFile(options.checkpoint) if options.checkpoint else None
    plan, seconds, stages = _round(market, objective, options.seed, checkpoint)
    figures = _figures(plan, seconds) | stages.figures() | {"people": options.people, "instructions": instructions()}
    if objective is Objective.CHANCE:
        _, _, by_scores = _round(market, Objective.TOTAL, options.seed)
        figures |= _times_as_long(stages, by_scores)
    print(f"{options.people:,} x {options.people:,} people: {seconds:.1f} s, {figures['peak_mib']:,} MiB at most")
    for stage, spent in stages.seconds().items():
        print(f"  {stage}: {spent:.1f} s")
    print(f"  {figures['pairs']:,} pairs, gap {figures['gap']}, {figures['pairs_scanned']:,} pairs scanned")
    looked, eligible = stages.scans.looked, stages.scans.pairs
    print(f"  looked at {looked:,} of {eligible:,} pairs: {looked / eligible:.1%}; {instructions()}", flush=True)
    print(json.dumps(figures | _scorer_figures(min(options.rivals, options.people), options.seed)))


def _round(
    market: Market, objective: Objective, seed: int, checkpoint: Checkpoint | None = None
) -> tuple[RoundPlan, float, "Stages"]:
    """The plan, its seconds, and the stages' seconds and searches."""
    started = perf_counter()
    stages = Stages()
    policy = Policy(objective=objective)
    scorer = _Counted()
    planning = Round(
        market,
        policy,
        seed=seed,
        scorer=scorer,
        solver=ExactSolver(),
        progress=stages.tell,
        guarded=False,
        checkpoint=checkpoint,
    )
    plan = planning.plan()
    stages.scans = scorer.scans()
    return plan, perf_counter() - started, stages


class _Counted(VectorisedScorer):
    """The scorer, which remembers the markets it scored."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[VectorisedScores] = []

    def scores(self, market: Market, policy: Policy) -> VectorisedScores:
        made = super().scores(market, policy)
        self._made.append(made)
        return made

    def scans(self) -> ScanStats:
        """The figures of all scans of all markets together."""
        return sum((made.all_stats for made in self._made), ScanStats())


def _times_as_long(by_chance: "Stages", by_scores: "Stages") -> dict[str, float]:
    """CPU seconds of scoring by chances beside scoring by scores: altogether, and per search of the market."""
    ratio = by_chance.cpu_seconds("scoring") / by_scores.cpu_seconds("scoring")
    each = ratio * by_scores.searches / by_chance.searches
    print(f"scoring by chances: {ratio:.2f} times the CPU time of scoring by scores, {each:.2f} times per search")
    return {"chance_vs_score": round(ratio, 2), "chance_vs_score_per_search": round(each, 2)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rivals", type=int, default=30_000)
    parser.add_argument("--objective", choices=("total", "chance"), default="total")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--checkpoint", type=Path)
    return parser.parse_args()


def compile_kernels() -> None:
    """Plan a round of two, so that no figure holds the one compilation a machine needs."""
    started = perf_counter()
    genders = (Genders.MALE, Genders.FEMALE)
    two = [Candidate(id=str(one), gender=one, seeks=other) for one, other in (genders, genders[::-1])]
    plan_round(two, scorer=VectorisedScorer(), solver=ExactSolver())
    print(f"importing, and compiling what was not compiled on this machine: {perf_counter() - started:.1f} s")


class Stages:
    """Where the time goes: a `Progress` that remembers how long each stage was at work, and counts the searches.

    `scans`: the figures of the scans, once the round is over.
    """

    def __init__(self) -> None:
        self.searches = 0
        self._word = "", 0
        self.scans = ScanStats()
        self._spent: dict[str, float] = {}
        self._spent_cpu: dict[str, float] = {}
        self._last = perf_counter()
        self._last_cpu = process_time()

    def tell(self, stage: str, done: int, total: int) -> None:
        """Put what passed since the last word down to the stage, unless it only begins."""
        now = perf_counter()
        begins = not done and self._word != (stage, 0)
        self._word = stage, done
        begun = "between" if begins else stage
        self.searches += begins and stage == "scoring"
        self._spent[begun] = self._spent.get(begun, 0.0) + now - self._last
        self._last = now
        now = process_time()
        self._spent_cpu[begun] = self._spent_cpu.get(begun, 0.0) + now - self._last_cpu
        self._last_cpu = now

    def figures(self) -> dict[str, object]:
        """The seconds per stage, and the figures of the scans."""
        return {
            "stages": self.seconds(),
            "stages_cpu": {stage: round(spent, 2) for stage, spent in self._spent_cpu.items()},
            "cpu_seconds": round(sum(self._spent_cpu.values()), 2),
            "pairs_looked": self.scans.looked,
            "pairs_eligible": self.scans.pairs,
        }

    def cpu_seconds(self, stage: str) -> float:
        """CPU seconds of a stage."""
        return self._spent_cpu[stage]

    def seconds(self) -> dict[str, float]:
        """Seconds per stage."""
        return {stage: round(spent, 2) for stage, spent in self._spent.items()}


def _figures(plan: RoundPlan, seconds: float) -> dict[str, object]:
    certificate = plan.certificate
    if certificate is None:
        raise AssertionError("an optimal round without a certificate")
    return {
        "seconds": round(seconds, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "gap": certificate.gap,
        "proven": certificate.proven,
        "pairs": len(plan.pairs),
        "pairs_scanned": certificate.pairs_scanned,
        "pricing_rounds": certificate.pricing_rounds,
        "pairs_held": certificate.pairs_held,
        "plan": sha256(plan.to_json().encode()).hexdigest(),
    }


def _scorer_figures(people: int, seed: int) -> dict[str, float | None]:
    """The scorer beside its rivals, on one market, in this process."""
    if people < 1:
        return {"scorer_vs_numpy": None, "scorer_vs_c": None}
    market = city(people, seed)
    best = _beside("NumPy", f"the {BEST_AT_FIRST} best", lambda: _rivals.best_speeds(market, Policy(), BEST_AT_FIRST))
    found = _beside("C", "improving pairs", lambda: _rivals.improving_speeds(market, Policy()))
    return {
        "scorer_vs_numpy": best and round(best[0] / best[1], 1),
        "scorer_vs_c": found and round(found[0] / found[1], 2),
        "best_pairs_per_second": best and round(best[0]),
        "improving_pairs_per_second": found and round(found[0]),
    }


def _beside(rival: str, what: str, race: Callable[[], tuple[float, float] | None]) -> tuple[float, float] | None:
    speeds = race()
    if speeds is None:
        print(f"{what}: no {rival} compiler here")
    else:
        ours, theirs = (speed / 1e6 for speed in speeds)
        print(f"{what}: {ours:,.0f} million pairs/s, {rival} {theirs:,.1f}: {ours / theirs:.2f} times", flush=True)
    return speeds


if __name__ == "__main__":
    main()
