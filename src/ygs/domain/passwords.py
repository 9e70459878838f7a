"""Password rules: normalisation, length, and a check for passwords that are easy to guess.

There are no composition rules, which make passwords worse (NIST SP 800-63B-4, 3.1.1.2).
"""

import re
import unicodedata
from collections.abc import Iterable

from ygs.domain.errors import N_, InvalidText, WeakPassword
from ygs.domain.text import storable_text

SHORTEST = 15
LONGEST = 128

# The least number of characters after removing everything guessable, and of different characters.
_LEAST_LEFT = 8
_LEAST_DIFFERENT = 5
_SHORTEST_CONTEXT = 2

# Folded (NFKC, lower case). Lists of leaked passwords hold hardly any of 15 characters and more, because people make
# long ones by joining words like these. The last rows are Korean words as typed on a Latin keyboard.
_COMMON = """
password passwort p@ssw0rd passw0rd pa55word 비밀번호 패스워드 암호 letmein welcome iloveyou love secret admin
administrator login master superman batman dragon monkey football baseball sunshine princess princes charlie
michael jordan shadow trustno1 whatever starwars computer internet freedom hello test guest user root changeme
qwertyuiop qwerty asdfghjkl asdfgh asdf zxcvbnm zxcvbn zxcv 1q2w3e4r5t6y 1q2w3e4r 1qaz2wsx qazwsx
abcdefghijklmnopqrstuvwxyz abcdefgh abcdef abcd abc 01234567890 0123456789 1234567890 123456789 12345678 1234567
123456 12345 1234 123 9876543210 987654321 87654321 654321 4321 321 111111 000000 11111 00000 1111 0000 2580 1004
8282 correct horse battery staple 사랑해 사랑합니다 안녕하세요 안녕 대한민국 한국 서울
가나다라마바사아자차카타파하 가나다라마바사 가나다라 가나다 결혼 소개 궁합 행복 천사 korea seoul ygs qlalfqjsgh
dkssudgktpdy dkssud tkfkdgo tkfkdgody eogksalsrnr rkskekfk
"""

_SPACES = re.compile(r"[^\S ]")


def normalised(text: str, field: str = "password") -> str:
    """Normalise a password for hashing: NFC, and every kind of space as U+0020 (RFC 8265, OpaqueString).

    Hangul typed on macOS arrives decomposed, and NFC makes it equal to the same password typed on Windows. NFKC would
    also make different passwords equal (half width, ligatures, circled digits), which no keyboard makes necessary.
    `InvalidText` for NUL, lone surrogates and more than `LONGEST` characters, which are never hashed.
    """
    storable_text(field, text)
    # NFC shortens a text to a third at most, so a megabyte can be refused before it is normalised.
    if len(text) > 3 * LONGEST:
        raise InvalidText(field, N_("longer than {longest} characters"), longest=LONGEST)
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    if len(text) > LONGEST:
        raise InvalidText(field, N_("longer than {longest} characters"), longest=LONGEST)
    return text


def checked_password(text: str, context: Iterable[str] = (), field: str = "password") -> str:
    """Return `normalised(text)`; `WeakPassword`, which says why, if it is too short or easy to guess.

    `context`: what a stranger would guess first for this person, such as name, phone and e-mail address. `field`: the
    name of the field in errors.
    """
    password = normalised(text, field)
    if len(password) < SHORTEST:
        raise WeakPassword(
            field, N_("use at least {shortest} characters; a few words with spaces are fine"), shortest=SHORTEST
        )
    folded = _folded(password)
    if len(set(folded)) < _LEAST_DIFFERENT:
        raise WeakPassword(
            field, N_("use at least {least_different} different characters"), least_different=_LEAST_DIFFERENT
        )
    if _is_repetition(folded):
        raise WeakPassword(field, N_("is one short piece over and over; use a few unrelated words"))
    if len(_without(folded, _guesses(context))) < _LEAST_LEFT:
        raise WeakPassword(field, N_("is little more than common words, your name or your phone; use other words"))
    return password


def _folded(text: str) -> str:
    """Fold a text for comparing, so that full width or capitals do not hide a common word."""
    return unicodedata.normalize("NFKC", text).casefold()


def _is_repetition(text: str) -> bool:
    """Whether `text` is a piece of at most a third of its length, repeated (the last time perhaps cut off)."""
    return any(all(text[at] == text[at % size] for at in range(len(text))) for size in range(1, len(text) // 3 + 1))


def _guesses(context: Iterable[str]) -> list[str]:
    """Return common words and the person's own, longest first: removing a short one could split a long one."""
    own = (part for text in context for part in (*re.split(r"[\s@.]+", _folded(text)), *_digits(text)))
    return sorted({*_COMMON.split(), *(part for part in own if len(part) >= _SHORTEST_CONTEXT)}, key=len, reverse=True)


def _digits(text: str) -> tuple[str, ...]:
    """Return a phone as people write it: in full, without +82, and its last eight and four digits."""
    digits = "".join(character for character in text if character.isdecimal())
    national = "0" + digits.removeprefix("82") if digits.startswith("82") else digits
    return (digits, national, digits[-8:], digits[-4:]) if len(digits) >= _LEAST_LEFT else ()


def _without(text: str, guesses: Iterable[str]) -> str:
    for guess in guesses:
        text = text.replace(guess, "")
    return "".join(character for character in text if character.isalnum())
