"""What every `CanaryRepository` must hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ygs.domain.canaries import Canary
from ygs.domain.errors import Conflict
from ygs.domain.ids import UserId
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage


def a_canary(number: int = 1, **fields: Any) -> Canary:
    """The canary of an account, with a phone of its own."""
    default: dict[str, Any] = {"phone": f"+8210500{number:05}", "seed": (1 << 56) - number}
    times = {"made_at": NOON, "used_at": NOON}
    ids = {"id": UserId(numbered("usr", 500 + number)), "account": UserId(numbered("usr", 90 + number))}
    return Canary(**{**ids, **times, **default, **fields})


class CanaryContract:
    """Every promise of `CanaryRepository`."""

    async def test_canaries_come_back_as_they_were_stored(self, storage: Storage) -> None:
        first, second = a_canary(1), a_canary(2, phone=None)
        async with storage.write() as tx:
            assert await tx.canaries.find(first.account) is None
            await tx.canaries.add(second)
            await tx.canaries.add(first)
            await tx.canaries.add(a_canary(3, phone=None))
        async with storage.read() as reading:
            assert await reading.canaries.find(first.account) == first
            assert await reading.canaries.find(first.id) is None
            assert list(await reading.canaries.all()) == [first, second, a_canary(3, phone=None)]

    async def test_an_account_has_one_canary_and_a_phone_is_one_canarys(self, storage: Storage) -> None:
        first, second = a_canary(1), a_canary(2)
        async with storage.write() as tx:
            await tx.canaries.add(first)
        for twin in (
            replace(second, id=first.id),
            replace(second, account=first.account),
            replace(second, phone=first.phone),
        ):
            with pytest.raises(Conflict):
                async with storage.write() as tx:
                    await tx.canaries.add(twin)
        async with storage.read() as reading:
            assert list(await reading.canaries.all()) == [first]

    async def test_the_last_use_of_a_canary_is_noted(self, storage: Storage) -> None:
        later = NOON + timedelta(days=3)
        async with storage.write() as tx:
            await tx.canaries.add(a_canary(1))
            await tx.canaries.add(a_canary(2))
            await tx.canaries.mark_used(a_canary(1).account, later)
            await tx.canaries.mark_used(a_canary(3).account, later)
            assert list(await tx.canaries.all()) == [a_canary(1, used_at=later), a_canary(2)]
