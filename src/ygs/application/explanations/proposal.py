"""The proposal of a week, as staff review it: pairs and unmatched people page by page, overrides and their price.

For staff only: sentences call people by their names.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ygs.application.actors import Actor, Permission
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.bilingual import Bilingual
from ygs.application.explanations.override_price import OverridePrice, partner_changes, people_in
from ygs.application.explanations.proposal_pages import Proposal
from ygs.application.explanations.proposal_views import (
    Comparison,
    NoHarmView,
    OverrideView,
    PairView,
    ProposalView,
    SwapView,
    UnmatchedView,
)
from ygs.application.explanations.swaps import possible_swaps
from ygs.application.explanations.why_unmatched import RoundResult, WhyUnmatched, why_unmatched
from ygs.application.learning.pair_chances import PairChances, pair_chances
from ygs.application.person_views import People, namer, people_of
from ygs.application.rounds.named_refusals import name_people, people_named
from ygs.application.rounds.planning import Planning
from ygs.application.rounds.solve_round import Round
from ygs.application.rounds.weeks import WeekView, week_view
from ygs.domain.errors import RoundRefused
from ygs.domain.ids import UserId, WeekId
from ygs.domain.match_weeks import MatchWeek, WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.explaining import Term, explain_pair
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Overrides, PairOrder, PlannedPair, RoundPlan
from ygs.domain.matching.policy import Objective
from ygs.domain.read_budgets import ReadKind
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.scoring_and_solving import Progress, RoundSolver, Scorer, silent
from ygs.ports.storage import Storage

UNMATCHED_SHOWN = 10
_PLANNED = {WeekState.PROPOSED, WeekState.PUBLISHED, WeekState.CLOSED}


@dataclass(frozen=True, slots=True)
class Proposals:
    """Use cases over the plan of a week: read it, override it, compare strategies."""

    storage: Storage
    scorer: Scorer
    solver: RoundSolver
    clock: Clock
    planning: Planning
    audit_writer: AuditWriter
    language: Language

    async def week(self, actor: Actor, id: WeekId, *, limit: int) -> tuple[WeekView, ProposalView | None]:
        """The week, with its plan once it is proposed."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            view = await week_view(reading, await reading.weeks.get(id))
        return view, await self.proposal(actor, id, limit=limit) if view.state in _PLANNED else None

    async def proposal(
        self,
        actor: Actor,
        id: WeekId,
        *,
        limit: int,
        order: PairOrder = PairOrder.BEST,
        changed: bool = False,
        unmatched: int = UNMATCHED_SHOWN,
    ) -> ProposalView:
        """The plan in figures, its first pairs in an order, at most `limit` (1..100), and the `unmatched` (0..100) who
        waited longest, whom to explain takes most of the time.

        `changed`: only pairs with a person who has changed since the lock. `NotFound` before the week is planned.
        """
        proposal = await self._load(actor, id)
        pairs = await self._pair_views(actor, proposal, order, "", limit, changed=changed)
        left = await self._unmatched_views(proposal, "", unmatched, changed=False)
        await self._audit(actor, id, pairs, left)
        return ProposalView(
            week=str(proposal.week.week),
            strategy=proposal.plan.strategy,
            certificate=proposal.plan.certificate,
            report=proposal.plan.report,
            pairs=pairs,
            unmatched=left,
            unmatched_count=len(proposal.plan.unmatched),
            changed=sorted(proposal.changed),
            no_harm=proposal.plan.no_harm and NoHarmView.of(proposal.plan.no_harm),
            without_chances=proposal.week.policy.objective is Objective.CHANCE and proposal.market.chances is None,
        )

    async def pairs(
        self,
        actor: Actor,
        id: WeekId,
        *,
        order: PairOrder = PairOrder.BEST,
        changed: bool = False,
        after: str = "",
        limit: int = MOST_PAGE,
    ) -> list[PairView]:
        """At most `limit` (1..100) pairs of the proposed plan after the pair with cursor `after`, in `order`.

        `changed`: only pairs with a person whose facts or wishes have changed since the week was locked.
        """
        pairs = await self._pair_views(actor, await self._load(actor, id), order, after, limit, changed=changed)
        await self._audit(actor, id, pairs, [])
        return pairs

    async def unmatched(
        self, actor: Actor, id: WeekId, *, changed: bool = False, after: str = "", limit: int = MOST_PAGE
    ) -> list[UnmatchedView]:
        """At most `limit` (1..100) people without an introduction after cursor `after`, the longest waiting first."""
        unmatched = await self._unmatched_views(await self._load(actor, id), after, limit, changed=changed)
        await self._audit(actor, id, [], unmatched)
        return unmatched

    async def _audit(
        self, actor: Actor, id: WeekId, pairs: Sequence[PairView], unmatched: Sequence[UnmatchedView]
    ) -> None:
        people = {person.id for pair in pairs for person in (pair.a, pair.b)}
        people |= {each.person.id for each in unmatched}
        await self.audit_writer.shown(
            actor, "proposal.read", people, at=self.clock.now(), kind=ReadKind.PROPOSAL, what=id
        )

    async def _load(self, actor: Actor, id: WeekId) -> Proposal:
        """Read the proposal of a week; whoever shows people of it audits that."""
        plan = await self.planning.proposed(actor, id)
        locked = await self.planning.locked_market(actor, id)
        async with self.storage.read() as reading:
            week = await reading.weeks.get(id)
            current = await reading.market.enrolled(capacity=week.policy.capacity)
        return await asyncio.to_thread(Proposal.of, week, plan, locked, current)

    async def _pair_views(
        self, actor: Actor, proposal: Proposal, order: PairOrder, after: str, limit: int, *, changed: bool
    ) -> list[PairView]:
        page = await asyncio.to_thread(proposal.pairs, order, after, min(limit, MOST_PAGE), changed=changed)
        named = [person for _, pair in page for person in (pair.a, pair.b)]
        people = await people_of(self.storage, named, self.language)
        async with self.storage.read() as reading:
            chances = await pair_chances(reading, actor, people, proposal.market)
        return await asyncio.to_thread(
            lambda: [_pair_view(proposal, cursor, pair, people, chances) for cursor, pair in page]
        )

    async def _unmatched_views(
        self, proposal: Proposal, after: str, limit: int, *, changed: bool
    ) -> list[UnmatchedView]:
        page = await asyncio.to_thread(proposal.unmatched, after, min(limit, MOST_PAGE), changed=changed)
        people = await people_of(self.storage, (person for _, person in page), self.language)
        return await asyncio.to_thread(self._explain, proposal, page, people)

    def _explain(self, proposal: Proposal, page: Sequence[tuple[str, str]], people: People) -> list[UnmatchedView]:
        if not page:
            return []
        plan = proposal.plan
        market = proposal.market
        policy = proposal.week.policy
        scores = self.scorer.scores(market, policy)
        outcome = RoundResult.of(plan, market)
        views = []
        for cursor, person in page:
            why = why_unmatched(proposal.places[person], market, scores, policy, plan, outcome)
            views.append(_unmatched_view(proposal, cursor, why, people))
        return views

    async def swaps(self, actor: Actor, id: WeekId, one: UserId, other: UserId, *, limit: int) -> list[SwapView]:
        """The pairs of the plan with which a pair could exchange partners, at most `limit` (1..100), the greatest gain
        first; none where the two are no pair of it."""
        proposal = await self._load(actor, id)
        found = await asyncio.to_thread(possible_swaps, proposal, self.scorer, one, other, min(limit, MOST_PAGE))
        people = await people_of(
            self.storage, {who for each in found for who in (each.mine, each.theirs)}, self.language
        )
        await self.audit_writer.shown(
            actor, "proposal.read", people, at=self.clock.now(), kind=ReadKind.PROPOSAL, what=id
        )
        return [
            SwapView(mine=people[each.mine], theirs=people[each.theirs], before=each.before, after=each.after)
            for each in found
        ]

    async def overrides(self, actor: Actor, id: WeekId) -> list[OverrideView]:
        """All overrides of a week: pins, then forbidden pairs, then people left out."""
        overrides = await self.planning.overrides(actor, id)
        people = await people_of(self.storage, overrides.people, self.language)
        await self.audit_writer.shown(
            actor, "overrides.read", people, at=self.clock.now(), kind=ReadKind.PROPOSAL, what=id
        )
        return [OverrideView.of(each, people) for each in overrides.each()]

    async def override(self, actor: Actor, id: WeekId, change: Overrides, progress: Progress = silent) -> OverridePrice:
        """Add overrides to a proposed week, solve it again, and return what they cost."""
        async with self._named_refusals(actor, id):
            plans = await self.planning.override(actor, id, change, progress)
        return await self._price(actor, id, *plans)

    async def take_back(self, actor: Actor, id: WeekId, key: str, progress: Progress = silent) -> OverridePrice:
        """Take one override of a proposed week back, solve it again, and return what that gains."""
        async with self._named_refusals(actor, id):
            plans = await self.planning.take_back(actor, id, key, progress)
        return await self._price(actor, id, *plans)

    @asynccontextmanager
    async def _named_refusals(self, actor: Actor, id: WeekId) -> AsyncIterator[None]:
        """Have refusals of overrides name people, which is shown and so audited."""
        try:
            yield
        except RoundRefused as error:
            people = await people_of(self.storage, people_named(error), self.language)
            await self.audit_writer.shown(
                actor, "overrides.read", people, at=self.clock.now(), kind=ReadKind.PROPOSAL, what=id
            )
            name_people(error, people)
            raise

    async def _price(self, actor: Actor, id: WeekId, before: RoundPlan, after: RoundPlan) -> OverridePrice:
        changes = partner_changes(before, after)
        people = await people_of(self.storage, people_in(changes), self.language)
        await self.audit_writer.shown(
            actor, "override_price.read", people, at=self.clock.now(), kind=ReadKind.PROPOSAL, what=id
        )
        return OverridePrice.of(before, after, changes, people)

    async def compare(self, actor: Actor, id: WeekId, progress: Progress = silent) -> list[Comparison]:
        """Plan the locked week under each strategy, with the rest of its policy unchanged."""
        market = await self.planning.locked_market(actor, id)
        async with self.storage.read() as reading:
            week = await reading.weeks.get(id)
        return await asyncio.to_thread(self._compared, week, market, progress)

    def _compared(self, week: MatchWeek, market: Market, progress: Progress) -> list[Comparison]:
        week_round = Round(
            market, week.policy, seed=week.seed, scorer=self.scorer, solver=self.solver, progress=progress
        )
        return [Comparison.of(strategy, plan) for strategy, plan in week_round.compare(week.overrides).items()]


