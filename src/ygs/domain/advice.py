"""Advice about pairs and drafts for staff: what a language model answered, within which bounds it counts, and which
members it may read.

A model may move a pair up or down by a bounded share of the pair's weight, and write drafts that staff read. It decides
nothing else: who may be introduced to whom is computed without it, and no draft is sent or stored by itself.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ygs.domain.ids import UserId
from ygs.domain.users import Purpose, User

# A model answers with a strength of at most this much, for or against a pair.
FULL_STRENGTH = 100
REASON_LENGTH = 200


class PromptItem(StrEnum):
    """What of a member may be put into a prompt."""

    FACTS = "facts"
    INTRODUCTION = "introduction"
    IDEAL_PARTNER = "ideal_partner"
    NOTE = "note"  # staff's note of a consultation; sent only to propose facts


# What a prompt about pairs holds. The note of a consultation is sent only where the settings name it.
TOLD_BY_MEMBERS = frozenset({PromptItem.FACTS, PromptItem.INTRODUCTION, PromptItem.IDEAL_PARTNER})


class DraftKind(StrEnum):
    """What a language model writes for staff; each kind only where the settings name it."""

    SUMMARY = "summary"  # a paragraph about a member, for the consultant
    MESSAGES = "messages"  # to the two of an introduction
    COLUMNS = "columns"  # what the columns of a sheet mean
    FACTS = "facts"  # facts in the note of a consultation


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What members are told before they consent to a language model: who receives what of them, and for how long.

    `versions`: the versions of the consent's text that say exactly this. A consent to another version does not count,
    so that a new recipient needs a new consent. Without a version nobody's data is sent.
    """

    versions: frozenset[str] = frozenset()
    recipient: str = ""
    country: str = ""
    items: frozenset[PromptItem] = TOLD_BY_MEMBERS
    retention_days: int = 30

    def covers(self, user: User) -> bool:
        """Whether the member consented to exactly this, and has not withdrawn it."""
        return user.consents_to(Purpose.LLM) and user.consents[Purpose.LLM].version in self.versions


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAdvice:
    """One stored answer about two members, `a` < `b`.

    `content_hash` covers the two, everything that was sent about them, the prompt's version and the model, so that the
    same question is never paid twice. `strength`: -100 (against) to 100 (for); 0 with an empty reason where the answer
    was of no use.
    """

    content_hash: str
    a: UserId
    b: UserId
    strength: int
    reason: str = field(repr=False)
    created_at: datetime

    def share(self, most: int) -> int:
        """The share of the pair's weight by which it moves, in basis points, where `most` is the greatest allowed."""
        # Towards zero for both signs, so that for and against are bounded alike.
        size = abs(self.strength) * most // FULL_STRENGTH
        return size if self.strength > 0 else -size


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One stored draft for staff: `text`, a JSON document that was checked.

    `content_hash` covers everything that was sent, the prompt's version and the model. `about` and `other`: the members
    that it is about, if any.
    """

    content_hash: str
    text: str = field(repr=False)
    created_at: datetime
    about: UserId | None = None
    other: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceUsage:
    """What advice has taken: calls, tokens, the pairs with a usable answer and those without, and money."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    answered: int = 0
    refused: int = 0

    def __add__(self, other: "AdviceUsage") -> "AdviceUsage":
        return AdviceUsage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            answered=self.answered + other.answered,
            refused=self.refused + other.refused,
        )

    def __sub__(self, other: "AdviceUsage") -> "AdviceUsage":
        return AdviceUsage(
            calls=self.calls - other.calls,
            input_tokens=self.input_tokens - other.input_tokens,
            output_tokens=self.output_tokens - other.output_tokens,
            answered=self.answered - other.answered,
            refused=self.refused - other.refused,
        )

    @property
    def tokens(self) -> int:
        """All tokens, read and written."""
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a model costs, per million tokens read and written, in `currency`."""

    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    currency: str = "USD"

    def cost(self, usage: AdviceUsage) -> Decimal:
        """The price of what was used."""
        return (self.input * usage.input_tokens + self.output * usage.output_tokens) / 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceBudget:
    """The most that the advice of one round may take; a round is planned without whatever does not fit.

    Seconds are of one attempt at it, the rest of the whole round.
    """

    calls: int
    tokens: int
    seconds: int
    cost: Decimal

    def allows(self, usage: AdviceUsage, prices: Prices) -> bool:
        """Whether that much may be used."""
        return usage.calls <= self.calls and usage.tokens <= self.tokens and prices.cost(usage) <= self.cost


def consenting(users: Collection[User], disclosure: Disclosure) -> dict[UserId, User]:
    """Those of the users whom a prompt may be about, by id."""
    return {user.id: user for user in users if disclosure.covers(user)}
