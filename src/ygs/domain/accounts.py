"""Accounts: the password, linked identities and authenticator with which a user signs in."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, Conflict, NotFound, WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.totp import Totp


class Provider(StrEnum):
    """An identity provider."""

    FIREBASE = "firebase"
    KAKAO = "kakao"


@dataclass(frozen=True, slots=True)
class Link:
    """Links a user to a provider's `subject`, its id for the person. A subject is linked to one account at most."""

    provider: Provider
    subject: str
    linked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user's ways to sign in. `password`: an encoded hash, never the password; at most one link a provider."""

    user_id: UserId
    created_at: datetime
    updated_at: datetime
    password: str | None = field(default=None, repr=False)
    links: tuple[Link, ...] = ()
    totp: Totp | None = None
    version: int = 0

    @property
    def has_second_factor(self) -> bool:
        """Whether an authenticator is enrolled and confirmed."""
        return self.totp is not None and self.totp.confirmed_at is not None

    def is_linked(self, provider: Provider, subject: str) -> bool:
        """Whether that subject signs in this user."""
        return any((link.provider, link.subject) == (provider, subject) for link in self.links)

    def with_password(self, encoded: str, *, at: datetime) -> Self:
        """The account with another password hash."""
        return replace(self, password=encoded, updated_at=at)

    def recovered(self, encoded: str, *, keep_totp: bool, at: datetime) -> Self:
        """The account with a new password and without links, after a reset by phone.

        Somebody else may have added the links. `keep_totp` keeps the authenticator.
        """
        totp = self.totp if keep_totp else None
        return replace(self, password=encoded, links=(), totp=totp, updated_at=at)

    def link(self, provider: Provider, subject: str, *, at: datetime) -> Self:
        """The account with one more link; a link that exists stays. `Conflict` if the provider has another one."""
        if self.is_linked(provider, subject):
            return self
        if any(link.provider is provider for link in self.links):
            raise Conflict(N_("another {provider} account is linked already: unlink it first"), provider=provider)
        return replace(self, links=(*self.links, Link(provider, subject, at)), updated_at=at)

    def unlink(self, provider: Provider, *, at: datetime) -> Self:
        """The account without its link to a provider; `WrongStatus` when that is the only way to sign in."""
        remaining = tuple(link for link in self.links if link.provider is not provider)
        if len(remaining) == len(self.links):
            raise NotFound("link", provider)
        if not remaining and self.password is None:
            raise WrongStatus(N_("this is the only way to sign in: set a password or link another account first"))
        return replace(self, links=remaining, updated_at=at)

    def with_totp(self, totp: Totp | None, *, at: datetime) -> Self:
        """The account with this authenticator, or with none."""
        return replace(self, totp=totp, updated_at=at)
