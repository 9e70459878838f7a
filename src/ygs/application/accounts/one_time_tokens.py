"""One-time tokens inside other use cases' transactions: issue, find, use up, and try a code."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from ygs.domain.errors import N_, OneTimeTokenSpent
from ygs.domain.ids import UserId
from ygs.domain.one_time_token import LIFETIME, OneTimeToken, OneTimeTokenKind, one_time_token_digest
from ygs.ports.authentication import Secrets
from ygs.ports.storage import Writing

OneTimeTokenText = Annotated[SecretStr, Field(max_length=100)]


def unguessable(secrets: Secrets) -> str:
    """Return 256 random bits as URL-safe text."""
    return urlsafe_b64encode(secrets.random_bytes(32)).decode().rstrip("=")


def hash_phone_code(secrets: Secrets, phone: str, code: str) -> str:
    """Return the keyed hash of a code and its phone.

    With it a one-time token proves this phone only, without storing its number.
    """
    return secrets.keyed_hash("phone_code", f"{phone} {code}")


async def write_one_time_token(
    tx: Writing,
    secrets: Secrets,
    kind: OneTimeTokenKind,
    *,
    at: datetime,
    user_id: UserId | None = None,
    data: Mapping[str, str] | None = None,
    code: str = "",
) -> str:
    """Issue a one-time token that is valid for ten minutes, and return its secret."""
    secret = unguessable(secrets)
    one_time_token = OneTimeToken(
        digest=one_time_token_digest(secret),
        kind=kind,
        expires_at=at + LIFETIME,
        user_id=user_id,
        data=data or {},
        code=code,
    )
    await tx.one_time_tokens.add(one_time_token)
    return secret


async def find_one_time_token(tx: Writing, kind: OneTimeTokenKind, secret: SecretStr, *, at: datetime) -> OneTimeToken:
    """Find a valid one-time token of that kind, or raise `OneTimeTokenSpent`."""
    found = await tx.one_time_tokens.find(one_time_token_digest(secret.get_secret_value()))
    if found is None:
        raise OneTimeTokenSpent(N_("start again"))
    return found.require(kind, at=at)


async def use_one_time_token(tx: Writing, kind: OneTimeTokenKind, secret: SecretStr, *, at: datetime) -> OneTimeToken:
    """Use up a one-time token and return it, or raise `OneTimeTokenSpent`."""
    one_time_token = await find_one_time_token(tx, kind, secret, at=at)
    await tx.one_time_tokens.save(one_time_token.use(at=at))
    return one_time_token


async def try_code(
    tx: Writing, kind: OneTimeTokenKind, secret: SecretStr, hidden: str, *, at: datetime, of: UserId | None = None
) -> tuple[OneTimeToken, bool]:
    """Try a code, given by its keyed hash (`hidden`), and count the try.

    Return the one-time token and whether the code is right. A right code uses the token up; five wrong ones void it.
    `OneTimeTokenSpent` if the token is void, used or expired, or does not belong to the user `of`.
    """
    one_time_token = await find_one_time_token(tx, kind, secret, at=at)
    if of is not None and one_time_token.user_id != of:
        raise OneTimeTokenSpent(N_("start again"))
    one_time_token, right = one_time_token.try_code(hidden, at=at)
    await tx.one_time_tokens.save(one_time_token)
    return one_time_token, right
