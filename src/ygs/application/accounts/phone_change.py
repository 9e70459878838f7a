"""Changes of a user's phone: a code sent to the new phone proves that the user has it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.accounts.one_time_tokens import (
    OneTimeTokenText,
    hash_phone_code,
    try_code,
    write_one_time_token,
)
from ygs.application.accounts.sessions import end_sessions, require_fresh
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change, own_user
from ygs.application.rate_limits import ClientAddress, hit_rate_limit, raise_if_limited
from ygs.application.request_fields import errors_found
from ygs.application.versions import require_version
from ygs.domain.contacts import Contact
from ygs.domain.errors import N_, Conflict, Unavailable, WrongCode, YgsError
from ygs.domain.one_time_token import OneTimeTokenKind
from ygs.domain.rate_limit import MESSAGES_PER_ADDRESS, MESSAGES_PER_PHONE
from ygs.domain.sessions import Ending
from ygs.domain.users import User
from ygs.ports.authentication import Messenger, Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.phone_numbers import Phones
from ygs.ports.storage import Storage, Writing

_CHANGED = (
    "[ygs] 회원님의 전화번호가 다른 번호로 바뀌었습니다. 직접 바꾸지 않으셨다면 바로 알려 주세요. "
    "Your phone number here was changed to another. If that was not you, tell us at once."
)


class NewPhone(BaseModel):
    """The new phone, in any spelling."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: str = Field(max_length=40)


class PhoneChangeStarted(BaseModel):
    """The started change. Send this one-time token back with the code, within ten minutes. The reply is the same
    whether or not anybody has that phone."""

    model_config = ConfigDict(frozen=True)

    one_time_token: str


class PhoneProof(BaseModel):
    """The one-time token, the eight digits that were sent to the new phone, and that phone again, because the service
    stored only a hash of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one_time_token: OneTimeTokenText
    code: str = Field(pattern=r"^[0-9]{8}$")
    phone: str = Field(max_length=40)


class PhoneView(BaseModel):
    """The current phone, and the version of the user's data after the change."""

    model_config = ConfigDict(frozen=True)

    phone: str
    version: int


@dataclass(frozen=True, slots=True)
class PhoneChange:
    """Sets a user's first phone, or a new one. The user must have signed in within the last 15 minutes."""

    storage: Storage
    clock: Clock
    secrets: Secrets
    phones: Phones
    messenger: Messenger

    def errors_in(self, given: Mapping[str, Any]) -> list[YgsError]:
        """Return the errors in these fields of a request. Their types are right."""
        return errors_found({"phone": self.phones.textable}, given)

    async def begin(self, actor: Actor, request: NewPhone, origin: ClientAddress) -> PhoneChangeStarted:
        """Send a code to the new phone, whether or not another user has it.

        `Forbidden` unless the actor signed in within the last 15 minutes. `TooManyAttempts` after too many codes for
        the user, from the network address or to the phone.
        """
        actor.require(Permission.OWN_ACCOUNT)
        phone = self.phones.textable(request.phone)
        me = actor.require_id()
        now = self.clock.now()
        code = self.secrets.code()
        tries = [
            (f"phone:{origin.hashed(self.secrets)}", MESSAGES_PER_ADDRESS),
            (f"phone:{me}", MESSAGES_PER_PHONE),
            (f"phone:{self.secrets.keyed_hash('phone', phone)}", MESSAGES_PER_PHONE),
        ]
        async with self.storage.write() as tx:
            user = await own_user(tx, actor, Permission.OWN_ACCOUNT)
            await require_fresh(tx, actor, at=now)
            if user.phone == phone:
                raise Conflict(N_("this is your phone already"))
            if not (wait := await hit_rate_limit(tx, tries, now)):
                hidden = hash_phone_code(self.secrets, phone, code)
                one_time_token = await write_one_time_token(
                    tx, self.secrets, OneTimeTokenKind.PHONE, at=now, user_id=me, code=hidden
                )
        raise_if_limited(wait)
        text = f"[ygs] 전화번호 변경 인증번호 {code} (10분 안에 입력) Your code for a new phone, for 10 minutes: {code}"
        await self.messenger.send(phone, text)
        return PhoneChangeStarted(one_time_token=one_time_token)

    async def confirm(self, actor: Actor, proof: PhoneProof, version: int | None = None) -> PhoneView:
        """Set the new phone, end the sessions of other devices, and send a notice to the old phone.

        `WrongCode` for a wrong code or another phone; after five of them the one-time token is void. `PhoneTaken`
        if another user has the phone: only a caller who proved to hold it learns that. `StaleWrite` for an old
        `version`.
        """
        actor.require(Permission.OWN_ACCOUNT)
        phone = self.phones.textable(proof.phone)
        me = actor.require_id()
        now = self.clock.now()
        before = after = None
        async with begin_change(self.storage, actor, Permission.OWN_ACCOUNT) as tx:
            hidden = hash_phone_code(self.secrets, phone, proof.code)
            _, right = await try_code(tx, OneTimeTokenKind.PHONE, proof.one_time_token, hidden, at=now, of=me)
            if right:
                before = await tx.users.get(me)
                require_version(before, version)
                after = await self._change(tx, actor, before, phone, now)
        # After the commit, so that the try stays counted.
        if before is None or after is None:
            raise WrongCode
        await self._notify_old_phone(before)
        return PhoneView(phone=phone, version=after.version)

    async def _change(self, tx: Writing, actor: Actor, user: User, phone: str, now: datetime) -> User:
        saved = await tx.users.save(user.with_phone(phone, at=now))
        if user.phone is not None:
            await tx.blocks.keep_former_contact(user.id, Contact.phone(user.phone))
        await end_sessions(tx, user.id, Ending.PHONE_CHANGED, at=now, but=actor.session)
        await tx.audit.add(audit_entry(actor, "account.phone_changed", at=now, subject=user.id))
        return saved

    async def _notify_old_phone(self, before: User) -> None:
        if before.phone is not None:
            # The change is committed: a full queue of texts must not make it look as if it had failed.
            with suppress(Unavailable):
                await self.messenger.send(before.phone, _CHANGED)
