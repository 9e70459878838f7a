"""Commitments: hashes that a match week publishes, so that members and auditors can check it afterwards.

When a week is locked, before it is planned, each participant becomes a leaf of a Merkle tree: the coded facts and
wishes that the round uses of them, with a salt. A second commitment covers the whole input of the plan. When the week
is published, a second tree has a leaf for each introduction that each participant could get: how far the partner meets
their wishes, or nobody. Its leaves hold no score, no price, no id of a partner and no answer.

Salts are HMACs under one random key for each week. Without the key the hash of a leaf reveals nothing, not even to
somebody who guesses its content. The key is deleted with the week's inputs.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, TypeAlias

from ygs.domain.ids import IntroductionId, WeekId
from ygs.domain.introductions import Condition
from ygs.domain.match_weeks import IsoWeek
from ygs.domain.matching.attribute import Kind
from ygs.domain.matching.market import Genders, Market
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.vocabulary import FACTS, SETS, VOCABULARY
from ygs.domain.matching.wishes import Importance
from ygs.domain.merkle_tree import MerkleTree, leaf_hash

KEY_BYTES = 32
INPUT_FORMAT = "ygs-input/1"
RESULT_FORMAT = "ygs-result/1"
PLAN_INPUT_FORMAT = "ygs-plan-input/1"
_PLAN_INPUT = b"\x02"

# What is hashed: values of the vocabulary, numbers, and lists and mappings of these. No number exceeds 2**53, the most
# that JavaScript can read.
Content: TypeAlias = Mapping[str, Any]
Value: TypeAlias = int | str | Sequence[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """The commitment of one locking of a match week. Roots are 64 hex digits; times are UTC.

    `number` counts the lockings of the week, from 1; the latest is in force. `plan_input` covers snapshot, policy,
    seed and `code_version`. `result_root` and `published_at` are "" and None before publication.
    """

    week_id: WeekId
    number: int
    locked_at: datetime
    code_version: str
    input_root: str
    plan_input: str
    result_root: str = ""
    published_at: datetime | None = None


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def canonical(content: Content) -> bytes:
    """Encode content for hashing: JSON in UTF-8 with sorted keys and without spaces, as by RFC 8785."""
    return _encode(content).encode()


@dataclass(frozen=True, slots=True)
class WeekKey:
    """The secret key of one week, 32 bytes, from which the salts of its leaves are derived."""

    key: bytes

    def input_salt(self, member: str) -> bytes:
        """The salt of a member's input."""
        return self._derived("input", member)

    def result_salt(self, member: str, slot: int) -> bytes:
        """The salt of a member's result; `slot` counts from 1."""
        return self._derived("result", member, str(slot))

    def plan_input_salt(self) -> bytes:
        """The salt of the commitment to the plan's input."""
        return self._derived("plan input")

    def tree(self, kind: str, hashes: Iterable[bytes]) -> MerkleTree:
        """Build the tree of these leaves, padded with hashes that cannot be told from those of leaves."""
        return MerkleTree.of(hashes, lambda n: self._derived(f"padding of {kind}", str(n)))

    def _derived(self, *what: str) -> bytes:
        return hmac.digest(self.key, "|".join(what).encode(), sha256)


def input_text(week: IsoWeek, id: WeekId, market: Market, place: int) -> bytes:
    """Encode the round's data of the participant at a place, in values of the vocabulary, as `canonical` does."""
    facts = ((code, market.facts.get(code) or market.sets[code]) for code in _FACTS_IN_ORDER)
    known = (_fact_text(code, column[place]) for code, column in facts if column[place])
    wishes = ((code, market.wishes[code]) for code in _WISHES_IN_ORDER)
    wished = (
        _wish_text(code, wish.importance[place], wish.low[place], wish.high[place], wish.accepts[place])
        for code, wish in wishes
        if wish.low[place] or wish.accepts[place]
    )
    # Joined from cached texts of facts and wishes, which often repeat: encoding each person whole takes twice as long.
    return _INPUT.format(
        capacity=market.capacity[place],
        due=_encode(bool(market.due[place])),
        facts=",".join(known),
        gender=_encode(_genders(market.genders[place])),
        introduced=market.introduced[place],
        member=_encode(market.ids[place]),
        round=_encode(id),
        seeks=_encode(_genders(market.seeks[place])),
        week=_encode(str(week)),
        weeks_waited=market.weeks_waited[place],
        wishes=",".join(wished),
    ).encode()


_FACTS_IN_ORDER = sorted(attribute.code for attribute in (*FACTS, *SETS))
_WISHES_IN_ORDER = sorted(VOCABULARY)
_INPUT = (
    '{{"capacity":{capacity},"due":{due},"facts":{{{facts}}},"format":"'
    + INPUT_FORMAT
    + '","gender":{gender},"introduced":{introduced},"member":{member},"round":{round},"seeks":{seeks},'
    '"week":{week},"weeks_waited":{weeks_waited},"wishes":{{{wishes}}}}}'
)


