"""Everything about accounts in one place, and letting go of what has served."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from ygs.application.accounts.identity_providers import IdentityProviders
from ygs.application.accounts.linked_identities import LinkedIdentities
from ygs.application.accounts.passwords import PasswordChanges
from ygs.application.accounts.phone_change import PhoneChange
from ygs.application.accounts.roles import Roles
from ygs.application.accounts.second_factor import SecondFactor
from ygs.application.accounts.sessions import Authentication, SessionIssuer, Sessions
from ygs.application.accounts.sign_in import SignIn, SignInCompletion
from ygs.application.accounts.sign_up import SignUp
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import AuditLog
from ygs.application.idempotency import IdempotentRequests
from ygs.domain.idempotency import KEPT_FOR
from ygs.domain.rate_limit import FORGIVEN_AFTER
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

# An address from which somebody signed in is known for this long after the session was over.
SESSIONS_KEPT_FOR = timedelta(days=90)
AUDIT_KEPT_FOR = timedelta(days=730)


class Forgotten(BaseModel):
    """How many rows went."""

    model_config = ConfigDict(frozen=True)

    sessions: int
    one_time_tokens: int
    attempts: int
    commands: int
    audit: int


@dataclass(frozen=True, slots=True)
class ExpiredRows:
    """Letting go of what has served, daily."""

    storage: Storage
    clock: Clock

    async def old(self, actor: Actor) -> Forgotten:
        """Remove sessions over for 90 days, expired one-time tokens, counters nobody is held to, replies of yesterday,
        and the audit log of more than two years ago. Each in a transaction of its own, so that nobody waits for
        all."""
        actor.require(Permission.OPERATE)
        now = self.clock.now()
        async with self.storage.write() as tx:
            sessions = await tx.sessions.purge(now - SESSIONS_KEPT_FOR)
        async with self.storage.write() as tx:
            one_time_tokens = await tx.one_time_tokens.purge(now)
        async with self.storage.write() as tx:
            attempts = await tx.rate_limits.purge(now - FORGIVEN_AFTER)
        async with self.storage.write() as tx:
            commands = await tx.idempotency.purge(now - KEPT_FOR)
        async with self.storage.write() as tx:
            audit = await tx.audit.trim(now - AUDIT_KEPT_FOR)
        return Forgotten(
            sessions=sessions, one_time_tokens=one_time_tokens, attempts=attempts, commands=commands, audit=audit
        )


@dataclass(frozen=True, slots=True)
class AccountUseCases:
    """Every use case about accounts."""

    sign_up: SignUp
    sign_in: SignIn
    authentication: Authentication
    sessions: Sessions
    passwords: PasswordChanges
    phones: PhoneChange
    linked_identities: LinkedIdentities
    second_factor: SecondFactor
    roles: Roles
    audit_log: AuditLog
    idempotent_requests: IdempotentRequests
    expired_rows: ExpiredRows


# What a container must know to make `AccountUseCases`.
USE_CASES = (
    SessionIssuer,
    SignInCompletion,
    IdentityProviders,
    SignUp,
    SignIn,
    Authentication,
    Sessions,
    PasswordChanges,
    PhoneChange,
    LinkedIdentities,
    SecondFactor,
    Roles,
    AuditLog,
    IdempotentRequests,
    ExpiredRows,
    AccountUseCases,
)
