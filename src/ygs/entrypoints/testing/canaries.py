"""Canaries of exported sheets, without secrets of a service."""

from datetime import datetime

from ygs.adapters.libphonenumber import LibPhones
from ygs.adapters.random_and_hmac import SystemSecrets
from ygs.application.exporting.canaries import Canaries, CanaryPhones, MadeUpPeople
from ygs.domain.users import User
from ygs.entrypoints.testing.accounts import KEY
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.storage import Storage


def canaries(storage: Storage, *phones: str) -> Canaries:
    """Use cases of canaries that have these phones; without any, sheets have no canary."""
    secrets = SystemSecrets(KEY)
    return Canaries(storage, FrozenClock(), secrets, LibPhones(), CanaryPhones(phones), MadeUpPeople(_made_up))


def _made_up(seed: int, at: datetime) -> User:
    return a_user(10_000 + seed % 10_000, created_at=at, updated_at=at)
