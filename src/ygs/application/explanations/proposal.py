"""What staff read before they publish: the proposed pairs and why, who got no one and why, what an override costs, and
the same week under other strategies. Sentences come in the language asked for and name people by their names: this is
for staff only.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Self

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import AuditWriter, audit_entry
from ygs.application.explanations.why_unmatched import why_unmatched
from ygs.application.person_views import People, PersonView, namer, people_of
from ygs.application.rounds.planning import Planning
from ygs.application.rounds.solve_round import Round
from ygs.application.rounds.weeks import WeekView
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import MatchWeek, WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.explaining import explain_pair
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Certificate, Overrides, PlannedPair, PlanStatistics, RoundPlan
from ygs.domain.matching.policy import Policy, Strategy
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent
from ygs.ports.storage import Storage

UNMATCHED_SHOWN = 10


class PairView(BaseModel):
    """A proposed pair: scores in basis points, the strongest reasons and the open questions in words."""

    model_config = ConfigDict(frozen=True)

    a: PersonView
    b: PersonView
    a_to_b: int
    b_to_a: int
    mutual: int
    reasons: list[str]
    questions: list[str]


class UnmatchedView(BaseModel):
    """Somebody the plan gives no one: why, and what would help most, in words."""

    model_config = ConfigDict(frozen=True)

    person: PersonView
    weeks_waited: int
    why: list[str]


class ProposalView(BaseModel):
    """A plan to be reviewed: `certificate` and `report` as in the plan; pairs best first; who waited longest first."""

    model_config = ConfigDict(frozen=True)

    week: str
    strategy: Strategy
    certificate: Certificate | None
    report: PlanStatistics
    pairs: list[PairView]
    unmatched: list[UnmatchedView]
    changed: list[str]


class ObjectivePrice(BaseModel):
    """One objective before and after an override."""

    model_config = ConfigDict(frozen=True)

    objective: str
    before: int
    after: int
    change: int


class OverridePrice(BaseModel):
    """What an override costs, objective by objective, in their order."""

    model_config = ConfigDict(frozen=True)

    objectives: list[ObjectivePrice]


class Comparison(BaseModel):
    """One strategy's plan for a week, in figures."""

    model_config = ConfigDict(frozen=True)

    strategy: Strategy
    report: PlanStatistics | None
    certificate: Certificate | None
    refused: str = ""

    @classmethod
    def of(cls, strategy: Strategy, plan: RoundPlan | str) -> Self:
        """A plan's figures, or why the strategy does not apply."""
        if isinstance(plan, str):
            return cls(strategy=strategy, report=None, certificate=None, refused=plan)
        return cls(strategy=strategy, report=plan.report, certificate=plan.certificate)


