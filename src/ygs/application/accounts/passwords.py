"""Passwords: change one, or reset it by a code sent to the phone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ygs.application.accounts.one_time_tokens import OneTimeTokenText, try_code, write_one_time_token
from ygs.application.accounts.sessions import SessionIssuer, TokenView, end_sessions, require_fresh
from ygs.application.accounts.sign_in import SignInCompletion, SignInResult, attempts_key
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.rate_limits import ClientAddress, hit_rate_limit, raise_if_limited
from ygs.application.request_fields import errors_found
from ygs.domain.accounts import Account
from ygs.domain.errors import N_, NotFound, OneTimeTokenSpent, WrongCode, WrongPassword, WrongStatus, YgsError
from ygs.domain.ids import UserId
from ygs.domain.one_time_token import OneTimeToken, OneTimeTokenKind
from ygs.domain.passwords import checked_password, normalised
from ygs.domain.rate_limit import MESSAGES_PER_ADDRESS, MESSAGES_PER_PHONE, PER_ACCOUNT
from ygs.domain.sessions import Ending
from ygs.domain.users import Role, User
from ygs.ports.authentication import Messenger, Passwords, Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.phone_numbers import Phones
from ygs.ports.storage import Storage, Writing


class PasswordChange(BaseModel):
    """The current password (left out by a user without one), and the new one of 15 to 128 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    current: SecretStr | None = Field(default=None, max_length=512)
    new: SecretStr = Field(max_length=512)


class PasswordForgotten(BaseModel):
    """The phone, in any spelling, to which a code is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: str = Field(max_length=40)


class ResetStarted(BaseModel):
    """The started reset. Send this one-time token back with the code, within ten minutes. The reply is the same
    whether or not anybody has that phone."""

    model_config = ConfigDict(frozen=True)

    one_time_token: str


class PasswordReset(BaseModel):
    """The one-time token, the eight digits sent to the phone, and the new password of 15 to 128 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one_time_token: OneTimeTokenText
    code: str = Field(pattern=r"^[0-9]{8}$")
    new: SecretStr = Field(max_length=512)


