"""Forecasts as staff read them. They name nobody, and of fewer than ten people they do not say how many."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.bilingual import Bilingual
from ygs.application.explanations.suggestions import Relaxation
from ygs.application.explanations.views import StepView
from ygs.domain.forecasts import FEW, ExpectedCount, Forecast, KeptForecast, told_count
from ygs.domain.ids import ForecastId, MembershipId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.descriptions import counted, pick


class ExpectedCountView(BaseModel):
    """A mean, and an interval in which nine of ten such people find themselves."""

    model_config = ConfigDict(frozen=True)

    expected: float = Field(ge=0, description="The mean of the simulated contracts, to a tenth.")
    low: int = Field(ge=0, description="The lower end of the interval.")
    high: int = Field(ge=0, description="The upper end of the interval.")

    @classmethod
    def of(cls, count: ExpectedCount) -> Self:
        """The view of a count."""
        return cls(expected=count.tenths / 10, low=count.low, high=count.high)

    def words(self, language: Language) -> str:
        """The count in words: "6.5 (4 to 9 for nine people of ten)"."""
        return pick(
            language,
            ko=f"약 {self.expected:.1f}회(열 명 중 아홉 명은 {self.low}~{self.high}회)",
            en=f"about {self.expected:.1f} ({self.low} to {self.high} for nine people of ten)",
        )


class ForecastFigures(BaseModel):
    """The figures of a forecast, as they are signed. They hold nothing of the person's facts and wishes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    made_at: datetime = Field(description="When it was made.")
    policy: str = Field(description="The version of the policy under which rounds were simulated.")
    person: str = Field(
        description="A keyed hash of the person's facts and wishes: the same person gives the same again, and nobody "
        "can read them from it."
    )
    weeks: int = Field(description="How long the contract lasts.")
    promised: int = Field(description="How many introductions it promises; 0 for none.")
    seed: int = Field(description="The seed of the simulation.")
    candidates: int | None = Field(
        description="How many of today's members suit the person and are suited by them; null for fewer than 10."
    )
    introductions: ExpectedCountView = Field(description="Introductions over the contract.")
    mutual: ExpectedCountView = Field(description="Of these, the introductions that both accept.")
    kept_percent: int | None = Field(
        description="In how many of 100 simulated contracts the promised introductions were made; null without a "
        "promise."
    )

    @classmethod
    def of(cls, forecast: Forecast, *, made_at: datetime, policy: str, person: str) -> Self:
        """The figures of a forecast that was just made."""
        return cls(
            made_at=made_at,
            policy=policy,
            person=person,
            weeks=forecast.terms.weeks,
            promised=forecast.terms.promised,
            seed=forecast.seed,
            candidates=forecast.candidates,
            introductions=ExpectedCountView.of(forecast.introductions),
            mutual=ExpectedCountView.of(forecast.mutual),
            kept_percent=forecast.kept_percent,
        )

    def sentences(self, language: Language) -> Iterator[str]:
        """The figures in sentences."""
        yield _candidates(self.candidates, language)
        weeks = pick(language, ko=f"{self.weeks}주", en=counted(self.weeks, "week", "weeks"))
        yield pick(
            language,
            ko=f"{weeks} 동안 예상 소개: {self.introductions.words(language)}.",
            en=f"Introductions in {weeks}: {self.introductions.words(language)}.",
        )
        yield pick(
            language,
            ko=f"그중 서로 수락: {self.mutual.words(language)}.",
            en=f"Accepted by both: {self.mutual.words(language)}.",
        )
        if self.kept_percent is not None:
            yield pick(
                language,
                ko=f"약속한 소개 {self.promised}회를 모두 하는 계약: 100건 중 {self.kept_percent}건.",
                en=f"Contracts in which all {self.promised} promised introductions are made: {self.kept_percent} of "
                "100.",
            )


def _candidates(count: int | None, language: Language) -> str:
    if count is None:
        return pick(
            language, ko=f"지금 서로 맞는 회원: {FEW}명 미만.", en=f"Mutual candidates today: fewer than {FEW}."
        )
    return pick(language, ko=f"지금 서로 맞는 회원: {count:,}명.", en=f"Mutual candidates today: {count:,}.")


class ForecastRelaxation(BaseModel):
    """One or two wishes to relax, the cheapest first, and how many more candidates that opens: null for fewer than
    10."""

    model_config = ConfigDict(frozen=True)

    steps: list[StepView] = Field(description="The wishes, and what they would become.")
    opens: int | None = Field(description="How many more mutual candidates it opens; null for fewer than 10.")
    ko: str = Field(description="The same in Korean.")
    en: str = Field(description="The same in English.")

    @classmethod
    def of(cls, relaxation: Relaxation) -> Self:
        """The view of a relaxation."""
        return cls(
            steps=[StepView.of(step) for step in relaxation.steps],
            opens=told_count(relaxation.opens),
            ko=_relaxed(relaxation, Language.KO),
            en=_relaxed(relaxation, Language.EN),
        )


def _relaxed(relaxation: Relaxation, language: Language) -> str:
    few = told_count(relaxation.opens) is None
    *first, last = relaxation.steps
    if language is Language.KO:
        how = " ".join([*(step.words(language, last=False) for step in first), last.words(language)])
        more = f"{FEW}명 미만" if few else f"{relaxation.opens:,}명"
        return f"{how} 서로 맞는 회원이 {more} 늘어납니다."
    how = " and ".join(step.words(language) for step in relaxation.steps)
    more = f"fewer than {FEW}" if few else f"{relaxation.opens:,}"
    return f"{how[0].upper()}{how[1:]}: {more} more mutual candidates."


class ForecastView(BaseModel):
    """A forecast. One that is kept has an id and a signature, and no relaxations: these would tell the wishes."""

    model_config = ConfigDict(frozen=True)

    figures: ForecastFigures
    relaxations: list[ForecastRelaxation] = Field(description="The cheapest first; none of a forecast that was kept.")
    id: ForecastId | None = Field(description="Its id; null when it is not kept.")
    signature: str = Field(description="The service's signature of id and figures; empty when it is not kept.")
    authentic: bool | None = Field(
        description="Whether the signature is the service's and the figures are as they were; null when not kept."
    )
    made_by: UserId | None = Field(description="Who of staff made it; null for the operator, or when it is not kept.")
    membership_id: MembershipId | None = Field(description="The contract that it is kept with; null without one.")
    told: Bilingual = Field(description="The same in sentences.")

    @classmethod
    def of(
        cls,
        figures: ForecastFigures,
        relaxations: Sequence[Relaxation] = (),
        kept: KeptForecast | None = None,
        *,
        authentic: bool | None = None,
    ) -> Self:
        """The view of a forecast, kept or not."""
        advice = [ForecastRelaxation.of(each) for each in relaxations]

        def sentences(language: Language) -> Iterator[str]:
            yield from figures.sentences(language)
            yield from (each.ko if language is Language.KO else each.en for each in advice)

        return cls(
            figures=figures,
            relaxations=advice,
            id=kept.id if kept else None,
            signature=kept.signature if kept else "",
            authentic=authentic,
            made_by=kept.made_by if kept else None,
            membership_id=kept.membership_id if kept else None,
            told=Bilingual.by(sentences),
        )
