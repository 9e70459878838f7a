"""The types of facts and wishes in requests and replies: one property for each attribute of the vocabulary.

OpenAPI then names every attribute, its values or its range; and what is wrong with several attributes is found at once.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, GetCoreSchemaHandler, StrictInt
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from ygs.application.facts import FactValue, WishModel
from ygs.application.request_fields import raise_as_fault
from ygs.domain.matching.attribute import Attribute, Group, Kind
from ygs.domain.matching.vocabulary import VOCABULARY


class AttributeKeys:
    """Makes a dict one of the attributes `codes`, each with the type that `type_of` gives; `name` is its OpenAPI
    schema."""

    def __init__(self, name: str, about: str, codes: Iterable[str], type_of: Callable[[Attribute], Any]) -> None:
        self.codes = tuple(codes)
        self._fields = {code: type_of(VOCABULARY[code]) for code in self.codes}
        self._name = name
        self._about = about

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of a dict with these keys and no others."""
        # For mypy this is no type, and the name would have to be written out.
        typed_dict: Any = TypedDict
        made = typed_dict(self._name, self._fields, total=False)
        made.__doc__ = self._about
        made.__pydantic_config__ = ConfigDict(extra="forbid", use_enum_values=True)
        return handler.generate_schema(made)


def _schema_name(code: str) -> str:
    return "".join(part.capitalize() for part in code.split("_"))


_CODES: Mapping[str, Any] = {
    code: StrEnum(_schema_name(code), {value.code: value.code for value in attribute.values})
    for code, attribute in VOCABULARY.items()
    if not attribute.is_number
}


class CodesOf:
    """Makes a text one of an attribute's codes."""

    def __init__(self, code: str) -> None:
        self._codes = _CODES[code]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of the codes, which are plain text in Python."""
        as_text = core_schema.simple_ser_schema("str")
        return core_schema.no_info_after_validator_function(
            str, handler.generate_schema(self._codes), serialization=as_text
        )


def _fact(attribute: Attribute) -> Any:
    if attribute.is_number:
        return Annotated[StrictInt, Field(ge=attribute.low, le=attribute.high, description=_described(attribute))]
    codes = _CODES[attribute.code]
    if attribute.kind is Kind.SET:
        return Annotated[list[codes], Field(max_length=attribute.size, description=_described(attribute))]  # type: ignore[valid-type]
    return Annotated[codes, Field(description=_described(attribute))]


def _described(attribute: Attribute) -> str:
    if attribute.is_number:
        unit = f" in {attribute.unit_en}" if attribute.unit_en else ""
        return f"{attribute.en}{unit}, {attribute.low} to {attribute.high}."
    many = "any of its codes" if attribute.kind is Kind.SET else "one of its codes"
    return f"{attribute.en}: {many} in GET /vocabulary."


def _edited_fact(attribute: Attribute) -> Any:
    return Annotated[_fact(attribute) | None, Field(description=f"{_described(attribute)} null: unknown again.")]


def _wish(attribute: Attribute) -> Any:
    return Annotated[WishModel, Field(description=f"What is accepted for: {attribute.en}.")]


def _checked_wish(attribute: Attribute) -> Any:
    return Annotated[_wish(attribute), AfterValidator(partial(raise_as_fault, lambda it: it.wish(attribute.code)))]


RegionCode: TypeAlias = Annotated[str, CodesOf("region")]


def _of(group: Group) -> list[str]:
    return [code for code, attribute in VOCABULARY.items() if attribute.group is group]


_SHOWN = [code for group in (Group.PROFILE, Group.LIFESTYLE) for code in _of(group) if not VOCABULARY[code].sensitive]

ProfileFacts: TypeAlias = Annotated[
    dict[str, FactValue], AttributeKeys("ProfileFacts", "Known facts of the profile.", _of(Group.PROFILE), _fact)
]
LifestyleFacts: TypeAlias = Annotated[
    dict[str, FactValue],
    AttributeKeys("LifestyleFacts", "Known facts of the lifestyle.", _of(Group.LIFESTYLE), _fact),
]
PartnerFacts: TypeAlias = Annotated[
    dict[str, FactValue],
    AttributeKeys("PartnerFacts", "Known facts that partners may see; sensitive ones never.", _SHOWN, _fact),
]
ProfileFactsEdit: TypeAlias = Annotated[
    dict[str, FactValue | None],
    AttributeKeys("ProfileFactsEdit", "Facts of the profile to change.", _of(Group.PROFILE), _edited_fact),
]
LifestyleFactsEdit: TypeAlias = Annotated[
    dict[str, FactValue | None],
    AttributeKeys("LifestyleFactsEdit", "Facts of the lifestyle to change.", _of(Group.LIFESTYLE), _edited_fact),
]
FactsCorrection: TypeAlias = Annotated[
    dict[str, FactValue | None],
    AttributeKeys(
        "FactsCorrection",
        "Facts of profile and lifestyle to correct.",
        [*_of(Group.PROFILE), *_of(Group.LIFESTYLE)],
        _edited_fact,
    ),
]
Wishes: TypeAlias = Annotated[
    dict[str, WishModel], AttributeKeys("Wishes", "What is accepted, by attribute.", VOCABULARY, _wish)
]
WishesEdit: TypeAlias = Annotated[
    dict[str, WishModel], AttributeKeys("WishesEdit", "All wishes, by attribute.", VOCABULARY, _checked_wish)
]
