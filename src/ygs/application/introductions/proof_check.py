"""Checks a member's proof about a round, without the service that gave it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ygs.application.introductions.round_proof import CommitmentView, InputContent, ResultContent, RoundProof


class Statement(StrEnum):
    """What a proof states."""

    INPUT = "input"  # these facts and wishes were committed to when the week was locked
    RESULT = "result"  # this result was committed to when the week was published
    SAME_MEMBER = "same_member"  # input and results are of one member, in one round
    PUBLISHED = "published"  # what the service published for everybody holds the same commitment


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one statement of a proof holds."""

    statement: Statement
    holds: bool


def check_proof(proof: RoundProof, published: Sequence[CommitmentView] | None = None) -> Sequence[Finding]:
    """Check every statement of a proof. `published`: the commitments as somebody read them from the service, if they
    did, best at the time of the locking."""
    return list(_findings(proof, published))


def _findings(proof: RoundProof, published: Sequence[CommitmentView] | None) -> Iterator[Finding]:
    committed = proof.commitment
    yield Finding(Statement.INPUT, proof.input.root() == committed.input_root)
    for each in proof.results:
        yield Finding(Statement.RESULT, each.root() == committed.result_root)
    yield Finding(Statement.SAME_MEMBER, _of_one_member(proof))
    if published is not None:
        yield Finding(Statement.PUBLISHED, any(_agree(committed, each) for each in published))


def _of_one_member(proof: RoundProof) -> bool:
    results = [each.content for each in proof.results]
    leaves: list[InputContent | ResultContent] = [proof.input.content, *results]
    rounds = {(each.week, each.round) for each in leaves} | {(proof.commitment.week, str(proof.commitment.round))}
    members = {each.member for each in leaves}
    return len(rounds) == 1 and len(members) == 1 and len({each.slot for each in results}) == len(results)


def _agree(committed: CommitmentView, read: CommitmentView) -> bool:
    """Whether two readings are of one commitment. One that was read before publication has no results yet."""
    if read.result_root is None or committed.result_root is None:
        unpublished = {"result_root": None, "published_at": None}
        return committed.model_copy(update=unpublished) == read.model_copy(update=unpublished)
    return committed == read
