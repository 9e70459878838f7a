"""Staff: which other systems are told of which events, and what became of each message. Administrators only."""

from typing import Annotated

from fastapi import Path, Query, Response

from ygs.application.notifications.webhooks import (
    ResendRequest,
    ResentMessages,
    WebhookChange,
    WebhookDelivery,
    WebhookRequest,
    WebhookView,
    WebhookWithSecret,
)
from ygs.domain.deliveries import DeliveryState
from ygs.domain.ids import ULID, WebhookId
from ygs.entrypoints.http.dependencies import (
    AfterDelivery,
    DeliveryInPath,
    Idempotent,
    IfMatch,
    Page,
    PageLimit,
    SignedIn,
    Ygs,
    only_page,
    page,
    set_etag,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin/webhooks", tags=["staff: webhooks"], responses=refuses(*UNAUTHORISED, 503))

WebhookInPath = Annotated[WebhookId, Path(pattern=f"^whk_{ULID}$", examples=["whk_01JD8Q4W0M8Q5V7X0C9T1R2E3S"])]


@router.get("")
async def list_webhooks(actor: SignedIn, ygs: Ygs) -> Page[WebhookView]:
    """List all webhook endpoints, the oldest first."""
    return only_page(await ygs.webhooks.list(actor))


@router.post("", status_code=201, response_model=WebhookWithSecret, responses=refuses(409))
async def create_webhook(request: WebhookRequest, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Add a webhook endpoint. Its secret is shown this once."""
    return await idempotent.run(lambda: ygs.webhooks.create(actor, request), below="/admin/webhooks")


@router.get("/{id}", responses=refuses(404))
async def get_webhook(id: WebhookInPath, actor: SignedIn, ygs: Ygs, response: Response) -> WebhookView:
    """Return one webhook endpoint."""
    return _with_etag(response, await ygs.webhooks.get(actor, id))


@router.put("/{id}", responses=refuses(404, 409))
async def change_webhook(
    id: WebhookInPath, change: WebhookChange, actor: SignedIn, version: IfMatch, ygs: Ygs, response: Response
) -> WebhookView:
    """Change, enable or disable a webhook endpoint."""
    return _with_etag(response, await ygs.webhooks.change(actor, id, change, version))


@router.delete("/{id}", status_code=204, responses=refuses(404))
async def delete_webhook(id: WebhookInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Delete a webhook endpoint. What waits for it is not sent any more."""
    await ygs.webhooks.delete(actor, id)


@router.post("/{id}/secret", responses=refuses(404, 409))
async def rotate_webhook_secret(
    id: WebhookInPath,
    actor: SignedIn,
    ygs: Ygs,
    immediately: Annotated[
        bool, Query(description="The secrets before sign no more from now on, as when one has leaked.")
    ] = False,
) -> WebhookWithSecret:
    """Give a webhook endpoint a new secret, shown this once. The one before signs too for 24 hours, and there is no
    third one meanwhile, unless `immediately`."""
    return await ygs.webhooks.rotate_secret(actor, id, immediately=immediately)


@router.post("/{id}/test", responses=refuses(404, 409))
async def test_webhook(id: WebhookInPath, actor: SignedIn, ygs: Ygs) -> WebhookDelivery:
    """Send a webhook endpoint the event `webhook.test`. List its deliveries to see what it answered."""
    return await ygs.webhooks.test(actor, id)


@router.get("/{id}/deliveries", responses=refuses(404))
async def list_webhook_deliveries(
    id: WebhookInPath,
    actor: SignedIn,
    ygs: Ygs,
    state: Annotated[DeliveryState | None, Query(description="Only those in this state.")] = None,
    after: AfterDelivery = None,
    limit: PageLimit = 20,
) -> Page[WebhookDelivery]:
    """List a webhook endpoint's messages with every attempt to send them, the newest first."""
    found = await ygs.webhooks.deliveries(actor, id, state=state, after=after, limit=limit)
    return page(found, limit, lambda each: each.id)


@router.post("/{id}/deliveries/{delivery}/resend", responses=refuses(404, 409))
async def resend_webhook_delivery(
    id: WebhookInPath, delivery: DeliveryInPath, actor: SignedIn, ygs: Ygs
) -> WebhookDelivery:
    """Send one message again that was delivered or failed."""
    return await ygs.webhooks.resend(actor, id, delivery)


@router.post("/{id}/resend", responses=refuses(404))
async def resend_webhook_deliveries(
    id: WebhookInPath, request: ResendRequest, actor: SignedIn, ygs: Ygs
) -> ResentMessages:
    """Send all messages about events since a moment again that failed, also because the endpoint was disabled."""
    return await ygs.webhooks.resend_since(actor, id, request)


def _with_etag(response: Response, view: WebhookView) -> WebhookView:
    set_etag(response, view.version)
    return view
