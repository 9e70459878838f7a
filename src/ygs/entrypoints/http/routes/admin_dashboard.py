"""Staff: the figures of the day."""

from ygs.application.operations.dashboard import DashboardView
from ygs.entrypoints.http.dependencies import SignedIn, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/dashboard", tags=["staff: dashboard"], responses=refuses(*UNAUTHORISED, 503))


@router.get("")
async def get_dashboard(actor: SignedIn, ygs: Ygs) -> DashboardView:
    """Read the figures of the day: members, who waits for review, what is due, and what came of the latest weeks."""
    return await ygs.dashboard.read(actor)
