"""A member's proof about a round: the facts and wishes that it used, and the introductions that it gave them.

The member saves the proof as a file, and checks it with `ygs verify` on any machine, without this service.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.facts import Gender, HowMuch
from ygs.application.rate_limits import hit_rate_limit, raise_if_limited
from ygs.application.rounds.public_record import CommitmentView, Hash
from ygs.domain.commitments import Commitment, WeekKey, canonical, input_text, result_texts
from ygs.domain.errors import NotFound
from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.domain.introductions import Condition, Introduction, IntroductionOrigin
from ygs.domain.match_weeks import IsoWeek, MatchWeek
from ygs.domain.matching.market import Market
from ygs.domain.matching.policy import MOST_CAPACITY
from ygs.domain.merkle_tree import MerkleTree, PathStep, leaf_hash, root_of
from ygs.domain.rate_limit import PROOFS_PER_PERSON
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage

Fact: TypeAlias = int | str | list[str]
# Far above need: a tree of a thousand million leaves has paths of 30 steps.
_LONGEST_PATH = 64


class PathStepView(BaseModel):
    """One step from a leaf to the root: the sibling's hash."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    hash: Hash
    left: bool = Field(description="Whether it is hashed before the present one.")


class WishContent(BaseModel):
    """A wish as the round used it: `low` to `high` for an ordered attribute, `any_of` for any other, of a set at least
    `low` of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    importance: HowMuch
    low: int | str | None = Field(
        description="The least value that is accepted; of a set, how many of `any_of`; null: none, or one."
    )
    high: int | str | None = Field(description="The greatest value that is accepted.")
    any_of: list[str] | None = Field(description="The values that are accepted; null for an ordered attribute.")


class InputContent(BaseModel):
    """A member's data as the round used it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["ygs-input/1"]
    week: str = Field(description="The ISO week, such as 2026-W48.")
    round: str = Field(description="The match week's id.")
    member: str = Field(description="The member's id.")
    gender: list[Gender] = Field(description="The member's gender.")
    seeks: list[Gender] = Field(description="Whom the member seeks.")
    facts: dict[str, Fact] = Field(description="Known facts by attribute, as values of GET /vocabulary.")
    wishes: dict[str, WishContent] = Field(description="Wishes by attribute.")
    weeks_waited: int = Field(description="Rounds since the last introduction, or since joining.")
    introduced: int = Field(description="Introductions so far.")
    due: bool = Field(description="Whether an introduction was promised for this week.")
    capacity: int = Field(description="The most introductions this week.")


class ConditionContent(WishContent):
    """One of the member's wishes, and how far the partner met it."""

    attribute: str = Field(description="The attribute's code in GET /vocabulary.")
    value: Fact | None = Field(description="The partner's value; null when it was unknown.")
    fit: int = Field(description="How far it is met, 0 to 10,000 basis points.")


class ResultContent(BaseModel):
    """One result of the round for a member: an introduction, or none."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["ygs-result/1"]
    week: str = Field(description="The ISO week, such as 2026-W48.")
    round: str = Field(description="The match week's id.")
    member: str = Field(description="The member's id.")
    slot: int = Field(description="Which of the introductions that the member could have, from 1.")
    introduction: str | None = Field(description="The introduction's id; null for nobody.")
    conditions: list[ConditionContent] = Field(description="The member's wishes without those of sensitive attributes.")


class Leaf(BaseModel):
    """A leaf of a Merkle tree, and the path from it to the root.

    The leaf's hash is SHA-256 of a byte 0, the salt, and `content` as JSON in UTF-8 with sorted keys and without
    spaces. An inner node's hash is SHA-256 of a byte 1 and the hashes of its two children.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    content: BaseModel
    salt: Hash = Field(description="32 bytes, hexadecimal. Without them nobody can guess the content from the hash.")
    path: list[PathStepView] = Field(max_length=_LONGEST_PATH, description="The steps to the root, from the leaf on.")

    @classmethod
    def of(cls, text: bytes, salt: bytes, tree: MerkleTree) -> Self:
        """Build the leaf with this content from the tree; `text`: the content as it was hashed."""
        path = tree.path(leaf_hash(salt, text))
        steps = [{"hash": each.hash.hex(), "left": each.left} for each in path]
        return cls.model_validate({"content": json.loads(text), "salt": salt.hex(), "path": steps})

    def root(self) -> str:
        """Compute the root's hash from the leaf and its path."""
        path = [PathStep(bytes.fromhex(each.hash), each.left) for each in self.path]
        content = canonical(self.content.model_dump(mode="json"))
        return root_of(leaf_hash(bytes.fromhex(self.salt), content), path).hex()


class InputLeaf(Leaf):
    """The leaf with a member's data as the round used it."""

    content: InputContent


class ResultLeaf(Leaf):
    """The leaf with one result of the round for a member."""

    content: ResultContent


