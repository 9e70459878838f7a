"""What a mapping makes of a file's columns, in words for people who do not read TOML."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.bilingual import Bilingual
from ygs.application.importing.mapping import FileMapping
from ygs.application.importing.wish_rules import SEEKS
from ygs.application.messages.translate import term
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.descriptions import pick
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import PROFILE_TEXTS, Purpose, Status

# What a suggestion writes where it finds no column.
NO_COLUMN = "?"


class MappedItem(BaseModel):
    """One item of a person, and the columns that give it; none for what is the same for everybody."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="Its code, such as `name` or `height_cm`; `wishes.height_cm` for a wish.")
    item: Bilingual = Field(description="What it is called.")
    columns: list[str] = Field(description="The columns of the sheet.")


class MappingOutline(BaseModel):
    """What a mapping reads, and what it leaves out."""

    model_config = ConfigDict(frozen=True)

    status: Status = Field(description="How members come in.")
    items: list[MappedItem] = Field(description="What is read, in the mapping's order.")
    left_out: list[str] = Field(description="Columns that are ignored.")
    columns: list[str] = Field(description="Every column of the sheet: first those of the items.")
    consents: list[Purpose] = Field(description="What members have agreed to.")

    @classmethod
    def of(cls, mapping: FileMapping) -> "MappingOutline":
        """The outline of a mapping."""
        items = list(_items(mapping))
        named = [*(column for item in items for column in item.columns), *mapping.left_out, *sorted(mapping.columns)]
        return cls(
            status=mapping.status,
            items=items,
            left_out=list(mapping.left_out),
            columns=[column for column in dict.fromkeys(named) if column != NO_COLUMN],
            consents=list(mapping.consents),
        )


def _items(mapping: FileMapping) -> Iterator[MappedItem]:
    for name, source in {**mapping.member.sources, **mapping.facts}.items():
        yield MappedItem(code=name, item=item_words(name), columns=list(source.columns))
    for wish in mapping.column_wishes:
        columns = [column for source in wish.sources for column in source.columns]
        code = f"wishes.{wish.attribute}"
        yield MappedItem(code=code, item=item_words(code), columns=list(dict.fromkeys(columns)))


def item_words(item: str) -> Bilingual:
    """What an item is called. `item`: its code."""
    group, _, code = item.rpartition(".")

    def words(language: Language) -> Sequence[str]:
        start = f"{term(group, language)}: " if group else ""
        return [start + _name(code, language)]

    return Bilingual.by(words)


def _name(code: str, language: Language) -> str:
    if code in PROFILE_TEXTS:
        text = PROFILE_TEXTS[code]
        return pick(language, ko=text.ko, en=text.en)
    attribute = SEEKS if code == SEEKS.code else VOCABULARY.get(code)
    return attribute.name(language) if attribute else term(code, language)
