"""Advice without a network: none, and answers that were recorded."""

from dataclasses import replace
from pathlib import Path

import pytest

from ygs.adapters.advisors.not_configured import NoAdvisor
from ygs.adapters.advisors.recorded import RecordedAdvisor
from ygs.domain.errors import Misconfigured, NotSetUp, Unavailable
from ygs.ports.match_advisor import ModelReply, Prompt, Stopped

PROMPT = Prompt(instructions="order", data="[]", reply_schema={}, most_output=10)
OTHER = Prompt(instructions="order", data="[1]", reply_schema={}, most_output=10)


class Scripted:
    """A model that gives one reply."""

    model = "m"

    def __init__(self, reply: ModelReply) -> None:
        self.reply = reply
        self.calls = 0

    async def ask(self, prompt: Prompt) -> ModelReply:
        self.calls += 1
        return self.reply

    async def close(self) -> None:
        pass


async def test_without_an_advisor_nothing_is_asked() -> None:
    with pytest.raises(NotSetUp):
        await NoAdvisor().ask(PROMPT)
    assert NoAdvisor().model == ""


@pytest.mark.parametrize("stopped", [None, Stopped.SAFETY])
async def test_what_was_recorded_is_replayed_to_the_letter(tmp_path: Path, stopped: Stopped | None) -> None:
    file = tmp_path / "answers.json"
    reply = ModelReply(text="좋아요", input_tokens=3, output_tokens=4, stopped=stopped)
    model = Scripted(reply)
    recording = RecordedAdvisor(file, "m", through=model)
    assert await recording.ask(PROMPT) == await recording.ask(PROMPT) == reply
    await recording.close()
    replaying = RecordedAdvisor(file, "m")
    assert await replaying.ask(PROMPT) == reply
    with pytest.raises(Unavailable):
        await replaying.ask(OTHER)
    assert model.calls == 1


@pytest.mark.parametrize(
    "changed",
    [
        replace(PROMPT, instructions="sort"),
        replace(PROMPT, reply_schema={"type": "object"}),
        replace(PROMPT, most_output=11),
    ],
)
async def test_a_reply_is_replayed_for_the_whole_prompt_alone(tmp_path: Path, changed: Prompt) -> None:
    recording = RecordedAdvisor(
        tmp_path / "answers.json", "m", through=Scripted(ModelReply(text="{}", input_tokens=1, output_tokens=1))
    )
    await recording.ask(PROMPT)
    await recording.close()
    with pytest.raises(Unavailable):
        await RecordedAdvisor(tmp_path / "answers.json", "m").ask(changed)


@pytest.mark.parametrize("content", ["no JSON", "[1]", '{"a": {}}', '{"a": {"text": 1, "unknown": 2}}'])
def test_a_file_that_holds_no_recorded_answers_is_a_wrong_setting(tmp_path: Path, content: str) -> None:
    file = tmp_path / "answers.json"
    file.write_text(content)
    with pytest.raises(Misconfigured):
        RecordedAdvisor(file, "m")
