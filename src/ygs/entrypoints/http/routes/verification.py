"""What rounds commit to in public, and each member's proof about a round."""

from typing import Annotated

from fastapi import Path, Query, Response

from ygs.application.introductions.round_proof import RoundProof
from ygs.application.rounds.public_record import CommitmentView
from ygs.domain.ids import ULID, WeekId
from ygs.entrypoints.http.dependencies import Page, PageLimit, SignedIn, Ygs, page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(tags=["verification"], responses=refuses(503))

_After = Annotated[
    str | None,
    Query(
        pattern=f"^mw_{ULID}\\.[1-9][0-9]{{0,5}}$",
        description="The commitments after this one: `next` of the page before.",
        examples=["mw_01JD8Q4W0M8Q5V7X0C9T1R2E3S.1"],
    ),
]
WeekInPath = Annotated[str, Path(pattern="^[0-9]{4}-W[0-9]{2}$", description="The ISO week.", examples=["2026-W48"])]


@router.get("/commitments")
async def list_commitments(
    ygs: Ygs, response: Response, after: _After = None, limit: PageLimit = MOST_PAGE
) -> Page[CommitmentView]:
    """List what rounds committed to, the latest first. Anybody may read it, and everybody reads the same."""
    response.headers["Cache-Control"] = "public, max-age=60"
    found = await ygs.round_proofs.commitments(after=_commitment(after), limit=limit)
    return page(found, limit, lambda each: f"{each.round}.{each.number}")


def _commitment(text: str | None) -> tuple[WeekId, int] | None:
    if text is None:
        return None
    week, _, number = text.partition(".")
    return WeekId(week), int(number)


@router.get("/users/me/rounds/{week}/proof", responses=refuses(*UNAUTHORISED, 404, 429))
async def get_round_proof(week: WeekInPath, actor: SignedIn, ygs: Ygs) -> RoundProof:
    """Return my proof about a round: the facts and wishes that it used of me, and what it brought me. Save it and check
    it with `ygs verify`. It can be had until the round's inputs are deleted, a month after the week was created."""
    return await ygs.round_proofs.get(actor, week)
