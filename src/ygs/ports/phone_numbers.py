"""Phone numbers: parsing what people write."""

from typing import Protocol


class Phones(Protocol):
    """Parses phone numbers."""

    def e164(self, text: str) -> str:
        """The number in E.164 ("+821012345678"), read as it is written in the country of the service.

        Spelling variants of one number give the same result. `InvalidFact` for an impossible number, and for letters,
        extensions and exponents: nothing is guessed. A landline is allowed: the number is a contact, not a login.
        """
        ...

    def textable(self, text: str) -> str:
        """Like `e164`, and `InvalidFact` for a number that cannot receive a text message.

        Sign-up, sign-in and codes use it. Korea: mobile numbers only; elsewhere also numbers that may be mobile.
        """
        ...
