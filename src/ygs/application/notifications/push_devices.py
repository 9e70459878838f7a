"""A person's own devices that get push messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.domain.errors import NotFound
from ygs.domain.ids import PushDeviceId
from ygs.domain.push_devices import TOKEN_LENGTH, PushDevice, checked_token
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.storage import Storage


class DeviceRegistration(BaseModel):
    """A device that is to get push messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[str, AfterValidator(checked_token)] = Field(
        min_length=1,
        max_length=TOKEN_LENGTH,
        repr=False,
        description="The registration token that Firebase gave the app; send it again whenever it changes.",
    )


class DeviceView(BaseModel):
    """A device that gets push messages, without its token."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: PushDeviceId
    registered_at: datetime = Field(description="When it was registered, UTC.")


@dataclass(frozen=True, slots=True)
class PushDevices:
    """Registers and removes one's own devices. A person has ten at most; one more replaces the oldest."""

    storage: Storage
    clock: Clock
    ids: Ids

    async def register(self, actor: Actor, device: DeviceRegistration) -> DeviceView:
        """Send the actor's push messages to this device too, and those of nobody else."""
        actor.require(Permission.OWN_ACCOUNT)
        me = actor.require_id()
        now = self.clock.now()
        registered = PushDevice(
            id=PushDeviceId(self.ids.make("dev")), user_id=me, token=device.token, registered_at=now
        )
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            await tx.push_devices.add(registered)
            await tx.audit.add(audit_entry(actor, "device.registered", at=now, subject=me))
        return DeviceView.model_validate(registered)

    async def remove(self, actor: Actor, id: PushDeviceId) -> None:
        """Send no more push messages to one of the actor's devices, as when they sign out there; `NotFound`."""
        me = actor.require_id()
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            if not await tx.push_devices.remove(me, [id]):
                raise NotFound("device")
            await tx.audit.add(audit_entry(actor, "device.removed", at=self.clock.now(), subject=me))
