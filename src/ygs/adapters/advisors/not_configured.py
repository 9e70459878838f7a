"""The advisor of a service without one."""

from ygs.domain.errors import N_, NotSetUp
from ygs.ports.match_advisor import ModelReply, Prompt


class NoAdvisor:
    """`MatchAdvisor` of a service that sends nothing to a language model."""

    model = ""

    async def ask(self, prompt: Prompt) -> ModelReply:
        """Always raise `NotSetUp`."""
        raise NotSetUp(N_("no language model is set up here: set YGS_ADVISOR"))

    async def close(self) -> None:
        """Nothing is open."""
