"""Linking other accounts to one's own: always while signed in, and always with a fresh proof of the other."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ygs.application.accounts.identity_providers import FirebaseProof, IdentityProviders, KakaoProof, KakaoStart
from ygs.application.accounts.sessions import require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.rate_limits import ClientAddress
from ygs.domain.accounts import Account, Provider
from ygs.domain.errors import N_, LinkTaken, NotFound
from ygs.domain.ids import UserId
from ygs.ports.authentication import Identity
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing


class LinkView(BaseModel):
    """A provider by which one may sign in."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    provider: Provider
    linked_at: datetime


class LinkedIdentitiesView(BaseModel):
    """How one may sign in."""

    model_config = ConfigDict(frozen=True)

    password: bool
    second_factor: bool
    links: list[LinkView]


@dataclass(frozen=True, slots=True)
class LinkedIdentities:
    """One's own ways to sign in. Who has not signed in within a quarter of an hour neither opens nor closes any
    (`Forbidden`): a stolen token would be good for ever by the one, and keep its owner out by the other."""

    storage: Storage
    clock: Clock
    identity_providers: IdentityProviders

    async def list(self, actor: Actor) -> LinkedIdentitiesView:
        """The actor's ways to sign in."""
        actor.require(Permission.OWN_ACCOUNT)
        async with self.storage.read() as tx:
            account = await tx.accounts.find(actor.require_id())
        if account is None:
            raise NotFound("account")
        return _view(account)

    async def firebase(self, actor: Actor, proof: FirebaseProof, origin: ClientAddress) -> LinkedIdentitiesView:
        """Link a Firebase user; `LinkTaken` when that one is somebody else's, `Conflict` when another is linked."""
        await self._require_fresh(actor)
        return await self._link(actor, await self.identity_providers.by_firebase(proof, origin))

    async def start_kakao(self, actor: Actor, origin: ClientAddress) -> KakaoStart:
        """Begin linking a Kakao user: what comes back is good for this user only."""
        await self._require_fresh(actor)
        return await self.identity_providers.start_kakao(origin, actor.require_id())

    async def kakao(self, actor: Actor, proof: KakaoProof) -> LinkedIdentitiesView:
        """Link a Kakao user; errors as for Firebase."""
        await self._require_fresh(actor)
        return await self._link(actor, await self.identity_providers.by_kakao(proof, actor.require_id()))

    async def unlink(self, actor: Actor, provider: Provider) -> LinkedIdentitiesView:
        """Without that provider; `WrongStatus` when it is the last way to sign in."""
        actor.require(Permission.OWN_ACCOUNT)
        now = self.clock.now()
        async with self.storage.write() as tx:
            account = await _account(tx, actor.require_id())
            await require_fresh(tx, actor, at=now)
            saved = await tx.accounts.save(account.unlink(provider, at=now))
            unlinked = audit_entry(actor, "account.unlinked", at=now, subject=account.user_id, what=provider.value)
            await tx.audit.add(unlinked)
        return _view(saved)

    async def _require_fresh(self, actor: Actor) -> None:
        """Before any proof is used up; `_link` asks again, since a provider may take seconds."""
        actor.require(Permission.OWN_ACCOUNT)
        async with self.storage.write() as tx:
            await require_fresh(tx, actor, at=self.clock.now())

    async def _link(self, actor: Actor, identity: Identity) -> LinkedIdentitiesView:
        now = self.clock.now()
        async with self.storage.write() as tx:
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
    """The live user's account, locked."""
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
