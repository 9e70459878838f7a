"""What was learned, in words: shares that were observed, with their intervals, and never a rate of a person."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.bilingual import Bilingual
from ygs.application.messages.translate import translate
from ygs.domain.errors import N_
from ygs.domain.learning.evaluation import Evaluation, Gain, Quality, Reliability
from ygs.domain.learning.pair_chance import ChancePart, ChanceTrait
from ygs.domain.learning.versions import LearnedVersion
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.chance import MILLION
from ygs.domain.matching.explaining import Naming, called


class QualityView(BaseModel):
    """How well answers were predicted."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    log_loss: float = Field(description="Mean log loss per answer; less is better.")
    auc: float = Field(description="How often, in one person's list, a yes was ranked above a no; 0.5 is a coin.")


class GainView(BaseModel):
    """By how much the model predicts better than the score alone, with its 95 % interval."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    mean: float = Field(description="The gain.")
    low: float = Field(description="Lower end of the interval.")
    high: float = Field(description="Upper end of it.")


class ReliabilityView(BaseModel):
    """Introductions with similar predicted chances of becoming mutual, and how many did; shares are 0..1."""

    model_config = ConfigDict(frozen=True)

    predicted: float = Field(description="The mean predicted chance.")
    introductions: int = Field(ge=0, description="How many there were.")
    mutual: int = Field(ge=0, description="How many of them became mutual.")
    low: float = Field(description="Lower end of the 95 % interval of the share that became mutual.")
    high: float = Field(description="Upper end of it.")
    words: Bilingual = Field(description="The same as a sentence.")

    @classmethod
    def of(cls, group: Reliability) -> Self:
        """The view of one group."""
        return cls(
            predicted=group.predicted / MILLION,
            introductions=group.introductions,
            mutual=group.mutual,
            low=group.low / MILLION,
            high=group.high / MILLION,
            words=Bilingual.by(lambda language: [reliability_words(group, language)]),
        )


class PairChanceView(BaseModel):
    """What became of introductions with chances like a pair's, by what closed weeks taught. For staff only."""

    model_config = ConfigDict(frozen=True)

    version: int = Field(ge=1, description="The version of what was learned.")
    introductions: int = Field(ge=1, description="How many such introductions there were when it was judged.")
    mutual: int = Field(ge=0, description="How many of them became mutual.")
    low: float = Field(description="Lower end of the 95 % interval of the share that became mutual, 0..1.")
    high: float = Field(description="Upper end of it.")
    told: Bilingual = Field(description="The same as a sentence, and what moves this pair's chance most.")

    @classmethod
    def of(cls, version: int, group: Reliability, told: Bilingual) -> Self:
        """The view of a pair whose chance belongs to a group."""
        return cls(
            version=version,
            introductions=group.introductions,
            mutual=group.mutual,
            low=group.low / MILLION,
            high=group.high / MILLION,
            told=told,
        )


class EvaluationView(BaseModel):
    """How the model predicted weeks that it had not seen, beside the score alone and smoothed rates."""

    model_config = ConfigDict(frozen=True)

    helps: bool = Field(description="Whether both intervals lie above zero; only then may it be used.")
    enough: bool = Field(description="Whether there were weeks and answers enough to tell.")
    weeks: int = Field(ge=0, description="How many weeks were predicted.")
    answers: int = Field(ge=0, description="How many answers were predicted.")
    learned: QualityView = Field(description="Of what was learned.")
    score: QualityView = Field(description="Of the score alone.")
    rates: QualityView = Field(description="Of smoothed rates.")
    log_loss_gain: GainView = Field(description="By how much the log loss is less than the score's.")
    auc_gain: GainView = Field(description="By how much the AUC is more than the score's.")
    reliability: list[ReliabilityView] = Field(description="Predicted chances and what happened, ascending by chance.")
    words: Bilingual = Field(description="What it comes to, in sentences.")

    @classmethod
    def of(cls, evaluation: Evaluation) -> Self:
        """The view of an evaluation."""
        return cls(
            helps=evaluation.helps,
            enough=evaluation.enough,
            weeks=evaluation.weeks,
            answers=evaluation.answers,
            learned=_quality(evaluation.learned),
            score=_quality(evaluation.score),
            rates=_quality(evaluation.rates),
            log_loss_gain=_gain(evaluation.log_loss_gain),
            auc_gain=_gain(evaluation.auc_gain),
            reliability=[ReliabilityView.of(each) for each in evaluation.reliability],
            words=Bilingual.by(lambda language: evaluation_words(evaluation, language)),
        )


