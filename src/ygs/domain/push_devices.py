"""Devices that get push messages: the app on a person's phone, or their browser."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from ygs.domain.errors import N_, InvalidFact
from ygs.domain.ids import PushDeviceId, UserId

# A person who registers one more loses the one that was registered longest ago.
MOST_DEVICES = 10
TOKEN_LENGTH = 1024
_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushDevice:
    """A device of a user. `token`: where the push service finds it; whoever has it can send to the device."""

    id: PushDeviceId
    user_id: UserId
    token: str = field(repr=False)
    registered_at: datetime


def checked_token(token: str) -> str:
    """The token as the push service gave it; `InvalidFact` for anything else."""
    if len(token) > TOKEN_LENGTH or not _TOKEN.fullmatch(token):
        raise InvalidFact("token", N_("is no token of a push service: send what the app was given, unchanged"))
    return token
