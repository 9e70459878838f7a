"""The words for a rule of a field's type that a value breaks, as pydantic names it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from ygs.application.messages.translate import explain_error, is_message, translate
from ygs.domain.errors import N_, YgsError
from ygs.domain.matching.attribute import Language

# A rule of pydantic's, or the beginning of its name -> what it says; filled with the limits of the field.
_RULES: Mapping[str, str] = {
    "missing": N_("This is needed."),
    "extra_forbidden": N_("There is no such field here."),
    "literal_error": N_("One of: {expected}"),
    "enum": N_("One of: {expected}"),
    "string_too_long": N_("At most {max_length} characters."),
    "string_too_short": N_("At least {min_length} characters."),
    "too_long": N_("At most {max_length}."),
    "too_short": N_("At least {min_length}."),
    "greater_than_equal": N_("{ge} or more."),
    "greater_than": N_("More than {gt}."),
    "less_than_equal": N_("{le} or less."),
    "less_than": N_("Less than {lt}."),
    "string_pattern": N_("Not of the form that is asked for."),
    "string_unicode": N_("Holds a character that cannot be stored."),
    "string": N_("Give text."),
    "int": N_("Give a whole number."),
    "bool": N_("Give true or false."),
    "list": N_("Give a list."),
    "frozen_set": N_("Give a list."),
    "model": N_("Give a JSON object."),
    "dict": N_("Give a JSON object."),
    "mapping": N_("Give a JSON object."),
    "date_": N_("Write it like 2026-12-31."),
    "datetime": N_("Write it like 2026-12-31T09:00:00Z."),
    "timezone": N_("Say the zone too, like 2026-12-31T09:00:00Z."),
    "json": N_("That is not JSON."),
    "": N_("That value does not fit."),
}

# How a pattern of ours is written -> what it asks for, filled with the groups.
_FORMS: Mapping[str, str] = {
    r"\^\[0-9\]\{(?P<count>\d+)\}\$": N_("Exactly {count} digits."),
    # The prefix with its underscore: without, "job" and "user" are words, and would be translated.
    r"\^(?P<prefix>[a-z]+_)\[[^$|]+\$": N_("An id that begins with {prefix}, as replies hold it."),
    r"\^\[0-9\]\{4\}-W.+": N_("A week such as 2026-W48."),
    r'.+\(W/\)\?".+': N_('The ETag of a reply, such as "7".'),
}


def rule_in_words(
    rule: str,
    limits: Mapping[str, Any],
    language: Language,
    explain: Callable[[YgsError, Language], str] = explain_error,
) -> str:
    """What a value breaks and what to give instead; never the value. `explain`: says our own errors."""
    # A rule of our own that no field's type can say.
    ours = limits.get("error")
    if isinstance(ours, YgsError):
        return explain(ours, language)
    if rule == "value_error" and is_message(str(ours)):
        return translate(str(ours), language)
    if rule == "string_pattern_mismatch":
        return _form_in_words(str(limits.get("pattern")), language)
    named = next(name for name in _RULES if rule.startswith(name))
    shown = {name: _plain(str(limit)) for name, limit in limits.items()}
    return translate(_RULES[named], language, **shown)


def _plain(limit: str) -> str:
    """A limit as a person writes it: a list of values without quotes, and members of an enum by their value."""
    return re.sub(r"<\w+\.\w+: ([^>]*)>", r"\1", limit).replace("'", "").replace(" or ", ", ")


def _form_in_words(pattern: str, language: Language) -> str:
    for form, template in _FORMS.items():
        if found := re.fullmatch(form, pattern):
            return translate(template, language, **found.groupdict())
    return translate(_RULES["string_pattern"], language)
