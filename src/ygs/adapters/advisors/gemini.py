"""Gemini as an advisor, through Google's SDK.

The SDK neither limits time nor retries by itself, and gives ``parsed=None`` without an error for a blocked, a cut and a
wrong reply alike. So time, retries and the end of a reply are judged here, and its text by whoever asked.
"""

import asyncio
import random
import ssl
from functools import cache
from typing import Any

import httpx
from google import genai
from google.genai import errors, types

from ygs.adapters.circuit_breaker import Breaker
from ygs.domain.errors import N_, Misconfigured, Unavailable
from ygs.ports.match_advisor import ModelReply, Prompt, Stopped

# Where Gemini is. Always given to the SDK, or a variable of the environment could name another place.
GEMINI_URL = "https://generativelanguage.googleapis.com"
ATTEMPTS = 3
# Answers that say nothing of the prompt: too many calls, or trouble on the other side.
_AGAIN = (408, 429, 500, 502, 503, 504)
_BACKOFF_SECONDS = 1.0
_WHOLE = types.FinishReason.STOP
_CUT = types.FinishReason.MAX_TOKENS


class GeminiAdvisor:
    """`MatchAdvisor` by a Gemini model.

    `seconds`: the most that one call may take, with its retries. `at_once`: the most calls at the same time.
    """

    def __init__(
        self,
        key: str,
        model: str,
        *,
        url: str = GEMINI_URL,
        seconds: float = 20,
        at_once: int = 4,
        backoff: float = _BACKOFF_SECONDS,
    ) -> None:
        self.model = model
        self._seconds = seconds
        self._backoff = backoff
        self._free = asyncio.Semaphore(at_once)
        self._breaker = Breaker("Gemini")
        certificates = _trusted_certificates()
        options = types.HttpOptions(
            base_url=url,
            api_version="v1beta",
            timeout=round(seconds * 1000),
            client_args={"verify": certificates},
            async_client_args={"verify": certificates, "ssl": certificates},
        )
        self._client = genai.Client(vertexai=False, api_key=key, http_options=options)

    async def ask(self, prompt: Prompt) -> ModelReply:
        async with self._free:
            self._breaker.require()
            try:
                async with asyncio.timeout(self._seconds):
                    reply = await self._asked(prompt)
            except (TimeoutError, _NoAnswerError):
                # Neither the cause, which may quote the prompt.
                raise self._breaker.failed() from None
            self._breaker.answered()
            return reply

    async def close(self) -> None:
        await self._client.aio.aclose()

    async def _asked(self, prompt: Prompt) -> ModelReply:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return _reply(await self._generate(prompt))
            except errors.APIError as error:
                if error.code not in _AGAIN:
                    raise _refused(error.code) from None
                wait = _retry_after(error)
            except Exception:  # noqa: BLE001 the SDK lets through whatever its transport and its parser raise
                wait = None
            if attempt < ATTEMPTS:
                await asyncio.sleep(self._pause(attempt) if wait is None else wait)
        raise _NoAnswerError

    def _pause(self, attempt: int) -> float:
        """Seconds before the next attempt, spread so that callers do not come back together."""
        return self._backoff * float(2 ** (attempt - 1)) * random.uniform(0.5, 1)  # noqa: S311

    async def _generate(self, prompt: Prompt) -> types.GenerateContentResponse:
        config = types.GenerateContentConfig(
            system_instruction=prompt.instructions,
            response_mime_type="application/json",
            response_json_schema=dict(prompt.reply_schema),
            max_output_tokens=prompt.most_output,
            temperature=0,
            candidate_count=1,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        return await self._client.aio.models.generate_content(model=self.model, contents=prompt.data, config=config)


@cache
def _trusted_certificates() -> ssl.SSLContext:
    """Those that the SDK would trust by itself. It reads them twice for each client, a tenth of a second of CPU."""
    return httpx.create_ssl_context()


class _NoAnswerError(Exception):
    """All attempts failed."""


def _refused(code: int) -> Unavailable:
    return Misconfigured(
        N_("Gemini refuses this service's calls ({code}): check YGS_ADVISOR_KEY and YGS_ADVISOR_MODEL"), code=code
    )


def _retry_after(error: errors.APIError) -> float | None:
    """The seconds that the answer asks to wait, or None."""
    headers: Any = getattr(error.response, "headers", None) or {}
    seconds = str(headers.get("retry-after", ""))
    return float(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 7 else None


def _reply(response: types.GenerateContentResponse) -> ModelReply:
    used = response.usage_metadata
    candidate = next(iter(response.candidates or ()), None)
    parts = (candidate.content.parts if candidate and candidate.content else None) or []
    return ModelReply(
        text="".join(part.text or "" for part in parts if not part.thought),
        input_tokens=(used and used.prompt_token_count) or 0,
        # Thinking is paid like the reply.
        output_tokens=((used and used.candidates_token_count) or 0) + ((used and used.thoughts_token_count) or 0),
        stopped=_stopped(response, candidate),
    )


def _stopped(response: types.GenerateContentResponse, candidate: types.Candidate | None) -> Stopped | None:
    if response.prompt_feedback and response.prompt_feedback.block_reason:
        return Stopped.SAFETY
    if candidate is None or candidate.finish_reason is None:
        return Stopped.EMPTY
    if candidate.finish_reason is _CUT:
        return Stopped.TOO_LONG
    return None if candidate.finish_reason is _WHOLE else Stopped.SAFETY
