"""Sentences in Korean and English, as replies hold them."""

from collections.abc import Callable, Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict

from ygs.domain.matching.attribute import Language


class Bilingual(BaseModel):
    """The same sentences in both languages, most important first."""

    model_config = ConfigDict(frozen=True)

    ko: list[str]
    en: list[str]

    @classmethod
    def by(cls, sentences: Callable[[Language], Iterable[str]]) -> Self:
        """What `sentences` gives in each language."""
        return cls(ko=list(sentences(Language.KO)), en=list(sentences(Language.EN)))

    def spoken(self, language: Language) -> list[str]:
        """The sentences in one of the two languages."""
        return self.ko if language is Language.KO else self.en
