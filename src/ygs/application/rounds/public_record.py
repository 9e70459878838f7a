"""What match weeks committed to, as everybody may read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ygs.domain.commitments import Commitment
from ygs.domain.ids import WeekId
from ygs.domain.match_weeks import IsoWeek

Hash = Annotated[
    str,
    StringConstraints(pattern="^[0-9a-f]{64}$"),
    Field(description="SHA-256, 64 hexadecimal digits.", examples=["9f86d081884c7d65" * 4]),
]


class CommitmentView(BaseModel):
    """What a match week committed to in public. It tells nothing of anybody, nor how many took part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    week: str = Field(max_length=20, description="The ISO week, such as 2026-W48.")
    round: WeekId = Field(max_length=40, description="The match week's id.")
    number: int = Field(ge=1, description="Which locking of the week this was; the highest is in force.")
    locked_at: datetime = Field(description="When the week was locked, before it was planned; UTC.")
    code_version: str = Field(max_length=100, description="The version of ygs that locked it.")
    input_root: Hash = Field(description="Root of the tree over every participant's facts and wishes.")
    plan_input: Hash = Field(description="Salted hash of snapshot, policy, seed and code version, for auditors.")
    result_root: Hash | None = Field(description="Root of the tree over what every participant got; null before.")
    published_at: datetime | None = Field(description="When the week was published, UTC; null before.")

    @classmethod
    def of(cls, commitment: Commitment, week: IsoWeek) -> Self:
        """The view of a commitment."""
        return cls(
            week=str(week),
            round=commitment.week_id,
            number=commitment.number,
            locked_at=commitment.locked_at,
            code_version=commitment.code_version,
            input_root=commitment.input_root,
            plan_input=commitment.plan_input,
            result_root=commitment.result_root or None,
            published_at=commitment.published_at,
        )


class CommitmentList(BaseModel):
    """A page of the public list of commitments, as somebody saved it."""

    model_config = ConfigDict(frozen=True)

    items: list[CommitmentView]


class Statement(StrEnum):
    """What a proof, or a bundle for auditors, states."""

    INPUT = "input"  # these facts and wishes were committed to when the week was locked
    RESULT = "result"  # this result was committed to when the week was published
    SAME_MEMBER = "same_member"  # input and results are of one member, in one round
    PLAN_INPUT = "plan_input"  # snapshot, policy, seed and code version were committed to when the week was locked
    EVERY_INPUT = "every_input"  # every participant's leaf follows from the snapshot
    SAME_PLAN = "same_plan"  # planning again gives the stored plan, byte for byte
    PROVEN = "proven"  # no plan over all eligible pairs is better
    PUBLISHED = "published"  # what the service published for everybody holds the same commitment


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one statement of a proof holds."""

    statement: Statement
    holds: bool


def is_among(committed: CommitmentView, published: Iterable[CommitmentView]) -> bool:
    """Whether a commitment is among those that somebody read from the service."""
    return any(_agree(committed, each) for each in published)


def _agree(committed: CommitmentView, read: CommitmentView) -> bool:
    """Whether two readings are of one commitment. One that was read before publication has no results yet."""
    if read.result_root is None or committed.result_root is None:
        unpublished = {"result_root": None, "published_at": None}
        return committed.model_copy(update=unpublished) == read.model_copy(update=unpublished)
    return committed == read
