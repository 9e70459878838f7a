"""The second factor: an authenticator app (TOTP), which staff must have. Enrol, confirm, and remove a lost one."""

from base64 import b32encode
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.accounts.role_changes import lock_administrators
from ygs.application.accounts.sessions import SessionIssuer, TokenView, end_sessions, require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.rate_limits import ClientAddress, hit_rate_limit
from ygs.domain.accounts import Account
from ygs.domain.errors import N_, Forbidden, NotFound, WrongCode, WrongStatus
from ygs.domain.ids import UserId
from ygs.domain.rate_limit import PER_ACCOUNT
from ygs.domain.sessions import Ending
from ygs.domain.text import LINE_LENGTH, required_text
from ygs.domain.totp import SECRET_BYTES, Totp
from ygs.domain.users import User
from ygs.ports.authentication import Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing


class EnrolmentView(BaseModel):
    """The secret of an authenticator, shown once: `uri` as a QR code for the app, `secret` (base 32) to type in."""

    model_config = ConfigDict(frozen=True)

    secret: str
    uri: str


class EnrolmentProof(BaseModel):
    """The six digits that the app shows now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[0-9]{6}$")


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Users' authenticators (TOTP)."""

    storage: Storage
    clock: Clock
    secrets: Secrets
    session_issuer: SessionIssuer

    async def enrol(self, actor: Actor) -> EnrolmentView:
        """Store a new secret and return it. It is in force only after `confirm`.

        `WrongStatus` while another is in force. `Forbidden` unless the actor signed in within the last 15 minutes,
        because a thief of a token could otherwise lock out the account's owner.
        """
        secret = self.secrets.random_bytes(SECRET_BYTES)
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            user, account = await _lock_account(tx, actor.require_id())
            await require_fresh(tx, actor, at=self.clock.now())
            if account.has_second_factor:
                raise WrongStatus(N_("an authenticator is enrolled already: have it removed first"))
            await tx.accounts.save(account.with_totp(Totp(secret=secret), at=self.clock.now()))
        shown = b32encode(secret).decode().rstrip("=")
        return EnrolmentView(secret=shown, uri=_uri(shown, user.name))

    async def confirm(self, actor: Actor, proof: EnrolmentProof, origin: ClientAddress) -> TokenView:
        """Put the enrolled authenticator in force, end all sessions, and return tokens of a session with second factor.

        `WrongCode` for a wrong code, and after too many wrong ones for a while.
        """
        now = self.clock.now()
        tokens = None
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            user, account = await _lock_account(tx, actor.require_id())
            if account.totp is None or account.has_second_factor:
                raise WrongStatus(N_("enrol an authenticator first"))
            wait = await hit_rate_limit(tx, [(f"enrolment:{user.id}", PER_ACCOUNT)], now)
            confirmed = None if wait else account.totp.confirm(proof.code, at=now)
            if confirmed is not None:
                await tx.accounts.save(account.with_totp(confirmed, at=now))
                await end_sessions(tx, user.id, Ending.SECOND_FACTOR_CHANGED, at=now)
                tokens = await self.session_issuer.open(tx, user.id, user.role, origin, at=now, second_factor=True)
                await tx.audit.add(audit_entry(actor, "account.second_factor_enrolled", at=now, subject=user.id))
        # After the commit, so that the try stays counted.
        if tokens is None:
            raise WrongCode(N_("enter the six digits that the authenticator shows now"))
        return tokens

    async def give(self, actor: Actor, id: UserId) -> str:
        """Give a user an authenticator that is in force at once, and return its secret in base 32.

        `Forbidden` for anybody but the operator. For accounts to try things out with: nobody has scanned its secret.
        """
        _require_operator(actor)
        secret = self.secrets.random_bytes(SECRET_BYTES)
        now = self.clock.now()
        async with self.storage.write() as tx:
            _, account = await _lock_account(tx, id)
            await tx.accounts.save(account.with_totp(Totp(secret=secret, confirmed_at=now), at=now))
            await tx.audit.add(audit_entry(actor, "account.second_factor_enrolled", at=now, subject=id))
        return b32encode(secret).decode().rstrip("=")

    async def remove(self, actor: Actor, id: UserId, reason: str) -> None:
        """Remove another user's authenticator, as when their phone is lost: they sign in by password and enrol again.

        `Forbidden` unless the actor signed in within the last 15 minutes. Nobody removes their own (`WrongStatus`),
        because a thief of a session would do that first.
        """
        actor.require(Permission.CHANGE_ROLES)
        if actor.id == id:
            raise WrongStatus(N_("another administrator or the operator must do that for you"))
        reason = required_text("reason", reason, at_most=LINE_LENGTH)
        now = self.clock.now()
        async with self.storage.write() as tx:
            await lock_administrators(tx, actor)
            await require_fresh(tx, actor, at=now)
            _, account = await _lock_account(tx, id)
            await tx.accounts.save(account.with_totp(None, at=now))
            await end_sessions(tx, id, Ending.SECOND_FACTOR_CHANGED, at=now)
            removed = audit_entry(actor, "account.second_factor_removed", at=now, subject=id, reason=reason)
            await tx.audit.add(removed)


def _require_operator(actor: Actor) -> None:
    if actor.id is not None:
        raise Forbidden(N_("only the operator of the service can do that"))


async def _lock_account(tx: Writing, id: UserId) -> tuple[User, Account]:
    user = await tx.users.get(id)
    account = await tx.accounts.find(id)
    if account is None:
        raise NotFound("account")
    return user, account


def _uri(secret: str, account: str, issuer: str = "ygs") -> str:
    """Return the URI that authenticator apps read (Key URI format)."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"
