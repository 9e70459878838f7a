"""Numbers and dates of a workbook, as a person sees them."""

import re
from datetime import date, timedelta
from decimal import Decimal

# Dates and times among the formats that every workbook knows without naming them; 27-36 and 50-58 are the Korean ones.
_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
# What a format shows as it stands: quoted text, an escaped character, padding, and conditions or colours in brackets.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_PADDED = re.compile(r"[0#]+(-[0#]+)*")
_SHORT = re.compile(r"0|-?[1-9]\d{0,14}")
_FIRST_DAY = date(1899, 12, 31)
_FIRST_DAY_1904 = date(1904, 1, 1)
# Excel takes 1900 for a leap year, as Lotus 1-2-3 did: its day 60 never was.
_DAY_THAT_NEVER_WAS = 60
_LAST_DAY = 2_958_465
_SECONDS_A_DAY = 86_400


def is_date(number: int, code: str) -> bool:
    """Whether a number format shows dates or times: by its number, or by its code where the workbook gives one."""
    if not code:
        return number in _BUILT_IN_DATES
    shown = _LITERAL.sub("", code.partition(";")[0]).lower()
    return shown != "general" and any(letter in shown for letter in "ymdhs")


def padding(code: str) -> str:
    """The part of a format that puts zeros and hyphens among a number's digits ("000-0000-0000"), or nothing."""
    shown = re.sub(r"\\(.)", r"\1", code.partition(";")[0].replace('"', ""))
    return shown if "0" in shown and len(shown) > 1 and _PADDED.fullmatch(shown) else ""


def number_text(written: str) -> str:
    """A number with at most 15 significant digits, without an exponent; `ValueError` for what is none."""
    if _SHORT.fullmatch(written):
        return written
    number = float(written)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError(written)
    text = format(Decimal(format(number, ".15g")), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if number else "0"


def padded(digits: str, pad: str) -> str:
    """A whole number's digits in the places of `pad`; as they are where they are more than it has places."""
    places = sum(each != "-" for each in pad)
    if not digits.isdecimal() or len(digits) > places:
        return digits
    # Places before the first 0 are shown only when a digit falls there.
    left = list(digits)
    shown: list[str] = []
    first_zero = pad.index("0")
    for place in range(len(pad) - 1, -1, -1):
        if not left and place < first_zero:
            break
        shown.append("-" if pad[place] == "-" else left.pop() if left else "0")
    return "".join(reversed(shown))


def date_text(written: str, *, since_1904: bool) -> str:
    """A day number as ISO date, with the time unless it is midnight; below 1 a time. Other numbers stay numbers."""
    serial = float(written)
    if not 0 <= serial < _LAST_DAY + 1:
        return number_text(written)
    day, seconds = divmod(round(serial * _SECONDS_A_DAY), _SECONDS_A_DAY)
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if serial < 1 and not since_1904:
        return time
    return day_text(day, since_1904=since_1904) + (f" {time}" if seconds else "")


def day_text(day: int, *, since_1904: bool) -> str:
    """A day's number as ISO date."""
    if since_1904:
        return (_FIRST_DAY_1904 + timedelta(days=day)).isoformat()
    if day == _DAY_THAT_NEVER_WAS:
        return "1900-02-29"
    return (_FIRST_DAY + timedelta(days=day - (day > _DAY_THAT_NEVER_WAS))).isoformat()
