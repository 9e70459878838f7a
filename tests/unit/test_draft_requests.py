"""What a draft is stored under: a changed part of the request is another question."""

from dataclasses import replace

import pytest

from ygs.application.drafts.drafter import DraftRequest
from ygs.domain.advice import DraftKind
from ygs.entrypoints.testing.builders import a_user
from ygs.ports.match_advisor import Prompt

PROMPT = Prompt(instructions="sum up", data="{}", reply_schema={}, most_output=10)
REQUEST = DraftRequest(kind=DraftKind.SUMMARY, version="summary/1", prompt=PROMPT, people=[a_user(1)])


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, people=[a_user(2)]),
        replace(REQUEST, kind=DraftKind.FACTS),
        replace(REQUEST, version="summary/2"),
        replace(REQUEST, prompt=replace(PROMPT, data="[]")),
        replace(REQUEST, prompt=replace(PROMPT, instructions="in English")),
        replace(REQUEST, prompt=replace(PROMPT, reply_schema={"type": "object"})),
    ],
)
def test_no_two_requests_share_a_draft(other: DraftRequest) -> None:
    assert other.content_hash("m") != REQUEST.content_hash("m") != REQUEST.content_hash("another model")
    assert replace(REQUEST).content_hash("m") == REQUEST.content_hash("m")
