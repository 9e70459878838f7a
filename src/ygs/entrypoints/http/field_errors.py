"""What is wrong with a request, field by field: for a front end that marks the field, and for the person who filled it
in. Nothing of what was sent is in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from ygs.application.fact_types import AttributeKeys
from ygs.application.messages.broken_rules import rule_in_words
from ygs.application.messages.translate import explain_error, translate
from ygs.bootstrap import Application
from ygs.domain import errors
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.plan import OverrideKind
from ygs.domain.matching.vocabulary import VOCABULARY


class Fault(BaseModel):
    """One thing wrong in a request. `where`: its place as a path of names, such as ``body.facts.height_cm``,
    ``query.limit`` or ``header.if-match``; what a profile lacks begins with ``me``, for GET /users/me: ``me.profile.
    height_cm``. `rule`: which rule it breaks, for machines; `detail`: the same for people."""

    model_config = ConfigDict(frozen=True)

    where: str
    rule: str
    detail: str


Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
# From the application and the fields of a request's body to the errors of ours in them.
RuleCheck: TypeAlias = Callable[[Application, Mapping[str, Any]], Iterable[errors.YgsError]]
_CHECK = "__ygs_rule_check__"


def also_checks(check: RuleCheck) -> Callable[[Endpoint], Endpoint]:
    """Make an endpoint report what breaks its use case's rules together with what fails validation. Otherwise people
    would learn of the one only after they mended the other."""

    def marked(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _CHECK, check)
        return endpoint

    return marked


def broken_rules(
    ygs: Application, endpoint: object, body: object, found: Iterable[Mapping[str, Any]]
) -> Iterable[errors.YgsError]:
    """The errors of ours in the fields of a body that pydantic found nothing wrong with."""
    check: RuleCheck | None = getattr(endpoint, _CHECK, None)
    if check is None or not isinstance(body, Mapping):
        return []
    wrong = {each["loc"][1] for each in found if len(each["loc"]) > 1 and each["loc"][0] == "body"}
    return check(ygs, {name: value for name, value in body.items() if name not in wrong})


# Which field errors are about that can only be about one.
_FIELDS: Mapping[type[errors.YgsError], str] = {
    errors.ConsentMissing: "consents",
    errors.NotAdult: "birth_year",
    errors.PhoneTaken: "phone",
    errors.WrongCode: "code",
    errors.WrongPassword: "current",
}

# What pydantic names the kinds that a value may have, which is no part of where it stands.
_KINDS = {"int", "str", "list[str]", "bool", "[key]"}


def faults_found(found: Iterable[Mapping[str, Any]], known: Set[str], language: Language) -> list[Fault]:
    """The faults that validation found, the first of each place. `known`: the names there are; never does an answer
    hold a name that the request made up, since a password may stand where a name should."""
    faults: dict[str, Fault] = {}
    for each in found:
        where = ".".join(_part(part, known) for part in each["loc"] if part not in _KINDS)
        rule = str(each["type"])
        faults.setdefault(
            where, Fault(where=where, rule=rule, detail=rule_in_words(rule, each.get("ctx", {}), language, in_words))
        )
    return list(faults.values())


def _part(part: object, known: Set[str]) -> str:
    return str(part) if isinstance(part, int) or part in known else "…"


def places_in(model: type[BaseModel], start: str = "body") -> Iterator[tuple[str, str]]:
    """Every field of a request's body, and every attribute in it, with its place, such as ``body.facts.height_cm``."""
    for name, field in model.model_fields.items():
        where = f"{start}.{name}"
        yield name, where
        for marker in field.metadata:
            if isinstance(marker, AttributeKeys):
                yield from ((code, f"{where}.{code}") for code in marker.codes)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from places_in(field.annotation, where)


def faults_of(error: errors.YgsError, places: Mapping[str, str], language: Language) -> list[Fault]:
    """The fields that an error of ours is about; none for most. `places`: where the request has which field."""
    if isinstance(error, errors.Incomplete):
        return [_missing(code, language) for code in error.missing]
    if isinstance(error, errors.OverrideInTheWay):
        where = places.get(_OVERRIDES[OverrideKind(error.kind)], "body")
        return [Fault(where=where, rule=error.code, detail=in_words(error, language))]
    if isinstance(error, errors.InvalidRequest):
        return [fault for each in error.errors for fault in faults_of(each, places, language)]
    detail = in_words(error, language)
    return [Fault(where=places.get(field, "body"), rule=error.code, detail=detail) for field in _fields(error)]


# The kind of an override -> the field in which a request names one.
_OVERRIDES: Mapping[OverrideKind, str] = {
    OverrideKind.PIN: "pins",
    OverrideKind.FORBID: "forbids",
    OverrideKind.LEAVE_OUT: "left_out",
    OverrideKind.SWAP: "swaps",
}


def _missing(code: str, language: Language) -> Fault:
    """One thing that a profile lacks, at its place in the reply of GET /users/me."""
    purpose = code.removeprefix("consent_")
    where = f"consents.{purpose}" if purpose != code else f"profile.{code}" if code in VOCABULARY else code
    detail = translate(N_("{code} is needed to send the profile in."), language, code=code)
    return Fault(where=f"me.{where}", rule="missing", detail=detail)


def _fields(error: errors.YgsError) -> Iterator[str]:
    if isinstance(error, errors.UnknownValue | errors.InvalidFact | errors.InvalidWish):
        yield error.attribute
    elif isinstance(error, errors.InvalidText | errors.WeakPassword):
        yield error.field
    elif isinstance(error, errors.ConsentMissing) and error.attributes:
        yield from error.attributes
    elif type(error) in _FIELDS:
        yield _FIELDS[type(error)]


def in_words(error: errors.YgsError, language: Language) -> str:
    """What exactly is wrong and what to do next, for people."""
    if isinstance(error, errors.UnknownValue):
        return _of_the_vocabulary(error.attribute, language)
    if isinstance(error, errors.OverrideInTheWay):
        template = N_("{override} stands in the way: take it back first, by DELETE on overrides/{override} of the week")
        return translate(template, language, override=error.key)
    return explain_error(error, language)


def _of_the_vocabulary(code: str, language: Language) -> str:
    """What an attribute's values are. The error's own words are for readers at the command line."""
    attribute = VOCABULARY.get(code)
    if attribute is None:
        return translate(N_("no attribute of GET /vocabulary"), language)
    if attribute.is_number:
        template = N_("{code}: a whole number, {low} to {high}")
        return translate(template, language, code=code, low=attribute.low, high=attribute.high)
    return translate(N_("{code}: not one of its values in GET /vocabulary"), language, code=code)
