"""The questions of a round: which pairs advice is asked about, and which of them were answered before."""

import asyncio
from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ygs.application.advisor.prompts import PairItem, pair_item
from ygs.application.advisor.rules import AdviceRules
from ygs.domain.advice import PairAdvice, consenting
from ygs.domain.ids import UserId
from ygs.domain.match_weeks import MatchWeek
from ygs.domain.matching.constraints import Terms
from ygs.domain.matching.market import Market
from ygs.domain.matching.plan import Overrides
from ygs.domain.users import User
from ygs.ports.scoring_and_solving import Progress, Scorer
from ygs.ports.storage import Storage

# Pairs that are read, scrubbed and looked up at once: memory depends on this and not on the market.
CHUNK = 200

PairOfMembers: TypeAlias = tuple[UserId, UserId]


@dataclass(frozen=True, slots=True)
class Questions:
    """Some pairs of a round: answers that are stored, and what is still to be asked."""

    pairs: int
    known: Sequence[PairAdvice]
    open: Sequence[PairItem]


def without_advice(market: Market) -> Market:
    """The market as it was before any advice."""
    return replace(market, adjustments=None)


def shortlist(week: MatchWeek, market: Market, rules: AdviceRules, scorer: Scorer, progress: Progress) -> "array[int]":
    """The keys of the pairs to ask about, ascending: the best few eligible ones of each person. Run it in a thread."""
    plain = without_advice(market)
    bonus = Terms.of(plain, week.policy, Overrides()).bonus
    best = scorer.scores(plain, week.policy).best(rules.candidates, bonus, progress)
    return array("q", (a * len(plain) + b for a, b in zip(best.a, best.b, strict=True)))


async def questions(
    storage: Storage, market: Market, keys: Sequence[int], rules: AdviceRules, model: str
) -> AsyncIterator[Questions]:
    """The questions about these pairs, a chunk at a time. Members are read as they are now, with their consents."""
    for start in range(0, len(keys), CHUNK):
        pairs = [_ids(market, key) for key in keys[start : start + CHUNK]]
        async with storage.read(latest=True) as reading:
            users = await reading.users.by_ids(sorted({person for pair in pairs for person in pair}))
        items = await asyncio.to_thread(_items, pairs, users, rules)
        hashes = {each.content_hash(model, rules.language): each for each in items}
        async with storage.read(latest=True) as reading:
            known = await reading.advice.answers(hashes.keys())
        for each in known:
            del hashes[each.content_hash]
        yield Questions(len(pairs), known, list(hashes.values()))


def _ids(market: Market, key: int) -> PairOfMembers:
    a, b = divmod(key, len(market))
    return UserId(market.ids[a]), UserId(market.ids[b])


def _items(pairs: Sequence[PairOfMembers], users: Sequence[User], rules: AdviceRules) -> list[PairItem]:
    """What may be sent about the pairs; takes milliseconds each, hence a thread."""
    people = consenting(users, rules.disclosure)
    both = ((people[a], people[b]) for a, b in pairs if a in people and b in people)
    made = (pair_item(a, b, rules.disclosure) for a, b in both)
    return [item for item in made if item is not None]
