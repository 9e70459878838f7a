"""A member's own data: profile, lifestyle, wishes and consents; and submitting, pausing and withdrawing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import own_user
from ygs.application.fact_types import (
    LifestyleFacts,
    LifestyleFactsEdit,
    ProfileFacts,
    ProfileFactsEdit,
    Wishes,
    WishesEdit,
)
from ygs.application.facts import FactValue, Gender, WishModel, merged, values
from ygs.application.members.withdrawal import withdraw_member
from ygs.application.request_fields import CheckedText
from ygs.application.versions import require_version
from ygs.domain.errors import N_, ConsentNeeded, Forbidden, InvalidFact
from ygs.domain.events import Event, member_submitted
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Group
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.service_dates import date_at
from ygs.domain.text import ESSAY_LENGTH, LINE_LENGTH
from ygs.domain.users import PROFILE_TEXTS, REQUIRED_CONSENTS, Consent, Purpose, Role, Status, User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

_SPELLED: Mapping[Genders, Gender] = {Genders.MALE: "male", Genders.FEMALE: "female"}


class Edit(BaseModel):
    """A change of the member's own data. Fields that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProfileEdit(Edit):
    """A change of the profile: facts (null makes one unknown) and texts (null removes one)."""

    facts: ProfileFactsEdit = Field(default_factory=dict)
    district: Annotated[str, CheckedText("district", LINE_LENGTH)] | None = None
    school: Annotated[str, CheckedText("school", LINE_LENGTH)] | None = None
    job_title: Annotated[str, CheckedText("job_title", LINE_LENGTH)] | None = None
    introduction: Annotated[str, CheckedText("introduction", ESSAY_LENGTH)] | None = None
    ideal_partner: Annotated[str, CheckedText("ideal_partner", ESSAY_LENGTH)] | None = None

    @property
    def texts(self) -> dict[str, Any]:
        """Return the texts to change, empty for one to remove."""
        return {name: getattr(self, name) or "" for name in self.model_fields_set & PROFILE_TEXTS.keys()}


class LifestyleEdit(Edit):
    """A change of facts of the lifestyle; null makes one unknown."""

    facts: LifestyleFactsEdit


class Preferences(Edit):
    """All wishes of the member. They replace the wishes before."""

    wishes: WishesEdit


class ConsentEdit(Edit):
    """Consents to give (the version of the text that was shown) and to withdraw (null), by purpose."""

    consents: dict[Purpose, Annotated[str, Field(min_length=1, max_length=20)] | None] = Field(max_length=len(Purpose))


class Pause(Edit):
    """A pause until a date, or until the member resumes."""

    until: date | None = None


class Completeness(BaseModel):
    """The completeness of a profile. `missing`: the codes of what it needs before it can be submitted. `percent`: the
    share of all facts that are known, 0..100."""

    model_config = ConfigDict(frozen=True)

    missing: list[str]
    percent: int

    @classmethod
    def of(cls, user: User) -> Self:
        """Compute the completeness of a user."""
        return cls(missing=list(user.missing), percent=100 * len(user.facts) // len(VOCABULARY))


class ConsentView(BaseModel):
    """A consent, and when it was withdrawn, if it was."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    version: str
    given_at: datetime
    withdrawn_at: datetime | None


class MyselfView(BaseModel):
    """A user's own data. `phone_proven_at`, `email_proven_at`: when the user proved the contact by a code, null for
    never. Facts are values of the vocabulary; unknown ones are absent."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    name: str
    gender: Gender
    seeks: list[Gender]
    birth_year: int
    phone: str | None
    phone_proven_at: datetime | None
    email: str | None
    email_proven_at: datetime | None
    status: Status
    status_reason: str
    profile: ProfileFacts
    district: str
    school: str
    job_title: str
    introduction: str
    ideal_partner: str
    verified: list[str]
    lifestyle: LifestyleFacts
    wishes: Wishes
    consents: dict[Purpose, ConsentView]
    paused_until: date | None
    completeness: Completeness
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, user: User) -> Self:
        """Build the view of a user."""
        profile = user.profile
        return cls(
            id=user.id,
            name=user.name,
            gender=gender_codes(user.gender)[0],
            seeks=gender_codes(user.seeks),
            birth_year=user.birth_year,
            phone=user.phone,
            phone_proven_at=user.phone_proven_at,
            email=user.email,
            email_proven_at=user.email_proven_at,
            status=user.status,
            status_reason=user.status_reason,
            profile=values(profile.facts),
            verified=sorted(profile.verified),
            lifestyle=values(user.lifestyle.facts),
            wishes={code: WishModel.of(wish) for code, wish in user.wishes.items()},
            consents={purpose: _consent_values(each) for purpose, each in user.consents.items()},
            paused_until=user.paused_until,
            completeness=Completeness.of(user),
            created_at=user.created_at,
            updated_at=user.updated_at,
            version=user.version,
            **{name: getattr(profile, name) for name in PROFILE_TEXTS},
        )


