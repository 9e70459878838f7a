"""Tickets in conversations: written, and used once."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from ygs.domain.errors import TicketSpent
from ygs.domain.ids import UserId
from ygs.domain.one_time_token import LIFETIME, Ticket, TicketKind, ticket_digest
from ygs.ports.authentication import Secrets
from ygs.ports.storage import Writing

TicketText = Annotated[SecretStr, Field(max_length=100)]


def unguessable(secrets: Secrets) -> str:
    """256 bits of chance, for a URL."""
    return urlsafe_b64encode(secrets.chance(32)).decode().rstrip("=")


async def write_ticket(
    tx: Writing,
    secrets: Secrets,
    kind: TicketKind,
    *,
    at: datetime,
    user_id: UserId | None = None,
    data: Mapping[str, str] | None = None,
    code: str = "",
) -> str:
    """Remember this for ten minutes under a secret, and return the secret."""
    secret = unguessable(secrets)
    ticket = Ticket(
        digest=ticket_digest(secret),
        kind=kind,
        expires_at=at + LIFETIME,
        user_id=user_id,
        data=data or {},
        code=code,
    )
    await tx.tickets.add(ticket)
    return secret


async def find_ticket(tx: Writing, kind: TicketKind, secret: SecretStr, *, at: datetime) -> Ticket:
    """The ticket of that kind, or `TicketSpent`."""
    found = await tx.tickets.find(ticket_digest(secret.get_secret_value()))
    if found is None:
        raise TicketSpent("start again")
    return found.require(kind, at=at)


async def use_ticket(tx: Writing, kind: TicketKind, secret: SecretStr, *, at: datetime) -> Ticket:
    """The ticket, used from now on, or `TicketSpent`."""
    ticket = await find_ticket(tx, kind, secret, at=at)
    await tx.tickets.save(ticket.use(at=at))
    return ticket
