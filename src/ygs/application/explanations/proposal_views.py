"""Views of a week's proposal: pairs, people without an introduction, overrides and what they cost."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.bilingual import Bilingual
from ygs.application.explanations.no_harm_words import no_harm_words
from ygs.application.learning.views import PairChanceView
from ygs.application.messages.translate import explain_error
from ygs.application.person_views import People, PersonView
from ygs.domain.errors import RoundRefused
from ygs.domain.matching.no_harm import GroupOutcome, NoHarm
from ygs.domain.matching.plan import Certificate, Override, OverrideKind, PlanStatistics, RoundPlan
from ygs.domain.matching.policy import Strategy

BasisPoints = Annotated[int, Field(ge=0, le=10_000)]


class PairView(BaseModel):
    """A proposed pair, with the strongest reasons for it and the questions that are still open."""

    model_config = ConfigDict(frozen=True)

    a: PersonView
    b: PersonView
    a_to_b: BasisPoints = Field(description="How satisfied `a` would be with `b`, basis points.")
    b_to_a: BasisPoints = Field(description="How satisfied `b` would be with `a`, basis points.")
    mutual: BasisPoints = Field(description="The mutual score, basis points.")
    uncertainty: BasisPoints = Field(description="The part of the scores that rests on unknown facts, basis points.")
    weeks_waited: int = Field(ge=0, description="The longer of the two waits, weeks.")
    changed: bool = Field(description="Whether something about either has changed since the week was locked.")
    reasons: Bilingual
    questions: Bilingual
    chance: PairChanceView | None = Field(
        description="What became of such introductions; null: nothing learned is used."
    )
    cursor: str = Field(description="The `after` of the pairs that follow this one in the same order.")


class UnmatchedView(BaseModel):
    """A person without an introduction in the plan: why, and what would help most."""

    model_config = ConfigDict(frozen=True)

    person: PersonView
    weeks_waited: int = Field(ge=0, description="Weeks since the last introduction, or since joining.")
    changed: bool = Field(description="Whether something about them has changed since the week was locked.")
    why: Bilingual
    cursor: str = Field(description="The `after` of the people that follow this one.")


class NoHarmView(BaseModel):
    """How the plan by chances compares with the plan by scores; the latter is proposed unless the rule is `kept`."""

    model_config = ConfigDict(frozen=True)

    kept: bool
    groups: list[GroupOutcome]
    overlooked: int = Field(ge=0, description="Who has waited for eight weeks and only the plan by scores introduces.")
    gini_by_chance: BasisPoints
    gini_by_score: BasisPoints
    told: Bilingual

    @classmethod
    def of(cls, compared: NoHarm) -> Self:
        """The view of a comparison."""
        return cls(
            kept=compared.kept,
            groups=list(compared.groups),
            overlooked=compared.overlooked,
            gini_by_chance=compared.gini_by_chance,
            gini_by_score=compared.gini_by_score,
            told=Bilingual.by(lambda language: no_harm_words(compared, language)),
        )


class ProposalView(BaseModel):
    """A plan under review in figures, with its best pairs and the people who waited longest without an introduction.

    `changed`: ids of the people whose facts or wishes have changed since the week was locked, or who have left.
    `no_harm`: only where the market was planned by chances.
    """

    model_config = ConfigDict(frozen=True)

    week: str
    strategy: Strategy
    certificate: Certificate | None
    report: PlanStatistics
    pairs: list[PairView]
    unmatched: list[UnmatchedView]
    unmatched_count: int = Field(ge=0, description="How many people have no introduction in all.")
    changed: list[str]
    no_harm: NoHarmView | None
    without_chances: bool = Field(
        description="Whether the policy asks for chances and nothing learned was in use when the week was locked; the "
        "plan is then by scores."
    )


class OverrideView(BaseModel):
    """A decision of staff about a pair or, for `leave_out`, one person. Pass `key` to take it back."""

    model_config = ConfigDict(frozen=True)

    key: str
    kind: OverrideKind
    people: list[PersonView]

    @classmethod
    def of(cls, override: Override, people: People) -> Self:
        """The view of an override."""
        return cls(key=override.key, kind=override.kind, people=[people[each] for each in override.people])


class SwapView(BaseModel):
    """Another pair of the plan with which a pair could exchange partners: the first of it would get `theirs`, and
    `mine` the second. `before`, `after`: the mutual scores of both pairs added up, basis points."""

    model_config = ConfigDict(frozen=True)

    mine: PersonView
    theirs: PersonView
    before: int
    after: int


class Comparison(BaseModel):
    """The figures of one strategy's plan for a week, or why the strategy cannot be used."""

    model_config = ConfigDict(frozen=True)

    strategy: Strategy
    report: PlanStatistics | None
    certificate: Certificate | None
    refused: Bilingual | None = None

    @classmethod
    def of(cls, strategy: Strategy, plan: RoundPlan | RoundRefused) -> Self:
        """The view of a plan, or of the error that refused it."""
        if isinstance(plan, RoundRefused):
            refused = Bilingual.by(lambda language: [explain_error(plan, language)])
            return cls(strategy=strategy, report=None, certificate=None, refused=refused)
        return cls(strategy=strategy, report=plan.report, certificate=plan.certificate)
