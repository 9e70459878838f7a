"""Explanations for staff: why a plan introduces two members, why it does not, who else suits a member, what to ask.

Work over a whole market runs in a thread, so the event loop stays free. Every answer leaves an audit entry.
"""

import asyncio
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from typing import TypeAlias

from ygs.application.actors import Actor, Permission
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.bilingual import Bilingual
from ygs.application.explanations.funnel import funnels
from ygs.application.explanations.questions import Inquiry, PersonQuestion, most_opening, questions_to_ask
from ygs.application.explanations.views import (
    CandidateView,
    ExplainedPair,
    ExplainedPerson,
    InquiryView,
    QuestionList,
    QuestionView,
    WhyNoMatch,
    WhyNotView,
)
from ygs.application.explanations.why_not import WhyNot, apart_in_market, why_not
from ygs.application.explanations.why_unmatched import WhyUnmatched, why_unmatched
from ygs.application.learning.pair_chances import PairChances, pair_chances
from ygs.application.person_views import namer, people_of
from ygs.application.rounds.planning import Planning
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId, WeekId
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.explaining import PairExplanation, explain_pair
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import RoundPlan
from ygs.domain.matching.policy import Policy
from ygs.domain.read_budgets import ReadKind
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.scoring_and_solving import Progress, Scorer, silent
from ygs.ports.storage import Storage

# Trying every answer to every unknown fact of one person takes milliseconds in a club of ten thousand.
MOST_LOOKED_AT = 300


_Explained: TypeAlias = tuple[PairExplanation, PairChances | None]


@dataclass(frozen=True, slots=True)
class _PlannedWeek:
    """The plan of a week, with the market and the policy it was made from."""

    plan: RoundPlan
    market: Market
    policy: Policy

    def place(self, person: UserId) -> int:
        """The person's place in the market; `NotFound` when they take no part in the week."""
        return _place(self.market, person)

    def longest_waiting(self, most: int) -> list[int]:
        """The places of at most `most` people without an introduction, the longest waiting first."""
        places = self.market.places()
        waited = self.market.weeks_waited
        return nsmallest(most, map(places.__getitem__, self.plan.unmatched), key=lambda place: (-waited[place], place))

    def why_not(self, one: UserId, other: UserId) -> WhyNot:
        """Why the plan does not introduce the two."""
        return why_not(self.plan, self.market, self.policy, self.place(one), self.place(other))


