"""Fields of requests that the domain's own rules check, so that all that is wrong in a request is found at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ygs.domain.errors import InvalidRequest, YgsError
from ygs.domain.text import checked_text, required_text

T = TypeVar("T")


def _not_a_number(value: object) -> object:
    """Pydantic takes numbers for seconds since 1970, which no client means by a moment."""
    if isinstance(value, int | float):
        raise PydanticCustomError("datetime_type", "Input should be a valid datetime")
    return value


# A moment as text with its offset from UTC.
Moment = Annotated[AwareDatetime, BeforeValidator(_not_a_number)]


def raise_as_fault(check: Callable[[T], object], value: T) -> T:
    """Return `value` as it is. An error of ours that `check` raises becomes pydantic's, which is reported with all
    others of the request."""
    try:
        check(value)
    except YgsError as error:
        raise PydanticCustomError(error.code, "{message}", {"message": str(error), "error": error}) from error
    return value


class CheckedText:
    """Marks a text of at most `at_most` characters that `checked_text` takes, or `required_text` when it is
    `required`."""

    def __init__(self, field: str, at_most: int, *, required: bool = False) -> None:
        self._field = field
        self._at_most = at_most
        self._check = required_text if required else checked_text

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of such a text."""
        text = core_schema.str_schema(max_length=self._at_most)
        return core_schema.no_info_after_validator_function(self._checked, text)

    def _checked(self, text: str) -> str:
        return raise_as_fault(lambda it: self._check(self._field, it, at_most=self._at_most), text)


def errors_found(checks: Mapping[str, Callable[[Any], object]], given: Mapping[str, Any]) -> list[YgsError]:
    """The errors of all fields that are given and have a check, in the order of the checks."""
    found: list[YgsError] = []
    for name, check in checks.items():
        try:
            if name in given:
                check(given[name])
        except YgsError as error:
            found.append(error)
    return found


def raise_together(errors: Sequence[YgsError]) -> None:
    """Raise the only error as it is, or several as one `InvalidRequest`."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise InvalidRequest(errors)
