"""Staff: what was learned from the answers of closed weeks."""

from typing import Annotated

from fastapi import Path, Query, Response

from ygs.application.jobs.learning_jobs import LatestEvaluation
from ygs.application.jobs.queue import JobView
from ygs.application.learning.views import LearnedVersionView
from ygs.domain.errors import NotFound
from ygs.entrypoints.http.dependencies import Idempotent, Page, PageLimit, SignedIn, Ygs, page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin/learning", tags=["staff: match weeks"], responses=refuses(*UNAUTHORISED, 503))

_MOST = 2**31
_Version = Annotated[
    int | None, Query(ge=1, lt=_MOST, description="The versions before this one: `next` of the page before.")
]
LearnedNumber = Annotated[int, Path(ge=1, lt=_MOST, description="The number of a version of what was learned.")]


@router.get("")
async def list_learned_versions(
    actor: SignedIn, ygs: Ygs, after: _Version = None, limit: PageLimit = MOST_PAGE
) -> Page[LearnedVersionView]:
    """List what was learned from answers, the latest first, and how its predictions held."""
    return page(await ygs.learning.versions(actor, after=after, limit=limit), limit, lambda each: each.number)


@router.post("/fit", status_code=202, response_model=JobView)
async def fit_learning(actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Queue a fit: a job learns from the answers of closed weeks and judges it. The new version is not used yet."""
    return await idempotent.run(lambda: ygs.learning_jobs.fit(actor), status=202, below="/admin/jobs")


@router.post("/evaluate", status_code=202, response_model=JobView)
async def evaluate_learning(actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Queue an evaluation: a job judges what would be learned now, and stores no version."""
    return await idempotent.run(lambda: ygs.learning_jobs.evaluate(actor), status=202, below="/admin/jobs")


@router.get("/evaluation", responses=refuses(404))
async def get_evaluation(actor: SignedIn, ygs: Ygs) -> LatestEvaluation:
    """Return what the latest evaluation found."""
    found = await ygs.learning_jobs.latest_evaluation(actor)
    if found is None:
        raise NotFound("learning evaluation")
    return found


@router.post("/off", status_code=204)
async def switch_learning_off(actor: SignedIn, ygs: Ygs) -> None:
    """Use nothing that was learned, in weeks that are locked from now on. Needs a sign-in within 15 minutes."""
    await ygs.learning.off(actor)


@router.get("/{number}", responses=refuses(404))
async def get_learned_version(number: LearnedNumber, actor: SignedIn, ygs: Ygs) -> LearnedVersionView:
    """Return one version of what was learned, and how its predictions held."""
    return await ygs.learning.show(actor, number)


@router.post("/{number}/use", status_code=202, response_model=JobView, responses=refuses(404, 409))
async def use_learned_version(number: LearnedNumber, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Queue the use of a version in weeks that are locked from now on; an earlier one rolls back.

    Where people it knew were erased since, it is fitted again without them first. Needs a sign-in within 15 minutes.
    """
    return await idempotent.run(lambda: ygs.learning_jobs.use(actor, number), status=202, below="/admin/jobs")
