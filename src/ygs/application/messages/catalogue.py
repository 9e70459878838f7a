"""The gettext catalogues: one per language, compiled when the package is built."""

import gettext
from functools import cache
from pathlib import Path

from ygs.domain.matching.attribute import Language

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "messages"


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """The messages of one language; English is what the templates say themselves."""
    if language is Language.EN:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, languages=[language.value])
