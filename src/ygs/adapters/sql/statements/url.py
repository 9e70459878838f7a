"""Reads database URLs."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ygs.domain.errors import N_, Misconfigured


def parse_url(text: str) -> URL:
    """The parts of a database URL. `Misconfigured`, which does not show the URL, where it cannot be read."""
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # Without the cause: it quotes a part of the URL, which may be of the password.
        raise Misconfigured(
            N_(
                "the database URL cannot be read: write postgresql://user:password@host:5432/name, and in a password "
                "%40 for @, %3A for :, %2F for /"
            )
        ) from None
