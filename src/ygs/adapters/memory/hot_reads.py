"""Hot reads in memory."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from ygs.domain.ids import SessionId, UserId
from ygs.domain.users import User
from ygs.ports.repositories.directory import DirectoryLine, MemberFilter, MemberOrder
from ygs.ports.repositories.sessions import Bearer, Caller
from ygs.ports.storage import Reading


class MemoryHotReads:
    """`HotReads`; each runs in a read transaction of its own."""

    def __init__(self, read: Callable[[], AbstractAsyncContextManager[Reading]]) -> None:
        self._read = read

    async def bearer(self, id: SessionId) -> Bearer | None:
        async with self._read() as reading:
            return await reading.sessions.bearer(id)

    async def user(self, id: UserId) -> User:
        async with self._read() as reading:
            return await reading.users.get(id)

    async def assigned(self, consultant: UserId) -> Sequence[UserId]:
        async with self._read() as reading:
            return sorted(await reading.directory.assigned(consultant))

    async def first_page(self, order: MemberOrder, limit: int) -> Sequence[DirectoryLine]:
        async with self._read() as reading:
            return await reading.directory.page(MemberFilter(), order, limit=limit)

    async def caller(self, phone: str, address: str) -> Caller | None:
        async with self._read() as reading:
            user = await reading.users.find_by_phone(phone)
            account = await reading.accounts.find(user.id) if user else None
            if account is None:
                return None
            known = await reading.sessions.knows(account.user_id, address)
            return Caller(account.user_id, account.password, known)
