"""Phone numbers by Google's libphonenumber."""

import re
from unicodedata import normalize

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from ygs.domain.errors import N_, InvalidFact
from ygs.domain.text import without_invisible

# libphonenumber also reads vanity letters, extensions and exponents ("1.02211333E9"), each as another number.
_PLAIN = re.compile(r"\+?[\d\s().·\-\u2010-\u2015\u2212\u30fc]+")
_EXPONENT = re.compile(r"[\d.,]+E[+-]?\d+", re.IGNORECASE)
# A number as pandas and others write a column with a blank in it; its decimal is no digit of the phone.
_DECIMAL = re.compile(r"(\d+)\.0+")
_KOREA = 82


class LibPhones:
    """`Phones`, for numbers written without a country as in `region` (ISO 3166, upper case)."""

    def __init__(self, region: str = "KR") -> None:
        self._region = region

    def e164(self, text: str) -> str:
        return _written(self._number(text))

    def textable(self, text: str) -> str:
        number = self._number(text)
        kind = phonenumbers.number_type(number)
        either = kind == PhoneNumberType.FIXED_LINE_OR_MOBILE and number.country_code != _KOREA
        if kind != PhoneNumberType.MOBILE and not either:
            raise InvalidFact("phone", N_("cannot receive a text message; give a mobile number, like 010-1234-5678"))
        return _written(number)

    def _number(self, text: str) -> PhoneNumber:
        plain = normalize("NFKC", without_invisible(text)).strip()
        if not plain:
            raise InvalidFact("phone", N_("must not be empty"))
        if _EXPONENT.fullmatch(plain):
            raise InvalidFact(
                "phone", N_("lost digits in a spreadsheet; format the column as text, and write it again")
            )
        # The apostrophe with which spreadsheets mark a text.
        plain = plain.removeprefix("'")
        if decimal := _DECIMAL.fullmatch(plain):
            plain = decimal[1]
        if not _PLAIN.fullmatch(plain):
            raise InvalidFact("phone", N_("holds letters, or more than one number; write one like 010-1234-5678"))
        try:
            number = phonenumbers.parse(plain, self._region)
        except phonenumbers.NumberParseException as error:
            raise InvalidFact("phone", N_("is no phone number; write it like 010-1234-5678")) from error
        if not phonenumbers.is_valid_number(number) or not _has_all_digits(number):
            raise InvalidFact("phone", N_("is no phone number that exists; write it like 010-1234-5678"))
        return number


def _has_all_digits(number: PhoneNumber) -> bool:
    """Whether a Korean 010 number has the eight digits that each has had since 2004; the library takes seven too."""
    national = phonenumbers.national_significant_number(number)
    return number.country_code != _KOREA or not national.startswith("10") or len(national) == len("1012345678")


def _written(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
