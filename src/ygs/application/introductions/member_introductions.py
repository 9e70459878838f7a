"""The member's use case about introductions: answer blind, and tell how the meeting went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.files.photos import Photos
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
from ygs.application.introductions.introduction_view import (
    CardSources,
    CurrentMatch,
    IntroductionView,
    LastRound,
    NextRound,
)
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import NotFound
from ygs.domain.ids import FeedbackId, IntroductionId, UserId
from ygs.domain.introductions import (
    Answer,
    Choice,
    DeclineReason,
    Feedback,
    FeedbackReason,
    Introduction,
)
from ygs.domain.match_weeks import LIVE_STATES, IsoWeek, WeekOutline
from ygs.domain.service_dates import date_at
from ygs.domain.text import NOTE_LENGTH
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage

# Weeks that a member's calendar looks at: those being prepared, and the last rounds.
_CALENDAR = 20


class AnswerRequest(BaseModel):
    """One side's answer; a decline names its reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    choice: Choice
    reason: DeclineReason | None = None
    words: Annotated[str, CheckedText("words", NOTE_LENGTH)] = ""


class FeedbackRequest(BaseModel):
    """How the meeting went; `again` and `rating` (1..5) when it took place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    met: StrictBool
    again: StrictBool | None = None
    rating: StrictInt | None = Field(default=None, ge=1, le=5)
    reasons: frozenset[FeedbackReason] = frozenset()
    words: Annotated[str, CheckedText("words", NOTE_LENGTH)] = ""


@dataclass(frozen=True, slots=True)
class MemberIntroductions:
    """What members do with the people they are introduced to."""

    storage: Storage
    clock: Clock
    ids: Ids
    answers: AnswerWriter
    photos: Photos
    zone: ZoneInfo

    async def current(self, actor: Actor) -> CurrentMatch:
        """Return what waits for the actor to answer or to tell of, the last round, and the next."""
        me = _member(actor)
        now = self.clock.now()
        async with self.storage.read(latest=True) as reading:
            all_mine = await reading.introductions.of_user(me)
            open_ones = [each for each in all_mine if each.awaits(now)]
            told = {each.introduction_id for each in await reading.introductions.feedback_by(me, _ids(open_ones))}
            sources = await self._sources(reading, me, [each for each in open_ones if each.id not in told], now)
            outlines = await reading.weeks.outlines(_CALENDAR)
            last_round = await _last_round(reading, me, _last_held(outlines), all_mine)
        return CurrentMatch(
            introductions=await self._views(sources, me),
            last_round=last_round,
            next_round=_next_round(outlines, now, IsoWeek.at(now, self.zone)),
        )

    async def list(
        self, actor: Actor, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[IntroductionView]:
        """List all introductions of the actor, latest first: those that follow `after`, at most `limit`."""
        me = _member(actor)
        async with self.storage.read(latest=True) as reading:
            mine = await reading.introductions.of_user(me)
            wanted = [each for each in mine if after is None or each.id < after][: min(limit, MOST_PAGE)]
            sources = await self._sources(reading, me, wanted, self.clock.now())
        return await self._views(sources, me)

    async def get(self, actor: Actor, id: IntroductionId) -> IntroductionView:
        """Return one introduction of the actor; other members' are `NotFound`."""
        me = _member(actor)
        async with self.storage.read(latest=True) as reading:
            introduction = await reading.introductions.get(id)
            if me not in (introduction.a, introduction.b):
                raise NotFound("introduction")
            sources = await self._sources(reading, me, [introduction], self.clock.now())
        return (await self._views(sources, me))[0]

    async def _sources(
        self, reading: Reading, me: UserId, introductions: Sequence[Introduction], now: datetime
    ) -> CardSources:
        """Everything that these introductions' cards show, in five statements however many they are. Read from the
        primary: a block counts from the moment it is set."""
        others = [each.other(me) for each in introductions]
        apart = await reading.blocks.between([me, *others])
        seen = [other for other in others if tuple(sorted((me, other))) not in apart]
        feedback = await reading.introductions.feedback_by(me, _ids(introductions))
        return CardSources(
            now=now,
            this_year=date_at(now, self.zone).year,
            introductions=introductions,
            partners={user.id: user for user in await reading.users.by_ids(seen)},
            albums=await reading.files.albums(seen),
            weeks=await reading.weeks.iso_weeks({each.week_id for each in introductions}),
            feedback={each.introduction_id: each for each in feedback},
        )

    async def _views(self, sources: CardSources, me: UserId) -> Sequence[IntroductionView]:
        """The cards. URLs are signed outside of transactions."""
        return sources.views(me, await self.photos.thumbnails(sources.shown_albums(me)))

    async def answer(self, actor: Actor, id: IntroductionId, request: AnswerRequest) -> IntroductionView:
        """Answer, or change an answer that is not final; another's introduction is `NotFound`.

        The reply is the same whether the other has answered or not, except that a decided introduction says so.
        """
        actor.require(Permission.ANSWER_INTRODUCTIONS)
        me = actor.require_id()
        now = self.clock.now()
        answer = Answer(choice=request.choice, at=now, reason=request.reason, words=request.words)
        # That there is an answer, and never which: the log has more readers than the answer.
        record = audit_entry(actor, "introduction.answered", at=now, subject=me, what=id)
        answered = await self.answers.give(GivenAnswer(id, me, answer, record))
        async with self.storage.read(latest=True) as reading:
            sources = await self._sources(reading, me, [answered], now)
        return (await self._views(sources, me))[0]

    async def give_feedback(self, actor: Actor, id: IntroductionId, request: FeedbackRequest) -> None:
        """Tell, once, how a mutual introduction went."""
        actor.require(Permission.ANSWER_INTRODUCTIONS)
        me = actor.require_id()
        feedback = Feedback(
            id=FeedbackId(self.ids.make("mf")),
            introduction_id=id,
            by=me,
            created_at=self.clock.now(),
            **request.model_dump(),
        )
        async with self.storage.write() as tx:
            introduction = await tx.introductions.get(id)
            if me not in (introduction.a, introduction.b):
                raise NotFound("introduction")
            await tx.introductions.save(introduction.reported(met=request.met))
            await tx.introductions.add_feedback(feedback)
            await tx.audit.add(audit_entry(actor, "feedback.given", at=feedback.created_at, subject=me, what=id))


