"""What a match week commits to when it is locked and when it is published."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType

from ygs.domain.commitments import (
    KEY_BYTES,
    Commitment,
    WeekKey,
    input_tree,
    plan_input_hash,
    result_tree,
)
from ygs.domain.ids import IntroductionId
from ygs.domain.introductions import Condition, Introduction
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.matching.market import Market
from ygs.domain.merkle_tree import MerkleTree
from ygs.ports.authentication import Secrets
from ygs.ports.storage import Writing

CodeVersion = NewType("CodeVersion", str)


@dataclass(frozen=True, slots=True)
class FrozenMarket:
    """A market as it is stored at locking: its bytes and their hash, and the tree over its people with its key."""

    snapshot: bytes
    input_hash: str
    inputs: MerkleTree
    key: WeekKey


def freeze(week: MatchWeek, market: Market, secrets: Secrets) -> FrozenMarket:
    """Pack and hash a market. It takes seconds for a large one: run it in a thread."""
    key = WeekKey(secrets.random_bytes(KEY_BYTES))
    return FrozenMarket(market.to_bytes(), market.input_hash(), input_tree(week.week, week.id, market, key), key)


async def commit_inputs(
    tx: Writing, week: MatchWeek, frozen: FrozenMarket, version: CodeVersion, at: datetime
) -> Commitment:
    """Store what a week that is being locked commits to, before anybody has planned it."""
    salt = frozen.key.plan_input_salt()
    commitment = Commitment(
        week_id=week.id,
        number=len(await tx.commitments.of_week(week.id)) + 1,
        locked_at=at,
        code_version=version,
        input_root=frozen.inputs.root().hex(),
        plan_input=plan_input_hash(week.week, week.id, week.policy, week.seed, frozen.input_hash, version, salt),
    )
    await tx.commitments.add(commitment, frozen.inputs, frozen.key)
    return commitment


def published_results(week: MatchWeek, snapshot: bytes, made: Iterable[Introduction], key: WeekKey) -> MerkleTree:
    """The tree over what everybody in a locked market gets of these introductions. Run it in a thread."""
    return result_tree(week.week, week.id, Market.from_bytes(snapshot), _proofs(made), key)


def _proofs(made: Iterable[Introduction]) -> Mapping[str, Mapping[IntroductionId, Sequence[Condition]]]:
    proofs: dict[str, dict[IntroductionId, Sequence[Condition]]] = defaultdict(dict)
    for each in made:
        proofs[each.a][each.id] = each.proof_of_a
        proofs[each.b][each.id] = each.proof_of_b
    return proofs


async def commit_results(tx: Writing, commitment: Commitment, results: MerkleTree, at: datetime) -> Commitment:
    """Store what a week that is being published commits to."""
    published = replace(commitment, result_root=results.root().hex(), published_at=at)
    await tx.commitments.publish(published, results)
    return published
