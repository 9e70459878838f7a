"""The contract of suspensions of people who left."""

from dataclasses import replace
from datetime import timedelta

from ygs.domain.contacts import Contact
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_users
from ygs.ports.storage import Storage

DAY = timedelta(days=1)


class SuspensionContract:
    """Every promise of `SuspensionRepository`."""

    async def test_whoever_left_suspended_is_known_by_each_contact_they_had(self, storage: Storage) -> None:
        (left,) = await stored_users(storage, 1)
        former = Contact.phone("+821077776666")
        async with storage.write() as tx:
            await tx.blocks.keep_former_contact(left.id, former)
            await tx.suspensions.keep_after_withdrawal(left, NOON)
            await tx.users.save(left.withdraw(at=NOON))
            by_phone = a_user(11, phone=left.phone)
            by_email = a_user(12, email=str(left.email).upper())
            by_former = a_user(13, phone=former.text)
            unknown = a_user(14, phone=None, email=None)
            await tx.users.add_all([by_phone, by_email, by_former, unknown])
            everybody = [left.id, by_phone.id, by_email.id, by_former.id, unknown.id, a_user(99).id]
            expected = dict.fromkeys((by_phone.id, by_email.id, by_former.id), NOON)
            assert await tx.suspensions.of(everybody) == expected
        async with storage.read() as reading:
            assert await reading.suspensions.of(everybody) == expected
            assert await reading.suspensions.of([by_email.id, by_email.id]) == {by_email.id: NOON}
            assert await reading.suspensions.of([]) == {}

    async def test_a_new_phone_hides_nobody(self, storage: Storage) -> None:
        (left,) = await stored_users(storage, 1)
        async with storage.write() as tx:
            await tx.suspensions.keep_after_withdrawal(left, NOON)
            await tx.users.save(left.withdraw(at=NOON))
            back = a_user(11, phone=left.phone, email=None)
            await tx.users.add(back)
            stored = await tx.users.get(back.id)
            await tx.users.save(replace(stored, phone="+821077776666"))
            await tx.blocks.keep_former_contact(back.id, Contact.phone(str(left.phone)))
            assert await tx.suspensions.of([back.id]) == {back.id: NOON}

    async def test_the_latest_leaving_counts_and_each_ends_by_itself(self, storage: Storage) -> None:
        one, two = await stored_users(storage, 2)
        both = replace(one, email=two.email)
        async with storage.write() as tx:
            await tx.suspensions.keep_after_withdrawal(one, NOON + DAY)
            await tx.suspensions.keep_after_withdrawal(one, NOON)
            await tx.suspensions.keep_after_withdrawal(two, NOON)
            await tx.users.save(both)
            assert await tx.suspensions.of([one.id, two.id]) == {one.id: NOON + DAY, two.id: NOON}
            assert await tx.suspensions.purge(NOON) == 0
            assert await tx.suspensions.purge(NOON + DAY) == 2
            assert await tx.suspensions.of([one.id, two.id]) == {one.id: NOON + DAY}
            await tx.suspensions.keep_after_withdrawal(one, NOON + 2 * DAY)
            assert await tx.suspensions.purge(NOON + 2 * DAY) == 0
            assert await tx.suspensions.of([one.id, two.id]) == {one.id: NOON + 2 * DAY}
            assert await tx.suspensions.purge(NOON + 3 * DAY) == 2
