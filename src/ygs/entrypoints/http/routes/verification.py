"""What rounds commit to in public, and each member's proof about a round."""

from typing import Annotated

from fastapi import Path, Response

from ygs.application.introductions.round_proof import RoundProof
from ygs.application.rounds.public_record import CommitmentView
from ygs.entrypoints.http.dependencies import SignedIn, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(tags=["verification"], responses=refuses(503))

WeekInPath = Annotated[str, Path(pattern="^[0-9]{4}-W[0-9]{2}$", description="The ISO week.", examples=["2026-W48"])]


@router.get("/commitments")
async def list_commitments(ygs: Ygs, response: Response) -> list[CommitmentView]:
    """List what the latest hundred rounds committed to, the latest first. Anybody may read it, and everybody reads the
    same."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return await ygs.round_proofs.commitments()


@router.get("/users/me/rounds/{week}/proof", responses=refuses(*UNAUTHORISED, 404, 429))
async def get_round_proof(week: WeekInPath, actor: SignedIn, ygs: Ygs) -> RoundProof:
    """Return my proof about a round: the facts and wishes that it used of me, and what it brought me. Save it and check
    it with `ygs verify`. It can be had until the round's inputs are deleted, a month after the week was created."""
    return await ygs.round_proofs.get(actor, week)
