"""What overrides cost, by solving twice: the oracle for prices that the application derives from one plan."""

from ygs.application.rounds.solve_round import Round
from ygs.domain.matching.plan import Overrides, RoundPlan
from ygs.domain.matching.policy import Strategy


def change_by(overrides: Overrides, planning: Round, before: RoundPlan | None = None) -> tuple[int, ...]:
    """The change in each objective (promises due, people past the longest wait, people introduced under `coverage`,
    total) that the overrides bring; `before`: the plan without them, made now when None."""
    without = before or planning.plan(strategy=Strategy.OPTIMAL)
    after = planning.plan(overrides, Strategy.OPTIMAL)
    assert without.certificate is not None
    assert after.certificate is not None
    values = zip(after.certificate.value, without.certificate.value, strict=True)
    return tuple(now - then for now, then in values)
