"""The club's policy: what is in force, setting another, and the policies that were in force."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError, model_validator

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change
from ygs.application.request_fields import raise_as_fault
from ygs.application.toml_faults import faults_in, read_toml
from ygs.application.versions import require_version
from ygs.domain.club_policy import ClubPolicy
from ygs.domain.errors import N_, InvalidPolicy
from ygs.domain.matching.policy import AFFINITIES, Affinity, Nearness, Objective, Policy, Strategy
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing

_DEFAULT = Policy()


class AffinitySettings(BaseModel):
    """A symmetric term that the agency adds to both sides' satisfaction."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    attribute: str = Field(max_length=50)
    nearness: Nearness
    weight: StrictInt = Field(ge=1, le=100)
    span: StrictInt = Field(default=1, ge=1, le=255)

    @model_validator(mode="after")
    def _applies(self) -> Self:
        return raise_as_fault(AffinitySettings.affinity, self)

    def affinity(self) -> Affinity:
        """The affinity; `UnknownValue` for no attribute, `InvalidPolicy` when its nearness does not apply to it."""
        return Affinity(**self.model_dump())


class PolicySettings(BaseModel):
    """The rules of a round; a rule that is left out is as in the default policy. `version` is the policy's name."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    version: str = Field(min_length=1, max_length=50)
    unknown_fit: StrictInt = Field(default=_DEFAULT.unknown_fit, ge=0, le=10_000)
    strict_unknown: StrictBool = _DEFAULT.strict_unknown
    floor: StrictInt = Field(default=_DEFAULT.floor, ge=0, le=10_000)
    wait_bonus: StrictInt = Field(default=_DEFAULT.wait_bonus, ge=0, le=2_000)
    longest_wait: StrictInt = Field(default=_DEFAULT.longest_wait, ge=1, le=52)
    capacity: StrictInt = Field(default=_DEFAULT.capacity, ge=1, le=7)
    objective: Objective = _DEFAULT.objective
    strategy: Strategy = _DEFAULT.strategy
    affinities: tuple[AffinitySettings, ...] = Field(
        default=tuple(AffinitySettings.model_validate(each) for each in AFFINITIES), max_length=50
    )

    def policy(self) -> Policy:
        """The policy with these rules; `InvalidPolicy` when they contradict each other."""
        affinities = tuple(each.affinity() for each in self.affinities)
        return Policy(**{**self.model_dump(), "affinities": affinities})


class PolicyView(BaseModel):
    """A policy of the club, in force since a time (UTC). The default policy has version 0 and no such time."""

    model_config = ConfigDict(frozen=True)

    version: int
    since: datetime | None
    policy: PolicySettings

    @classmethod
    def of(cls, stored: ClubPolicy) -> Self:
        """The view of a stored policy."""
        policy = PolicySettings.model_validate(stored.policy)
        return cls(version=stored.version, since=stored.since, policy=policy)


@dataclass(frozen=True, slots=True)
class Policies:
    """The policy that new weeks are planned under, and that people are explained under outside a week."""

    storage: Storage
    clock: Clock

    async def current(self, actor: Actor) -> PolicyView:
        """The policy in force."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            return PolicyView.of(await reading.policies.current())

    async def history(self, actor: Actor, *, after: int | None = None, limit: int = MOST_PAGE) -> list[PolicyView]:
        """The policies that were set, of versions below `after`, the latest first, at most `limit` (1..100)."""
        actor.require(Permission.READ_WEEKS)
        async with self.storage.read() as reading:
            found = await reading.policies.history(min(limit, MOST_PAGE), after=after)
        return [PolicyView.of(each) for each in found]

    async def set(self, actor: Actor, policy: Policy, version: int | None = None) -> PolicyView:
        """Put a policy in force for weeks that are created from now on; existing weeks keep theirs.

        `version`: of the policy in force that the edit was made from (None: any). `StaleWrite` when another is in
        force, `InvalidPolicy` when an earlier policy with other rules has the same name.
        """
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.SET_POLICY) as tx:
            current = await tx.policies.current()
            require_version(current, version)
            await _require_own_name(tx, policy)
            stored = await tx.policies.add(replace(current, policy=policy, since=now))
            await tx.audit.add(audit_entry(actor, "policy.set", at=now, what=f"{stored.version}"))
        return PolicyView.of(stored)


async def _require_own_name(tx: Writing, policy: Policy) -> None:
    """Plans are stored with the name of their policy, so a name must not stand for two sets of rules."""
    async for earlier in _all_policies(tx):
        if earlier.policy.version == policy.version and earlier.policy != policy:
            raise InvalidPolicy(
                N_("the name {name} belongs to a policy with other rules: choose another version"), name=policy.version
            )


async def _all_policies(tx: Writing) -> AsyncIterator[ClubPolicy]:
    """The default policy and all that were ever set."""
    yield ClubPolicy()
    after: int | None = None
    while page := await tx.policies.history(after=after):
        for policy in page:
            yield policy
        after = page[-1].version


def policy_from(document: bytes) -> Policy:
    """The policy that a TOML file describes, other things as in the default.

    `BadFile` for what is not TOML, `InvalidPolicy` naming each line that is wrong.
    """
    text, given = read_toml(document)
    try:
        return PolicySettings.model_validate({"version": _DEFAULT.version, **given}).policy()
    except ValidationError as error:
        faults = faults_in(text, error.errors(), PolicySettings.model_fields)
        raise InvalidPolicy(N_("the policy is wrong:\n- {faults}"), faults=faults) from error
