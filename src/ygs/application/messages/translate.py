"""Look a message up in the reader's language and fill in its fields.

A message is an English template with named fields, which is also its key (msgid) in the gettext catalogue. In Korean a
field can carry a particle, ``{name:은}``, which takes the form that the filled-in words ask for.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from string import Formatter
from typing import Any

from ygs.application.labels import KOREAN_NAMES, KOREAN_THINGS, LABELS, REASONS
from ygs.application.messages.catalogue import catalogue
from ygs.domain.errors import Listed, Thing, Wait, YgsError
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.korean_particles import PARTICLES, Word
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import PROFILE_TEXTS


def translate(template: str, language: Language, **fields: object) -> str:
    """A message in the reader's language; codes among its fields are shown by their labels."""
    if not template:
        return ""
    found = catalogue(language).gettext(template)
    return _FORMATTERS[language].vformat(found, (), fields) if fields else found


def explain_error(error: YgsError, language: Language) -> str:
    """What exactly is wrong and what to do next; empty for an error that says no more than its headline."""
    said = translate(error.template, language, **error.fields)
    if not error.about:
        return said
    return translate(error.prefix, language, about=error.about) + said


def is_message(text: str) -> bool:
    """Whether a text is one of our own templates, and so neither secret nor made up by a client."""
    return catalogue(Language.KO).gettext(text) != text


def headline(error: YgsError | type[YgsError], language: Language) -> str:
    """What kind of error it is, in a sentence."""
    return translate(error.headline, language)


def term(code: str, language: Language) -> str:
    """The word for an attribute, a field, a state or another code; the code itself where there is none."""
    if language is Language.EN:
        return code
    return _KOREAN.get(code, code)


# The more particular one last: it stands.
_KOREAN: Mapping[str, str] = {
    **{str(code): ko for labels in LABELS.values() for code, (ko, _) in labels.items()},
    **{code: attribute.ko for code, attribute in VOCABULARY.items()},
    **{name: text.ko for name, text in PROFILE_TEXTS.items()},
    **KOREAN_NAMES,
}


_KOREAN_UNITS: Mapping[str, str] = {"hour": "시간", "minute": "분", "second": "초"}


class _English(Formatter):
    """Fields as they are: the English of an error is read by developers too, who know the codes."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return format(_english(value), format_spec)


class _Korean(Formatter):
    """Codes by their labels, and particles after them."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec in PARTICLES:
            return format(Word(_korean(value)), format_spec)
        shown = _korean(value)
        return shown if isinstance(value, Enum | str | tuple | Wait) and not format_spec else format(value, format_spec)


def _english(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _korean(value: object) -> str:
    if isinstance(value, YgsError):
        return explain_error(value, Language.KO)
    if isinstance(value, Wait):
        return " ".join(f"{number}{_KOREAN_UNITS[unit]}" for number, unit in value.parts)
    if isinstance(value, Listed):
        return value.separator.join(map(_korean, value))
    if isinstance(value, Thing) and value in KOREAN_THINGS:
        return KOREAN_THINGS[value]
    if isinstance(value, Enum):
        return _KOREAN_MEMBERS.get((type(value), value), term(str(value.value), Language.KO))
    return term(value, Language.KO) if isinstance(value, str) else str(value)


def _all_labels() -> Iterator[tuple[str, tuple[str, str]]]:
    yield from REASONS.items()
    for labels in LABELS.values():
        yield from labels.items()


# A code such as "open" means something else in each kind.
_KOREAN_MEMBERS: Mapping[tuple[type, Enum], str] = {
    (type(code), code): ko for code, (ko, _) in _all_labels() if isinstance(code, Enum)
}
_FORMATTERS: Mapping[Language, Formatter] = {Language.EN: _English(), Language.KO: _Korean()}
