"""Accounts: how users sign in."""

from typing import Protocol

from ygs.domain.accounts import Account, Provider
from ygs.domain.ids import UserId
from ygs.domain.users import Role


class AccountReader(Protocol):
    """Accounts, to be read."""

    async def find(self, user_id: UserId) -> Account | None:
        """The account of a user, or None."""
        ...

    async def find_by_link(self, provider: Provider, subject: str) -> Account | None:
        """The account that a provider's subject signs in, or None. Not locked: lock both and read again."""
        ...

    async def exists_with_role(self, role: Role) -> bool:
        """Return whether a live user of that role has an account."""
        ...


class AccountRepository(AccountReader, Protocol):
    """Accounts, to be changed."""

    async def add(self, account: Account) -> None:
        """Store a new account; `LinkTaken` when one of its links exists, `Conflict` when the user has an account."""
        ...

    async def save(self, account: Account) -> Account:
        """Store a changed account and return it with its new version; `StaleWrite` or `LinkTaken`."""
        ...

    async def remove(self, user_id: UserId) -> None:
        """Delete a user's account and links, if there are any."""
        ...
