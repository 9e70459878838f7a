"""Past weeks of a demo club: planned and published rounds, with answers and feedback by its behaviour."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ygs.application.actors import Actor
from ygs.application.rounds.planning import Planning
from ygs.application.rounds.weeks import CreateWeek, MatchWeeks
from ygs.application.simulation.behaviour import Behaviour
from ygs.domain.events import ended
from ygs.domain.ids import FeedbackId, WeekId
from ygs.domain.introductions import Answer, Feedback, Introduction, IntroductionState
from ygs.domain.matching.market import Candidate, Market
from ygs.ports.clock_and_ids import Ids
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.storage import Storage

MOST_A_WEEK = 100_000


@dataclass(slots=True)
class StoryClock:
    """A clock that the demo moves forward."""

    moment: datetime

    def now(self) -> datetime:
        """The present of the demo, UTC."""
        return self.moment


@dataclass(frozen=True, slots=True)
class Club:
    """A made-up club that plays match weeks in `storage`, at the times of `clock`."""

    storage: Storage
    clock: StoryClock
    ids: Ids
    weeks: MatchWeeks
    planning: Planning
    behaviour: Behaviour

    async def propose(self, week: str, progress: Progress = silent) -> WeekId:
        """Create, lock and plan a week, at the clock's time."""
        operator = Actor.operator()
        made = WeekId((await self.weeks.create(operator, CreateWeek(week=week))).id)
        await self.weeks.lock(operator, made)
        await self.planning.plan(operator, made, progress=progress)
        return made

    async def play(self, week: str, progress: Progress = silent) -> WeekId:
        """Propose and publish a week, add everybody's answers, close it after its deadline, and add feedback."""
        operator = Actor.operator()
        made = await self.propose(week, progress)
        market = await self.planning.locked_market(operator, made)
        published = await self.planning.publish(operator, made)
        await self._add_answers(made, market)
        self.clock.moment = published.deadline + timedelta(minutes=1)
        await self.weeks.close(operator, made)
        self.clock.moment += timedelta(hours=2)
        await self._add_feedback(made, market)
        return made

    async def _add_answers(self, id: WeekId, market: Market) -> None:
        async with self.storage.write() as tx:
            made = await tx.introductions.of_week(id, limit=MOST_A_WEEK)
            answered = [self._answered(each, *pair) for each, pair in _people(made, market)]
            changed = [after for before, after in zip(made, answered, strict=True) if after != before]
            await tx.introductions.save_all(changed)
            known = [each for each in changed if each.state is not IntroductionState.WAITING]
            now = self.clock.now()
            await tx.outbox.add(event for each in known for event in ended(each, now))

    def _answered(self, introduction: Introduction, a: Candidate, b: Candidate) -> Introduction:
        opened = self.clock.now()
        deadline = introduction.deadline
        answers: list[tuple[Answer, Candidate]] = []
        for me, them in ((a, b), (b, a)):
            answer = self.behaviour.answer(me, them, opened=opened, deadline=deadline)
            if answer is not None:
                answers.append((answer, me))
        for answer, me in sorted(answers, key=lambda each: each[0].at):
            introduction = introduction.answered(introduction.a if me is a else introduction.b, answer)
        return introduction

    async def _add_feedback(self, id: WeekId, market: Market) -> None:
        async with self.storage.write() as tx:
            made = await tx.introductions.of_week(id, limit=MOST_A_WEEK)
            mutual = [each for each in made if each.state is IntroductionState.MUTUAL]
            given = [list(self._feedbacks(each, *pair)) for each, pair in _people(mutual, market)]
            reported = [
                each.reported(met=any(feedback.met for feedback in feedbacks))
                for each, feedbacks in zip(mutual, given, strict=True)
                if feedbacks
            ]
            await tx.introductions.save_all(reported)
            await tx.introductions.add_feedbacks([feedback for feedbacks in given for feedback in feedbacks])

    def _feedbacks(self, introduction: Introduction, a: Candidate, b: Candidate) -> Iterator[Feedback]:
        for me, them, by in ((a, b, introduction.a), (b, a, introduction.b)):
            impression = self.behaviour.impression(me, them)
            if impression is not None:
                yield Feedback(
                    id=FeedbackId(self.ids.make("mf")),
                    introduction_id=introduction.id,
                    by=by,
                    created_at=self.clock.now(),
                    met=impression.met,
                    again=impression.again,
                    rating=impression.rating,
                    reasons=impression.reasons,
                    words=impression.words,
                )


def _people(
    introductions: Iterable[Introduction], market: Market
) -> Iterator[tuple[Introduction, tuple[Candidate, Candidate]]]:
    places = market.places()
    for each in introductions:
        yield each, (market.person(places[each.a]), market.person(places[each.b]))