class RoundProof(BaseModel):
    """A member's proof about a round. It contains their facts and wishes, and some of their partners' facts: keep it
    private."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["ygs-proof/1"] = "ygs-proof/1"
    commitment: CommitmentView
    input: InputLeaf = Field(description="The facts and wishes that the round used.")
    results: list[ResultLeaf] = Field(
        max_length=MOST_CAPACITY, description="What it brought: one for each introduction that the member could have."
    )
    withheld: int = Field(
        ge=0,
        le=MOST_CAPACITY,
        description="Results that are not shown, because the partner left or one blocked the other.",
    )


@dataclass(frozen=True, slots=True)
class _Sources:
    """The stored data that a member's proof is built from."""

    week: MatchWeek
    commitment: Commitment
    key: WeekKey
    snapshot: bytes
    inputs: MerkleTree
    results: MerkleTree | None
    introductions: Sequence[Introduction]
    hidden: frozenset[IntroductionId]


@dataclass(frozen=True, slots=True)
class RoundProofs:
    """The public commitments of rounds, and each member's proof about a round."""

    storage: Storage
    clock: Clock

    async def commitments(
        self, *, after: tuple[WeekId, int] | None = None, limit: int = MOST_PAGE
    ) -> list[CommitmentView]:
        """Return the commitments of all weeks that follow the one with that week and number, the latest first, at most
        `limit` (1..100). Anybody may read them."""
        async with self.storage.read() as reading:
            latest = await reading.commitments.latest(min(limit, MOST_PAGE), after=after)
            weeks = await reading.weeks.iso_weeks({each.week_id for each in latest})
        return [CommitmentView.of(each, weeks[each.week_id]) for each in latest]

    async def get(self, actor: Actor, week: str) -> RoundProof:
        """Return the actor's proof about the round of an ISO week.

        `NotFound` if the actor did not take part, before the week is locked, and once its inputs are deleted, a month
        after it was created. `TooManyAttempts` beyond ten an hour.
        """
        actor.require(Permission.OWN_PROFILE)
        me = actor.require_id()
        iso_week = IsoWeek.parse(week)
        await self._count(me)
        try:
            async with self.storage.read(latest=True) as reading:
                sources = await _sources(reading, me, iso_week)
        except NotFound:
            raise NotFound("proof") from None
        proof = await asyncio.to_thread(_proof, sources, me)
        if proof is None:
            raise NotFound("proof")
        return proof

    async def _count(self, me: UserId) -> None:
        # A proof is expensive: it unpacks the snapshot of the whole market.
        async with self.storage.write() as tx:
            wait = await hit_rate_limit(tx, [(f"proof:{me}", PROOFS_PER_PERSON)], self.clock.now())
        raise_if_limited(wait)


async def _sources(reading: Reading, me: UserId, iso_week: IsoWeek) -> _Sources:
    week = await reading.weeks.find(iso_week)
    if week is None:
        raise NotFound("proof")
    key = await reading.commitments.key(week.id)
    commitment, *_ = await reading.commitments.of_week(week.id)
    mine = [each for each in await reading.introductions.of_user(me) if _by_round(each, week)]
    return _Sources(
        week=week,
        commitment=commitment,
        key=key,
        snapshot=await reading.weeks.snapshot(week.id),
        inputs=await reading.commitments.input_tree(commitment),
        results=await reading.commitments.result_tree(commitment) if commitment.published_at else None,
        introductions=mine,
        hidden=await _hidden(reading, me, mine),
    )


def _by_round(introduction: Introduction, week: MatchWeek) -> bool:
    # Those that staff made beside the round are no part of what the week committed to.
    return introduction.week_id == week.id and introduction.origin is IntroductionOrigin.ROUND


async def _hidden(reading: Reading, me: UserId, mine: Sequence[Introduction]) -> frozenset[IntroductionId]:
    """Return the introductions whose partner the member may not see any more: they left, or one blocks the other."""
    others = [each.other(me) for each in mine]
    here = {user.id for user in await reading.users.by_ids(others)}
    apart = await reading.blocks.between([me, *others])
    return frozenset(each.id for each in mine if each.other(me) not in here or (each.a, each.b) in apart)


def _proof(sources: _Sources, me: UserId) -> RoundProof | None:
    market = Market.from_bytes(sources.snapshot)
    place = market.places().get(me)
    if place is None:
        return None
    week = sources.week
    text = input_text(week.week, week.id, market, place)
    results = list(_results(sources, me, market.capacity[place]))
    return RoundProof(
        commitment=CommitmentView.of(sources.commitment, week.week),
        input=InputLeaf.of(text, sources.key.input_salt(me), sources.inputs),
        results=[each for each in results if each is not None],
        withheld=sum(each is None for each in results),
    )


def _results(sources: _Sources, me: UserId, capacity: int) -> Sequence[ResultLeaf | None]:
    if sources.results is None:
        return []
    proofs: Mapping[IntroductionId, Sequence[Condition]] = {
        each.id: each.proof_of_a if each.a == me else each.proof_of_b for each in sources.introductions
    }
    texts = result_texts(sources.week.week, sources.week.id, me, capacity, proofs)
    return [
        None
        if introduction in sources.hidden
        else ResultLeaf.of(text, sources.key.result_salt(me, slot), sources.results)
        for slot, (introduction, text) in enumerate(texts, start=1)
    ]
