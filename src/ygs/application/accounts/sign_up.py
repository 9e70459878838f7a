"""Sign-up with a proven phone and a password, or by Firebase or Kakao; and the making of administrators.

Sign-up does not reveal who is a member. A code is sent to any phone, and only a caller who sends it back, and so holds
the phone, learns whether another member has it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictInt

from ygs.application.accounts.one_time_tokens import (
    OneTimeTokenText,
    find_one_time_token,
    hash_phone_code,
    use_one_time_token,
    write_one_time_token,
)
from ygs.application.accounts.role_changes import lock_administrators
from ygs.application.accounts.sessions import SessionIssuer, TokenView, require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.facts import Gender, to_genders
from ygs.application.rate_limits import ClientAddress, hit_rate_limit, raise_if_limited
from ygs.application.request_fields import errors_found, raise_together
from ygs.domain.accounts import Account, Link, Provider
from ygs.domain.errors import N_, ConsentMissing, Forbidden, Listed, WrongCode, YgsError
from ygs.domain.ids import UserId
from ygs.domain.one_time_token import OneTimeTokenKind
from ygs.domain.passwords import checked_password, normalised
from ygs.domain.rate_limit import MESSAGES_PER_PHONE, SIGN_UPS_PER_ADDRESS
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH, NAME_LENGTH, required_name, required_text
from ygs.domain.users import (
    REQUIRED_CONSENTS,
    Consent,
    Purpose,
    Role,
    User,
    check_birth_year,
    require_adult,
)
from ygs.ports.authentication import Messenger, Passwords, Secrets
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.phone_numbers import Phones
from ygs.ports.storage import Storage, Writing


class Newcomer(BaseModel):
    """The data that every sign-up needs. `consents`: for each purpose the version of the text that was agreed to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=NAME_LENGTH)
    gender: Gender
    seeks: frozenset[Gender] = Field(min_length=1)
    birth_year: StrictInt
    consents: Mapping[Purpose, str] = Field(default_factory=dict)


class PhoneAndPassword(Newcomer):
    """A newcomer with a phone, in any spelling, and a password of 15 to 128 characters."""

    phone: str = Field(max_length=40)
    password: SecretStr = Field(max_length=512)


