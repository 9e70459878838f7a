"""Checks replies about pairs. A reply is text from a stranger: whatever is not exactly what was asked counts for
nothing."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from ygs.application.advisor.prompts import PairItem
from ygs.application.advisor.scrubber import Scrubber
from ygs.domain.advice import FULL_STRENGTH, REASON_LENGTH
from ygs.domain.errors import InvalidText
from ygs.domain.matching.attribute import Language
from ygs.domain.text import checked_text
from ygs.ports.match_advisor import ModelReply

# Of one reply; a longer one is not read.
MOST_REPLY = 64 * 1024
_HANGUL = re.compile(r"[가-힣]")
_LATIN = re.compile(r"[A-Za-z]")
_LETTER = re.compile(r"[^\W\d_]")


class PairAnswer(BaseModel):
    """The answer about one pair."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    pair: StrictInt
    a: Annotated[StrictStr, Field(max_length=8)]
    b: Annotated[StrictStr, Field(max_length=8)]
    strength: Annotated[StrictInt, Field(ge=-FULL_STRENGTH, le=FULL_STRENGTH)]
    reason: Annotated[StrictStr, Field(min_length=1, max_length=REASON_LENGTH)]


def checked_answers(reply: ModelReply, items: Sequence[PairItem], language: Language) -> Mapping[int, PairAnswer]:
    """The usable answers of a reply, by the position of their item.

    An answer is usable when pair and people are those of one item, no other answer is about it, its strength is an
    integer within bounds, and its reason is a sentence in the language that was asked for.
    """
    if reply.stopped or len(reply.text) > MOST_REPLY:
        return {}
    found = [answer for each in _listed(reply.text) if (answer := _checked(each, len(items), language))]
    about = Counter(answer.pair for answer in found)
    return {answer.pair - 1: answer for answer in found if about[answer.pair] == 1}


def _listed(text: str) -> Iterator[object]:
    answers = document_of(text).get("answers")
    if isinstance(answers, list):
        yield from answers


def document_of(text: str) -> Mapping[str, Any]:
    """The JSON object that a text is; an empty one where it is none."""
    try:
        content: Any = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _no_constant(name: str) -> None:
    """JSON has no NaN and no Infinity, though Python reads them."""
    raise ValueError(name)


def _checked(each: object, items: int, language: Language) -> PairAnswer | None:
    try:
        answer = PairAnswer.model_validate(each)
        reason = checked_text("reason", " ".join(answer.reason.split()), at_most=REASON_LENGTH)
    except (ValidationError, InvalidText):
        return None
    number = answer.pair
    if not 1 <= number <= items or (answer.a, answer.b) != (f"A{number}", f"B{number}"):
        return None
    if not is_in(language, reason):
        return None
    # The model saw nothing that identifies anybody; what it made up is taken out like what members write.
    return answer.model_copy(update={"reason": Scrubber(()).scrub(reason)[:REASON_LENGTH]})


def is_in(language: Language, text: str) -> bool:
    """Whether most letters are those of the language."""
    letters = len(_LETTER.findall(text))
    own = len((_HANGUL if language is Language.KO else _LATIN).findall(text))
    return 0 < letters < 2 * own + 1
