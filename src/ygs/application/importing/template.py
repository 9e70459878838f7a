"""The template of a sheet of members: an empty workbook to fill in, which an import reads without a question."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from ygs.application.actors import Actor, Permission
from ygs.application.importing.wish_rules import GENDER
from ygs.domain.matching.attribute import Attribute, Kind, Language
from ygs.domain.matching.descriptions import pick
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.service_dates import date_at
from ygs.domain.users import ADULT_AGE, EARLIEST_BIRTH_YEAR, PROFILE_TEXTS
from ygs.ports.clock_and_ids import Clock
from ygs.ports.spreadsheets import FormColumn, SheetForm, SheetForms

FILE_NAME = "ygs-members.xlsx"
_SEVERAL = {"ko": "여러 개는 쉼표로 구분", "en": "Several with commas between"}


@dataclass(frozen=True, slots=True)
class ImportTemplate:
    """Makes the template, with headers and answers in Korean or English."""

    forms: SheetForms
    clock: Clock
    zone: ZoneInfo

    async def write(self, actor: Actor, file: str, language: Language, *, sensitive: bool = False) -> None:
        """Write the template to an ``.xlsx`` file.

        `sensitive`: with columns for religion, marital history and children, which a mapping reads only once it states
        the members' consent to that.
        """
        actor.require(Permission.IMPORT)
        columns = tuple(_columns(language, date_at(self.clock.now(), self.zone), sensitive=sensitive))
        form = SheetForm(title=pick(language, ko="회원", en="Members"), columns=columns)
        await asyncio.to_thread(self.forms.write_form, file, form)

    async def download(self, actor: Actor, language: Language, *, sensitive: bool = False) -> bytes:
        """Return the template as the bytes of its file."""
        with TemporaryDirectory() as folder:
            path = Path(folder, FILE_NAME)
            await self.write(actor, str(path), language, sensitive=sensitive)
            return await asyncio.to_thread(path.read_bytes)


def _columns(language: Language, today: date, *, sensitive: bool) -> Iterator[FormColumn]:
    genders = tuple(value.label(language) for value in GENDER.values)
    needed = pick(language, ko="꼭 적어 주세요", en="Needed")
    yield FormColumn(pick(language, ko="이름", en="Name"), note=needed)
    yield FormColumn(pick(language, ko="성별", en="Gender"), note=needed, choices=genders)
    yield _seeks_column(language, genders)
    years = EARLIEST_BIRTH_YEAR, today.year - ADULT_AGE - 1
    yield FormColumn(pick(language, ko="출생 연도", en="Birth year"), note=needed, between=years)
    example = pick(language, ko="예: 010-1234-5678", en="As in 010-1234-5678")
    yield FormColumn(pick(language, ko="휴대폰", en="Phone"), note=example, is_text=True)
    yield FormColumn(pick(language, ko="이메일", en="E-mail"), is_text=True)
    for attribute in VOCABULARY.values():
        if attribute.code != "birth_year" and (sensitive or not attribute.sensitive):
            yield _fact_column(attribute, language)
    for text in PROFILE_TEXTS.values():
        yield FormColumn(pick(language, ko=text.ko, en=text.en), is_text=True)


def _seeks_column(language: Language, genders: tuple[str, ...]) -> FormColumn:
    blank = pick(language, ko="비우면 이성으로 봅니다", en="Left blank: the other gender")
    return FormColumn(pick(language, ko="희망 성별", en="Seeks"), note=blank, choices=(*genders, ", ".join(genders)))


def _fact_column(attribute: Attribute, language: Language) -> FormColumn:
    if attribute.is_number:
        return FormColumn(attribute.name(language), between=(attribute.low, attribute.high))
    several = attribute.kind is Kind.SET
    return FormColumn(
        attribute.name(language),
        note=pick(language, **_SEVERAL) if several else "",
        choices=tuple(value.label(language) for value in attribute.values),
        takes_several=several,
    )
