"""What is wrong with a request, field by field: for a front end that marks the field, and for the person who filled it
in. Nothing of what was sent is in it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from ygs.application.messages.translate import SENTENCES, in_korean
from ygs.domain import errors
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.vocabulary import VOCABULARY


class Fault(BaseModel):
    """One thing wrong in a request. `where`: a path of names such as ``body.facts.height_cm``, or the name of the field
    alone; `rule`: which rule it breaks, for machines; `detail`: the same for people."""

    model_config = ConfigDict(frozen=True)

    where: str
    rule: str
    detail: str


# Which field errors are about that can only be about one.
_FIELDS: Mapping[type[errors.YgsError], str] = {
    errors.NotAdult: "birth_year",
    errors.PhoneTaken: "phone",
}

# A rule of pydantic's, or the beginning of its name -> Korean, English; filled with the limits of the field.
_RULES: Mapping[str, tuple[str, str]] = {
    "missing": ("필요한 항목입니다.", "This is needed."),
    "extra_forbidden": ("여기에는 없는 항목입니다.", "There is no such field here."),
    "literal_error": ("다음 중 하나여야 합니다: {expected}", "One of: {expected}"),
    "enum": ("다음 중 하나여야 합니다: {expected}", "One of: {expected}"),
    "string_too_long": ("{max_length}자까지 쓸 수 있습니다.", "At most {max_length} characters."),
    "string_too_short": ("{min_length}자 이상이어야 합니다.", "At least {min_length} characters."),
    "too_long": ("{max_length}개까지 됩니다.", "At most {max_length}."),
    "too_short": ("{min_length}개 이상이어야 합니다.", "At least {min_length}."),
    "greater_than_equal": ("{ge} 이상이어야 합니다.", "{ge} or more."),
    "greater_than": ("{gt}보다 커야 합니다.", "More than {gt}."),
    "less_than_equal": ("{le} 이하여야 합니다.", "{le} or less."),
    "less_than": ("{lt}보다 작아야 합니다.", "Less than {lt}."),
    "string_pattern": ("정해진 형식과 다릅니다.", "Not of the form that is asked for."),
    "string_unicode": ("저장할 수 없는 글자가 있습니다.", "Holds a character that cannot be stored."),
    "string": ("글자로 보내 주세요.", "Send text."),
    "int": ("정수로 보내 주세요.", "Send a whole number."),
    "bool": ("true나 false로 보내 주세요.", "Send true or false."),
    "list": ("목록으로 보내 주세요.", "Send a list."),
    "frozen_set": ("목록으로 보내 주세요.", "Send a list."),
    "model": ("JSON 객체로 보내 주세요.", "Send a JSON object."),
    "dict": ("JSON 객체로 보내 주세요.", "Send a JSON object."),
    "mapping": ("JSON 객체로 보내 주세요.", "Send a JSON object."),
    "date_": ("2026-12-31처럼 보내 주세요.", "Write it like 2026-12-31."),
    "datetime": ("2026-12-31T09:00:00Z처럼 보내 주세요.", "Write it like 2026-12-31T09:00:00Z."),
    "timezone": ("2026-12-31T09:00:00Z처럼 시간대까지 보내 주세요.", "Say the zone too, like 2026-12-31T09:00:00Z."),
    "json": ("JSON이 아닙니다.", "That is not JSON."),
    "": ("맞지 않는 값입니다.", "That value does not fit."),
}

# What pydantic names the kinds that a value may have, which is no part of where it stands.
_KINDS = {"int", "str", "list[str]", "bool", "[key]"}


def faults_found(found: Iterable[Mapping[str, Any]], known: set[str], language: Language) -> list[Fault]:
    """The faults that validation found, the first of each place. `known`: the names there are; never does an answer
    hold a name that the request made up, since a password may stand where a name should."""
    faults: dict[str, Fault] = {}
    for each in found:
        where = ".".join(_part(part, known) for part in each["loc"] if part not in _KINDS)
        rule = str(each["type"])
        faults.setdefault(where, Fault(where=where, rule=rule, detail=_in_words(rule, each.get("ctx", {}), language)))
    return list(faults.values())


def _part(part: object, known: set[str]) -> str:
    return str(part) if isinstance(part, int) or part in known else "…"


def _in_words(rule: str, limits: Mapping[str, Any], language: Language) -> str:
    # A rule of our own that no field's type can say; shown only when it is a sentence of ours.
    ours = str(limits.get("error", ""))
    if rule == "value_error" and ours in SENTENCES:
        return in_korean(ours) if language is Language.KO else ours
    named = next(name for name in _RULES if rule.startswith(name))
    ko, en = _RULES[named]
    shown = {name: str(limit).replace("'", "").replace(" or ", ", ") for name, limit in limits.items()}
    return (ko if language is Language.KO else en).format(**shown)


def faults_of(error: errors.YgsError, known: set[str], language: Language) -> list[Fault]:
    """The fields that an error of ours is about; none for most."""
    if isinstance(error, errors.Incomplete):
        needed = _in_words("missing", {}, language)
        return [Fault(where=code, rule="missing", detail=needed) for code in error.missing]
    detail = in_words(error, language)
    return [Fault(where=_part(field, known), rule=error.code, detail=detail) for field in _fields(error)]


def _fields(error: errors.YgsError) -> Iterator[str]:
    if isinstance(error, errors.UnknownValue | errors.InvalidFact | errors.InvalidWish):
        yield error.attribute
    elif isinstance(error, errors.InvalidText | errors.WeakPassword):
        yield error.field
    elif type(error) in _FIELDS:
        yield _FIELDS[type(error)]


def in_words(error: errors.YgsError, language: Language) -> str:
    """What exactly is wrong and what to do next, for people."""
    if isinstance(error, errors.UnknownValue):
        ko, en = _of_the_vocabulary(error.attribute)
    else:
        ko, en = in_korean(str(error)), str(error)
    return ko if language is Language.KO else en


def _of_the_vocabulary(code: str) -> tuple[str, str]:
    """What an attribute's values are. The error's own words are for who sits at the command line."""
    attribute = VOCABULARY.get(code)
    if attribute is None:
        return "GET /vocabulary에 없는 항목입니다.", "no attribute of GET /vocabulary"
    if attribute.is_number:
        low, high = attribute.low, attribute.high
        return f"{attribute.ko}: {low}부터 {high}까지의 정수여야 합니다.", f"{code}: a whole number, {low} to {high}"
    return f"{attribute.ko}: GET /vocabulary에 없는 값입니다.", f"{code}: not one of its values in GET /vocabulary"
