"""The facts worth asking a member for at a consultation, prepared from the members of the day."""

import asyncio
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor
from ygs.application.consultations.staff_consultations import StaffConsultations, require_own
from ygs.application.consultations.views import StaffConsultationView
from ygs.application.explanations.suggestions import worth_asking
from ygs.domain.consultations import Consultation, KeptQuestion
from ygs.domain.ids import ConsultationId, UserId
from ygs.domain.matching.market import Candidate, Market, type_flag
from ygs.domain.matching.policy import Policy
from ygs.domain.service_dates import date_at, start_of
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.scoring_and_solving import Scorer
from ygs.ports.storage import Storage

DAY = timedelta(days=1)

Questions = Mapping[UserId, Sequence[KeptQuestion]]


@dataclass(frozen=True, slots=True)
class ConsultationQuestions:
    """Prepares what to ask: the unknown facts of which an answer would open most mutual candidates to the member."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    scorer: Scorer
    staff: StaffConsultations

    async def prepare(self, actor: Actor, id: ConsultationId) -> StaffConsultationView:
        """Prepare the questions of one booked consultation anew; `WrongStatus` unless it is booked."""
        async with self.storage.read(latest=True) as reading:
            consultation = await reading.consultations.get(id)
        require_own(actor, consultation.consultant, "consultation")
        actor.require_own(consultation.member)
        found = await self._find([consultation.member])

        def prepared(locked: Consultation, at: datetime) -> Consultation:
            return locked.with_questions(found.get(locked.member, ()), at=at)

        return await self.staff.change(actor, id, prepared, "consultation.questions_prepared")

    async def prepare_coming(self) -> int:
        """Prepare the questions of today's and tomorrow's booked consultations, once a day; return of how many."""
        now = self.clock.now()
        today = date_at(now, self.zone)
        until = start_of(today + 2 * DAY, self.zone)
        waiting = await self._waiting(now, until)
        if not waiting:
            return 0
        # Everybody is read and scored once for all of them.
        found = await self._find([each.member for each in waiting])
        return await self._keep(now, until, found)

    async def _waiting(self, now: datetime, until: datetime) -> list[Consultation]:
        waiting = list[Consultation]()
        after: ConsultationId | None = None
        async with self.storage.read(latest=True) as reading:
            while page := await reading.consultations.booked_between(now, until, after=after, limit=MOST_PAGE):
                waiting += (each for each in page if self._is_due(each, now))
                after = page[-1].id
        return waiting

    def _is_due(self, consultation: Consultation, now: datetime) -> bool:
        at = consultation.questions_at
        return at is None or date_at(at, self.zone) < date_at(now, self.zone)

    async def _keep(self, now: datetime, until: datetime, found: Questions) -> int:
        kept = 0
        after: ConsultationId | None = None
        while True:
            async with self.storage.write() as tx:
                page = await tx.consultations.booked_between(now, until, after=after, limit=MOST_PAGE)
                # Who booked meanwhile is not among those found: theirs are prepared on request.
                due = [each for each in page if each.member in found and self._is_due(each, now)]
                for each in due:
                    await tx.consultations.save(each.with_questions(found[each.member], at=now))
            if not page:
                return kept
            kept += len(due)
            after = page[-1].id

    async def _find(self, members: Sequence[UserId]) -> Questions:
        async with self.storage.read() as reading:
            policy = (await reading.policies.current()).policy
            market = await reading.market.enrolled(capacity=policy.capacity)
            users = await reading.users.by_ids(sorted(set(members)))
        people = [each.candidate(capacity=policy.capacity) for each in users]
        return await asyncio.to_thread(self._questions, market, policy, people)

    def _questions(self, market: Market, policy: Policy, people: Sequence[Candidate]) -> Questions:
        scores = self.scorer.scores(market, policy)
        everybody = array(type_flag, [1]) * len(market)
        return {
            UserId(me.id): [
                KeptQuestion(each.attribute, each.answer, each.opens) for each in worth_asking(me, scores, everybody)
            ]
            for me in people
        }
