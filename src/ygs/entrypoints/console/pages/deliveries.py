"""Messages that nobody took, by any channel, and sending them again."""

from fastapi import Request, Response

from ygs.application.notifications.texts import TEXTS
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import render
from ygs.entrypoints.console.routing import go, staff_router
from ygs.entrypoints.http.dependencies import AfterDelivery, DeliveryInPath, Ygs

router = staff_router()

DELIVERIES_SHOWN = 50


@router.get("/deliveries")
async def list_deliveries(request: Request, ygs: Ygs, after: AfterDelivery = None) -> Response:
    """Failed deliveries, the newest first."""
    failed = await ygs.failed_deliveries.list(request.state.visit.actor, after=after, limit=DELIVERIES_SHOWN)
    older = failed[-1].id if len(failed) == DELIVERIES_SHOWN else ""
    titles = {happened: title for happened, (title, _) in TEXTS.items()}
    return render(request, "deliveries.html", failed=failed, older=older, titles=titles)


@router.post("/deliveries/{id}/resend")
async def resend_delivery(request: Request, id: DeliveryInPath, ygs: Ygs) -> Response:
    """Send a message again."""
    await ygs.failed_deliveries.resend(request.state.visit.actor, id)
    return go(request, f"{root(request)}/deliveries", "resent")
