"""My devices that get push messages."""

from fastapi import Response

from ygs.application.notifications.push_devices import DeviceRegistration, DeviceView
from ygs.entrypoints.http.dependencies import DeviceInPath, Idempotent, SignedIn, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/users/me/devices", tags=["me"], responses=refuses(*UNAUTHORISED, 503))


@router.post("", status_code=201, response_model=DeviceView, responses=refuses(409))
async def register_device(device: DeviceRegistration, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Send my push messages to this device too. I have ten at most: one more replaces the oldest."""
    return await idempotent.run(lambda: ygs.push_devices.register(actor, device), below="/users/me/devices")


@router.delete("/{id}", status_code=204, responses=refuses(404))
async def remove_device(id: DeviceInPath, actor: SignedIn, ygs: Ygs) -> None:
    """Send no more push messages to this device, as when I sign out there."""
    await ygs.push_devices.remove(actor, id)
