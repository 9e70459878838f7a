"""Devices that get push messages: rows to entities and back."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select

from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.outbox import push_devices
from ygs.adapters.sql.tables.users import LIVE, users
from ygs.domain.ids import PushDeviceId, UserId
from ygs.domain.push_devices import MOST_DEVICES, PushDevice


def to_row(device: PushDevice, keyring: Keyring) -> dict[str, Any]:
    """A device as a row of `push_devices`."""
    return {
        "id": device.id,
        "user_id": device.user_id,
        "token": keyring.seal(push_devices.c.token, device.id, device.token),
        "token_index": keyring.index(push_devices.c.token, device.token),
        "registered_at": device.registered_at,
    }


def to_device(row: Found, keyring: Keyring) -> PushDevice:
    """The device that `to_row` wrote."""
    return PushDevice(
        id=PushDeviceId(row.id),
        user_id=UserId(row.user_id),
        token=keyring.open(push_devices.c.token, row.id, row.token),
        registered_at=row.registered_at,
    )


class SqlPushDeviceReader:
    """Devices that get push messages."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def of_users(self, ids: Collection[UserId]) -> Sequence[PushDevice]:
        of_live = push_devices.join(users, users.c.id == push_devices.c.user_id)
        query = select(push_devices).select_from(of_live).where(LIVE, among(push_devices.c.user_id, ids))
        rows = await self.tx.rows(query.order_by(push_devices.c.id))
        return [to_device(row, self.tx.keyring) for row in rows]

    async def owners(self, ids: Collection[UserId]) -> Collection[UserId]:
        has_device = select(push_devices.c.id).where(push_devices.c.user_id == users.c.id).exists()
        rows = await self.tx.rows(select(users.c.id).where(LIVE, among(users.c.id, ids), has_device))
        return {UserId(row.id) for row in rows}


class SqlPushDeviceRepository(SqlPushDeviceReader):
    """Devices, to be changed."""

    async def add(self, device: PushDevice) -> None:
        row = to_row(device, self.tx.keyring)
        own = select(push_devices.c.id).where(push_devices.c.user_id == device.user_id)
        superfluous = own.order_by(push_devices.c.id.desc()).offset(MOST_DEVICES)
        async with self.tx.savepoint():
            await self.tx.run(delete(push_devices).where(push_devices.c.token_index == row["token_index"]))
            await insert_all(self.tx, push_devices, [row])
            ids = [each.id for each in await self.tx.rows(superfluous)]
            await self.tx.run(delete(push_devices).where(among(push_devices.c.id, ids)))

    async def remove(self, user_id: UserId, ids: Collection[PushDeviceId]) -> int:
        own = push_devices.c.user_id == user_id
        return await self.tx.run(delete(push_devices).where(own, among(push_devices.c.id, ids)))
