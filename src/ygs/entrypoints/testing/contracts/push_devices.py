"""What every `PushDeviceRepository` must hold, and who can be reached by phone and e-mail."""

from dataclasses import replace

import pytest

from ygs.domain.contacts import ContactKind
from ygs.domain.errors import Conflict
from ygs.domain.ids import PushDeviceId
from ygs.domain.push_devices import MOST_DEVICES, PushDevice
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

ONE, TWO, NOBODY = (a_user(number).id for number in (1, 2, 9))


def a_device(number: int = 1, *, user: int = 1, token: str = "") -> PushDevice:
    """A device of a user."""
    return PushDevice(
        id=PushDeviceId(numbered("dev", number)),
        user_id=a_user(user).id,
        token=token or f"device-token-{number}",
        registered_at=NOON,
    )


class PushDeviceContract:
    """Every promise of `PushDeviceRepository`, and of `UserReader.reachable`."""

    async def test_devices_are_found_by_their_users(self, storage: Storage) -> None:
        devices = [a_device(1), a_device(2), a_device(3, user=2)]
        await _store_devices(storage, *devices)
        async with storage.read() as tx:
            assert await tx.push_devices.of_users([ONE, NOBODY]) == devices[:2]
            assert await tx.push_devices.of_users([TWO, ONE]) == devices
            assert set(await tx.push_devices.owners([ONE, TWO, a_user(3).id, NOBODY])) == {ONE, TWO}

    async def test_a_token_belongs_to_whoever_registered_it_last(self, storage: Storage) -> None:
        await _store_devices(storage, a_device(1, token="same"), a_device(2, user=2, token="same"))
        async with storage.read() as tx:
            assert await tx.push_devices.of_users([ONE, TWO]) == [a_device(2, user=2, token="same")]

    async def test_a_user_has_no_more_than_so_many_devices(self, storage: Storage) -> None:
        devices = [a_device(number) for number in range(1, MOST_DEVICES + 3)]
        await _store_devices(storage, a_device(90, user=2), *devices)
        async with storage.read() as tx:
            assert await tx.push_devices.of_users([ONE]) == devices[2:]
            assert await tx.push_devices.of_users([TWO]) == [a_device(90, user=2)]

    async def test_a_user_removes_their_own_devices_only(self, storage: Storage) -> None:
        await _store_devices(storage, a_device(1), a_device(2, user=2))
        async with storage.write() as tx:
            assert await tx.push_devices.remove(ONE, [a_device(2).id]) == 0
            assert await tx.push_devices.remove(ONE, [a_device(1).id, a_device(5).id]) == 1
        async with storage.read() as tx:
            assert await tx.push_devices.of_users([ONE, TWO]) == [a_device(2, user=2)]

    async def test_a_device_needs_a_user_and_is_found_while_that_one_is_live(self, storage: Storage) -> None:
        await _store_devices(storage, a_device(1))
        with pytest.raises(Conflict):
            async with storage.write() as tx:
                await tx.push_devices.add(a_device(2, user=9))
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(ONE)).withdraw(at=NOON))
        async with storage.read() as tx:
            assert not await tx.push_devices.of_users([ONE])
            assert not await tx.push_devices.owners([ONE])

    async def test_only_proven_contacts_can_be_reached(self, storage: Storage) -> None:
        proven = replace(a_user(1), phone_proven_at=NOON, email="one@example.kr", email_proven_at=NOON)
        claimed = replace(a_user(2), phone_proven_at=None, email="two@example.kr", email_proven_at=None)
        nothing = replace(a_user(3), phone=None, phone_proven_at=None, email=None, email_proven_at=None)
        async with storage.write() as tx:
            await tx.users.add_all([proven, claimed, nothing])
        everybody = [ONE, TWO, nothing.id, NOBODY]
        async with storage.read() as tx:
            for kind in ContactKind:
                assert set(await tx.users.reachable(everybody, kind)) == {ONE}
                assert set(await tx.users.reachable([TWO], kind)) == set()
        async with storage.write() as tx:
            await tx.users.save((await tx.users.get(ONE)).withdraw(at=NOON))
        async with storage.read() as tx:
            assert not await tx.users.reachable(everybody, ContactKind.PHONE)


async def _store_devices(storage: Storage, *devices: PushDevice) -> None:
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in (1, 2, 3)])
        for device in devices:
            await tx.push_devices.add(device)
