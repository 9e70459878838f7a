"""A crowd of members who book one slot at the same moment."""

import asyncio
from collections import Counter

from ygs.application.actors import Actor
from ygs.application.consultations.bookings import Consultations
from ygs.application.consultations.views import SlotBooking
from ygs.domain.consultations import CancellationRule
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_slot, a_user
from ygs.entrypoints.testing.clock import NOON, FrozenClock
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.storage import Storage

# More than any pool has connections.
CROWD = 50


async def book_at_once(storage: Storage) -> Counter[str]:
    """Have fifty members book one slot at once, and count what came of it, by the name of the error."""
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, CROWD + 1)])
        await tx.users.add(a_user(90, role=Role.CONSULTANT))
        await tx.consultations.add_slots([a_slot()])
    use_case = Consultations(storage, FrozenClock(), CountingIds(), CancellationRule())

    async def book(number: int) -> str:
        member = Actor.signed_in(a_user(number).id, Role.MEMBER)
        try:
            return (await use_case.book(member, SlotBooking(slot_id=a_slot().id))).state
        except Exception as refused:  # noqa: BLE001 - whatever came of it is counted
            return type(refused).__name__

    return Counter(await asyncio.gather(*(book(number) for number in range(1, CROWD + 1))))


async def booked(storage: Storage) -> int:
    """How many consultations of that slot are stored."""
    async with storage.read(latest=True) as reading:
        return sum((await reading.consultations.count_between(NOON, a_slot().ends_at)).values())
