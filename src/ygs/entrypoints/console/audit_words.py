"""What an entry of the audit log is about, in words: its codes are named, and ids, dates and hashes stay."""

import re
from collections.abc import Mapping

from ygs.application.directory.timeline import changed_words
from ygs.application.labels import LABELS, label
from ygs.application.messages.translate import term, translate
from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language

# A word of small letters alone: ids have capitals or digits too.
_CODE = re.compile(r"(?<!\w)(?:dry run|[a-z][a-z_.]*[a-z])(?!\w)")
_KINDS = ("audit_action", "job_kind", "role", "provider", "read_kind", "exported_data")
_WORDS: Mapping[str, str] = {
    "actor": N_("done by"),
    "calls": N_("calls"),
    "commit": N_("stored"),
    "dry run": N_("dry run"),
    "inputs": N_("hash of the inputs"),
    "plan_input": N_("hash of the snapshot"),
    "results": N_("hash of the results"),
    "tokens": N_("tokens"),
    "users": N_("members"),
    "weeks": N_("match weeks"),
}


def about_words(what: str, language: Language) -> str:
    """The `what` of an entry with its codes named."""
    return _CODE.sub(lambda found: _named(found[0], language), what)


def _named(code: str, language: Language) -> str:
    if code in _WORDS:
        return translate(_WORDS[code], language)
    named = (label(kind, code, language) for kind in _KINDS if code in LABELS[kind])
    return changed_words(code, language) or next(named, "") or term(code, language)
