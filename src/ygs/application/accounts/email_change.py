"""Changes of a member's e-mail address: a code sent to the new address proves that the member reads it."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.accounts.one_time_tokens import OneTimeTokenText, try_code, write_one_time_token
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change, own_user
from ygs.application.rate_limits import ClientAddress, hit_rate_limit, raise_if_limited
from ygs.application.versions import require_version
from ygs.domain.contacts import Contact, ContactKind
from ygs.domain.errors import WrongCode
from ygs.domain.one_time_token import OneTimeTokenKind
from ygs.domain.rate_limit import MESSAGES_PER_ADDRESS, MESSAGES_PER_PHONE
from ygs.domain.users import EMAIL_LENGTH, User
from ygs.ports.authentication import Messenger, Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing


class NewEmail(BaseModel):
    """The new e-mail address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: str = Field(max_length=EMAIL_LENGTH)


class EmailChangeStarted(BaseModel):
    """The started change. Send this one-time token back with the code, within ten minutes."""

    model_config = ConfigDict(frozen=True)

    one_time_token: str


class EmailProof(BaseModel):
    """The one-time token, and the eight digits that were sent to the address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one_time_token: OneTimeTokenText
    code: str = Field(pattern=r"^[0-9]{8}$")


class EmailView(BaseModel):
    """The current e-mail address, and the version of the user's data after the change."""

    model_config = ConfigDict(frozen=True)

    email: str
    version: int


@dataclass(frozen=True, slots=True)
class EmailChange:
    """Sets a user's first e-mail address, or a new one. Addresses are not unique, because nobody signs in by one."""

    storage: Storage
    clock: Clock
    secrets: Secrets
    messenger: Messenger

    async def begin(self, actor: Actor, request: NewEmail, origin: ClientAddress) -> EmailChangeStarted:
        """Send a code to the e-mail address.

        `TooManyAttempts` after too many codes for the user, from the client's network address or to the e-mail address.
        """
        actor.require(Permission.OWN_PROFILE)
        email = Contact.email(request.email).text
        me = actor.require_id()
        now = self.clock.now()
        code = self.secrets.code()
        tries = [
            (f"email:{origin.hashed(self.secrets)}", MESSAGES_PER_ADDRESS),
            (f"email:{me}", MESSAGES_PER_PHONE),
            (f"email:{self.secrets.keyed_hash('email', email)}", MESSAGES_PER_PHONE),
        ]
        async with self.storage.write() as tx:
            await own_user(tx, actor, Permission.OWN_PROFILE)
            if not (wait := await hit_rate_limit(tx, tries, now)):
                hidden = self.secrets.keyed_hash("email_code", code)
                one_time_token = await write_one_time_token(
                    tx, self.secrets, OneTimeTokenKind.EMAIL, at=now, user_id=me, data={"email": email}, code=hidden
                )
        raise_if_limited(wait)
        text = (
            f"[ygs] 이메일 인증번호 {code} (10분 안에 입력) Your code for this e-mail address, for 10 minutes: {code}"
        )
        await self.messenger.send(email, text)
        return EmailChangeStarted(one_time_token=one_time_token)

    async def confirm(self, actor: Actor, proof: EmailProof, version: int | None = None) -> EmailView:
        """Set the new address.

        `WrongCode` for a wrong code; after five wrong codes the one-time token is void. `StaleWrite` for an old
        `version`.
        """
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.OWN_PROFILE) as tx:
            hidden = self.secrets.keyed_hash("email_code", proof.code)
            found, right = await try_code(
                tx, OneTimeTokenKind.EMAIL, proof.one_time_token, hidden, at=now, of=actor.require_id()
            )
            saved = await self._change(tx, actor, found.data["email"], version) if right else None
        # After the commit, so that the try stays counted.
        if saved is None:
            raise WrongCode
        return EmailView(email=found.data["email"], version=saved.version)

    async def _change(self, tx: Writing, actor: Actor, email: str, version: int | None) -> User:
        now = self.clock.now()
        user = await tx.users.get(actor.require_id())
        require_version(user, version)
        saved = await tx.users.save(user.with_email(email, at=now))
        if user.email is not None and user.email.casefold() != email:
            # Keep the old address, so that blocks of it still apply: nobody gets around a block with a new address.
            await tx.blocks.keep_former_contact(user.id, Contact(ContactKind.EMAIL, user.email.casefold()))
        await tx.audit.add(audit_entry(actor, "account.email_changed", at=now, subject=user.id))
        return saved
