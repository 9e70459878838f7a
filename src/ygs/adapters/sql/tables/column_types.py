"""Column types of all tables, and the sensitivity and retention of each column."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, String, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from ygs.domain.text import storable_text

# Every constraint is named in the table itself: PostgreSQL reports names, and `errors.py` reads them.
metadata = MetaData()


class Sensitivity(StrEnum):
    """How sensitive the values of a column are."""

    PUBLIC = "public"  # anybody may
    INTERNAL = "internal"  # tells nothing of a person by itself
    PERSONAL = "personal"  # tells something of a person
    SENSITIVE = "sensitive"  # of the kinds the law names, or as private: faith, past marriages, who said no to whom
    SECRET = "secret"  # noqa: S105 - a class, not a password


class Retention(StrEnum):
    """When the values of a column are deleted."""

    ACCOUNT = "account"  # removed when the person is erased
    HISTORY = "history"  # kept, so that nobody is introduced twice; names nobody once the person is erased
    ROUND = "round"  # removed with the week's inputs
    DELIVERY = "delivery"  # removed some time after it was delivered
    BRIEF = "brief"  # removed by the purge within days, for everybody
    AUDIT = "audit"  # removed after two years, from the oldest on
    RECOGNITION = "recognition"  # removed five years after the person left: it knows them again by a keyed hash
    CONTRACT = "contract"  # removed five years after the contract was over, whoever left before
    DISPUTE = "dispute"  # removed three years after it was assessed, whoever left before
    INFERRED = (
        "inferred"  # computed from what others answered: removed when the person is erased, and never shown to them
    )
    SERVICE = "service"  # as long as the service runs


def kept(sensitivity: Sensitivity, retention: Retention, *, subject: bool = False) -> dict[str, Any]:
    """The `info` that every column needs. `subject`: the export of a person's own data contains it."""
    return {"sensitivity": sensitivity, "retention": retention, "subject": subject}


def sealed(retention: Retention, *, subject: bool = False) -> dict[str, Any]:
    """`info` of a column that holds what `Keyring.seal` returns. The column's table needs an `id`."""
    return {**kept(Sensitivity.SECRET, retention, subject=subject), "sealed": True}


class Words(TypeDecorator[str]):
    """Text, ordered by code point on both databases; `InvalidText` for text that PostgreSQL would refuse."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`COLLATE "C"` where the server's own order would depend on its locale; SQLite compares bytes anyway."""
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """SQLite keeps a NUL and PostgreSQL does not, neither driver encodes a lone surrogate: refuse both, alike."""
        return None if value is None else storable_text("text", value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# An escaped NUL, and not a backslash that somebody wrote before the characters u0000.
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class JsonText(str):
    """A text that is JSON already, as `as_json` encodes it."""

    __slots__ = ()


def as_json(value: Any) -> str:
    """A structure as `Json` stores it, Hangul as it is."""
    return _encode(value)


class Json(TypeDecorator[Any]):
    """A JSON structure, or `JsonText`, stored as text; `InvalidText` for text in it that `Words` refuses."""

    impl = Words
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Hangul as it is; the text then passes `Words`."""
        dumped = str(value) if isinstance(value, JsonText) else _encode(value)
        # A look first, since the expression takes longer than the encoding.
        return _ESCAPED_NUL.sub("\x00", dumped) if "u0000" in dumped else dumped

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Tuples come back as lists."""
        # Most lists of most rows are empty, and a ledger reads six of them for each introduction.
        return [] if value == "[]" else json.loads(value)


def moment(value: datetime | str) -> datetime:
    """A moment as a database brings it, aware and in UTC."""
    read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return read if read.tzinfo is UTC else read.astimezone(UTC)


class Moment(TypeDecorator[datetime]):
    """A moment, UTC: `timestamptz`, or on SQLite ISO 8601 text of constant width, which sorts as the moments do."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type where it has one."""
        native = dialect.name == "postgresql"
        return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True) if native else String())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuses a moment without a time zone, which would be ambiguous."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.isoformat(timespec="microseconds")

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any] | None:
        """None for PostgreSQL, whose driver brings aware moments in UTC, whatever the time zone of the session."""
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Aware, UTC."""
        return None if value is None else moment(value)


# A counting key: SQLite numbers rows by itself only when the type is exactly INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")
