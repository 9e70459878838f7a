"""Linking a provider's identities to one's own account, while signed in and with a fresh proof of each identity."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ygs.application.accounts.identity_providers import FirebaseProof, IdentityProviders, KakaoProof, KakaoStart
from ygs.application.accounts.sessions import require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.rate_limits import ClientAddress
from ygs.domain.accounts import Account, Provider
from ygs.domain.errors import N_, LinkTaken, NotFound
from ygs.domain.ids import UserId
from ygs.ports.authentication import Identity
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing


class LinkView(BaseModel):
    """A linked provider, by which the user can sign in."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    provider: Provider
    linked_at: datetime


class LinkedIdentitiesView(BaseModel):
    """All ways in which the user can sign in."""

    model_config = ConfigDict(frozen=True)

    password: bool
    second_factor: bool
    links: list[LinkView]


@dataclass(frozen=True, slots=True)
class LinkedIdentities:
    """A user's own ways to sign in.

    Linking and unlinking need a sign-in within the last 15 minutes (`Forbidden`). Otherwise a stolen token could keep
    access for ever by a link of the thief's, or lock out its owner by removing theirs.
    """

    storage: Storage
    clock: Clock
    identity_providers: IdentityProviders

    async def list(self, actor: Actor) -> LinkedIdentitiesView:
        """Return the actor's ways to sign in."""
        actor.require(Permission.OWN_ACCOUNT)
        async with self.storage.read() as tx:
            account = await tx.accounts.find(actor.require_id())
        if account is None:
            raise NotFound("account")
        return _view(account)

    async def firebase(self, actor: Actor, proof: FirebaseProof, origin: ClientAddress) -> LinkedIdentitiesView:
        """Link a Firebase user.

        `LinkTaken` if it is linked to another account, `Conflict` if the actor has linked another.
        """
        await self._require_fresh(actor)
        return await self._link(actor, await self.identity_providers.by_firebase(proof, origin))

    async def start_kakao(self, actor: Actor, origin: ClientAddress) -> KakaoStart:
        """Start linking a Kakao user. Only the actor can complete it."""
        await self._require_fresh(actor)
        return await self.identity_providers.start_kakao(origin, actor.require_id())

    async def kakao(self, actor: Actor, proof: KakaoProof) -> LinkedIdentitiesView:
        """Link a Kakao user; the errors are those of `firebase`."""
        await self._require_fresh(actor)
        return await self._link(actor, await self.identity_providers.by_kakao(proof, actor.require_id()))

    async def unlink(self, actor: Actor, provider: Provider) -> LinkedIdentitiesView:
        """Remove the link to a provider; `WrongStatus` if it is the last way to sign in."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            account = await _account(tx, actor.require_id())
            await require_fresh(tx, actor, at=now)
            saved = await tx.accounts.save(account.unlink(provider, at=now))
            unlinked = audit_entry(actor, "account.unlinked", at=now, subject=account.user_id, what=provider.value)
            await tx.audit.add(unlinked)
        return _view(saved)

    async def _require_fresh(self, actor: Actor) -> None:
        """Check freshness before a proof is used up. `_link` checks again, because a provider may take seconds."""
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            await require_fresh(tx, actor, at=self.clock.now())

    async def _link(self, actor: Actor, identity: Identity) -> LinkedIdentitiesView:
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            account = await _account(tx, actor.require_id())
            await require_fresh(tx, actor, at=now)
            other = await tx.accounts.find_by_link(identity.provider, identity.subject)
            if other is not None and other.user_id != account.user_id:
                raise LinkTaken(N_("that account signs in another user: sign in with it, and unlink it there"))
            saved = await tx.accounts.save(account.link(identity.provider, identity.subject, at=now))
            linked = audit_entry(actor, "account.linked", at=now, subject=account.user_id, what=identity.provider.value)
            await tx.audit.add(linked)
        return _view(saved)


async def _account(tx: Writing, id: UserId) -> Account:
    """Lock the user and return their account; `NotFound` without one."""
    await tx.users.get(id)
    account = await tx.accounts.find(id)
    if account is None:
        raise NotFound("account")
    return account


def _view(account: Account) -> LinkedIdentitiesView:
    return LinkedIdentitiesView(
        password=account.password is not None,
        second_factor=account.has_second_factor,
        links=[LinkView.model_validate(link) for link in account.links],
    )
