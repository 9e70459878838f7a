"""The port of the advisor: a language model that answers one prompt with JSON.

An implementation sends what it is given and nothing else, and uses no tools. It decides nothing: whoever calls it
checks every reply as text from a stranger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Stopped(StrEnum):
    """Why a reply is not whole."""

    SAFETY = "safety"
    TOO_LONG = "too_long"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One call: instructions, data that the instructions are about, and the JSON schema of the reply.

    `most_output`: the most tokens of the reply.
    """

    instructions: str
    data: str = field(repr=False)
    reply_schema: Mapping[str, Any] = field(repr=False)
    most_output: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReply:
    """What came back, unchecked: a text, what it cost, and why it is not whole (None when it is)."""

    text: str = field(repr=False)
    input_tokens: int
    output_tokens: int
    stopped: Stopped | None = None


class MatchAdvisor(Protocol):
    """A language model."""

    @property
    def model(self) -> str:
        """The model's name, part of what an answer is stored under; "" where no model is configured."""
        ...

    async def ask(self, prompt: Prompt) -> ModelReply:
        """Answer one prompt, with bounded retries and within a bounded time.

        `Unavailable` when no answer came in time, `NotSetUp` where no model is configured.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
