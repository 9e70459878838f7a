"""Accounts: how users sign in."""

from typing import Protocol

from ygs.domain.accounts import Account, Provider
from ygs.domain.ids import UserId
from ygs.domain.users import Role


class AccountReader(Protocol):
    """How users sign in."""

    async def find(self, user_id: UserId) -> Account | None:
        """A user's account."""
        ...

    async def find_by_link(self, provider: Provider, subject: str) -> Account | None:
        """The account that a provider's subject signs in, not locked: lock the user and it, and look again."""
        ...

    async def exists_with_role(self, role: Role) -> bool:
        """Whether a live user of that role has an account."""
        ...


class AccountRepository(AccountReader, Protocol):
    """Accounts, to be changed."""

    async def add(self, account: Account) -> None:
        """Store a new account; `LinkTaken` when another has one of its links, `Conflict` when the user has one."""
        ...

    async def save(self, account: Account) -> Account:
        """Store a changed account and return it with its new version; `StaleWrite`, or `LinkTaken`."""
        ...

    async def remove(self, user_id: UserId) -> None:
        """Forget a user's account and links, so that nobody signs in by them; nothing there is fine."""
        ...