@dataclass(frozen=True, slots=True)
class Proposals:
    """What staff ask about a week before they publish it, and after."""

    storage: Storage
    scorer: Scorer
    solver: RoundSolver
    clock: Clock
    planning: Planning
    audit_writer: AuditWriter
    language: Language

    async def week(self, actor: Actor, id: WeekId, *, limit: int) -> tuple[WeekView, ProposalView | None]:
        """The week, and its plan when one was proposed."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            week = await reading.weeks.get(id)
            counts = await reading.introductions.count_in_week(id)
        view = WeekView.of(week, counts)
        planned = {WeekState.PROPOSED, WeekState.PUBLISHED, WeekState.CLOSED}
        return view, await self.proposal(actor, id, limit=limit) if week.state in planned else None

    async def proposal(self, actor: Actor, id: WeekId, *, limit: int) -> ProposalView:
        """The proposed plan: its best pairs, at most `limit` (1..100), and those who got no one, who waited longest
        first."""
        plan = await self.planning.proposed(actor, id)
        locked = await self.planning.locked_market(actor, id)
        async with self.storage.read() as reading:
            week = await reading.weeks.get(id)
            current = await reading.market.enrolled(capacity=week.policy.capacity)
        pairs, waiting = await asyncio.to_thread(_shown, plan, locked, min(limit, MOST_PAGE))
        named = (person for pair in pairs for person in (pair.a, pair.b))
        people = await people_of(self.storage, (*named, *waiting), self.language)
        await self.audit_writer.add(audit_entry(actor, "proposal.read", at=self.clock.now(), what=id))
        return await asyncio.to_thread(self._proposal_view, week, plan, locked, current, pairs, waiting, people)

    def _proposal_view(
        self,
        week: MatchWeek,
        plan: RoundPlan,
        locked: Market,
        current: Market,
        pairs: Sequence[PlannedPair],
        waiting: Sequence[str],
        people: People,
    ) -> ProposalView:
        places = locked.places()
        scores = self.scorer.scores(locked, week.policy)
        return ProposalView(
            week=str(week.week),
            strategy=plan.strategy,
            certificate=plan.certificate,
            report=plan.report,
            pairs=[self._pair_view(pair, locked, places, week.policy, people) for pair in pairs],
            unmatched=[
                UnmatchedView(
                    person=people[person],
                    weeks_waited=locked.weeks_waited[places[person]],
                    why=list(
                        why_unmatched(places[person], locked, scores, week.policy, plan).sentences(
                            self.language, namer(people)
                        )
                    ),
                )
                for person in waiting
            ],
            changed=changed_since(locked, current),
        )

    def _pair_view(
        self,
        pair: PlannedPair,
        market: Market,
        places: dict[str, int],
        policy: Policy,
        people: People,
    ) -> PairView:
        told = explain_pair(market.person(places[pair.a]), market.person(places[pair.b]), policy)
        name = namer(people)
        return PairView(
            a=people[pair.a],
            b=people[pair.b],
            a_to_b=pair.a_to_b,
            b_to_a=pair.b_to_a,
            mutual=pair.mutual,
            reasons=[term.sentence(self.language, name) for term in told.strongest()],
            questions=[term.sentence(self.language, name) for term in told.open_questions()[:2]],
        )

    async def override(self, actor: Actor, id: WeekId, change: Overrides, progress: Progress = silent) -> OverridePrice:
        """Add overrides to a proposed week, solve again, and say what they cost."""
        before, after = await self.planning.override(actor, id, change, progress)
        return OverridePrice(objectives=list(_prices(before, after)))

    async def compare(self, actor: Actor, id: WeekId, progress: Progress = silent) -> list[Comparison]:
        """The locked week under each strategy, the other rules alike."""
        market = await self.planning.locked_market(actor, id)
        async with self.storage.read() as reading:
            week = await reading.weeks.get(id)
        return await asyncio.to_thread(self._compared, week, market, progress)

    def _compared(self, week: MatchWeek, market: Market, progress: Progress) -> list[Comparison]:
        planned = Round(
            market, week.policy, seed=week.seed, scorer=self.scorer, solver=self.solver, progress=progress
        ).compare(week.overrides)
        return [Comparison.of(strategy, plan) for strategy, plan in planned.items()]


def _shown(plan: RoundPlan, market: Market, limit: int) -> tuple[list[PlannedPair], list[str]]:
    """The best pairs, and those without an introduction who waited longest."""
    places = market.places()
    waited = market.weeks_waited
    pairs = nsmallest(limit, plan.pairs, key=lambda pair: (-pair.mutual, pair.a, pair.b))
    return pairs, nsmallest(UNMATCHED_SHOWN, plan.unmatched, key=lambda person: (-waited[places[person]], person))


def _prices(before: RoundPlan, after: RoundPlan) -> Iterator[ObjectivePrice]:
    was = _objectives(before)
    now = _objectives(after)
    yield from (
        ObjectivePrice(objective=name, before=was[name], after=now[name], change=now[name] - was[name]) for name in was
    )


def _objectives(plan: RoundPlan) -> dict[str, int]:
    if plan.certificate is None:
        return {"total_mutual": plan.report.total_mutual}
    *tiers, total = plan.certificate.value
    return dict(zip(("promises_due", "longest_waits", "introduced"), tiers, strict=False)) | {"total": total}


def changed_since(locked: Market, current: Market) -> list[str]:
    """Ids of people in the locked market of whom something that matters is different now, or who take part no more."""
    if locked.input_hash() == current.input_hash():
        return []
    places = current.places()
    return [
        person
        for place, person in enumerate(locked.ids)
        if person not in places or locked.person(place) != current.person(places[person])
    ]
