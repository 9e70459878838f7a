"""The member's use case about introductions: read them, answer, and give feedback.

Until an introduction is decided, neither member can see whether the other has answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
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
from ygs.domain.match_weeks import LIVE_STATES, IsoWeek, WeekOutline, WeekState
from ygs.domain.service_dates import date_at
from ygs.domain.text import NOTE_LENGTH
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage

# The latest weeks that are read to find the last round and the next.
_WEEKS_READ = 20


class AnswerRequest(BaseModel):
    """A member's answer. `reason` is required to decline."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    choice: Choice
    reason: DeclineReason | None = None
    words: Annotated[str, CheckedText("words", NOTE_LENGTH)] = ""


class FeedbackRequest(BaseModel):
    """A member's feedback on a meeting. `again` (whether to meet again) and `rating` (1..5) only if it took place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    met: StrictBool
    again: StrictBool | None = None
    rating: StrictInt | None = Field(default=None, ge=1, le=5)
    reasons: frozenset[FeedbackReason] = frozenset()
    words: Annotated[str, CheckedText("words", NOTE_LENGTH)] = ""


@dataclass(frozen=True, slots=True)
class MemberIntroductions:
    """A member's own introductions: reading them, answering, and giving feedback."""

    storage: Storage
    clock: Clock
    ids: Ids
    answers: AnswerWriter
    photos: Photos
    zone: ZoneInfo

    async def current(self, actor: Actor) -> CurrentMatch:
        """Return the introductions that need the actor's answer or feedback, the last round, and the next."""
        me = _member(actor)
        now = self.clock.now()
        async with self.storage.read(latest=True) as reading:
            all_mine = await reading.introductions.of_user(me)
            open_ones = [each for each in all_mine if each.awaits(now)]
            given = await reading.introductions.feedback_by(me, _ids(open_ones))
            with_feedback = {each.introduction_id for each in given}
            to_do = [each for each in open_ones if each.id not in with_feedback]
            sources = await self._sources(reading, me, to_do, now)
            outlines = await reading.weeks.outlines(_WEEKS_READ)
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
        return await self.as_member(_member(actor), id)

    async def as_member(self, me: UserId, id: IntroductionId) -> IntroductionView:
        """Return one introduction as that member sees it, for callers who may show it; others' are `NotFound`."""
        async with self.storage.read(latest=True) as reading:
            introduction = await reading.introductions.get(id)
            if me not in (introduction.a, introduction.b):
                raise NotFound("introduction")
            sources = await self._sources(reading, me, [introduction], self.clock.now())
        return (await self._views(sources, me))[0]

    async def _sources(
        self, reading: Reading, me: UserId, introductions: Sequence[Introduction], now: datetime
    ) -> CardSources:
        """Read everything that the cards of these introductions show, in five statements for any number of them.

        `reading` must read from the primary database, because a block applies at once.
        """
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
        """Build the views. Signing URLs may call the blob store, so this runs outside of transactions."""
        return sources.views(me, await self.photos.thumbnails(sources.shown_albums(me)))

    async def answer(self, actor: Actor, id: IntroductionId, request: AnswerRequest) -> IntroductionView:
        """Store the actor's answer, or change it while the introduction is undecided.

        The reply does not show whether the other has answered, unless this answer decides the introduction. `NotFound`
        for an introduction of other members.
        """
        actor.require(Permission.ANSWER_INTRODUCTIONS)
        me = actor.require_id()
        now = self.clock.now()
        answer = Answer(choice=request.choice, at=now, reason=request.reason, words=request.words)
        # The entry says that the actor answered, not what: more people read the audit log than the answer.
        entry = audit_entry(actor, "introduction.answered", at=now, subject=me, what=id)
        answered = await self.answers.give(GivenAnswer(id, actor, answer, entry))
        async with self.storage.read(latest=True) as reading:
            sources = await self._sources(reading, me, [answered], now)
        return (await self._views(sources, me))[0]

    async def give_feedback(self, actor: Actor, id: IntroductionId, request: FeedbackRequest) -> None:
        """Store the actor's feedback on a mutual introduction; the second of the same member is refused."""
        actor.require(Permission.ANSWER_INTRODUCTIONS)
        me = actor.require_id()
        feedback = Feedback(
            id=FeedbackId(self.ids.make("mf")),
            introduction_id=id,
            by=me,
            created_at=self.clock.now(),
            **request.model_dump(),
        )
        async with begin_change(self.storage, actor, Permission.ANSWER_INTRODUCTIONS) as tx:
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
    """Return the last round, or None if it was held before the member joined: they were not passed over in it."""
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
    """Return the earliest week in preparation; without one, the first week to come that was neither held nor
    cancelled."""
    prepared = [each.week for each in outlines if each.state in LIVE_STATES and not each.held and each.deadline > now]
    over = {each.week for each in outlines if each.held or each.state is WeekState.CANCELLED}
    coming = this_week.following()
    while coming in over:
        coming = coming.following()
    week = min(prepared, default=coming)
    return NextRound(week=str(week), starts_on=week.monday)
