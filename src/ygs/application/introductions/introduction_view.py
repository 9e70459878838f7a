"""An introduction as a member sees it, with all that a client needs to show it as a card in one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.fact_types import RegionCode
from ygs.application.person_views import masked_name
from ygs.domain.files import Album
from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.domain.introductions import (
    Choice,
    Condition,
    DeclineReason,
    Feedback,
    Introduction,
    IntroductionState,
)
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.korean_particles import Word
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import FULL
from ygs.domain.text import NOTE_LENGTH
from ygs.domain.users import User

AGE_BAND = 5
MOST_REASONS = 3
_REVEALING = (IntroductionState.WAITING, IntroductionState.MUTUAL)


class FeedbackStatus(StrEnum):
    """Whether a member's feedback on a meeting is expected: once, and only after both accepted."""

    NONE = "none"
    DUE = "due"
    GIVEN = "given"


class OwnAnswer(BaseModel):
    """The member's own answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    choice: Choice
    reason: DeclineReason | None = Field(description="Why it was declined; null when it was accepted.")
    words: str = Field(max_length=NOTE_LENGTH, description="Words for staff; empty without.")
    at: datetime = Field(description="When it was given or last changed, UTC.")


class MetWish(BaseModel):
    """One of the member's wishes that the partner met when the introduction was planned."""

    model_config = ConfigDict(frozen=True)

    attribute: str = Field(description="The attribute's code in GET /vocabulary.")
    ko: str = Field(description="The same in a Korean sentence.")
    en: str = Field(description="The same in an English sentence.")

    @classmethod
    def of(cls, condition: Condition) -> Self:
        """Build the view of a condition, with a sentence in each language."""
        name = VOCABULARY[condition.attribute].name
        return cls(
            attribute=condition.attribute,
            ko=f"{Word(name(Language.KO)):이} 바라시는 조건에 맞습니다.",
            en=f"{name(Language.EN)}: as you wish.",
        )


