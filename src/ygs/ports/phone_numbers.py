"""Phone numbers, as people write them."""

from typing import Protocol


class Phones(Protocol):
    """Knows how numbers are written."""

    def e164(self, text: str) -> str:
        """The number in E.164 ("+821012345678"), read as somebody in the service's country would write it.

        `InvalidFact` for what is no possible number. Spelled variants of one number give the same text.
        """
        ...
