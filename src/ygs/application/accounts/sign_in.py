"""Sign-in by password, Firebase or Kakao, and the second factor.

Every refusal of a password costs one hash and raises the same error, so it reveals nothing about the account.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr

from ygs.application.accounts.identity_providers import FirebaseProof, IdentityProviders, KakaoProof, KakaoStart
from ygs.application.accounts.one_time_tokens import OneTimeTokenText, find_one_time_token, write_one_time_token
from ygs.application.accounts.sessions import SessionIssuer, TokenView
from ygs.application.actors import Actor
from ygs.application.audit.log import audit_entry
from ygs.application.rate_limits import ClientAddress, hit_rate_limit, raise_if_limited
from ygs.domain.accounts import Account
from ygs.domain.errors import N_, NotFound, OneTimeTokenSpent, SignInRefused, WrongCode
from ygs.domain.ids import UserId
from ygs.domain.one_time_token import OneTimeTokenKind
from ygs.domain.passwords import normalised
from ygs.domain.rate_limit import PER_ACCOUNT, PER_ADDRESS
from ygs.domain.users import Role
from ygs.ports.authentication import Identity, Passwords, Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.phone_numbers import Phones
from ygs.ports.repositories.sessions import Caller
from ygs.ports.storage import Storage, Writing


class PasswordSignIn(BaseModel):
    """A phone, in any spelling, and the password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: str = Field(max_length=40)
    password: SecretStr = Field(max_length=512)


class CodeSignIn(BaseModel):
    """The one-time token of the first step, and the six digits that the authenticator shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one_time_token: OneTimeTokenText
    code: str = Field(pattern=r"^[0-9]{6}$")


class SignInState(StrEnum):
    """The state of a sign-in after a step."""

    SIGNED_IN = "signed_in"
    SIGN_UP_NEEDED = "sign_up_needed"
    SECOND_FACTOR_NEEDED = "second_factor_needed"


class SignedInResult(BaseModel):
    """The sign-in is complete."""

    model_config = ConfigDict(frozen=True)

    state: Literal[SignInState.SIGNED_IN] = SignInState.SIGNED_IN
    tokens: TokenView


class SignUpNeeded(BaseModel):
    """No account is linked to the proven identity yet: sign up with the one-time token."""

    model_config = ConfigDict(frozen=True)

    state: Literal[SignInState.SIGN_UP_NEEDED] = SignInState.SIGN_UP_NEEDED
    one_time_token: str = Field(description="For POST /auth/signup/token, within ten minutes.")


class SecondFactorAsked(BaseModel):
    """The account has an authenticator: complete the sign-in with a code of it and the one-time token."""

    model_config = ConfigDict(frozen=True)

    state: Literal[SignInState.SECOND_FACTOR_NEEDED] = SignInState.SECOND_FACTOR_NEEDED
    one_time_token: str = Field(description="For POST /auth/login/code, within ten minutes.")


class SignInResult(
    RootModel[Annotated[SignedInResult | SignUpNeeded | SecondFactorAsked, Field(discriminator="state")]]
):
    """The result of a step, by `state`: tokens, or a one-time token for the next step."""

    model_config = ConfigDict(frozen=True)

    @property
    def state(self) -> SignInState:
        """The state, which tells the three kinds of results apart."""
        return self.root.state

    @property
    def tokens(self) -> TokenView | None:
        """The tokens, if signed in."""
        return self.root.tokens if isinstance(self.root, SignedInResult) else None

    @property
    def one_time_token(self) -> str | None:
        """The one-time token for the next step, if there is one."""
        return None if isinstance(self.root, SignedInResult) else self.root.one_time_token


@dataclass(frozen=True, slots=True)
class SignInCompletion:
    """Completes the sign-in of a user who passed the first step, or asks for the second factor."""

    session_issuer: SessionIssuer
    secrets: Secrets

    async def admit(
        self, tx: Writing, role: Role, account: Account, origin: ClientAddress, clock: Clock
    ) -> SignInResult:
        """Open a session and return its tokens, or a one-time token if the account has a second factor.

        Call it with the account locked. A sign-in of staff is audited.
        """
        now = clock.now()
        if account.has_second_factor:
            one_time_token = await write_one_time_token(
                tx, self.secrets, OneTimeTokenKind.SECOND_FACTOR, at=now, user_id=account.user_id
            )
            return SignInResult(SecondFactorAsked(one_time_token=one_time_token))
        tokens = await self.session_issuer.open(tx, account.user_id, role, origin, at=now)
        await audit_staff_sign_in(tx, account.user_id, role, origin.hashed(self.secrets), clock)
        return SignInResult(SignedInResult(tokens=tokens))


async def audit_staff_sign_in(tx: Writing, id: UserId, role: Role, address: str, clock: Clock) -> None:
    """Audit a sign-in of staff. Members' are not audited: they are many, and members see only their own data."""
    if role is not Role.MEMBER:
        actor = Actor.signed_in(id, role, address=address)
        await tx.audit.add(audit_entry(actor, "account.signed_in", at=clock.now(), subject=id))