class LearnedVersionView(BaseModel):
    """A version of what was learned, as staff see it."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(ge=1, description="Its number.")
    created_at: datetime = Field(description="When it was fitted, UTC.")
    in_use: bool = Field(description="Whether weeks that are locked from now on are planned by it.")
    through: str = Field(description="The last week that it learned from.")
    answers: int = Field(ge=0, description="How many answers it learned from.")
    people: int = Field(ge=0, description="How many people gave or got them.")
    evaluation: EvaluationView = Field(description="How its predictions held in weeks that it had not seen.")

    @classmethod
    def of(cls, version: LearnedVersion) -> Self:
        """The view of a stored version."""
        year, week = divmod(version.through, 100)
        return cls(
            number=version.number,
            created_at=version.created_at,
            in_use=version.in_use,
            through=f"{year}-W{week:02}",
            answers=version.answers,
            people=version.people,
            evaluation=EvaluationView.of(version.evaluation),
        )


def _quality(quality: Quality) -> QualityView:
    return QualityView(log_loss=round(quality.log_loss, 4), auc=round(quality.auc, 3))


def _gain(gain: Gain) -> GainView:
    return GainView(mean=round(gain.mean, 4), low=round(gain.low, 4), high=round(gain.high, 4))


def evaluation_words(evaluation: Evaluation, language: Language) -> Iterator[str]:
    """What an evaluation comes to."""
    if not evaluation.enough:
        yield translate(N_("Too few closed weeks and answers to tell whether learning helps."), language)
        return
    helps = N_("It predicts answers better than the score alone, in weeks that it had not seen.")
    unsure = N_("It does not predict answers clearly better than the score alone: it stays off.")
    yield translate(helps if evaluation.helps else unsure, language)
    yield translate(
        N_("Of a yes and a no of one person it ranks the yes first {ours} times in 100, the score {score} times."),
        language,
        ours=round(100 * evaluation.learned.auc),
        score=round(100 * evaluation.score.auc),
    )


def reliability_words(group: Reliability, language: Language) -> str:
    """How often introductions with chances like these became mutual, as people say it."""
    low = round(100 * group.low / MILLION)
    high = round(100 * group.high / MILLION)
    if not group.mutual:
        return translate(
            N_("none of {introductions} such introductions became mutual (interval {low}-{high} %)"),
            language,
            introductions=group.introductions,
            low=low,
            high=high,
        )
    few, of = spoken_share(group.mutual, group.introductions)
    return translate(
        N_("about {few} in {of} such introductions became mutual (interval {low}-{high} %)"),
        language,
        few=few,
        of=of,
        low=low,
        high=high,
    )


def spoken_share(happened: int, of: int) -> tuple[int, int]:
    """A share as small numbers: one in something up to a third, otherwise so many in ten."""
    if 3 * happened <= of:
        return 1, round(of / happened)
    return (1, 2) if 2 * happened == of else (round(10 * happened / of), 10)


def chance_words(group: Reliability, parts: Iterable[ChancePart], language: Language, name: Naming) -> Iterator[str]:
    """What became of the introductions of a group, and what moves the chance of one pair, in sentences."""
    became = reliability_words(group, language)
    yield f"{became[0].upper()}{became[1:]}."
    for part in parts:
        more = part.effect > 0
        yield translate(_PARTS[part.trait, more], language, person=called(part.person, language, name))


# What a trait does to a chance, and whether it is more for it.
_PARTS: Mapping[tuple[ChanceTrait, bool], str] = {
    (ChanceTrait.SAYS_YES, True): N_("{person} says yes to introductions more often than most."),
    (ChanceTrait.SAYS_YES, False): N_("{person} says yes to introductions less often than most."),
    (ChanceTrait.WANTED, True): N_("Others say yes to {person} more often than to most."),
    (ChanceTrait.WANTED, False): N_("Others say yes to {person} less often than to most."),
    (ChanceTrait.SATISFACTION, True): N_("What {person} wishes is met better than in most introductions."),
    (ChanceTrait.SATISFACTION, False): N_("What {person} wishes is met less well than in most introductions."),
    (ChanceTrait.ANSWERING, True): N_("{person} leaves fewer introductions unanswered than most."),
    (ChanceTrait.ANSWERING, False): N_("{person} leaves more introductions unanswered than most."),
}
