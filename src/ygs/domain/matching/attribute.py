"""The shape of the vocabulary: attributes, the answers they allow, and how near those are to each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ygs.domain.errors import UnknownValue

UNKNOWN = 0  # The code of an unknown fact; it never means "no".


class Language(StrEnum):
    """A language of the texts that people read."""

    KO = "ko"
    EN = "en"


class Kind(StrEnum):
    """How the values of an attribute relate: ordered, unordered, or several at once."""

    ORDINAL = "ordinal"
    CATEGORY = "category"
    SET = "set"


class Group(StrEnum):
    """The part of a member's sheet an attribute belongs to."""

    IDENTITY = "identity"
    PROFILE = "profile"
    LIFESTYLE = "lifestyle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One coded answer and its words in both languages."""

    code: str
    ko: str
    en: str

    def label(self, language: Language) -> str:
        """The words for a person who reads `language`."""
        return self.ko if language is Language.KO else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One question about a person, its possible answers, and how near to each other those are.

    Answers are either `values` or, for a number, every integer from `low` to `high`.
    """

    code: str
    kind: Kind
    group: Group
    ko: str
    en: str
    values: tuple[Value, ...] = ()
    low: int = 0
    high: int = 0
    unit_ko: str = ""
    unit_en: str = ""
    slack: int = 0
    # Not hashed: a mapping proxy has no hash before Python 3.12, and an attribute should be usable as a key.
    neighbours: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    sensitive: bool = False
    # The number of possible answers; their codes are 1 to `size`. A field, because every fact that is read needs it.
    size: int = field(init=False, repr=False, compare=False)
    _codes: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A dict, because loading a market looks up every fact of every member.
        object.__setattr__(self, "size", len(self.values) or self.high - self.low + 1)
        codes = {value.code: code for code, value in enumerate(self.values, start=1)}
        object.__setattr__(self, "_codes", MappingProxyType(codes))

    @property
    def is_number(self) -> bool:
        """Whether the answers are integers rather than coded values."""
        return not self.values

    def code_of(self, value: str | int) -> int:
        """The stored code of an answer, 1 to `size`; `UnknownValue` for anything that is not one."""
        if self.is_number:
            # True is an int to Python, but nobody is True centimetres tall.
            if isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high:
                return value - self.low + 1
        elif isinstance(value, str) and value in self._codes:
            return self._codes[value]
        raise UnknownValue(self.code, value)

    def value_of(self, code: int) -> str | int:
        """The answer a code stands for; `UnknownValue` outside 1 to `size`, so also for `UNKNOWN`."""
        # Without this check code 0 would index from the end, and an unknown fact would read as the last answer.
        if not 1 <= code <= self.size:
            raise UnknownValue(self.code, code)
        return self.low + code - 1 if self.is_number else self.values[code - 1].code

    def mask_of(self, values: Iterable[str]) -> int:
        """Several coded answers as one integer: bit `code - 1` for each. Order and repetition do not matter."""
        mask = 0
        for value in values:
            mask |= 1 << (self.code_of(value) - 1)
        return mask

    def values_in(self, mask: int) -> tuple[str, ...]:
        """The answers in a mask, in vocabulary order; `UnknownValue` if it has a bit that stands for none."""
        # A newer release or a mistake wrote the stray bit. Dropping it would narrow the wish without notice.
        if mask >> len(self.values):
            raise UnknownValue(self.code, mask)
        return tuple(value.code for bit, value in enumerate(self.values) if mask >> bit & 1)

    def read(self, stored: int) -> str | int | tuple[str, ...]:
        """The answer that a stored code stands for, or for a set the answers of a mask."""
        return self.values_in(stored) if self.kind is Kind.SET else self.value_of(stored)

    def label(self, value: str | int, language: Language) -> str:
        """An answer in words: "서울", "175 cm", "1990년생"; `UnknownValue` if it is not an answer."""
        code = self.code_of(value)
        if not self.is_number:
            return self.values[code - 1].label(language)
        unit = self.unit_ko if language is Language.KO else self.unit_en
        # Korean counters are written onto the number, Latin units after a space.
        return f"{value} {unit}".rstrip() if unit.isascii() else f"{value}{unit}"

    def name(self, language: Language) -> str:
        """What the attribute is called in `language`."""
        return self.ko if language is Language.KO else self.en
