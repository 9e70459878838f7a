"""Devices that get push messages."""

from collections.abc import Collection, Sequence
from typing import Protocol

from ygs.domain.ids import PushDeviceId, UserId
from ygs.domain.push_devices import PushDevice


class PushDeviceReader(Protocol):
    """Devices, to be read."""

    async def of_users(self, ids: Collection[UserId]) -> Sequence[PushDevice]:
        """The devices of the live users among these, ascending by id, in one statement."""
        ...

    async def owners(self, ids: Collection[UserId]) -> Collection[UserId]:
        """The live users among these who have a device, in one statement."""
        ...


class PushDeviceRepository(PushDeviceReader, Protocol):
    """Devices, to be changed."""

    async def add(self, device: PushDevice) -> None:
        """Store a device; `Conflict` for a user who is not stored.

        It replaces the device with the same token, whoever's that was, since somebody else has signed in on it. Of a
        user's devices the `MOST_DEVICES` with the greatest ids stay.
        """
        ...

    async def remove(self, user_id: UserId, ids: Collection[PushDeviceId]) -> int:
        """Delete those of a user's devices; return how many there were."""
        ...
