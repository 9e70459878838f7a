"""Contacts: phones and e-mail addresses. They also recognise a person who comes back with another id."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from ygs.domain.errors import N_, InvalidFact
from ygs.domain.text import required_text
from ygs.domain.users import EMAIL_LENGTH, User


class ContactKind(StrEnum):
    """The kind of a contact."""

    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone (E.164) or e-mail address (lower case), normalised so that equal contacts compare equal."""

    kind: ContactKind
    text: str

    @classmethod
    def phone(cls, e164: str) -> Self:
        """The contact of a phone in E.164."""
        return cls(ContactKind.PHONE, e164)

    @classmethod
    def email(cls, address: str) -> Self:
        """The contact of an e-mail address in any case; `InvalidFact` when it is not an address."""
        text = required_text("email", address, at_most=EMAIL_LENGTH).casefold()
        name, at, host = text.rpartition("@")
        if not (name and at and "." in host) or any(each.isspace() for each in text):
            raise InvalidFact("email", N_("is no e-mail address; write it like name@example.com"))
        return cls(ContactKind.EMAIL, text)

    @classmethod
    def of(cls, user: User) -> frozenset[Self]:
        """Every contact of a user."""
        phone = [cls.phone(user.phone)] if user.phone else []
        # An imported address may be malformed, and still identifies the user, so it is not checked here.
        email = [cls(ContactKind.EMAIL, user.email.casefold())] if user.email else []
        return frozenset([*phone, *email])


def proven_contact(user: User, kind: ContactKind) -> str | None:
    """The user's phone or e-mail address, if they have proven that it is theirs; None otherwise."""
    if kind is ContactKind.PHONE:
        return user.phone if user.phone_proven_at else None
    return user.email if user.email_proven_at else None