def _member(actor: Actor) -> UserId:
    actor.require(Permission.ANSWER_INTRODUCTIONS)
    return actor.require_id()


def _ids(introductions: Sequence[Introduction]) -> Sequence[IntroductionId]:
    return [each.id for each in introductions]


async def _last_round(
    reading: Reading, me: UserId, held: WeekOutline | None, mine: Sequence[Introduction]
) -> LastRound | None:
    """The last round, unless it was held before the member took part: it would look like being passed over."""
    if held is None:
        return None
    introduced = any(each.week_id == held.id for each in mine)
    if not introduced and not _took_part(held, (await reading.users.get(me)).activated_at):
        return None
    return LastRound(week=str(held.week), published_at=held.published_at, deadline=held.deadline, introduced=introduced)


def _took_part(held: WeekOutline, since: datetime | None) -> bool:
    return since is not None and held.published_at is not None and since <= held.published_at


def _last_held(outlines: Sequence[WeekOutline]) -> WeekOutline | None:
    return next((each for each in outlines if each.held), None)


def _next_round(outlines: Sequence[WeekOutline], now: datetime, this_week: IsoWeek) -> NextRound:
    """The earliest week that is being prepared; without one the week after the last round, or this week."""
    held = _last_held(outlines)
    prepared = [each.week for each in outlines if each.state in LIVE_STATES and not each.held and each.deadline > now]
    after_the_last = max(this_week, held.week.following()) if held else this_week
    week = min(prepared, default=after_the_last)
    return NextRound(week=str(week), starts_on=week.monday)
