"""Staff: messages that nobody took."""

from typing import Annotated

from fastapi import Query

from ygs.application.notifications.failed_deliveries import FailedDelivery
from ygs.domain.deliveries import Channel
from ygs.entrypoints.http.dependencies import (
    AfterDelivery,
    DeliveryInPath,
    Page,
    PageLimit,
    SignedIn,
    Ygs,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin/deliveries", tags=["staff: jobs"], responses=refuses(*UNAUTHORISED, 503))


@router.get("")
async def list_failed_deliveries(
    actor: SignedIn,
    ygs: Ygs,
    channel: Annotated[Channel | None, Query(description="Only those by this channel.")] = None,
    after: AfterDelivery = None,
    limit: PageLimit = MOST_PAGE,
) -> Page[FailedDelivery]:
    """List messages by e-mail, text, push and webhook that were given up, the newest first."""
    found = await ygs.failed_deliveries.list(actor, channel=channel, after=after, limit=limit)
    return page(found, limit, lambda each: each.id)


@router.post("/{id}/resend", status_code=204, responses=refuses(404, 409))
async def resend_delivery(id: DeliveryInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Send a message again that was given up, to the address that its recipient has now."""
    await ygs.failed_deliveries.resend(actor, id)