class PhoneToProve(BaseModel):
    """The phone to sign up with, in any spelling."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: str = Field(max_length=40)


class SignUpStarted(BaseModel):
    """The started sign-up. Send this one-time token back with the code, within ten minutes. The reply is the same
    whether or not a member has that phone."""

    model_config = ConfigDict(frozen=True)

    one_time_token: str


class PasswordSignUp(PhoneAndPassword):
    """A newcomer with the one-time token of the start, and the eight digits that were sent to the phone."""

    one_time_token: OneTimeTokenText
    code: str = Field(pattern=r"^[0-9]{8}$")


class OneTimeTokenSignUp(Newcomer):
    """A newcomer with the one-time token that a sign-in by Firebase or Kakao returned."""

    one_time_token: OneTimeTokenText


@dataclass(frozen=True, slots=True)
class SignUp:
    """Creates accounts."""

    storage: Storage
    clock: Clock
    ids: Ids
    passwords: Passwords
    secrets: Secrets
    phones: Phones
    messenger: Messenger
    session_issuer: SessionIssuer
    zone: ZoneInfo

    async def start(self, request: PhoneToProve, origin: ClientAddress) -> SignUpStarted:
        """Send a code to the phone, whether or not a member has it.

        `TooManyAttempts` after too many codes to the phone or for the network address.
        """
        phone = self.phones.textable(request.phone)
        now = self.clock.now()
        code = self.secrets.code()
        tries = [
            (f"sign_up:{origin.hashed(self.secrets)}", SIGN_UPS_PER_ADDRESS),
            (f"phone:{self.secrets.keyed_hash('phone', phone)}", MESSAGES_PER_PHONE),
        ]
        async with self.storage.write() as tx:
            if not (wait := await hit_rate_limit(tx, tries, now)):
                hidden = hash_phone_code(self.secrets, phone, code)
                one_time_token = await write_one_time_token(
                    tx, self.secrets, OneTimeTokenKind.SIGN_UP_PHONE, at=now, code=hidden
                )
        raise_if_limited(wait)
        text = f"[ygs] 가입 인증번호 {code} (10분 안에 입력) Your code for signing up, for 10 minutes: {code}"
        await self.messenger.send(phone, text)
        return SignUpStarted(one_time_token=one_time_token)

    async def by_password(self, request: PasswordSignUp, origin: ClientAddress) -> TokenView:
        """Create a user with a phone and a password, and sign them in.

        Before the code is tried: `WeakPassword`, `NotAdult`, and `ConsentMissing` without terms and privacy;
        `InvalidRequest` for several of them. `WrongCode` for a wrong code or another phone; after five of them the
        one-time token is void. `PhoneTaken` if another user has the phone: only a caller who proved to hold it learns
        that.
        """
        raise_together(self.errors_in(dict(request)))
        user = self._user(request, phone=self.phones.textable(request.phone), proven=True)
        password = normalised(request.password.get_secret_value())
        await self._require_code(request, user)
        encoded = await self.passwords.hash(password)
        async with self.storage.write() as tx:
            await use_one_time_token(tx, OneTimeTokenKind.SIGN_UP_PHONE, request.one_time_token, at=user.created_at)
            return await self._join(tx, user, origin, password=encoded)

    async def with_token(self, request: OneTimeTokenSignUp, origin: ClientAddress) -> TokenView:
        """Create a user linked to the identity that the one-time token stands for, and sign them in.

        `LinkTaken` if the identity has been linked to another account meanwhile.
        """
        raise_together(self.errors_in(dict(request)))
        user = self._user(request, phone=None)
        await self._count(origin, user.created_at)
        async with self.storage.write() as tx:
            one_time_token = await use_one_time_token(
                tx, OneTimeTokenKind.SIGN_UP, request.one_time_token, at=user.created_at
            )
            link = Link(Provider(one_time_token.data["provider"]), one_time_token.data["subject"], user.created_at)
            return await self._join(tx, user, origin, links=(link,))

    async def administrator(self, actor: Actor | None, request: PhoneAndPassword) -> UserId:
        """Create an administrator.

        The first needs no actor: the caller has access to the machine. Any other needs an administrator or the operator
        (`Forbidden`). No code is sent: the caller vouches for the phone.
        """
        raise_together(self.errors_in({name: value for name, value in request if name != "consents"}))
        user = self._user(request, phone=self.phones.textable(request.phone), role=Role.ADMIN)
        encoded = await self.passwords.hash(normalised(request.password.get_secret_value()))
        async with self.storage.write() as tx:
            await lock_administrators(tx, actor)
            if await tx.accounts.exists_with_role(Role.ADMIN):
                if actor is None:
                    raise Forbidden(N_("there is an administrator already: ask them to make another"))
                actor.require(Permission.CHANGE_ROLES)
                await require_fresh(tx, actor, at=user.created_at)
            await tx.users.add(user)
            at = user.created_at
            await tx.accounts.add(Account(user_id=user.id, created_at=at, updated_at=at, password=encoded))
            by = actor or Actor.operator()
            await tx.audit.add(audit_entry(by, "account.administrator_made", at=at, subject=user.id))
        return user.id

    def errors_in(self, given: Mapping[str, Any]) -> list[YgsError]:
        """Return the errors in these fields of a request. Their types are right; fields without a rule are skipped."""
        context = [str(given.get("name", ""))]
        with suppress(YgsError):
            context.append(self.phones.textable(str(given.get("phone", ""))))
        return errors_found(
            {
                "name": partial(required_name, "name", at_most=NAME_LENGTH),
                "birth_year": self._check_birth_year,
                "consents": _check_consents,
                "phone": self.phones.textable,
                "password": lambda it: checked_password(_plain(it), context),
            },
            given,
        )

    def _check_birth_year(self, birth_year: int) -> None:
        check_birth_year(birth_year)
        require_adult(birth_year, date_at(self.clock.now(), self.zone))

    async def _require_code(self, request: PasswordSignUp, user: User) -> None:
        """`WrongCode` unless the code was sent to the phone.

        The one-time token is used up later, in the transaction of the sign-up, so that a failure in between does not
        cost anybody their code.
        """
        now = user.created_at
        hidden = hash_phone_code(self.secrets, user.phone or "", request.code)
        async with self.storage.write() as tx:
            found = await find_one_time_token(tx, OneTimeTokenKind.SIGN_UP_PHONE, request.one_time_token, at=now)
            _, right = found.try_code(hidden, at=now)
            if not right:
                await tx.one_time_tokens.save(found.missed())
        # After the commit, so that the try stays counted.
        if not right:
            raise WrongCode

    async def _count(self, origin: ClientAddress, at: datetime) -> None:
        """Count a sign-up by a provider. Successful ones count too: they could fill the service with made-up people."""
        async with self.storage.write() as tx:
            wait = await hit_rate_limit(tx, [(f"sign_up:{origin.hashed(self.secrets)}", SIGN_UPS_PER_ADDRESS)], at)
        raise_if_limited(wait)

    async def _join(
        self,
        tx: Writing,
        user: User,
        origin: ClientAddress,
        *,
        password: str | None = None,
        links: tuple[Link, ...] = (),
    ) -> TokenView:
        at = user.created_at
        await tx.users.add(user)
        await tx.accounts.add(Account(user_id=user.id, created_at=at, updated_at=at, password=password, links=links))
        tokens = await self.session_issuer.open(tx, user.id, user.role, origin, at=at)
        me = Actor.signed_in(user.id, user.role, address=origin.hashed(self.secrets))
        await tx.audit.add(audit_entry(me, "account.signed_up", at=at, subject=user.id))
        return tokens

    def _user(self, request: Newcomer, *, phone: str | None, proven: bool = False, role: Role = Role.MEMBER) -> User:
        now = self.clock.now()
        return User(
            id=UserId(self.ids.make("usr")),
            name=request.name,
            gender=to_genders([request.gender]),
            seeks=to_genders(request.seeks),
            birth_year=request.birth_year,
            phone=phone,
            phone_proven_at=now if proven else None,
            role=role,
            consents=_consents(request.consents, now),
            created_at=now,
            updated_at=now,
        )


def _plain(password: SecretStr | str) -> str:
    return password if isinstance(password, str) else password.get_secret_value()


def _consents(given: Mapping[Purpose, str], at: datetime) -> dict[Purpose, Consent]:
    return {
        purpose: Consent(purpose=purpose, version=required_text("consents", version, at_most=LINE_LENGTH), given_at=at)
        for purpose, version in given.items()
    }


def _check_consents(given: Mapping[Purpose, str]) -> None:
    missing = Listed(purpose for purpose in REQUIRED_CONSENTS if purpose not in given)
    if missing:
        raise ConsentMissing(N_("nothing may be kept without consent to: {names}"), names=missing)
    for version in given.values():
        required_text("consents", version, at_most=LINE_LENGTH)
