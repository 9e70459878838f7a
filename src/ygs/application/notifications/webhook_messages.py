"""The messages of webhooks as the specification Standard Webhooks describes them, and the addresses they go to."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from ygs.domain.errors import N_, InvalidText
from ygs.domain.events import Event

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with


def checked_webhook_url(url: str, *, insecure: bool) -> str:
    """The URL; `InvalidText` unless a message can be sent there. `insecure`: http: will do as well."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidText("url", N_("this is no address of a web server")) from None
    if parts.scheme != "https" and not (insecure and parts.scheme == "http"):
        raise InvalidText("url", N_("a webhook's address must begin with https://"))
    if not url.isascii() or not url.isprintable() or " " in url or not parts.hostname or port == 0:
        raise InvalidText("url", N_("this is no address of a web server"))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidText("url", N_("a webhook's address has no user name, no password and no #"))
    return url


def secret_of(random: bytes) -> str:
    """The secret that these random bytes make."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def message_id(event: Event) -> str:
    """The id of the message about an event: always the same, and without what the event's key tells."""
    return "msg_" + hashlib.sha256(event.key.encode()).hexdigest()[:32]


def message_body(event: Event) -> bytes:
    """The JSON body of the message about an event."""
    body = {"type": event.type.value, "timestamp": event.at.isoformat(), "data": dict(event.ids)}
    return json.dumps(body, separators=(",", ":")).encode()


def message_headers(id: str, body: bytes, secrets: Sequence[str], at: datetime) -> Mapping[str, str]:
    """The headers of a message that is sent at that moment, signed with each of these secrets."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((id.encode(), seconds.encode(), body))
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
