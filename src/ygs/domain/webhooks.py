"""Webhooks: signed messages about events to another system, as the specification Standard Webhooks describes them.

A message holds the type and the time of an event and ids, never a name or an answer. Its id is the same whenever the
same event is sent, to whomever, so that a receiver recognises what it has had.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, WrongStatus
from ygs.domain.events import Event, EventType
from ygs.domain.ids import WebhookId

# A service tells some systems, not a crowd.
MOST_ENDPOINTS = 50
# How long the previous secret signs beside a new one.
BOTH_SECRETS_FOR = timedelta(hours=24)
# An endpoint that has taken nothing for so long is disabled.
FAILS_FOR = timedelta(days=5)
SECRET_BYTES = 32
URL_LENGTH = 500

# What endpoints may choose. No reminders: who is reminded has not answered.
WEBHOOK_EVENTS = frozenset(EventType) - {EventType.INTRODUCTION_REMINDER, EventType.WEBHOOK_TEST}


class DisabledBy(StrEnum):
    """Why an endpoint gets nothing."""

    STAFF = "staff"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # it has taken nothing for five days


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """Where another system takes messages. Times are UTC.

    `types`: of the events that it wants. `secret` signs, and so does `previous_secret` before `previous_until`.
    `disabled_by`: None while it gets messages. `failing_since`: the first failure after the latest success.
    """

    id: WebhookId
    url: str
    types: frozenset[EventType]
    secret: str
    created_at: datetime
    description: str = ""
    previous_secret: str | None = None
    previous_until: datetime | None = None
    disabled_by: DisabledBy | None = None
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    version: int = 0

    def wants(self, event: Event) -> bool:
        """Whether it chose events of this type. None hears that it is disabled itself: it could not take that."""
        return event.type in self.types and event.webhook_id != self.id

    def secrets(self, at: datetime) -> Sequence[str]:
        """The secrets that sign at that moment, the newest first."""
        previous = self.previous_secret if self.previous_until and at < self.previous_until else None
        return [self.secret, previous] if previous else [self.secret]

    def rotated(self, secret: str, *, at: datetime, immediately: bool = False) -> Self:
        """The endpoint with a new secret; the one before signs too for a while, `immediately`: no former one does.

        `WrongStatus` while a former one still signs: the receiver may know no other yet.
        """
        if immediately:
            return replace(self, secret=secret, previous_secret=None, previous_until=None)
        if len(self.secrets(at)) > 1:
            raise WrongStatus(
                N_("the secret before signs until {until} UTC: wait until then, or send immediately=true to end both"),
                until=f"{self.previous_until:%Y-%m-%d %H:%M}",
            )
        return replace(self, secret=secret, previous_secret=self.secret, previous_until=at + BOTH_SECRETS_FOR)

    def enabled(self) -> Self:
        """The endpoint, which gets messages again; what failed before is forgotten."""
        return replace(self, disabled_by=None, disabled_at=None, failing_since=None)

    def disabled(self, by: DisabledBy, *, at: datetime) -> Self:
        """The endpoint, which gets nothing more; the first reason stays."""
        return self if self.disabled_by else replace(self, disabled_by=by, disabled_at=at)

    def require_enabled(self) -> None:
        """`WrongStatus` when it is disabled: whatever is sent to it fails at once."""
        if self.disabled_by:
            raise WrongStatus(N_("this endpoint is disabled: enable it first"))

    def succeeded(self) -> Self:
        """The endpoint after it took a message."""
        return replace(self, failing_since=None)

    def failed(self, at: datetime) -> Self:
        """The endpoint after it did not take a message: disabled when it has taken none for five days."""
        since = self.failing_since or at
        failing = replace(self, failing_since=since)
        return failing.disabled(DisabledBy.FAILING, at=at) if at - since >= FAILS_FOR else failing