def _consent_values(consent: Consent) -> Any:
    """A consent as the view checks it with all the rest; a call for each would take a fifth of the view's time."""
    return {"version": consent.version, "given_at": consent.given_at, "withdrawn_at": consent.withdrawn_at}


@dataclass(frozen=True, slots=True)
class Members:
    """A user's own data. `version`: the version that the caller read; `StaleWrite` if it is old."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo

    async def get(self, actor: Actor) -> MyselfView:
        """Return the actor's own data."""
        actor.require(Permission.OWN_PROFILE)
        return MyselfView.of(await self.storage.hot_reads.user(actor.require_id()))

    async def consents(self, actor: Actor) -> dict[Purpose, ConsentView]:
        """Return what the actor agreed to, and what they withdrew: also to the suspended, who may withdraw the rest."""
        actor.require(Permission.OWN_ACCOUNT)
        async with self.storage.read(latest=True) as reading:
            user = await reading.users.get(actor.require_id())
        return {purpose: ConsentView.model_validate(_consent_values(each)) for purpose, each in user.consents.items()}

    async def edit_profile(self, actor: Actor, edit: ProfileEdit, version: int | None = None) -> MyselfView:
        """Change facts and texts of the profile. A changed fact is no longer verified.

        `InvalidFact` for making unknown, once the profile was sent in, what it could not have been sent in without.
        """

        def change(user: User, at: datetime) -> User:
            profile = replace(user.profile, **edit.texts)
            return with_facts(user.edited(at=at, profile=profile), edit.facts, at=at)

        return await self._edit(actor, "profile", change, version)

    async def edit_lifestyle(self, actor: Actor, edit: LifestyleEdit, version: int | None = None) -> MyselfView:
        """Change facts of the lifestyle."""

        def change(user: User, at: datetime) -> User:
            return with_facts(user, edit.facts, at=at)

        return await self._edit(actor, "lifestyle", change, version)

    async def set_preferences(self, actor: Actor, preferences: Preferences, version: int | None = None) -> MyselfView:
        """Replace all wishes of the actor; `InvalidFact` for none once the profile was submitted."""
        wishes = {code: model.wish(code) for code, model in preferences.wishes.items()}

        def change(user: User, at: datetime) -> User:
            return _require_as_complete(user, user.edited(at=at, wishes=wishes))

        return await self._edit(actor, "wishes", change, version)

    async def set_consents(self, actor: Actor, edit: ConsentEdit, version: int | None = None) -> MyselfView:
        """Give and withdraw consents. Withdrawing the one for sensitive data deletes the sensitive facts at once.

        Whoever is suspended may only withdraw them: that must always be possible. `ConsentNeeded` for withdrawing a
        consent that an account needs: the user can only withdraw altogether.
        """

        def change(user: User, at: datetime) -> User:
            consents = _with_consents(user.consents, edit.consents, at)
            if not (Purpose.SENSITIVE in consents and consents[Purpose.SENSITIVE].stands):
                user = _without_sensitive(user)
            return user.edited(at=at, consents=consents)

        gives = any(edit.consents.values())
        permission = Permission.OWN_PROFILE if gives else Permission.OWN_ACCOUNT
        view = await self._edit(actor, "consents", change, version, permission=permission)
        # The reason of a suspension is for staff only.
        return view.model_copy(update={"status_reason": ""}) if view.status is Status.SUSPENDED else view

    async def submit(self, actor: Actor) -> MyselfView:
        """Submit the profile for review; `Incomplete` names what is missing. A second call changes nothing."""

        def change(user: User, at: datetime) -> User:
            return user if user.status is Status.PENDING else user.submit(at=at)

        return await self._edit(actor, "submitted", change, event=member_submitted)

    async def pause(self, actor: Actor, pause: Pause) -> MyselfView:
        """Take no part in rounds, or change until when; `InvalidFact` for a date that is not after today, by the
        service's time zone."""
        if pause.until is not None and pause.until <= date_at(self.clock.now(), self.zone):
            raise InvalidFact("until", N_("must be a day to come"))
        return await self._edit(actor, "paused", lambda user, at: user.pause(at=at, until=pause.until))

    async def resume(self, actor: Actor) -> MyselfView:
        """End the actor's pause. A second call changes nothing."""

        def change(user: User, at: datetime) -> User:
            return user if user.status is Status.ACTIVE else user.resume(at=at)

        return await self._edit(actor, "resumed", change)

    async def withdraw(self, actor: Actor) -> None:
        """Withdraw from the service: end all sessions, cancel waiting introductions, and mark the user deleted.

        Their data is erased after the retention period. Suspended users may withdraw too; staff who review a new
        profile with one of their contacts see it. Staff must be made members first (`Forbidden`), so that an audited
        action of staff always belongs to an existing account.
        """
        now = self.clock.now()
        async with self.storage.write() as tx:
            user = await own_user(tx, actor, Permission.OWN_ACCOUNT)
            if user.role is not Role.MEMBER:
                raise Forbidden(N_("staff cannot leave: ask an administrator to make you a member first"))
            await withdraw_member(tx, user, now)
            await tx.audit.add(audit_entry(actor, "member.withdrawn", at=now, subject=user.id))

    async def _edit(
        self,
        actor: Actor,
        what: str,
        change: Callable[[User, datetime], User],
        version: int | None = None,
        event: Callable[[User, datetime], Event] | None = None,
        *,
        permission: Permission = Permission.OWN_PROFILE,
    ) -> MyselfView:
        """Save a change of the actor's data; one that changes nothing leaves the version, the log and the outbox."""
        actor.require(permission)
        me = actor.require_id()
        now = self.clock.now()
        async with self.storage.write() as tx:
            user = await own_user(tx, actor, permission)
            require_version(user, version)
            changed = change(user, now)
            if changed.is_unchanged(user):
                return MyselfView.of(user)
            saved = await tx.users.save(changed)
            if user.consents_to(Purpose.LLM) and not saved.consents_to(Purpose.LLM):
                await tx.advice.forget(me)
            if event:
                await tx.outbox.add([event(saved, now)])
            await tx.audit.add(audit_entry(actor, "member.edited", at=now, subject=me, what=what))
        return MyselfView.of(saved)


