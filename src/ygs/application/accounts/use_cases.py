"""The use cases about accounts, as one object and as a list for the composition root."""

from dataclasses import dataclass

from ygs.application.accounts.email_change import EmailChange
from ygs.application.accounts.expired_rows import ExpiredRows
from ygs.application.accounts.identity_providers import IdentityProviders
from ygs.application.accounts.linked_identities import LinkedIdentities
from ygs.application.accounts.passwords import PasswordChanges
from ygs.application.accounts.phone_change import PhoneChange
from ygs.application.accounts.role_changes import Roles
from ygs.application.accounts.second_factor import SecondFactor
from ygs.application.accounts.sessions import Authentication, SessionIssuer, Sessions
from ygs.application.accounts.sign_in import SignIn, SignInCompletion
from ygs.application.accounts.sign_up import SignUp
from ygs.application.audit.log import AuditLog
from ygs.application.idempotency import IdempotentRequests


@dataclass(frozen=True, slots=True)
class AccountUseCases:
    """Every use case about accounts."""

    sign_up: SignUp
    sign_in: SignIn
    authentication: Authentication
    sessions: Sessions
    passwords: PasswordChanges
    phones: PhoneChange
    emails: EmailChange
    linked_identities: LinkedIdentities
    second_factor: SecondFactor
    roles: Roles
    audit_log: AuditLog
    idempotent_requests: IdempotentRequests
    expired_rows: ExpiredRows


# The classes that the container of the composition root registers to build `AccountUseCases`.
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
    EmailChange,
    LinkedIdentities,
    SecondFactor,
    Roles,
    AuditLog,
    IdempotentRequests,
    ExpiredRows,
    AccountUseCases,
)
