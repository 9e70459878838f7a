"""Checks the inputs of a week as an auditor got them, by planning the week again."""

from collections.abc import Iterator, Sequence

from ygs.application.rounds.audit_bundle import AuditBundle
from ygs.application.rounds.public_record import CommitmentView, Finding, Statement, is_among
from ygs.application.rounds.solve_round import plan_round
from ygs.domain.commitments import WeekKey, input_tree, plan_input_hash
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Overrides
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent


def check_bundle(
    bundle: AuditBundle,
    scorer: Scorer,
    solver: RoundSolver,
    published: Sequence[CommitmentView] | None = None,
    progress: Progress = silent,
) -> Sequence[Finding]:
    """Check every statement of a bundle. `BadFile` when its snapshot is damaged or of a newer version.

    It takes as long as planning the week. `published` as for `check_proof`.
    """
    market = Market.from_bytes(bundle.snapshot)
    findings = [*_inputs(bundle, market), *_plan(bundle, market, scorer, solver, progress)]
    if published is not None:
        findings.append(Finding(Statement.PUBLISHED, is_among(bundle.commitment, published)))
    return findings


def _inputs(bundle: AuditBundle, market: Market) -> Iterator[Finding]:
    committed = bundle.commitment
    key = WeekKey(bytes.fromhex(bundle.key))
    week = IsoWeek.parse(committed.week)
    hashed = plan_input_hash(
        week,
        committed.round,
        bundle.policy.policy(),
        bundle.seed,
        market.input_hash(),
        committed.code_version,
        key.plan_input_salt(),
    )
    yield Finding(Statement.PLAN_INPUT, hashed == committed.plan_input)
    tree = input_tree(week, committed.round, market, key)
    yield Finding(Statement.EVERY_INPUT, tree.root().hex() == committed.input_root)


def _plan(
    bundle: AuditBundle, market: Market, scorer: Scorer, solver: RoundSolver, progress: Progress
) -> Iterator[Finding]:
    plan = plan_round(
        market,
        policy=bundle.policy.policy(),
        overrides=Overrides.of(**bundle.overrides.model_dump()),
        seed=bundle.seed,
        scorer=scorer,
        solver=solver,
        progress=progress,
    )
    yield Finding(Statement.SAME_PLAN, plan.to_json() == bundle.plan)
    if plan.certificate is not None:
        yield Finding(Statement.PROVEN, plan.certificate.proven)
