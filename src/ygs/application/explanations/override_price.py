"""The price of an override: who has other partners after it, and each objective of the plan before and after."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.person_views import People, PersonView
from ygs.domain.matching.plan import PlanObjective, RoundPlan
from ygs.ports.repositories import MOST_PAGE

# The partners of each person before and after a change, by their ids.
PartnerChanges = Mapping[str, tuple[Set[str], Set[str]]]


class ObjectivePrice(BaseModel):
    """One objective before and after a change of the overrides: people, basis points of `total`, or millionths of
    `chances`."""

    model_config = ConfigDict(frozen=True)

    objective: PlanObjective
    before: int
    after: int
    change: int


class PartnerChange(BaseModel):
    """A person whom the new plan introduces to others than the old one did."""

    model_config = ConfigDict(frozen=True)

    person: PersonView = Field(description="Whose partners change.")
    before: list[PersonView] = Field(description="Whom they were to meet; nobody where it is empty.")
    after: list[PersonView] = Field(description="Whom they are to meet now; nobody where it is empty.")

    @classmethod
    def of(cls, person: str, before: Set[str], after: Set[str], people: People) -> Self:
        """The view of one person's change."""
        views = ([people[each] for each in sorted(partners)] for partners in (before, after))
        return cls(person=people[person], before=next(views), after=next(views))


class OverridePrice(BaseModel):
    """What a change of the overrides leads to: who has other partners, and what it costs or gains, objective by
    objective, the most important first."""

    model_config = ConfigDict(frozen=True)

    objectives: list[ObjectivePrice]
    changes: list[PartnerChange] = Field(description="Who has other partners now, at most 100, by id.")
    changed: int = Field(ge=0, description="How many people have other partners now.")

    @classmethod
    def of(cls, before: RoundPlan, after: RoundPlan, changes: PartnerChanges, people: People) -> Self:
        """Compare two plans. `people`: the first hundred of `changes` and all their partners."""
        shown = [PartnerChange.of(each, *changes[each], people) for each in sorted(changes)[:MOST_PAGE]]
        same_unit = (before.by_chance, before.group_bonuses) == (after.by_chance, after.group_bonuses)
        prices = list(_prices(_objectives(before, proven=same_unit), _objectives(after, proven=same_unit)))
        return cls(objectives=prices, changes=shown, changed=len(changes))


def partner_changes(before: RoundPlan, after: RoundPlan) -> PartnerChanges:
    """Everybody whose partners differ between two plans."""
    old, new = _partners(before), _partners(after)
    return {each: (old[each], new[each]) for each in old.keys() | new.keys() if old[each] != new[each]}


def people_in(changes: PartnerChanges) -> Set[str]:
    """The first hundred people of these changes, with all their partners."""
    shown = sorted(changes)[:MOST_PAGE]
    return {*shown, *(partner for each in shown for partners in changes[each] for partner in partners)}


def _partners(plan: RoundPlan) -> defaultdict[str, set[str]]:
    partners = defaultdict[str, set[str]](set)
    for pair in plan.pairs:
        partners[pair.a].add(pair.b)
        partners[pair.b].add(pair.a)
    return partners


def _prices(before: dict[PlanObjective, int], after: dict[PlanObjective, int]) -> Iterator[ObjectivePrice]:
    for name, value in before.items():
        yield ObjectivePrice(objective=name, before=value, after=after[name], change=after[name] - value)


def _objectives(plan: RoundPlan, *, proven: bool) -> dict[PlanObjective, int]:
    """The objectives, with the total that is `proven`, or else with both totals as the plan reports them.

    A change may make the no-harm rule break, or hold again; then one plan counts chances and the other scores, or
    introductions of a group count more in one of them.
    """
    totals = {PlanObjective.TOTAL: plan.report.total_mutual, PlanObjective.CHANCES: plan.report.total_chance or 0}
    last = PlanObjective.CHANCES if plan.by_chance else PlanObjective.TOTAL
    if plan.certificate is None:
        return {last: totals[last]} if proven else totals
    *tiers, total = plan.certificate.value
    return dict(zip(PlanObjective, tiers, strict=False)) | ({last: total} if proven else totals)
