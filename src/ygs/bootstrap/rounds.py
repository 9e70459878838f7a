"""Rounds without a database: `plan_round`, `to_frame` and `explain`."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, overload

from ygs.adapters.dataframes import DataFrame, columns_of, frame_of, is_table
from ygs.application.explanations.plan_explanations import PlanExplanations
from ygs.application.rounds.dataframes import Id, TableIds, TablePlan, market_and_ids
from ygs.application.rounds.solve_round import plan_round as certified_round
from ygs.bootstrap.engines import engines
from ygs.domain.errors import N_, RoundRefused
from ygs.domain.matching.market import Candidate, Market
from ygs.domain.matching.plan import Overrides, RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent


class UnknownHistory(UserWarning):
    """The history names people who take no part in the round: they may have left, or be written in another way."""


@overload
def plan_round(
    candidates: Mapping[str, Any] | DataFrame,
    history: Iterable[tuple[Id, Id]] = (),
    policy: Policy | None = None,
    overrides: Overrides | None = None,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> TablePlan: ...


@overload
def plan_round(
    candidates: Iterable[Candidate] | Market,
    history: Iterable[tuple[str, str]] = (),
    policy: Policy | None = None,
    overrides: Overrides | None = None,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> RoundPlan: ...


def plan_round(
    candidates: Iterable[Candidate] | Market | Mapping[str, Any] | DataFrame,
    history: Iterable[tuple[Any, Any]] = (),
    policy: Policy | None = None,
    overrides: Overrides | None = None,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> RoundPlan | TablePlan:
    """Plan one round with the fastest engines installed, without any database; a pure function of its arguments.

    `candidates`: everybody who takes part, as `Candidate` objects, as a table of columns
    (`ygs.application.rounds.dataframes` says which) or as a `Market`, which holds its own history. `history`: pairs of
    ids who met before, in either order; a warning, `UnknownHistory`, counts the pairs that name somebody else.
    Scores are basis points (0..10000), waits weeks. `RoundRefused` when the overrides cannot be kept, `BadFile` when
    the table or an id is not what it should be.
    """
    given = _given(candidates, list(history))
    chosen = engines()
    plan = certified_round(
        given.market,
        policy,
        given.ids.overrides(overrides) if given.ids and overrides else overrides,
        seed=seed,
        scorer=chosen[Scorer],
        solver=chosen[RoundSolver],
        progress=progress,
    )
    return TablePlan.of(plan, given.ids, given.kind) if given.ids else plan


def to_frame(plan: RoundPlan | TablePlan) -> Any:
    """The pairs of a plan as a table of the kind that the people came in, and a dict of lists for other plans.

    Columns: `a` and `b`, the ids as they came; `a_to_b`, `b_to_a` and `mutual`, basis points.
    """
    names = ("a", "b", "a_to_b", "b_to_a", "mutual")
    columns = {name: [getattr(pair, name) for pair in plan.pairs] for name in names}
    return frame_of(columns, plan.kind if isinstance(plan, TablePlan) else "")


def explain(
    plan: RoundPlan | TablePlan,
    candidates: Iterable[Candidate] | Market | Mapping[str, Any] | DataFrame,
    history: Iterable[tuple[Any, Any]] = (),
    policy: Policy | None = None,
) -> PlanExplanations:
    """Explanations of a plan, from the same people, history and policy that it was made from.

    `RoundRefused` when they are others.
    """
    given = _given(candidates, list(history))
    text = plan.plan if isinstance(plan, TablePlan) else plan
    if given.market.input_hash() != text.input_hash:
        raise RoundRefused(N_("the plan was made from other people or another history: give those it was made from"))
    text_of = given.ids.text if given.ids else str
    return PlanExplanations(text, given.market, policy or Policy(), engines()[Scorer], text_of)


class _Given(NamedTuple):
    """What a round is planned from; the ids and the kind of a table."""

    market: Market
    ids: TableIds | None = None
    kind: str = ""


def _given(candidates: Any, history: list[tuple[Any, Any]]) -> _Given:
    if isinstance(candidates, Market):
        if history:
            raise RoundRefused(N_("a market holds its own history: give `history` with candidates only"))
        return _Given(candidates)
    if is_table(candidates):
        columns, kind = columns_of(candidates)
        market, ids = market_and_ids(columns, history)
        _report_unknown(history, ids.by_text.values())
        return _Given(market, ids, kind)
    people = list(candidates)
    # The ids of candidates are text. A number in their place, or in the history, would match nobody without a word.
    TableIds({}, numbers=False).pairs([(each.id, each.id) for each in people] + history)
    _report_unknown(history, {each.id for each in people})
    return _Given(Market.of(people, met=history))


def _report_unknown(history: list[tuple[Any, Any]], known: Iterable[object]) -> None:
    people = set(known)
    unknown = [pair for pair in history if not people.issuperset(pair)]
    if unknown:
        warnings.warn(
            f"{len(unknown)} of {len(history)} pairs of the history name somebody who takes no part, "
            f"such as {unknown[0]!r}",
            UnknownHistory,
            stacklevel=4,
        )