def attempts_key(secrets: Secrets, kind: str, name: str, address: str, *, known: bool) -> str:
    """Return the rate limit key that counts the tries at an account.

    `name` identifies the account, such as its phone. All network addresses share one counter an account, except that
    one from which the user has signed in before (`known`) has its own. So a stranger who uses up the shared counter
    does not lock the user out where they usually sign in; elsewhere they can reset the password by phone.
    """
    key = f"{kind}:{secrets.keyed_hash(kind, name)}"
    return f"{key}:{address}" if known else key


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A counted try. `caller`: the account with that phone, if any; `key`: the counter of its tries."""

    caller: Caller | None
    limited: bool
    key: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign-in by password, Firebase or Kakao."""

    storage: Storage
    clock: Clock
    passwords: Passwords
    secrets: Secrets
    phones: Phones
    identity_providers: IdentityProviders
    sign_in_completion: SignInCompletion

    async def by_password(self, request: PasswordSignIn, origin: ClientAddress) -> SignInResult:
        """Sign in by phone and password.

        The same `SignInRefused` for an unknown phone, a wrong password, an account without a password, one tried too
        often, and a user who left. `TooManyAttempts` for a network address with too many failures.
        """
        phone = self.phones.e164(request.phone)
        password = normalised(request.password.get_secret_value())
        # Only a few passwords are hashed at a time. Queue here, before a transaction is open, where waiting is free.
        async with self.passwords.turn():
            return await self._by_password(phone, password, origin)

    async def _by_password(self, phone: str, password: str, origin: ClientAddress) -> SignInResult:
        address = origin.hashed(self.secrets)
        attempt = await self._count_attempt(phone, address)
        encoded = attempt.caller.password if attempt.caller and not attempt.limited else None
        if not await self.passwords.verify(password, encoded) or not attempt.caller or not encoded:
            raise SignInRefused
        renewed = await self.passwords.hash(password) if self.passwords.outdated(encoded) else None
        async with self.storage.write() as tx:
            role, account = await self._lock_account(tx, attempt.caller.user_id)
            if account.password != encoded:
                raise SignInRefused
            await tx.rate_limits.give_back(f"sign_in:{address}")
            await tx.rate_limits.forget(attempt.key)
            if renewed:
                account = await tx.accounts.save(account.with_password(renewed, at=self.clock.now()))
            return await self.sign_in_completion.admit(tx, role, account, origin, self.clock)

    async def by_firebase(self, proof: FirebaseProof, origin: ClientAddress) -> SignInResult:
        """Sign in by a linked Firebase user, or return a one-time token to sign up with.

        Only a link counts: a Firebase user with the same phone number as a member is not signed in as that member.
        """
        return await self._by_identity(await self.identity_providers.by_firebase(proof, origin), origin)

    async def start_kakao(self, origin: ClientAddress) -> KakaoStart:
        """Start a sign-in by Kakao."""
        return await self.identity_providers.start_kakao(origin)

    async def by_kakao(self, proof: KakaoProof, origin: ClientAddress) -> SignInResult:
        """Sign in by a linked Kakao user, or return a one-time token to sign up with."""
        return await self._by_identity(await self.identity_providers.by_kakao(proof), origin)

    async def by_code(self, request: CodeSignIn, origin: ClientAddress) -> SignInResult:
        """Complete a sign-in by a code of the authenticator.

        `WrongCode` for a wrong or used code, and after too many of the user's over all one-time tokens.
        `OneTimeTokenSpent` after five wrong codes on one one-time token.
        """
        now = self.clock.now()
        async with self.storage.write() as tx:
            one_time_token = await find_one_time_token(
                tx, OneTimeTokenKind.SECOND_FACTOR, request.one_time_token, at=now
            )
            if one_time_token.user_id is None:
                raise OneTimeTokenSpent(N_("start again"))
            role, account = await self._lock_account(tx, one_time_token.user_id)
            who = account.user_id
            address = origin.hashed(self.secrets)
            known = await tx.sessions.knows(who, address)
            key = attempts_key(self.secrets, "second_factor", who, address, known=known)
            wait = await hit_rate_limit(tx, [(key, PER_ACCOUNT)], now)
            proven = account.totp.accept(request.code, at=now) if account.totp and not wait else None
            await tx.one_time_tokens.save(one_time_token.use(at=now) if proven else one_time_token.missed())
            if proven:
                await tx.rate_limits.forget(key)
                await tx.accounts.save(account.with_totp(proven, at=now))
                tokens = await self.sign_in_completion.session_issuer.open(
                    tx, who, role, origin, at=now, second_factor=True
                )
                await audit_staff_sign_in(tx, who, role, address, self.clock)
        # After the commit, so that the try stays counted.
        if not proven:
            raise WrongCode(N_("enter the six digits that the authenticator shows now"))
        return SignInResult(SignedInResult(tokens=tokens))

    async def _count_attempt(self, phone: str, address: str) -> _Attempt:
        """Count a try by password, and find the account with that phone; `TooManyAttempts` for the network address."""
        now = self.clock.now()
        # Read without a lock: `_by_password` reads the account again, locked, once the password has been compared.
        caller = await self.storage.hot_reads.caller(phone, address)
        key = attempts_key(self.secrets, "password", phone, address, known=caller is not None and caller.known)
        async with self.storage.write() as tx:
            address_wait = await hit_rate_limit(tx, [(f"sign_in:{address}", PER_ADDRESS)], now)
            wait = timedelta(0) if address_wait else await hit_rate_limit(tx, [(key, PER_ACCOUNT)], now)
        raise_if_limited(address_wait)
        return _Attempt(caller, bool(wait), key)

    async def _by_identity(self, identity: Identity, origin: ClientAddress) -> SignInResult:
        async with self.storage.write() as tx:
            account = await tx.accounts.find_by_link(identity.provider, identity.subject)
            if account is None:
                data = {"provider": identity.provider.value, "subject": identity.subject}
                one_time_token = await write_one_time_token(
                    tx, self.secrets, OneTimeTokenKind.SIGN_UP, at=self.clock.now(), data=data
                )
                return SignInResult(SignUpNeeded(one_time_token=one_time_token))
            role, account = await self._lock_account(tx, account.user_id)
            if not account.is_linked(identity.provider, identity.subject):
                raise SignInRefused
            return await self.sign_in_completion.admit(tx, role, account, origin, self.clock)

    async def _lock_account(self, tx: Writing, id: UserId) -> tuple[Role, Account]:
        """Lock the user, and return their role and account; `SignInRefused` for one who left.

        A concurrent suspension or change of password then comes wholly before or after this sign-in.
        """
        try:
            role = await tx.users.role(id)
        except NotFound:
            raise SignInRefused from None
        account = await tx.accounts.find(id)
        if account is None:
            raise SignInRefused
        return role, account