@dataclass(frozen=True, slots=True)
class Explanations:
    """Explanations of pairs and people, for staff who advise members and review a week's plan."""

    storage: Storage
    clock: Clock
    scorer: Scorer
    planning: Planning
    audit_writer: AuditWriter
    language: Language

    async def pair(self, actor: Actor, one: UserId, other: UserId, week: WeekId | None = None) -> ExplainedPair:
        """Explain what speaks for and against introducing two members.

        Without `week`: as of today, under the club's current policy. With `week`: as of the week's lock, under that
        week's policy, so the scores are those of its plan; `NotFound` before the lock. `Forbidden` when the actor is
        one of the two: the answer can show a block, and an actor who did not block would know that the other did.
        """
        actor.require(Permission.READ_MEMBERS)
        actor.require_another(one, other)
        if week:
            explanation, chances = await self._pair_in_week(actor, week, one, other)
        else:
            explanation, chances = await self._pair_today(actor, one, other)
        people = await people_of(self.storage, (one, other), self.language)
        kind = ReadKind.PROPOSAL if week else ReadKind.FULL
        await self.audit_writer.shown(actor, "pair.explained", people, at=self.clock.now(), kind=kind)
        return ExplainedPair.of(explanation, people, chances)

    async def _pair_in_week(self, actor: Actor, week: WeekId, one: UserId, other: UserId) -> _Explained:
        market = await self.planning.locked_market(actor, week)
        async with self.storage.read() as reading:
            policy = (await reading.weeks.get(week)).policy
            a = _place(market, one)
            b = _place(market, other)
            chances = await pair_chances(reading, actor, (one, other), market)
        return explain_pair(market.person(a), market.person(b), policy, apart_in_market(market, a, b)), chances

    async def _pair_today(self, actor: Actor, one: UserId, other: UserId) -> _Explained:
        async with self.storage.read() as reading:
            policy = (await reading.policies.current()).policy
            a = await reading.users.get(one)
            b = await reading.users.get(other)
            blocked = bool(await reading.blocks.between([one, other]))
            met = bool(await reading.introductions.between([one, other]))
            chances = await pair_chances(reading, actor, (one, other))
        apart = [reason for reason, there in ((Reason.BLOCK, blocked), (Reason.INTRODUCED_BEFORE, met)) if there]
        return explain_pair(a.candidate(capacity=1), b.candidate(capacity=1), policy, apart), chances

    async def person(self, actor: Actor, person: UserId, week: WeekId) -> ExplainedPerson:
        """Explain a member's introductions in a week's plan; or why there is none, and what would help."""
        planned = await self._planned_week(actor, week)
        partners, why = await asyncio.to_thread(self._outcome, planned, person)
        people = await people_of(self.storage, (person, *(pair.them for pair in partners)), self.language)
        await self.audit_writer.shown(
            actor, "match.explained", people, at=self.clock.now(), kind=ReadKind.PROPOSAL, what=week
        )
        async with self.storage.read() as reading:
            chances = await pair_chances(reading, actor, people, planned.market)
        introduced = [ExplainedPair.of(pair, people, chances) for pair in partners]
        if why is None:
            text = Bilingual.by(lambda language: (line for pair in introduced for line in pair.told.spoken(language)))
            return ExplainedPerson(person=people[person], introduced=introduced, no_match=None, told=text)
        text = Bilingual.by(lambda language: why.sentences(language, namer(people, language)))
        no_match = WhyNoMatch.of(why, planned.market, people)
        return ExplainedPerson(person=people[person], introduced=[], no_match=no_match, told=text)

    def _outcome(self, planned: _PlannedWeek, person: UserId) -> tuple[list[PairExplanation], WhyUnmatched | None]:
        market = planned.market
        plan = planned.plan
        policy = planned.policy
        place = planned.place(person)
        places = market.places()
        partners = [pair.b if pair.a == person else pair.a for pair in plan.pairs if person in (pair.a, pair.b)]
        if partners:
            me = market.person(place)
            return [explain_pair(me, market.person(places[each]), policy) for each in partners], None
        return [], why_unmatched(place, market, self.scorer.scores(market, policy), policy, plan)

    async def why_not(self, actor: Actor, week: WeekId, one: UserId, other: UserId) -> WhyNotView:
        """Explain why a week's plan does not introduce two members: what keeps them apart, or what it would cost.

        `Forbidden` when the actor is one of the two, as for `pair`.
        """
        actor.require_another(one, other)
        planned = await self._planned_week(actor, week)
        why = await asyncio.to_thread(planned.why_not, one, other)
        named = (one, other, *(partner.id for partner in (*why.a_got, *why.c_got)))
        people = await people_of(self.storage, named, self.language)
        await self.audit_writer.shown(
            actor, "alternative.explained", people, at=self.clock.now(), kind=ReadKind.PROPOSAL, what=week
        )
        return WhyNotView.of(why, people)

    async def questions(
        self, actor: Actor, week: WeekId, *, limit: int, about: UserId | None = None, progress: Progress = silent
    ) -> QuestionList:
        """List what to ask members before a week's plan is published, at most `limit` (1..100) of either kind.

        With `about`, only what to ask this member. Otherwise, of the people without an introduction, only the
        `MOST_LOOKED_AT` who waited longest are examined.
        """
        planned = await self._planned_week(actor, week)
        limit = min(limit, MOST_PAGE)
        chosen, first, opening = await asyncio.to_thread(self._questions, planned, limit, about, progress)
        named = (person for each in first for person in (each.person, each.because))
        people = await people_of(self.storage, (*named, *(each.person for each in opening)), self.language)
        shown = {*people, about} if about else people
        await self.audit_writer.shown(
            actor, "questions.read", shown, at=self.clock.now(), kind=ReadKind.PROPOSAL, what=week
        )
        return QuestionList(
            before_publishing=[InquiryView.of(each, people) for each in first],
            opening=[QuestionView.of(each, people) for each in opening],
            looked_at=chosen,
            unmatched=len(planned.plan.unmatched),
        )

    def _questions(
        self, planned: _PlannedWeek, limit: int, about: UserId | None, progress: Progress
    ) -> tuple[int, list[Inquiry], list[PersonQuestion]]:
        places = [planned.place(about)] if about else planned.longest_waiting(MOST_LOOKED_AT)
        mine = (each for each in questions_to_ask(planned.plan, planned.market) if about in (None, each.person))
        scores = self.scorer.scores(planned.market, planned.policy)
        opening = most_opening(places, planned.market, scores, planned.plan, limit, progress)
        return len(places), list(islice(mine, limit)), opening

    async def candidates(self, actor: Actor, person: UserId, *, limit: int) -> list[CandidateView]:
        """List whom a member could be introduced to today under the club's current policy, at most `limit` (1..100).

        The highest mutual scores come first.
        """
        actor.require(Permission.READ_MEMBERS)
        async with self.storage.read() as reading:
            policy = (await reading.policies.current()).policy
            market = await reading.market.enrolled(capacity=policy.capacity)
        best = await asyncio.to_thread(self._best, market, policy, person, actor, min(limit, MOST_PAGE))
        people = await people_of(self.storage, (person, *(pair.them for pair in best)), self.language)
        async with self.storage.read() as reading:
            chances = await pair_chances(reading, actor, people)
        await self.audit_writer.shown(actor, "candidates.read", people, at=self.clock.now())
        return [CandidateView.of(pair, people, chances) for pair in best]

    def _best(self, market: Market, policy: Policy, person: UserId, actor: Actor, most: int) -> list[PairExplanation]:
        place = _place(market, person)
        me = market.person(place)
        against = self.scorer.scores(market, policy).against(me)
        candidates = funnels(place, me, against, market, policy).candidates
        own = (other for other in candidates if actor.sees(market.person(other).id))
        eligible = candidates if actor.members is None else own
        best = nsmallest(most, eligible, key=lambda other: (-against.mutual[other], other))
        return [explain_pair(me, market.person(other), policy) for other in best]

    async def _planned_week(self, actor: Actor, week: WeekId) -> _PlannedWeek:
        actor.require(Permission.READ_MEMBERS)
        plan = await self.planning.proposed(actor, week)
        market = await self.planning.locked_market(actor, week)
        async with self.storage.read() as reading:
            return _PlannedWeek(plan, market, (await reading.weeks.get(week)).policy)


def _place(market: Market, person: UserId) -> int:
    place = market.places().get(person)
    if place is None:
        raise NotFound("participant", person)
    return place