def _pair_view(
    proposal: Proposal, cursor: str, pair: PlannedPair, people: People, chances: PairChances | None
) -> PairView:
    explanation = explain_pair(proposal.person(pair.a), proposal.person(pair.b), proposal.week.policy)
    return PairView(
        a=people[pair.a],
        b=people[pair.b],
        a_to_b=pair.a_to_b,
        b_to_a=pair.b_to_a,
        mutual=pair.mutual,
        uncertainty=proposal.uncertainty(pair),
        weeks_waited=proposal.weeks_waited(pair.a, pair.b),
        changed=proposal.has_changed(pair.a, pair.b),
        reasons=Bilingual.by(lambda language: explanation.reasons(language, namer(people, language))),
        questions=_sentences(explanation.open_questions()[:2], people),
        chance=chances.tell(explanation, people) if chances else None,
        cursor=cursor,
    )


def _unmatched_view(proposal: Proposal, cursor: str, why: WhyUnmatched, people: People) -> UnmatchedView:
    return UnmatchedView(
        person=people[why.id],
        weeks_waited=proposal.weeks_waited(why.id),
        changed=proposal.has_changed(why.id),
        why=Bilingual.by(lambda language: why.sentences(language, namer(people, language))),
        cursor=cursor,
    )


def _sentences(terms: Iterable[Term], people: People) -> Bilingual:
    listed = tuple(terms)
    return Bilingual.by(lambda language: [term.sentence(language, namer(people, language)) for term in listed])
