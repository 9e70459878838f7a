"""A member's own use case: what we know of them, what they wish for, what they agreed to, and whether they take
part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.accounts.sessions import close_account
from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.fact_types import (
    LifestyleFacts,
    LifestyleFactsEdit,
    ProfileFacts,
    ProfileFactsEdit,
    Wishes,
    WishesEdit,
)
from ygs.application.facts import Gender, WishModel, merged, values
from ygs.application.request_fields import CheckedText
from ygs.application.versions import require_version
from ygs.domain.errors import N_, Forbidden, InvalidFact, WrongStatus
from ygs.domain.events import IntroductionDecided
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.service_dates import date_at
from ygs.domain.text import ESSAY_LENGTH, LINE_LENGTH
from ygs.domain.users import PROFILE_TEXTS, REQUIRED_CONSENTS, Consent, Purpose, Role, Status, User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage, Writing

_SPELLED: Mapping[Genders, Gender] = {Genders.MALE: "male", Genders.FEMALE: "female"}


class Edit(BaseModel):
    """A change of one's own data; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProfileEdit(Edit):
    """Facts of the profile (null: unknown again) and texts (null removes one)."""

    facts: ProfileFactsEdit = Field(default_factory=dict)
    district: Annotated[str, CheckedText("district", LINE_LENGTH)] | None = None
    school: Annotated[str, CheckedText("school", LINE_LENGTH)] | None = None
    job_title: Annotated[str, CheckedText("job_title", LINE_LENGTH)] | None = None
    introduction: Annotated[str, CheckedText("introduction", ESSAY_LENGTH)] | None = None
    ideal_partner: Annotated[str, CheckedText("ideal_partner", ESSAY_LENGTH)] | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The texts to change; null removes one."""
        return {name: getattr(self, name) or "" for name in self.model_fields_set & PROFILE_TEXTS.keys()}


class LifestyleEdit(Edit):
    """Facts of the lifestyle (null: unknown again)."""

    facts: LifestyleFactsEdit


class Preferences(Edit):
    """Everything one wishes for, replacing what was wished before."""

    wishes: WishesEdit


class ConsentEdit(Edit):
    """Purposes agreed to (with the version of the text that was shown) and purposes withdrawn (null)."""

    consents: dict[Purpose, Annotated[str, Field(min_length=1, max_length=20)] | None] = Field(max_length=len(Purpose))


class Pause(Edit):
    """Sit out until a date, or until resumed."""

    until: date | None = None


class Completeness(BaseModel):
    """What must still be told before the profile can be sent in, and how much of everything is known, 0..100."""

    model_config = ConfigDict(frozen=True)

    missing: list[str]
    percent: int

    @classmethod
    def of(cls, user: User) -> Self:
        """Of one user."""
        return cls(missing=list(user.missing), percent=100 * len(user.facts) // len(VOCABULARY))


class ConsentView(BaseModel):
    """One consent."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    version: str
    given_at: datetime
    withdrawn_at: datetime | None


class MyselfView(BaseModel):
    """All that a user is told of themselves. `phone_proven_at`, `email_proven_at`: when the user proved the contact by
    a code, null for never. `facts` in values of the vocabulary; unknown ones are absent."""

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
        """The view of one user."""
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
            consents={purpose: ConsentView.model_validate(each) for purpose, each in user.consents.items()},
            paused_until=user.paused_until,
            completeness=Completeness.of(user),
            created_at=user.created_at,
            updated_at=user.updated_at,
            version=user.version,
            **{name: getattr(profile, name) for name in PROFILE_TEXTS},
        )