def with_facts(user: User, changes: Mapping[str, FactValue | None], *, at: datetime) -> User:
    """The user with these facts of profile and lifestyle changed; a changed fact is no longer verified.

    `InvalidFact` for making unknown, once the profile was sent in, what it could not have been sent in without.
    """
    of_profile = {code: value for code, value in changes.items() if VOCABULARY[code].group is Group.PROFILE}
    of_lifestyle = {code: value for code, value in changes.items() if code not in of_profile}
    facts = merged(user.profile.facts, of_profile)
    kept = {code for code in user.profile.verified if facts.get(code) == user.profile.facts[code]}
    profile = replace(user.profile, facts=facts, verified=frozenset(kept))
    lifestyle = replace(user.lifestyle, facts=merged(user.lifestyle.facts, of_lifestyle))
    return _require_as_complete(user, user.edited(at=at, profile=profile, lifestyle=lifestyle))


def gender_codes(genders: Genders) -> list[Gender]:
    """Return genders as the API spells them."""
    return [spelled for gender, spelled in _SPELLED.items() if gender in genders]


def _require_as_complete(before: User, after: User) -> User:
    """Return `after`; `InvalidFact` if it lacks something needed that a submitted profile had before the edit.

    An imported profile may go on lacking what it lacked.
    """
    removed = [code for code in after.missing if code not in before.missing]
    if removed and before.status not in (Status.DRAFT, Status.REJECTED):
        raise InvalidFact(removed[0], N_("is needed to take part and can be changed, but not taken back"))
    return after


def _with_consents(
    old: Mapping[Purpose, Consent], changes: Mapping[Purpose, str | None], at: datetime
) -> dict[Purpose, Consent]:
    consents = dict(old)
    for purpose, version in changes.items():
        if version is not None:
            if purpose in old and old[purpose].stands and old[purpose].version == version:
                continue  # Sent again: keep the date on which it was given first.
            consents[purpose] = Consent(purpose=purpose, version=version, given_at=at)
        elif purpose in REQUIRED_CONSENTS:
            raise ConsentNeeded(
                N_("an account cannot be without the consent for {purpose}; to end it, delete the account"),
                purpose=purpose,
            )
        elif purpose in consents and consents[purpose].stands:
            consents[purpose] = replace(consents[purpose], withdrawn_at=at)
    return consents


def _without_sensitive(user: User) -> User:
    def kept(facts: Mapping[str, int]) -> dict[str, int]:
        return {code: value for code, value in facts.items() if not VOCABULARY[code].sensitive}

    facts = kept(user.profile.facts)
    profile = replace(user.profile, facts=facts, verified=user.profile.verified & facts.keys())
    return replace(user, profile=profile, lifestyle=replace(user.lifestyle, facts=kept(user.lifestyle.facts)))
