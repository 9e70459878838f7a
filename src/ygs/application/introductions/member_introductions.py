"""The member's use case about introductions: answer blind, and tell how the meeting went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.introductions.answer_writer import AnswerWriter, GivenAnswer
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
    IntroductionState,
)
from ygs.domain.text import NOTE_LENGTH
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage


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


class IntroductionView(BaseModel):
    """An introduction as one of the two may see it: nothing here depends on the other's answer before it is decided."""

    model_config = ConfigDict(frozen=True)

    id: IntroductionId
    with_user: str
    state: IntroductionState
    deadline: datetime
    my_answer: Choice | None
    my_satisfaction: int

    @classmethod
    def of(cls, introduction: Introduction, me: UserId) -> "IntroductionView":
        """What `me` may see."""
        mine = introduction.answer_of(me)
        return cls(
            id=introduction.id,
            with_user=introduction.other(me),
            state=introduction.state,
            deadline=introduction.deadline,
            my_answer=mine.choice if mine else None,
            my_satisfaction=introduction.a_to_b if me == introduction.a else introduction.b_to_a,
        )


@dataclass(frozen=True, slots=True)
class MemberIntroductions:
    """What members do with the people they are introduced to."""

    storage: Storage
    clock: Clock
    ids: Ids
    answers: AnswerWriter

    async def list_waiting(self, actor: Actor) -> Sequence[IntroductionView]:
        """List the actor's introductions that wait for answers, latest first."""
        return [each for each in await self._all(actor) if each.state is IntroductionState.WAITING]

    async def list(
        self, actor: Actor, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[IntroductionView]:
        """List all introductions of the actor, latest first: those that follow `after`, at most `limit`."""
        views = await self._all(actor)
        return [each for each in views if after is None or each.id < after][: min(limit, MOST_PAGE)]

    async def get(self, actor: Actor, id: IntroductionId) -> IntroductionView:
        """Return one introduction of the actor; other members' are `NotFound`."""
        for each in await self._all(actor):
            if each.id == id:
                return each
        raise NotFound("introduction")

    async def _all(self, actor: Actor) -> Sequence[IntroductionView]:
        actor.require(Permission.ANSWER_INTRODUCTIONS)
        me = actor.require_id()
        async with self.storage.read() as reading:
            return [IntroductionView.of(each, me) for each in await reading.introductions.of_user(me)]

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
        return IntroductionView.of(await self.answers.give(GivenAnswer(id, me, answer, record)), me)

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
