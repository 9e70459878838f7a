"""Phone numbers, as people write them."""

from typing import Protocol


class Phones(Protocol):
    """Knows how numbers are written."""

    def e164(self, text: str) -> str:
        """The number in E.164 ("+821012345678"), read as somebody in the service's country would write it.

        `InvalidFact` for what is no possible number, and for letters, extensions and exponents: nothing is guessed.
        Spelled variants of one number give the same text. The number may be a landline: it is a contact, no login.
        """
        ...

    def textable(self, text: str) -> str:
        """Like `e164`, and `InvalidFact` too for a number that cannot receive a text message.

        Sign-up, logins and codes ask this. Korea: mobile numbers; elsewhere also those that may be fixed or mobile.
        """
        ...