@lru_cache(maxsize=100_000)
def _fact_text(code: str, stored: int) -> str:
    return f"{_encode(code)}:{_encode(_value(code, stored))}"


@lru_cache(maxsize=100_000)
def _wish_text(code: str, importance: int, low: int, high: int, accepts: int) -> str:
    return f"{_encode(code)}:{_encode(_wish(code, importance, low, high, accepts))}"


def _value(code: str, stored: int) -> Value:
    """A fact's code as its value, a mask as a list of values; None when unknown."""
    return VOCABULARY[code].read(stored) if stored or VOCABULARY[code].kind is Kind.SET else None


def _wish(code: str, importance: int, low: int, high: int, accepts: int) -> Content:
    attribute = VOCABULARY[code]
    ordinal = attribute.kind is Kind.ORDINAL
    return {
        "importance": Importance(importance).code,
        "low": (attribute.value_of(low) if ordinal else low) if low else None,
        "high": attribute.value_of(high) if ordinal and high else None,
        "any_of": None if ordinal else attribute.values_in(accepts),
    }


@cache
def _genders(bits: int) -> Sequence[str]:
    return [str(gender.name).lower() for gender in Genders if gender in Genders(bits)]


def result_texts(
    week: IsoWeek, id: WeekId, member: str, capacity: int, proofs: Mapping[IntroductionId, Sequence[Condition]]
) -> Iterator[tuple[IntroductionId | None, bytes]]:
    """Encode a participant's results as `canonical` does, one for each introduction that they could get, with its id.

    `proofs`: the member's own conditions, by introduction. Sensitive attributes are left out, because members may not
    read those of others.
    """
    nobody: Sequence[tuple[None, Sequence[Condition]]] = [(None, ())] * (capacity - len(proofs))
    for slot, (introduction, conditions) in enumerate((*sorted(proofs.items()), *nobody), start=1):
        shown = (_condition_text(each) for each in conditions if each.attribute not in _SENSITIVE)
        text = _RESULT.format(
            conditions=",".join(shown),
            introduction=_encode(introduction),
            member=_encode(member),
            round=_encode(id),
            slot=slot,
            week=_encode(str(week)),
        )
        yield introduction, text.encode()


_SENSITIVE = frozenset(attribute.code for attribute in VOCABULARY.values() if attribute.sensitive)


_RESULT = (
    '{{"conditions":[{conditions}],"format":"'
    + RESULT_FORMAT
    + '","introduction":{introduction},"member":{member},"round":{round},"slot":{slot},"week":{week}}}'
)


@lru_cache(maxsize=100_000)
def _condition_text(each: Condition) -> str:
    wish = _wish(each.attribute, each.importance, each.low, each.high, each.accepts)
    value = _value(each.attribute, each.value)
    return _encode({"attribute": each.attribute, **wish, "value": value, "fit": each.fit})


def input_tree(week: IsoWeek, id: WeekId, market: Market, key: WeekKey) -> MerkleTree:
    """The tree over every participant's input."""
    return key.tree("input", _input_leaves(week, id, market, key))


def _input_leaves(week: IsoWeek, id: WeekId, market: Market, key: WeekKey) -> Iterator[bytes]:
    for place, member in enumerate(market.ids):
        yield leaf_hash(key.input_salt(member), input_text(week, id, market, place))


def result_tree(
    week: IsoWeek,
    id: WeekId,
    market: Market,
    proofs: Mapping[str, Mapping[IntroductionId, Sequence[Condition]]],
    key: WeekKey,
) -> MerkleTree:
    """The tree over every participant's results. `proofs`: own conditions by member and introduction."""
    return key.tree("result", _result_leaves(week, id, market, proofs, key))


def _result_leaves(
    week: IsoWeek,
    id: WeekId,
    market: Market,
    proofs: Mapping[str, Mapping[IntroductionId, Sequence[Condition]]],
    key: WeekKey,
) -> Iterator[bytes]:
    for member, capacity in zip(market.ids, market.capacity, strict=True):
        texts = result_texts(week, id, member, capacity, proofs.get(member, {}))
        for slot, (_, text) in enumerate(texts, start=1):
            yield leaf_hash(key.result_salt(member, slot), text)


def plan_input_hash(
    week: IsoWeek, id: WeekId, policy: Policy, seed: int, input_hash: str, code_version: str, salt: bytes
) -> str:
    """Hash all inputs of the plan except staff's overrides, as the commitment to them: 64 hex digits."""
    content = {
        "format": PLAN_INPUT_FORMAT,
        "week": str(week),
        "round": id,
        "input_hash": input_hash,
        "policy": asdict(policy),
        "seed": seed,
        "code_version": code_version,
    }
    return sha256(_PLAN_INPUT + salt + canonical(content)).hexdigest()
