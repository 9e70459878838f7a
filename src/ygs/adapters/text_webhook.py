"""Text messages about events: handed to the webhook that sends texts, as a Kakao Alimtalk where one is approved."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import timedelta

import httpx

from ygs.domain.events import EventType
from ygs.domain.matching.attribute import Language
from ygs.ports.channels import Refused, TryAgain
from ygs.ports.message_senders import Address, PersonalMessage

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
# Answers that say nothing of the message: the key is wrong, or there are too many.
_NOT_OF_THE_MESSAGE = (401, 403, 408, 429)

AlimtalkTemplates = Mapping[EventType, Mapping[Language, str]]


class TextWebhookSender:
    """`MessageSender` to phones: POSTs ``{"id", "to", "text"}``, with ``"template"`` and ``"link"`` for an Alimtalk.

    The webhook is that of one-time codes, with the same signature. When it refuses the Alimtalk, the same text goes
    again without a template, as an SMS. `templates`: Kakao's approved templates.
    """

    def __init__(self, url: str, key: bytes, templates: AlimtalkTemplates, *, total: float = TOTAL_SECONDS) -> None:
        self._url = url
        self._key = key
        self._templates = templates
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(total, connect=CONNECT_SECONDS), follow_redirects=False)

    async def send(self, to: Address, message: PersonalMessage) -> int | None:
        """Send one text; the status is that of HTTP."""
        sms = {"id": message.id, "to": to.value, "text": _text(message)}
        template = self._templates.get(message.type, {}).get(message.language)
        if template:
            try:
                return await self._post(sms | {"template": template, "link": message.link})
            except Refused:
                # Not a user of Kakao, or the template is no longer approved: an SMS reaches everybody.
                sms["id"] = f"{message.id}.sms"
        return await self._post(sms)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, content: Mapping[str, str]) -> int:
        body = json.dumps(content, ensure_ascii=False).encode()
        moment = str(int(time.time()))
        mac = hmac.digest(self._key, moment.encode() + b"." + body, hashlib.sha256).hex()
        headers = {"content-type": "application/json", "ygs-signature": f"t={moment},v1={mac}"}
        try:
            answer = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError:
            # The error quotes the URL, which may hold a token.
            raise TryAgain("no_answer") from None
        status = answer.status_code
        if status < 300:
            return status
        if status >= 500 or status in _NOT_OF_THE_MESSAGE:
            raise TryAgain("webhook_failed", status, _wait(answer))
        raise Refused("webhook_refused", status)


def _text(message: PersonalMessage) -> str:
    return "\n".join(part for part in (message.title, message.link) if part)


def _wait(answer: httpx.Response) -> timedelta | None:
    seconds = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() and len(seconds) < 7 else None
