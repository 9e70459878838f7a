"""Signing in without waiting, without a network and without a phone: what stands in for the outside of accounts."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from ygs.adapters.jwt_tokens import JwtTokens
from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.random_and_hmac import SystemSecrets
from ygs.application.accounts.email_change import EmailChange
from ygs.application.accounts.identity_providers import IdentityProviders
from ygs.application.accounts.linked_identities import LinkedIdentities
from ygs.application.accounts.passwords import PasswordChanges
from ygs.application.accounts.phone_change import PhoneChange
from ygs.application.accounts.role_changes import Roles
from ygs.application.accounts.second_factor import SecondFactor
from ygs.application.accounts.sessions import Authentication, SessionIssuer, Sessions, TokenView
from ygs.application.accounts.sign_in import SignIn, SignInCompletion
from ygs.application.accounts.sign_up import PasswordSignUp, PhoneAndPassword, PhoneToProve, SignUp
from ygs.application.audit.log import AuditLog
from ygs.application.audit.read_budgets import AuditWriter, ReadBudgets
from ygs.application.idempotency import IdempotentRequests
from ygs.application.own_members import OwnMembersOnly
from ygs.application.rate_limits import ClientAddress
from ygs.domain.accounts import Provider
from ygs.domain.errors import SignInRefused
from ygs.domain.read_budgets import ReadLimits
from ygs.entrypoints.testing.builders import SEOUL
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.authentication import Identity
from ygs.ports.storage import Storage

KEY = hashlib.sha256(b"a key for tests").digest()


@dataclass
class QuickPasswords:
    """`Passwords` whose hashes cost nothing and hide nothing; `computed` counts them."""

    computed: int = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """At once."""
        yield

    async def hash(self, password: str) -> str:
        """Quick."""
        self.computed += 1
        return _quick(password)

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Quick; an old hash begins with "old"."""
        self.computed += 1
        return encoded is not None and encoded.removeprefix("old") == _quick(password)

    def outdated(self, encoded: str) -> bool:
        """Whether it begins with "old"."""
        return encoded.startswith("old")


def _quick(password: str) -> str:
    return f"quick${hashlib.sha256(password.encode()).hexdigest()}"


@dataclass
class Mailbox:
    """`Messenger` that keeps what is sent: (to, text), in order."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, to: str, text: str) -> None:
        """Keep it."""
        self.sent.append((to, text))

    @property
    def code(self) -> str:
        """The eight digits in the latest text."""
        return _code_in(self.sent[-1][1])

    def take_code(self, phone: str) -> str:
        """The eight digits in the latest text to an E.164 phone, which is removed."""
        latest = max(place for place, (to, _) in enumerate(self.sent) if to == phone)
        return _code_in(self.sent.pop(latest)[1])


def _code_in(text: str) -> str:
    return next(word for word in text.split() if len(word) == 8 and word.isdigit())


@dataclass
class KnownTokens:
    """`Firebase` that knows these ID tokens: token -> subject."""

    subjects: dict[str, str] = field(default_factory=dict)

    async def prove(self, id_token: str) -> Identity:
        """Whose it is."""
        if id_token not in self.subjects:
            raise SignInRefused
        return Identity(Provider.FIREBASE, self.subjects[id_token])


@dataclass
class KnownCodes:
    """`Kakao` that knows these codes, each once: code -> subject. `asked`: what it was sent to prove."""

    subjects: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def authorize_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Shows what a browser would be sent with; never the verifier."""
        return f"https://kakao.invalid/oauth/authorize?state={state}&nonce={nonce}"

    async def prove(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """Whose it is."""
        self.asked.append({"code": code, "nonce": nonce, "verifier": verifier})
        if code not in self.subjects:
            raise SignInRefused
        return Identity(Provider.KAKAO, self.subjects.pop(code))


def an_audit_writer(storage: Storage, **limits: Any) -> AuditWriter:
    """An `AuditWriter` with the default read budgets, or with these `ReadLimits`, in Seoul."""
    return AuditWriter(storage, ReadBudgets(ReadLimits(**limits), SEOUL))


class AccountsKit:
    """Every use case about accounts over one storage, and everything outside of them to script."""

    def __init__(self, storage: Storage, clock: FrozenClock, mailbox: Mailbox | None = None) -> None:
        self.storage = storage
        self.clock = clock
        self.passwords = QuickPasswords()
        self.mailbox = mailbox or Mailbox()
        self.ids = CountingIds()
        self.firebase = KnownTokens()
        self.kakao = KnownCodes()
        phones = LibPhones()
        self.secrets = SystemSecrets(KEY)
        self.tokens = JwtTokens({"test": KEY}, issuer="ygs", audience="ygs-api")
        self.session_issuer = SessionIssuer(self.ids, self.tokens, self.secrets)
        sign_in_completion = SignInCompletion(self.session_issuer, self.secrets)
        self.identity_providers = IdentityProviders(storage, clock, self.secrets, self.firebase, self.kakao)
        self.up = SignUp(
            storage, clock, self.ids, self.passwords, self.secrets, phones, self.mailbox, self.session_issuer, SEOUL
        )
        self.sign_in = SignIn(
            storage, clock, self.passwords, self.secrets, phones, self.identity_providers, sign_in_completion
        )
        self.authentication = Authentication(storage, clock, self.tokens, self.secrets, OwnMembersOnly(False))
        self.sessions = Sessions(storage, clock, self.session_issuer)
        self.changing = PasswordChanges(
            storage, clock, self.passwords, self.secrets, phones, self.mailbox, self.session_issuer, sign_in_completion
        )
        self.changing_phone = PhoneChange(storage, clock, self.secrets, phones, self.mailbox)
        self.changing_email = EmailChange(storage, clock, self.secrets, self.mailbox)
        self.linked_identities = LinkedIdentities(storage, clock, self.identity_providers)
        self.second_factor = SecondFactor(storage, clock, self.secrets, self.session_issuer)
        self.roles = Roles(storage, clock)
        self.log = AuditLog(storage, clock)
        self.idempotent_requests = IdempotentRequests(storage, clock)

    async def join(self, newcomer: PhoneAndPassword, origin: ClientAddress) -> TokenView:
        """Sign up with the code that comes to the phone; its text is removed from the mailbox."""
        started = await self.up.start(PhoneToProve(phone=newcomer.phone), origin)
        proof = {
            "one_time_token": started.one_time_token,
            "code": self.mailbox.take_code(LibPhones().textable(newcomer.phone)),
        }
        return await self.up.by_password(PasswordSignUp.model_validate({**dict(newcomer), **proof}), origin)
