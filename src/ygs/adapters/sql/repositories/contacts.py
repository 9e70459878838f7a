"""Contacts as keyed hashes, and the live users who have or had them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from sqlalchemy import CTE, Column, ColumnElement, CompoundSelect, or_, select, union, union_all

from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.transaction import SqlTransaction
from ygs.adapters.sql.tables.users import LIVE, former_contacts, users
from ygs.domain.contacts import Contact
from ygs.domain.users import User

# The two columns of a table of pairs, each of which holds a user's id or a contact's hash.
PairColumns: TypeAlias = tuple[Column[str], Column[str]]


def contact_hash(contact: Contact, keyring: Keyring) -> str:
    """The blind index of a contact, as in the column of `users` that holds such contacts."""
    return keyring.index(users.c.phone if contact.kind == "phone" else users.c.email, contact.text)


async def former_hashes(tx: SqlTransaction, user: User) -> set[str]:
    """The hashes of a user's former contacts."""
    kept = select(former_contacts.c.contact).where(former_contacts.c.user_id == user.id)
    return {row.contact for row in await tx.rows(kept)}


async def contact_hashes(tx: SqlTransaction, user: User) -> set[str]:
    """The hashes of a user's present and former contacts."""
    return {contact_hash(each, tx.keyring) for each in Contact.of(user)} | await former_hashes(tx, user)


def holders(whom: ColumnElement[bool]) -> CTE:
    """Live users with each of their names: the id, and the hashes of present and former contacts."""
    theirs = (users.c.id, users.c.phone_index, users.c.email_index)
    now = [select(each.label("known"), users.c.id.label("user_id")).where(LIVE, whom) for each in theirs]
    had = select(former_contacts.c.contact, former_contacts.c.user_id).join(users).where(LIVE, whom)
    return union_all(*now, had).cte("holders")


def held_pairs(tables: Iterable[PairColumns], known: CTE) -> CompoundSelect[Any]:
    """The pairs among these holders that tables of pairs hold, under any of their names."""
    one = known.alias("one")
    other = known.alias("another")
    pairs = select(one.c.user_id, other.c.user_id.label("other_id")).where(one.c.user_id != other.c.user_id)
    return union_all(
        *(
            pairs.join_from(left.table, one, one.c.known == left).join(other, other.c.known == right)
            for left, right in tables
        )
    )


async def market_pairs(
    tx: SqlTransaction, columns: PairColumns, enrolled: ColumnElement[bool]
) -> Iterator[tuple[str, str]]:
    """Every pair of enrolled users that a table of pairs holds, in three statements.

    For a whole market this is ten times as fast as the one statement of `held_pairs`, which is for a few people.
    """
    pairs = await tx.rows(select(*columns))
    if not pairs:
        return iter(())
    found = await _market_holders(tx, columns, enrolled)
    return (pair for one, other in pairs for pair in product(found.get(one, ()), found.get(other, ())))


async def _market_holders(
    tx: SqlTransaction, columns: PairColumns, enrolled: ColumnElement[bool]
) -> Mapping[str, Sequence[str]]:
    sides = union(*(select(column.label("known")) for column in columns)).subquery()
    known = select(sides.c.known)
    found: dict[str, list[str]] = defaultdict(list)
    each: tuple[Any, ...] = (users.c.id, users.c.phone_index, users.c.email_index)
    query = select(*each).where(LIVE, enrolled, or_(*(column.in_(known) for column in each)))
    for row in await tx.rows(query):
        for side in filter(None, row):
            found[side].append(row.id)
    had = select(former_contacts.c.user_id, former_contacts.c.contact).join(users)
    for row in await tx.rows(had.where(LIVE, enrolled, former_contacts.c.contact.in_(known))):
        found[row.contact].append(row.user_id)
    return found
