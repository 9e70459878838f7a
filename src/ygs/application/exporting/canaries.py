"""Canaries: the made-up member in the sheets that an account exports, and whose it is when it turns up."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.exporting.canary_entries import CanaryPerson
from ygs.domain.canaries import Canary
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.domain.users import User
from ygs.ports.authentication import Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.phone_numbers import Phones
from ygs.ports.repositories.directory import SheetLine
from ygs.ports.storage import Storage, Writing

_SEED_BYTES = 7


@dataclass(frozen=True, slots=True)
class CanaryPhones:
    """Phones that the operator owns, in E.164. Without any, sheets have no canary."""

    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeUpPeople:
    """Makes up a member from a seed, as of a moment; the same from the same."""

    make: Callable[[int, datetime], User]


class CanaryOwner(BaseModel):
    """The account whose sheets hold a canary."""

    model_config = ConfigDict(frozen=True)

    canary: UserId = Field(description="The canary's id.")
    account: UserId = Field(description="Whose sheets hold it.")
    made_at: datetime = Field(description="When the first sheet with it was written, UTC.")
    used_at: datetime = Field(description="When the last one was, UTC.")


@dataclass(frozen=True, slots=True)
class Canaries:
    """Use cases of canaries. They are no users: outside every search, count, market and notice."""

    storage: Storage
    clock: Clock
    secrets: Secrets
    known_phones: Phones
    phones: CanaryPhones
    people: MadeUpPeople

    async def line(self, account: UserId | None, *, contacts: bool) -> SheetLine | None:
        """The canary's line in a sheet of members that an account is about to get; None as for `person`."""
        canary = await self.person(account)
        return SheetLine.of(canary.user, contacts=contacts) if canary else None

    async def person(self, account: UserId | None) -> CanaryPerson | None:
        """The canary as a person of a sheet that an account is about to get; made when it is the first one.

        None when the operator set no phones, and for the operator, who holds the data anyway.
        """
        if account is None or not self.phones.numbers:
            return None
        now = self.clock.now()
        async with self.storage.write() as tx:
            canary = await tx.canaries.find(account) or await self._add(tx, account, now)
            await tx.canaries.mark_used(account, now)
        made_up = self.people.make(canary.seed, canary.made_at)
        return CanaryPerson(replace(made_up, id=canary.id, phone=canary.phone), self._other(canary), canary.seed)

    def _other(self, canary: Canary) -> UserId:
        """The id of whoever its entries of two people are with."""
        return self.people.make(canary.seed + 1, canary.made_at).id

    def _marks(self, canary: Canary) -> tuple[str | None, ...]:
        """What of it stands in sheets: its id and phone, and the id of the other."""
        return canary.id, canary.phone, self._other(canary)

    async def _add(self, tx: Writing, account: UserId, now: datetime) -> Canary:
        given = {each.phone for each in await tx.canaries.all()}
        seed = int.from_bytes(self.secrets.random_bytes(_SEED_BYTES))
        canary = Canary(
            id=self.people.make(seed, now).id,
            account=account,
            phone=next((each for each in self.phones.numbers if each not in given), None),
            seed=seed,
            made_at=now,
            used_at=now,
        )
        await tx.canaries.add(canary)
        return canary

    async def owner(self, actor: Actor, text: str) -> CanaryOwner:
        """Whose sheets hold the canary with this id or phone; `NotFound` when none has it. Audited either way."""
        actor.require(Permission.READ_AUDIT)
        mark = text.strip() if text.strip().startswith("usr_") else self.known_phones.e164(text)
        async with begin_change(self.storage, actor, Permission.READ_AUDIT) as tx:
            found = [each for each in await tx.canaries.all() if mark in self._marks(each)]
            what = found[0].id if found else ""
            await tx.audit.add(audit_entry(actor, "canary.looked_up", at=self.clock.now(), what=what))
        if not found:
            raise NotFound("canary")
        return CanaryOwner(
            canary=found[0].id, account=found[0].account, made_at=found[0].made_at, used_at=found[0].used_at
        )
