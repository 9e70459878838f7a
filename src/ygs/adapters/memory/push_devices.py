"""Devices that get push messages, in memory."""

from collections.abc import Collection, Sequence

from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, Conflict
from ygs.domain.ids import PushDeviceId, UserId
from ygs.domain.push_devices import MOST_DEVICES, PushDevice
from ygs.domain.text import storable_text


class MemoryPushDeviceReader:
    """Devices that get push messages."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def of_users(self, ids: Collection[UserId]) -> Sequence[PushDevice]:
        tables = await self._tx.step()
        live = {each for each in ids if each in tables.users}
        found = [device for device in tables.push_devices.values() if device.user_id in live]
        return sorted(found, key=lambda device: device.id)

    async def owners(self, ids: Collection[UserId]) -> Collection[UserId]:
        return {device.user_id for device in await self.of_users(ids)}


class MemoryPushDeviceRepository(MemoryPushDeviceReader):
    """Devices, to be changed."""

    async def add(self, device: PushDevice) -> None:
        tables = await self._tx.step()
        if device.user_id not in tables.users and device.user_id not in tables.gone:
            raise Conflict(N_("there is no such user"))
        storable_text("push_devices.token", device.token)
        tables.push_devices.drop([each.id for each in tables.push_devices.values() if each.token == device.token])
        tables.push_devices.put({device.id: device})
        own = sorted(each.id for each in tables.push_devices.values() if each.user_id == device.user_id)
        tables.push_devices.drop(own[:-MOST_DEVICES])

    async def remove(self, user_id: UserId, ids: Collection[PushDeviceId]) -> int:
        tables = await self._tx.step()
        there = [each.id for each in tables.push_devices.values() if each.id in ids and each.user_id == user_id]
        tables.push_devices.drop(there)
        return len(there)
