"""Checks a member's proof about a round offline, without the service that issued it."""

from collections.abc import Iterator, Sequence

from ygs.application.introductions.round_proof import InputContent, ResultContent, RoundProof
from ygs.application.rounds.public_record import CommitmentView, Finding, Statement, is_among


def check_proof(proof: RoundProof, published: Sequence[CommitmentView] | None = None) -> Sequence[Finding]:
    """Check every statement of a proof.

    `published`: the public list of commitments, best read from the service when the week was locked. Without it
    `Statement.PUBLISHED` is not checked.
    """
    return list(_findings(proof, published))


def _findings(proof: RoundProof, published: Sequence[CommitmentView] | None) -> Iterator[Finding]:
    committed = proof.commitment
    yield Finding(Statement.INPUT, proof.input.root() == committed.input_root)
    for each in proof.results:
        yield Finding(Statement.RESULT, each.root() == committed.result_root)
    yield Finding(Statement.SAME_MEMBER, _of_one_member(proof))
    if published is not None:
        yield Finding(Statement.PUBLISHED, is_among(committed, published))


def _of_one_member(proof: RoundProof) -> bool:
    results = [each.content for each in proof.results]
    leaves: list[InputContent | ResultContent] = [proof.input.content, *results]
    rounds = {(each.week, each.round) for each in leaves} | {(proof.commitment.week, str(proof.commitment.round))}
    members = {each.member for each in leaves}
    return len(rounds) == 1 and len(members) == 1 and len({each.slot for each in results}) == len(results)