@dataclass(frozen=True, slots=True)
class Members:
    """What users do with their own data. Every edit may name the `version` it was made from: `StaleWrite` if that is
    old."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo

    async def get(self, actor: Actor) -> MyselfView:
        """Everything known of the actor."""
        actor.require(Permission.OWN_PROFILE)
        return MyselfView.of(await self.storage.hot_reads.user(actor.require_id()))

    async def edit_profile(self, actor: Actor, edit: ProfileEdit, version: int | None = None) -> MyselfView:
        """Change facts and texts of the profile. A changed fact is no longer verified.

        `InvalidFact` for making unknown, once the profile was sent in, what it could not have been sent in without.
        """

        def change(user: User, at: datetime) -> User:
            facts = merged(user.profile.facts, edit.facts)
            kept = {code for code in user.profile.verified if facts.get(code) == user.profile.facts[code]}
            profile = replace(user.profile, facts=facts, verified=frozenset(kept), **edit.texts)
            return _as_complete(user, user.edited(at=at, profile=profile))

        return await self._edit(actor, "profile", change, version)

    async def edit_lifestyle(self, actor: Actor, edit: LifestyleEdit, version: int | None = None) -> MyselfView:
        """Change facts of the lifestyle."""

        def change(user: User, at: datetime) -> User:
            facts = merged(user.lifestyle.facts, edit.facts)
            return user.edited(at=at, lifestyle=replace(user.lifestyle, facts=facts))

        return await self._edit(actor, "lifestyle", change, version)

    async def set_preferences(self, actor: Actor, preferences: Preferences, version: int | None = None) -> MyselfView:
        """Replace everything the actor wishes for; `InvalidFact` for wishing nothing once the profile was sent in."""
        wishes = {code: model.wish(code) for code, model in preferences.wishes.items()}

        def change(user: User, at: datetime) -> User:
            return _as_complete(user, user.edited(at=at, wishes=wishes))

        return await self._edit(actor, "wishes", change, version)

    async def set_consents(self, actor: Actor, edit: ConsentEdit, version: int | None = None) -> MyselfView:
        """Give and withdraw consents. Withdrawing the one for sensitive data forgets the sensitive facts at once.

        `WrongStatus` for withdrawing what an account cannot be without: leave instead.
        """

        def change(user: User, at: datetime) -> User:
            consents = _with_consents(user.consents, edit.consents, at)
            if not (Purpose.SENSITIVE in consents and consents[Purpose.SENSITIVE].stands):
                user = _without_sensitive(user)
            return user.edited(at=at, consents=consents)

        return await self._edit(actor, "consents", change, version)

    async def submit(self, actor: Actor) -> MyselfView:
        """Send the profile in for review; `Incomplete` names what is missing."""
        return await self._edit(actor, "submitted", lambda user, at: user.submit(at=at))

    async def pause(self, actor: Actor, pause: Pause) -> MyselfView:
        """Sit out of the coming rounds; `InvalidFact` for a date that is not after today's, in the service's zone."""
        if pause.until is not None and pause.until <= date_at(self.clock.now(), self.zone):
            raise InvalidFact("until", N_("must be a day to come"))
        return await self._edit(actor, "paused", lambda user, at: user.pause(at=at, until=pause.until))

    async def resume(self, actor: Actor) -> MyselfView:
        """Take part again."""
        return await self._edit(actor, "resumed", lambda user, at: user.resume(at=at))

    async def withdraw(self, actor: Actor) -> None:
        """Leave: sessions end now, waiting introductions are cancelled, and the data is erased after retention.

        The suspended may leave too; review then knows them again by their contacts. Staff may leave only once they are
        members again: what staff did must stay somebody's.
        """
        actor.require(Permission.OWN_ACCOUNT)
        if actor.role is not Role.MEMBER:
            raise Forbidden(N_("staff cannot leave: ask an administrator to make you a member first"))
        me = actor.require_id()
        now = self.clock.now()
        async with self.storage.write() as tx:
            user = await tx.users.get(me)
            await tx.blocks.keep_after_withdrawal(user)
            await tx.introductions.keep_after_withdrawal(user, now)
            await _keep_suspension(tx, user, now)
            await tx.users.save(user.withdraw(at=now))
            await cancel_waiting(tx, me, now)
            await close_account(tx, me, at=now)
            await tx.audit.add(audit_entry(actor, "member.withdrawn", at=now, subject=me))

    async def _edit(
        self,
        actor: Actor,
        what: str,
        change: Callable[[User, datetime], User],
        version: int | None = None,
    ) -> MyselfView:
        actor.require(Permission.OWN_PROFILE)
        me = actor.require_id()
        now = self.clock.now()
        async with self.storage.write() as tx:
            user = await tx.users.get(me)
            require_version(user, version)
            saved = await tx.users.save(change(user, now))
            await tx.audit.add(audit_entry(actor, "member.edited", at=now, subject=me, what=what))
        return MyselfView.of(saved)


def gender_codes(genders: Genders) -> list[Gender]:
    """Genders as the API spells them."""
    return [spelled for gender, spelled in _SPELLED.items() if gender in genders]


async def cancel_waiting(tx: Writing, id: UserId, at: datetime) -> None:
    """Take back a leaving user's introductions that still wait for answers; the others hear of it."""
    waiting = [each for each in await tx.introductions.of_user(id) if each.state is IntroductionState.WAITING]
    await tx.introductions.save_all([each.cancel(at=at) for each in waiting])
    await tx.outbox.add([IntroductionDecided(each.other(id), each.id) for each in waiting], at)


async def _keep_suspension(tx: Writing, user: User, at: datetime) -> None:
    """Let review know a suspended user again who leaves, and one who was known again under all their contacts now."""
    left = at if user.status is Status.SUSPENDED else (await tx.suspensions.of([user.id])).get(user.id)
    if left is not None:
        await tx.suspensions.keep_after_withdrawal(user, left)


def _as_complete(before: User, after: User) -> User:
    """`after`, unless it lacks what a profile that was sent in had; what was imported without it may stay without."""
    lost = [code for code in after.missing if code not in before.missing]
    if lost and before.status not in (Status.DRAFT, Status.REJECTED):
        raise InvalidFact(lost[0], N_("is needed to take part and can be changed, but not taken back"))
    return after


def _with_consents(
    old: Mapping[Purpose, Consent], changes: Mapping[Purpose, str | None], at: datetime
) -> dict[Purpose, Consent]:
    consents = dict(old)
    for purpose, version in changes.items():
        if version is not None:
            if purpose in old and old[purpose].stands and old[purpose].version == version:
                continue  # Sent again: what was agreed to long ago was not agreed to today.
            consents[purpose] = Consent(purpose=purpose, version=version, given_at=at)
        elif purpose in REQUIRED_CONSENTS:
            raise WrongStatus(
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
