"""Accounts in memory."""

from dataclasses import replace

from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.accounts import Account, Provider
from ygs.domain.errors import N_, Conflict, LinkTaken, StaleWrite
from ygs.domain.ids import UserId
from ygs.domain.text import storable_text
from ygs.domain.users import Role


class MemoryAccountReader:
    """How users sign in."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def find(self, user_id: UserId) -> Account | None:
        return (await self._tx.step()).accounts.get(user_id)

    async def find_by_link(self, provider: Provider, subject: str) -> Account | None:
        tables = await self._tx.step()
        owner = tables.links.get((provider, subject))
        return tables.accounts[owner] if owner else None

    async def exists_with_role(self, role: Role) -> bool:
        tables = await self._tx.step()
        return any(each in tables.users and tables.users[each].role is role for each in tables.accounts)


class MemoryAccountRepository(MemoryAccountReader):
    """Accounts, to be changed."""

    async def add(self, account: Account) -> None:
        tables = await self._tx.step()
        if account.user_id in tables.accounts or account.user_id not in tables.users:
            raise Conflict(N_("an account is one live user's, and a user has one"))
        _store(tables, account)

    async def save(self, account: Account) -> Account:
        tables = await self._tx.step()
        stored = tables.accounts.get(account.user_id)
        if stored is None or stored.version != account.version:
            raise StaleWrite(N_("this account changed since it was read: read it again and repeat the edit"))
        return _store(tables, account)

    async def remove(self, user_id: UserId) -> None:
        tables = await self._tx.step()
        if user_id in tables.accounts:
            tables.links.drop([(link.provider, link.subject) for link in tables.accounts[user_id].links])
            tables.accounts.drop([user_id])


def _store(tables: SnapshotTables, account: Account) -> Account:
    wanted = {(link.provider, link.subject): account.user_id for link in account.links}
    if any(tables.links.get(link, account.user_id) != account.user_id for link in wanted):
        raise LinkTaken(N_("that account signs in another user: sign in with it, and unlink it there"))
    for link in account.links:
        storable_text("subject", link.subject)
    before = tables.accounts.get(account.user_id)
    if before:
        tables.links.drop([(link.provider, link.subject) for link in before.links])
    tables.links.put(wanted)
    stored = replace(account, version=account.version + 1)
    tables.accounts.put({account.user_id: stored})
    return stored
