"""Which scorer and solver plan a round, and `plan_round`, which needs nothing else."""

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Any

from ygs.application.rounds.dataframes import DataFrame, market_of
from ygs.application.rounds.solve_round import plan_round as certified_round
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.matching.plan import Overrides, RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent


def engines() -> dict[Any, Any]:
    """The scorer and the solver: the compiled ones where the extra `fast` is installed."""
    if find_spec("numba") and find_spec("ortools"):
        from ygs.adapters.scoring.numba_scorer import VectorisedScorer
        from ygs.adapters.solving.numba_solver import ExactSolver

        return {Scorer: VectorisedScorer(), RoundSolver: ExactSolver()}
    from ygs.adapters.scoring.reference import PlainScorer
    from ygs.adapters.solving.reference import PlainSolver

    return {Scorer: PlainScorer(), RoundSolver: PlainSolver()}


def plan_round(
    candidates: Iterable[Candidate] | Market | Mapping[str, Any] | DataFrame,
    history: Iterable[tuple[str, str]] = (),
    policy: Policy | None = None,
    overrides: Overrides | None = None,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> RoundPlan:
    """Plan one round with the fastest engines installed, without any database; a pure function of its arguments.

    `candidates`: everybody who takes part, as `Candidate` objects, as a table of columns
    (`ygs.application.rounds.dataframes` says which) or as a `Market`, which holds its own history. `history`: pairs of
    ids who met before, in either order.
    Scores are basis points (0..10000), waits weeks. `RoundRefused` when the overrides cannot be kept.
    """
    if isinstance(candidates, Mapping | DataFrame):
        return plan_round(market_of(candidates, history), (), policy, overrides, seed=seed, progress=progress)
    chosen = engines()
    return certified_round(
        candidates,
        policy,
        overrides,
        history=history,
        seed=seed,
        scorer=chosen[Scorer],
        solver=chosen[RoundSolver],
        progress=progress,
    )
