"""The vocabulary as people and front ends read it: every attribute and value with Korean and English labels."""

from pydantic import BaseModel, ConfigDict

from ygs.domain.errors import NotFound
from ygs.domain.matching.attribute import Attribute, Group, Kind, Language
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.reports import Category, Resolution


class ValueView(BaseModel):
    """One value of an attribute."""

    model_config = ConfigDict(frozen=True)

    code: str
    ko: str
    en: str

    @classmethod
    def of(cls, value: Category | Resolution) -> "ValueView":
        """The view of a value that says itself what it is called."""
        return cls(code=value, ko=value.label(Language.KO), en=value.label(Language.EN))


class AttributeView(BaseModel):
    """One attribute. Numbers have `low` and `high` instead of values; `neighbours` are values that are half
    accepted."""

    model_config = ConfigDict(frozen=True)

    code: str
    kind: Kind
    group: Group
    ko: str
    en: str
    sensitive: bool
    low: int | None
    high: int | None
    slack: int
    values: list[ValueView]
    neighbours: dict[str, list[str]]

    @classmethod
    def of(cls, attribute: Attribute) -> "AttributeView":
        """The view of one attribute."""
        return cls(
            code=attribute.code,
            kind=attribute.kind,
            group=attribute.group,
            ko=attribute.name(Language.KO),
            en=attribute.name(Language.EN),
            sensitive=attribute.sensitive,
            low=attribute.low if attribute.is_number else None,
            high=attribute.high if attribute.is_number else None,
            slack=attribute.slack,
            values=[ValueView(code=value.code, ko=value.ko, en=value.en) for value in attribute.values],
            neighbours={code: sorted(near) for code, near in attribute.neighbours.items()},
        )


class ReportVocabulary(BaseModel):
    """The codes of reports: what for, and what became of them."""

    model_config = ConfigDict(frozen=True)

    categories: list[ValueView]
    resolutions: list[ValueView]


def report_vocabulary() -> ReportVocabulary:
    """Every category and resolution."""
    return ReportVocabulary(
        categories=[ValueView.of(each) for each in Category], resolutions=[ValueView.of(each) for each in Resolution]
    )


def vocabulary(attribute: str = "") -> list[AttributeView]:
    """Every attribute in vocabulary order, or the one asked for; `NotFound` when there is none of that code."""
    if attribute and attribute not in VOCABULARY:
        raise NotFound("attribute", attribute)
    return [AttributeView.of(each) for code, each in VOCABULARY.items() if not attribute or code == attribute]
