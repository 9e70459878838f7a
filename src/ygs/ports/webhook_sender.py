"""The port that sends webhooks over HTTP."""

from collections.abc import Mapping
from typing import Protocol


class WebhookSender(Protocol):
    """Posts messages to addresses that administrators typed in, and to nothing inside the service's own network."""

    @property
    def ready(self) -> bool:
        """Whether it can send at all, or a package is missing."""
        ...

    @property
    def insecure(self) -> bool:
        """Whether http: and private addresses are allowed, for development."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post a message once and return the status, which is 2xx.

        The name is resolved anew for each connection, and every address it has is judged: `Refused` without a
        connection when one of them is not public. The address that was judged is the one that is connected to.
        Redirects are not followed. `Refused` with `gone` for 410; `TryAgain` for anything else.
        """
        ...
