"""Loggers of libraries that say too much at INFO."""

import logging


def quiet_libraries() -> None:
    """Let these libraries log from WARNING on.

    httpx would write the address of every request: that of the messenger's webhook may hold a token.
    alembic would name its plugins at each start, line after line.
    """
    for name in ("httpx", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
