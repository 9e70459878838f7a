"""Many members book one slot at the same moment: one gets it, on every database."""

from tests.support.booking import CROWD, book_at_once, booked
from ygs.adapters.sql.storage import SqlStorage


async def test_of_fifty_members_who_book_one_slot_at_once_one_gets_it(storage: SqlStorage) -> None:
    assert await book_at_once(storage) == {"booked": 1, "SlotTaken": CROWD - 1}
    assert await booked(storage) == 1
