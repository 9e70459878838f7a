"""Accounts and their links."""

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from ygs.adapters.sql.statements.bulk import insert_all
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.accounts import accounts, links
from ygs.adapters.sql.tables.users import LIVE, users
from ygs.domain.accounts import Account, Link, Provider
from ygs.domain.errors import N_, Conflict, StaleWrite
from ygs.domain.ids import UserId
from ygs.domain.totp import Totp
from ygs.domain.users import Role


def to_row(account: Account, keyring: Keyring) -> dict[str, Any]:
    """An account as a row of `accounts`."""
    totp = account.totp
    return {
        "id": account.user_id,
        "password": account.password,
        "totp_secret": keyring.seal(accounts.c.totp_secret, account.user_id, totp.secret.hex()) if totp else None,
        "totp_confirmed_at": totp.confirmed_at if totp else None,
        "totp_last_step": totp.last_step if totp else None,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
        "version": account.version,
    }


def to_account(row: Found, linked: tuple[Link, ...], keyring: Keyring) -> Account:
    """The account that `to_row` wrote, with its links."""
    return Account(
        user_id=UserId(row.id),
        password=row.password,
        links=linked,
        totp=_to_totp(row, keyring),
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _to_totp(row: Found, keyring: Keyring) -> Totp | None:
    secret = keyring.open_if(accounts.c.totp_secret, row.id, row.totp_secret)
    if secret is None:
        return None
    return Totp(secret=bytes.fromhex(secret), confirmed_at=row.totp_confirmed_at, last_step=row.totp_last_step)


_ACCOUNT = select(accounts).where(accounts.c.id == bindparam("id"))
_LINKS = select(links).where(links.c.user_id == bindparam("user_id")).order_by(links.c.linked_at, links.c.provider)


class SqlAccountReader:
    """How users sign in."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def find(self, user_id: UserId) -> Account | None:
        row = await self.tx.row(self.tx.for_update(_ACCOUNT), id=user_id)
        return await self._whole(row) if row else None

    async def find_by_link(self, provider: Provider, subject: str) -> Account | None:
        linked = (links.c.provider == provider.value) & (links.c.subject == subject)
        row = await self.tx.row(select(accounts).join(links, links.c.user_id == accounts.c.id).where(linked))
        return await self._whole(row) if row else None

    async def exists_with_role(self, role: Role) -> bool:
        query = select(accounts.c.id).join(users, users.c.id == accounts.c.id).where(LIVE, users.c.role == role.value)
        return await self.tx.row(query.limit(1)) is not None

    async def _whole(self, row: Found) -> Account:
        found = await self.tx.rows(_LINKS, user_id=row.id)
        linked = tuple(Link(Provider(link.provider), link.subject, link.linked_at) for link in found)
        return to_account(row, linked, self.tx.keyring)


class SqlAccountRepository(SqlAccountReader):
    """Accounts, to be changed."""

    async def add(self, account: Account) -> None:
        live = await self.tx.row(select(users.c.id).where(LIVE, users.c.id == account.user_id))
        if live is None:
            raise Conflict(N_("an account is one live user's, and a user has one"))
        async with self.tx.savepoint():
            await insert_all(self.tx, accounts, [to_row(replace(account, version=1), self.tx.keyring)])
            await self._link(account)

    async def save(self, account: Account) -> Account:
        saved = replace(account, version=account.version + 1)
        found = (accounts.c.id == account.user_id) & (accounts.c.version == account.version)
        async with self.tx.savepoint():
            if not await self.tx.run(update(accounts).where(found).values(to_row(saved, self.tx.keyring))):
                raise StaleWrite(STALE)
            await self.tx.run(delete(links).where(links.c.user_id == account.user_id))
            await self._link(account)
        return saved

    async def remove(self, user_id: UserId) -> None:
        await self.tx.run(delete(links).where(links.c.user_id == user_id))
        await self.tx.run(delete(accounts).where(accounts.c.id == user_id))

    async def _link(self, account: Account) -> None:
        rows = [
            {
                "provider": link.provider.value,
                "subject": link.subject,
                "user_id": account.user_id,
                "linked_at": link.linked_at,
            }
            for link in account.links
        ]
        await insert_all(self.tx, links, rows)
