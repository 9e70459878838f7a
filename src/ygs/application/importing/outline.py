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


class MappedItem(BaseModel):
    """One item of a person, and the columns that give it; none for what is the same for everybody."""

    model_config = ConfigDict(frozen=True)

    item: Bilingual = Field(description="What it is called.")
    columns: list[str] = Field(description="The columns of the sheet.")


class MappingOutline(BaseModel):
    """What a mapping reads, and what it leaves out."""

    model_config = ConfigDict(frozen=True)

    status: Status = Field(description="How members come in.")
    items: list[MappedItem] = Field(description="What is read, in the mapping's order.")
    left_out: list[str] = Field(description="Columns that are ignored.")
    consents: list[Purpose] = Field(description="What members have agreed to.")

    @classmethod
    def of(cls, mapping: FileMapping) -> "MappingOutline":
        """The outline of a mapping."""
        return cls(
            status=mapping.status,
            items=list(_items(mapping)),
            left_out=list(mapping.left_out),
            consents=list(mapping.consents),
        )


def _items(mapping: FileMapping) -> Iterator[MappedItem]:
    for name, source in {**mapping.member.sources, **mapping.facts}.items():
        yield _item(name, "", source.columns)
    for wish in mapping.column_wishes:
        columns = [column for source in wish.sources for column in source.columns]
        yield _item(wish.attribute, "wishes", list(dict.fromkeys(columns)))


def _item(code: str, group: str, columns: Sequence[str]) -> MappedItem:
    def words(language: Language) -> Sequence[str]:
        start = f"{term(group, language)}: " if group else ""
        return [start + _name(code, language)]

    return MappedItem(item=Bilingual.by(words), columns=list(columns))


def _name(code: str, language: Language) -> str:
    if code in PROFILE_TEXTS:
        text = PROFILE_TEXTS[code]
        return pick(language, ko=text.ko, en=text.en)
    attribute = SEEKS if code == SEEKS.code else VOCABULARY.get(code)
    return attribute.name(language) if attribute else term(code, language)