class PartnerCard(BaseModel):
    """The partner as a card shows them. GET /users/{id} returns more while the introduction waits and once both
    accepted."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="The family name and circles; the whole name once both accepted.")
    age_from: int = Field(ge=15, le=120, description="The least age of their band of five years, in years.")
    age_to: int = Field(ge=15, le=120, description="The greatest age of their band, in years.")
    region: RegionCode | None = Field(description="Where they live; null when unknown.")
    thumbnail_url: str | None = Field(
        description="Their cover photo, small; can be read for 60 s. null without an approved photo, "
        "and once the introduction is over."
    )


class IntroductionView(BaseModel):
    """An introduction as one of the two members sees it. Until it is decided, nothing here depends on the other's
    answer."""

    model_config = ConfigDict(frozen=True)

    id: IntroductionId
    week: str = Field(description="The ISO week of its round, such as 2026-W48.")
    with_user: UserId = Field(description="The other person.")
    partner: PartnerCard | None = Field(description="null once it is cancelled, they left, or a block stands between.")
    state: IntroductionState = Field(description="An introduction that waited is expired from its deadline on.")
    deadline: datetime = Field(description="Until when answers count, UTC.")
    decided_at: datetime | None = Field(description="When it was decided, UTC; null while it waits.")
    my_answer: OwnAnswer | None = Field(description="null before one's own answer.")
    my_satisfaction: int = Field(ge=0, le=FULL, description="How far one's own wishes are met, in basis points.")
    reasons: list[MetWish] = Field(
        max_length=MOST_REASONS, description="Why: own wishes that are met in full, the most important first."
    )
    feedback: FeedbackStatus
    met: bool | None = Field(description="Whether the two met, by one's own feedback; null before it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSources:
    """The data behind the cards of some introductions, read for all of them together."""

    now: datetime
    this_year: int
    introductions: Sequence[Introduction]
    partners: Mapping[UserId, User]
    albums: Mapping[UserId, Album]
    weeks: Mapping[WeekId, IsoWeek]
    feedback: Mapping[IntroductionId, Feedback]

    def shown_albums(self, me: UserId) -> list[Album]:
        """Return the albums of partners whose photos `me` may see now: those of waiting and mutual introductions."""
        shown = (each.other(me) for each in self.introductions if each.state_at(self.now) in _REVEALING)
        return [self.albums[other] for other in shown if other in self.albums]

    def views(self, me: UserId, thumbnails: Mapping[UserId, str]) -> list[IntroductionView]:
        """Return the introductions as `me` may see them; `thumbnails`: signed URLs of the covers of `shown_albums`."""
        return [self._view(each, me, thumbnails) for each in self.introductions]

    def _view(self, introduction: Introduction, me: UserId, thumbnails: Mapping[UserId, str]) -> IntroductionView:
        mine = introduction.answer_of(me)
        feedback = self.feedback.get(introduction.id)
        state = introduction.state_at(self.now)
        return IntroductionView(
            id=introduction.id,
            week=str(self.weeks[introduction.week_id]),
            with_user=introduction.other(me),
            partner=self._partner(introduction.other(me), state, thumbnails),
            state=state,
            deadline=introduction.deadline,
            decided_at=introduction.deadline if state is IntroductionState.EXPIRED else introduction.decided_at,
            my_answer=OwnAnswer.model_validate(mine) if mine else None,
            my_satisfaction=introduction.a_to_b if me == introduction.a else introduction.b_to_a,
            reasons=reasons(introduction.proof_of_a if me == introduction.a else introduction.proof_of_b),
            feedback=_feedback_status(state, feedback),
            met=feedback.met if feedback else None,
        )

    def _partner(self, id: UserId, state: IntroductionState, thumbnails: Mapping[UserId, str]) -> PartnerCard | None:
        user = self.partners.get(id)
        if user is None or state is IntroductionState.CANCELLED:
            return None
        age_from = (self.this_year - user.birth_year) // AGE_BAND * AGE_BAND
        code = user.facts.get("region")
        return PartnerCard(
            name=user.name if state is IntroductionState.MUTUAL else masked_name(user.name),
            age_from=age_from,
            age_to=age_from + AGE_BAND - 1,
            region=VOCABULARY["region"].value_of(code) if code else None,
            thumbnail_url=thumbnails.get(id),
        )


def reasons(proof: Sequence[Condition]) -> list[MetWish]:
    """Return the member's wishes that the partner met in full, the most important first.

    Wishes about sensitive attributes are left out, because naming one would reveal the partner's value.
    """
    met = [each for each in proof if each.fit == FULL and not VOCABULARY[each.attribute].sensitive]
    return [MetWish.of(each) for each in sorted(met, key=lambda each: -each.importance)[:MOST_REASONS]]


def _feedback_status(state: IntroductionState, feedback: Feedback | None) -> FeedbackStatus:
    if feedback is not None:
        return FeedbackStatus.GIVEN
    return FeedbackStatus.DUE if state is IntroductionState.MUTUAL else FeedbackStatus.NONE


class LastRound(BaseModel):
    """The latest published round."""

    model_config = ConfigDict(frozen=True)

    week: str = Field(description="Its ISO week, such as 2026-W48.")
    published_at: datetime = Field(description="When members learned of it, UTC.")
    deadline: datetime = Field(description="Until when answers count, UTC.")
    introduced: bool = Field(description="Whether I was introduced to somebody in it.")


class NextRound(BaseModel):
    """The next round."""

    model_config = ConfigDict(frozen=True)

    week: str = Field(description="Its ISO week, such as 2026-W49.")
    starts_on: date = Field(description="The Monday of that week, in the service's time zone.")


class CurrentMatch(BaseModel):
    """A member's current state: introductions that need an answer or feedback, the last round, and the next."""

    model_config = ConfigDict(frozen=True)

    introductions: list[IntroductionView] = Field(
        description="Those that wait for answers, and mutual ones until I gave feedback or 30 days have passed; "
        "latest first."
    )
    last_round: LastRound | None = Field(description="null before the first.")
    next_round: NextRound
