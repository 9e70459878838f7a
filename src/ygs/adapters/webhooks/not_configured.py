"""Webhooks without anything to send them with."""

from collections.abc import Mapping

from ygs.ports.channels import TryAgain


class NoWebhooks:
    """`WebhookSender` where the extra `webhooks` is not installed."""

    ready = False
    insecure = False

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Always `TryAgain`: a worker that has the package may send it."""
        raise TryAgain("not_installed")
