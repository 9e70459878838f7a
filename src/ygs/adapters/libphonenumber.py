"""Phone numbers by Google's libphonenumber."""

import phonenumbers

from ygs.domain.errors import InvalidFact


class LibPhones:
    """`Phones`, for numbers written without a country as in `region` (ISO 3166, upper case)."""

    def __init__(self, region: str = "KR") -> None:
        self._region = region

    def e164(self, text: str) -> str:
        """The number in E.164, or `InvalidFact`."""
        try:
            number = phonenumbers.parse(text, self._region)
        except phonenumbers.NumberParseException as error:
            raise InvalidFact("phone", "is no phone number; write it like 010-1234-5678") from error
        if not phonenumbers.is_valid_number(number):
            raise InvalidFact("phone", "is no phone number that exists; write it like 010-1234-5678")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
