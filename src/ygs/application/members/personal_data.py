"""Corrections of personal data: name, gender and whom the member seeks; by staff the birth year, facts, status and role
too.

A locked or published match week is not affected, because its snapshot and its introductions are stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from ygs.application.accounts.role_changes import change_role, require_role_changer
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter, kind_of
from ygs.application.changes import own_user, require_current
from ygs.application.fact_types import FactsCorrection
from ygs.application.facts import FactValue, Gender, to_genders
from ygs.application.members.profile import MyselfView, with_facts
from ygs.application.members.review import DecidedStatus, decide, decided_about, lock_for_decision
from ygs.application.request_fields import CheckedText, errors_found, raise_together
from ygs.application.versions import require_version
from ygs.domain.errors import YgsError
from ygs.domain.files import DocumentState, FileKind
from ygs.domain.ids import UserId
from ygs.domain.service_dates import date_at
from ygs.domain.text import LINE_LENGTH, NAME_LENGTH
from ygs.domain.users import Role, User, check_birth_year, require_adult
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing

# The fields that an identity document proves.
_ON_IDENTITY_DOCUMENTS = frozenset({"name", "birth_year"})
_NO_FACTS: Mapping[str, FactValue | None] = {}


class PersonalDataEdit(BaseModel):
    """A correction. Fields that are left out or null stay as they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, CheckedText("name", NAME_LENGTH, required=True)] | None = None
    gender: Gender | None = None
    seeks: frozenset[Gender] | None = Field(default=None, min_length=1)

    def values(self) -> dict[str, Any]:
        """Return the new values by the names of `User`'s fields."""
        given = {
            "name": self.name,
            "gender": to_genders({self.gender}) if self.gender else None,
            "seeks": to_genders(self.seeks) if self.seeks else None,
        }
        return {name: value for name, value in given.items() if value is not None}


class Correction(PersonalDataEdit):
    """A correction by staff, with its reason for the audit log; the member reads that of a rejection."""

    birth_year: StrictInt | None = None
    status: DecidedStatus | None = None
    role: Role | None = None
    facts: FactsCorrection = Field(default_factory=dict, description="Facts to correct; null makes one unknown.")
    reason: Annotated[str, CheckedText("reason", LINE_LENGTH, required=True)]

    def values(self) -> dict[str, Any]:
        """Return the new values by the names of `User`'s fields."""
        born = {} if self.birth_year is None else {"birth_year": self.birth_year}
        return super().values() | born


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Corrections by members and by staff. `version`: the version that the caller read; `StaleWrite` if it is old."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    audit_writer: AuditWriter

    async def edit(self, actor: Actor, edit: PersonalDataEdit, version: int | None = None) -> MyselfView:
        """Correct the actor's own name, gender or whom they seek.

        A new name ends the verification of the facts that an identity document proved.
        """
        actor.require(Permission.OWN_PROFILE)
        async with self.storage.write() as tx:
            user = await own_user(tx, actor, Permission.OWN_PROFILE)
            require_version(user, version)
            return MyselfView.of(await self._correct(tx, actor, user, edit))

    async def correct(self, actor: Actor, id: UserId, correction: Correction, version: int | None = None) -> MyselfView:
        """Correct another user's data, give them another status or role, or all of it at once.

        A status is given by the decision that leads to it, a role as `Roles` does: everything that follows from these
        does here too. `Forbidden` for the actor's own data, and for that of staff unless the actor may change roles;
        for a role unless the actor signed in within the last 15 minutes.
        """
        actor.require(Permission.EDIT_MEMBERS)
        actor.require_another(id)
        if correction.status is not None:
            actor.require(Permission.REVIEW_MEMBERS)
        now = self.clock.now()
        async with self.storage.write() as tx:
            if correction.role is not None:
                await require_role_changer(tx, actor, id, at=now)
            await lock_for_decision(tx, actor, id)
            await require_current(tx, actor, Permission.EDIT_MEMBERS)
            before = user = await decided_about(tx, actor, id, version)
            await self.audit_writer.require_budget(tx, actor, [id], at=now, kind=kind_of(user))
            user = await self._correct(tx, actor, user, correction, correction.facts, correction.reason)
            if correction.status is not None:
                user = await decide(tx, actor, user, correction.status, correction.reason, at=now, zone=self.zone)
            if correction.role is not None:
                user = await change_role(tx, actor, user, correction.role, at=now, reason=correction.reason)
            if user.version == before.version:
                # Nothing changed, and the reply shows the member's data all the same.
                await tx.audit.add(audit_entry(actor, "member.read", at=now, subject=id))
        return MyselfView.of(user)

    def errors_in(self, given: Mapping[str, Any]) -> list[YgsError]:
        """Return the errors in these fields of a correction. Their types are right."""
        return errors_found({"birth_year": self._check_birth_year}, given)

    def _check_birth_year(self, birth_year: int | None) -> None:
        if birth_year is not None:
            check_birth_year(birth_year)
            require_adult(birth_year, date_at(self.clock.now(), self.zone))

    async def _correct(
        self,
        tx: Writing,
        actor: Actor,
        user: User,
        edit: PersonalDataEdit,
        facts: Mapping[str, FactValue | None] = _NO_FACTS,
        reason: str = "",
    ) -> User:
        now = self.clock.now()
        values = edit.values()
        raise_together(self.errors_in(values))
        after = with_facts(user.edited(at=now, **values), facts, at=now)
        changed = sorted(name for name in values if getattr(after, name) != getattr(user, name))
        changed += sorted(code for code in facts if after.facts.get(code) != user.facts.get(code))
        if not changed:
            return user
        if not _ON_IDENTITY_DOCUMENTS.isdisjoint(changed):
            after = await _without_identity(tx, after, now)
        saved = await tx.users.save(after)
        what = ",".join(changed)
        await tx.audit.add(audit_entry(actor, "member.corrected", at=now, subject=user.id, what=what, reason=reason))
        return saved


async def _without_identity(tx: Writing, user: User, at: datetime) -> User:
    """End the user's verified identity documents, and return the user without the facts that only these verified."""
    documents = await tx.files.documents_of(user.id)
    ending = [each for each in documents if each.kind is FileKind.IDENTITY and each.state is DocumentState.VERIFIED]
    for document in ending:
        await tx.files.save_document(document.end(at=at))
    lost = frozenset[str]().union(*(each.facts for each in ending))
    kept = frozenset[str]().union(*(each.proven(at=at) for each in documents if each not in ending))
    profile = replace(user.profile, verified=user.profile.verified - (lost - kept))
    return user.edited(at=at, profile=profile)
