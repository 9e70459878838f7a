"""The price of an override: each objective of the plan before and after it."""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict

from ygs.domain.matching.plan import RoundPlan


class ObjectivePrice(BaseModel):
    """One objective before and after a change of the overrides."""

    model_config = ConfigDict(frozen=True)

    objective: str
    before: int
    after: int
    change: int


class OverridePrice(BaseModel):
    """What a change of the overrides costs or gains, objective by objective, the most important first."""

    model_config = ConfigDict(frozen=True)

    objectives: list[ObjectivePrice]

    @classmethod
    def of(cls, before: RoundPlan, after: RoundPlan) -> Self:
        """Compare the objectives of two plans."""
        return cls(objectives=list(_prices(_objectives(before), _objectives(after))))


def _prices(before: dict[str, int], after: dict[str, int]) -> Iterator[ObjectivePrice]:
    for name, value in before.items():
        yield ObjectivePrice(objective=name, before=value, after=after[name], change=after[name] - value)


def _objectives(plan: RoundPlan) -> dict[str, int]:
    if plan.certificate is None:
        return {"total_mutual": plan.report.total_mutual}
    *tiers, total = plan.certificate.value
    return dict(zip(("promises_due", "longest_waits", "introduced"), tiers, strict=False)) | {"total": total}