@dataclass(frozen=True, slots=True)
class PasswordChanges:
    """Sets new passwords. Each new password ends all sessions of the user. One set by a code to the phone also removes
    every other way to sign in."""

    storage: Storage
    clock: Clock
    passwords: Passwords
    secrets: Secrets
    phones: Phones
    messenger: Messenger
    session_issuer: SessionIssuer
    sign_in_completion: SignInCompletion

    async def change(self, actor: Actor, request: PasswordChange, origin: ClientAddress) -> TokenView:
        """Set a new password, end all sessions, and return tokens of a new one for this device.

        `WrongPassword` for a wrong current password. A user without one must have signed in within the last 15 minutes
        (`Forbidden`). The new session counts as old as the one that it replaces, because no second factor was asked
        for.
        """
        user, account = await self._count_change(actor)
        if account.password is not None:
            given = request.current.get_secret_value() if request.current else ""
            if not await self.passwords.verify(normalised(given), account.password):
                raise WrongPassword
        elif user.phone is None:
            raise WrongStatus(N_("a password needs a phone to sign in with: add yours first"))
        encoded = await self.passwords.hash(_checked(request.new, user))
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            user, latest = await self._get(tx, user.id)
            if latest.password != account.password:
                raise WrongPassword
            replaced = await tx.sessions.find(actor.session) if actor.session else None
            await self._set(tx, latest, encoded)
            await tx.rate_limits.forget(f"password_change:{user.id}")
            tokens = await self.session_issuer.open(
                tx, user.id, user.role, origin, at=self.clock.now(), replacing=replaced
            )
            await tx.audit.add(audit_entry(actor, "account.password_changed", at=self.clock.now(), subject=user.id))
        return tokens

    async def request_reset(self, request: PasswordForgotten, origin: ClientAddress) -> ResetStarted:
        """Send a code to the phone if a live user has it.

        `TooManyAttempts` after too many requests for the phone, whether anybody has it or not, or from the network
        address. A second request for a phone does not void the first: each has its own code.
        """
        phone = self.phones.e164(request.phone)
        now = self.clock.now()
        code = self.secrets.code()
        address = origin.hashed(self.secrets)
        async with self.storage.write() as tx:
            user = await tx.users.find_by_phone(phone)
            wait = await hit_rate_limit(tx, [(f"reset:{address}", MESSAGES_PER_ADDRESS)], now)
            known = user is not None and await tx.sessions.knows(user.id, address)
            key = attempts_key(self.secrets, "reset", phone, address, known=known)
            wait = wait or await hit_rate_limit(tx, [(key, MESSAGES_PER_PHONE)], now)
            if not wait:
                one_time_token = await write_one_time_token(
                    tx,
                    self.secrets,
                    OneTimeTokenKind.RESET,
                    at=now,
                    user_id=user.id if user else None,
                    data={"phone": self.secrets.keyed_hash("phone", phone)},
                    code=self.secrets.keyed_hash("reset", code),
                )
        raise_if_limited(wait)
        if user is not None:
            await self.messenger.send(
                phone, f"[ygs] 인증번호 {code} (10분 안에 입력) Your code, for 10 minutes: {code}"
            )
        return ResetStarted(one_time_token=one_time_token)

    async def reset(self, request: PasswordReset, origin: ClientAddress) -> SignInResult:
        """Set a new password by a code sent to the phone, end all sessions, and sign the user in.

        `WrongCode` for a wrong code; after five wrong codes the one-time token is void. The limit on wrong
        passwords is reset.

        All links are removed, and so is a member's authenticator. Somebody who signed up with another person's phone
        may have set them, and could otherwise still sign in, or keep the phone's owner out. An authenticator of staff
        stays: they must still give a code of it, and only another administrator can remove it.
        """
        one_time_token = await self._use_code(request)
        if one_time_token.user_id is None:
            raise WrongCode
        encoded = await self.passwords.hash(normalised(request.new.get_secret_value(), "new"))
        async with self.storage.write() as tx:
            user, account = await self._get(tx, one_time_token.user_id)
            if user.phone is None or self.secrets.keyed_hash("phone", user.phone) != one_time_token.data["phone"]:
                raise WrongCode
            if not user.has_proven_phone:
                # An imported user, or an administrator made at the command line: the code proves their phone.
                await tx.users.save(user.with_phone(user.phone, at=self.clock.now()))
            await end_sessions(tx, user.id, Ending.PASSWORD_CHANGED, at=self.clock.now())
            keep = user.role is not Role.MEMBER
            after = await tx.accounts.save(account.recovered(encoded, keep_totp=keep, at=self.clock.now()))
            for kind in ("password", "reset"):
                await tx.rate_limits.forget(f"{kind}:{self.secrets.keyed_hash(kind, user.phone)}")
            me = Actor.signed_in(user.id, user.role, address=origin.hashed(self.secrets))
            view = await self.sign_in_completion.admit(tx, user.role, after, origin, self.clock)
            await self._audit_reset(tx, me, account, after)
        return view

    async def _audit_reset(self, tx: Writing, me: Actor, before: Account, after: Account) -> None:
        now = self.clock.now()
        whose = before.user_id
        for link in before.links:
            await tx.audit.add(audit_entry(me, "account.unlinked", at=now, subject=whose, what=link.provider.value))
        if before.has_second_factor and not after.has_second_factor:
            await tx.audit.add(audit_entry(me, "account.second_factor_removed", at=now, subject=whose))
        await tx.audit.add(audit_entry(me, "account.password_reset", at=now, subject=whose))

    async def _use_code(self, request: PasswordReset) -> OneTimeToken:
        """Use up the one-time token by the right code, and return it; `WrongCode` for a wrong one.

        A weak password raises before the commit, so that the code can be used again with a better one.
        """
        now = self.clock.now()
        async with self.storage.write() as tx:
            hidden = self.secrets.keyed_hash("reset", request.code)
            one_time_token, right = await try_code(tx, OneTimeTokenKind.RESET, request.one_time_token, hidden, at=now)
            if right and one_time_token.user_id:
                _checked(request.new, (await self._get(tx, one_time_token.user_id))[0])
        if not right:
            raise WrongCode
        return one_time_token

    async def _count_change(self, actor: Actor) -> tuple[User, Account]:
        me = actor.require_id()
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            user, account = await self._get(tx, me)
            if account.password is None:
                await require_fresh(tx, actor, at=self.clock.now())
            wait = await hit_rate_limit(tx, [(f"password_change:{me}", PER_ACCOUNT)], self.clock.now())
        raise_if_limited(wait)
        return user, account

    def errors_in(self, given: Mapping[str, Any]) -> list[YgsError]:
        """Return the errors in these fields of a request that do not depend on the user. Their types are right."""
        return errors_found({"new": lambda it: checked_password(it, field="new")}, given)

    async def _get(self, tx: Writing, id: UserId) -> tuple[User, Account]:
        try:
            user = await tx.users.get(id)
        except NotFound:
            raise OneTimeTokenSpent(N_("start again")) from None
        account = await tx.accounts.find(id)
        if account is None:
            now = self.clock.now()
            account = Account(user_id=id, created_at=now, updated_at=now)
            await tx.accounts.add(account)
            account = await tx.accounts.find(id) or account
        return user, account

    async def _set(self, tx: Writing, account: Account, encoded: str) -> None:
        now = self.clock.now()
        await end_sessions(tx, account.user_id, Ending.PASSWORD_CHANGED, at=now)
        await tx.accounts.save(account.with_password(encoded, at=now))


def _checked(new: SecretStr, user: User) -> str:
    context = (user.name, user.phone or "", user.email or "")
    return checked_password(new.get_secret_value(), context, "new")
