"""An advisor that replays recorded answers, without a network."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from ygs.domain.errors import N_, Misconfigured, Unavailable
from ygs.ports.match_advisor import MatchAdvisor, ModelReply, Prompt, Stopped


class RecordedAdvisor:
    """`MatchAdvisor` that answers from a file: a JSON object of replies by the key of their prompt.

    With `through`, prompts that are not recorded go to that advisor, and `close` stores its answers in the file.
    """

    def __init__(self, file: Path, model: str, through: MatchAdvisor | None = None) -> None:
        self.model = model
        self._file = file
        self._through = through
        self._replies = _read(file)
        self._new = False

    async def ask(self, prompt: Prompt) -> ModelReply:
        """The recorded reply; `Unavailable` when there is none."""
        key = prompt_key(prompt)
        if key not in self._replies:
            if self._through is None:
                raise Unavailable(N_("no answer is recorded for this prompt"))
            self._replies[key] = await self._through.ask(prompt)
            self._new = True
        return self._replies[key]

    async def close(self) -> None:
        """Store what is new."""
        if self._new:
            replies = {key: asdict(reply) for key, reply in sorted(self._replies.items())}
            self._file.write_text(json.dumps(replies, ensure_ascii=False, indent=1), "utf-8")


def prompt_key(prompt: Prompt) -> str:
    """SHA-256, in hexadecimal, of everything in a prompt."""
    content = json.dumps(asdict(prompt), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _read(file: Path) -> dict[str, ModelReply]:
    try:
        stored = json.loads(file.read_text("utf-8")) if file.exists() else {}
        return {key: _reply(**fields) for key, fields in stored.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Misconfigured(N_("YGS_ADVISOR_RECORDING names no file of recorded answers")) from error


def _reply(text: str, input_tokens: int, output_tokens: int, stopped: str | None) -> ModelReply:
    why = Stopped(stopped) if stopped else None
    return ModelReply(text=text, input_tokens=input_tokens, output_tokens=output_tokens, stopped=why)
