"""Errors as jobs store them: codes, a message's template and what fills it in. Readers see them in their language."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from ygs.application.bilingual import Bilingual
from ygs.application.labels import LABELS, REASONS
from ygs.application.messages.translate import explain_error, headline
from ygs.domain.errors import Listed, Thing, YgsError
from ygs.domain.matching.attribute import Language


def stored_error(error: YgsError) -> dict[str, Any]:
    """The message of an error, as JSON."""
    fields = {name: _stored(value) for name, value in error.fields.items()}
    return {"code": error.code, "template": error.template, "about": error.about, "fields": fields}


def error_words(code: str, details: Mapping[str, Any]) -> Bilingual:
    """What an error says, and how to go on; what kind of error it is, where it says no more. Empty without an error."""
    if not code:
        return Bilingual(ko=[], en=[])
    error = _restored({"code": code, **details})
    return Bilingual.by(lambda language: [_words(error, language)])


def _words(error: YgsError, language: Language) -> str:
    return explain_error(error, language) or headline(error, language)


def _stored(value: object) -> Any:
    if isinstance(value, YgsError):
        return {"error": stored_error(value)}
    if isinstance(value, Listed):
        return {"listed": [_stored(each) for each in value]}
    if isinstance(value, Thing):
        return {"thing": str(value)}
    if isinstance(value, Enum):
        return {type(value).__name__: value.value}
    return value if isinstance(value, int | float) else str(value)


def _restored(stored: Mapping[str, Any]) -> YgsError:
    kind = _KINDS.get(stored["code"], YgsError)
    error = kind.__new__(kind)
    fields = {name: _value(value) for name, value in stored.get("fields", {}).items()}
    YgsError.__init__(error, stored.get("template", ""), about=stored.get("about", ""), **fields)
    return error


def _value(stored: Any) -> object:
    if not isinstance(stored, dict):
        return stored
    ((kind, value),) = stored.items()
    if kind == "error":
        return _restored(value)
    if kind == "listed":
        return Listed(map(_value, value))
    if kind == "thing":
        return Thing(value)
    return _ENUMS[kind](value) if kind in _ENUMS else value


def _kinds(kind: type[YgsError]) -> Iterator[type[YgsError]]:
    yield kind
    for deeper in kind.__subclasses__():
        yield from _kinds(deeper)


def _codes() -> Iterator[object]:
    yield from REASONS
    for labels in LABELS.values():
        yield from labels


# Of classes with one code, the most general one.
_KINDS: Mapping[str, type[YgsError]] = {kind.code: kind for kind in reversed(list(_kinds(YgsError)))}
# The kinds of codes that have labels.
_ENUMS: Mapping[str, type[Enum]] = {type(code).__name__: type(code) for code in _codes() if isinstance(code, Enum)}
