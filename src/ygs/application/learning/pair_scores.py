"""The learned chance of any pairs, so that others can judge it on their own data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ygs.application.actors import Actor, Permission
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.learning.learning import parameters_of
from ygs.domain.errors import N_, LearningRefused, NotFound
from ygs.domain.ids import UserId, user_id
from ygs.domain.learning.pair_chance import ChanceSide, chance_between
from ygs.domain.learning.parameters import ChanceParameters
from ygs.domain.matching.market import Genders
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.scoring import satisfaction
from ygs.domain.users import User
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Reading, Storage


@dataclass(frozen=True, slots=True)
class PairToScore:
    """Two people, and, where they are not members, how satisfied each would be with the other, basis points."""

    iid: str
    pid: str
    satisfaction: int | None = None
    satisfaction_back: int | None = None


@dataclass(frozen=True, slots=True)
class PairScores:
    """Scores pairs of members by what was learned."""

    storage: Storage
    clock: Clock
    audit: AuditWriter

    async def score(self, actor: Actor, pairs: Sequence[PairToScore], *, reason: str) -> list[int]:
        """The chance of a mutual yes of each pair of members, millionths, by the version in use or else the latest.

        Satisfactions are those of the policy in force. Everybody named is audited, with the reason. `NotFound` for
        somebody who is no member; `LearningRefused` when nothing was learned yet.
        """
        actor.require(Permission.EXPORT)
        people = sorted({user_id(person) for pair in pairs for person in (pair.iid, pair.pid)})
        async with self.storage.read() as reading:
            parameters = await _learned(reading)
            policy = (await reading.policies.current()).policy
            found = {user.id: user for user in await reading.users.by_ids(people)}
        for person in people:
            if person not in found:
                raise NotFound("user", person)
        await self.audit.shown(actor, "learning.scored", people, at=self.clock.now(), reason=reason)
        return list(_chances(parameters, policy, found, pairs))


async def _learned(reading: Reading) -> ChanceParameters:
    latest = await reading.learning.versions(1)
    version = await reading.learning.in_use() or next(iter(latest), None)
    if version is None:
        raise LearningRefused(N_("nothing was learned yet: run `ygs learn fit` first"))
    return await parameters_of(reading, version)


def _chances(
    parameters: ChanceParameters, policy: Policy, people: Mapping[UserId, User], pairs: Iterable[PairToScore]
) -> Iterable[int]:
    candidates = {id: user.candidate(capacity=policy.capacity) for id, user in people.items()}  # noqa: A001
    for pair in pairs:
        one = candidates[UserId(pair.iid)]
        other = candidates[UserId(pair.pid)]
        yield chance_between(
            ChanceSide.of(parameters, one.id, one.gender, satisfaction(one, other, policy)),
            ChanceSide.of(parameters, other.id, other.gender, satisfaction(other, one, policy)),
        )


def chances_of_strangers(
    parameters: ChanceParameters, genders: Mapping[str, Genders], pairs: Iterable[PairToScore]
) -> Iterable[int]:
    """The chance of each pair of people who are not members, by a model fitted to answers of theirs.

    A satisfaction that is not given is taken as average. `LearningRefused` for somebody without a gender.
    """
    for pair in pairs:
        for person in (pair.iid, pair.pid):
            if person not in genders:
                raise LearningRefused(N_("nothing is known of {person}: give an answer of theirs"), person=person)
        there = _or_average(parameters, genders[pair.iid], pair.satisfaction)
        back = _or_average(parameters, genders[pair.pid], pair.satisfaction_back)
        yield chance_between(
            ChanceSide.of(parameters, pair.iid, genders[pair.iid], there),
            ChanceSide.of(parameters, pair.pid, genders[pair.pid], back),
        )


def _or_average(parameters: ChanceParameters, gender: Genders, given: int | None) -> int:
    return parameters.rates[gender].centre if given is None else given
