"""Staff: how many people accounts were shown today, and the lifting of a stop."""

from ygs.application.audit.budget_lifts import LiftRequest, ReadBudgetView
from ygs.entrypoints.http.dependencies import Page, SignedIn, UserInPath, Ygs, only_page
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/read-budgets", tags=["staff: audit"], responses=refuses(*UNAUTHORISED, 503))


@router.get("")
async def list_read_budgets(actor: SignedIn, ygs: Ygs) -> Page[ReadBudgetView]:
    """List how many people each account of staff was shown today, by kind of reading."""
    return only_page(await ygs.budget_lifts.list(actor))


@router.post("/{id}/lift", responses=refuses(404, 409))
async def lift_read_budget(id: UserInPath, request: LiftRequest, actor: SignedIn, ygs: Ygs) -> ReadBudgetView:
    """Let an account of staff read beyond its budgets for the rest of the day. Forbidden for your own."""
    return await ygs.budget_lifts.lift(actor, id, request)
