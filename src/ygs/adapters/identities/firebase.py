"""Firebase as an identity provider: verifies ID tokens with Firebase's SDK."""

import asyncio
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from ygs.adapters.circuit_breaker import Breaker
from ygs.domain.accounts import Provider
from ygs.domain.errors import N_, Misconfigured, SignInRefused, Unavailable
from ygs.ports.authentication import Identity

EMULATOR = "FIREBASE_AUTH_EMULATOR_HOST"
EMULATOR_HOST = "127.0.0.1:9099"
TOTAL_SECONDS = 5.0
_AT_ONCE = 4
_MOST_WAITING = 50
_OTHERWISE = ", or sign in otherwise"
_METHODS = frozenset({"phone", "google.com", "apple.com"})


class FirebaseTokens:
    """`Firebase` for one project.

    `credentials`: the service account as Google gives it, as a dict; with None the machine's own (ADC). Revoked tokens
    and disabled users are refused, which costs a request to Google each time. `emulator`: take the unsigned tokens of
    Firebase's emulator, at ``FIREBASE_AUTH_EMULATOR_HOST`` or else at the address where it usually listens.
    `Misconfigured` when that variable, with which the SDK takes unsigned tokens, is set and `emulator` is not.
    """

    def __init__(
        self,
        project: str,
        credentials: Mapping[str, Any] | None = None,
        *,
        emulator: bool = False,
        total: float = TOTAL_SECONDS,
    ) -> None:
        if os.environ.get(EMULATOR) and not emulator:
            raise Misconfigured(
                N_(
                    "{emulator} is set: Firebase's library would accept tokens that anybody can write; unset it or, in "
                    "development, set YGS_FIREBASE_EMULATOR=true as well"
                ),
                emulator=EMULATOR,
            )
        self._sets_variable = emulator and not os.environ.get(EMULATOR)
        if self._sets_variable:
            # The SDK has no other switch.
            os.environ[EMULATOR] = EMULATOR_HOST
        self._project = project
        self._credentials = credentials
        self._emulator = emulator
        self._total = total
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="firebase")
        self._breaker = Breaker("Firebase", _OTHERWISE)
        self._waiting = 0
        self._app: Any = None
        self._opening = threading.Lock()

    async def prove(self, id_token: str) -> Identity:
        """Verify an ID token and return its identity."""
        self._require_unchanged_emulator()
        self._breaker.require()
        if self._waiting >= _MOST_WAITING:
            raise Unavailable(N_("too many people are signing in by Firebase: try again in a moment"))
        # Counted until the thread ends, which may be later than the timeout.
        self._waiting += 1
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._verify, id_token)
        work.add_done_callback(self._done)
        try:
            async with asyncio.timeout(self._total):
                claims = await asyncio.shield(work)
        except (TimeoutError, _Unreachable):
            raise self._breaker.failed() from None
        except SignInRefused:
            self._breaker.answered()
            raise
        self._breaker.answered()
        return _identity(claims)

    async def close(self) -> None:
        """Release the threads and the SDK's app, without waiting for Google."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._sets_variable:
            os.environ.pop(EMULATOR, None)
        if self._app is not None:
            import firebase_admin

            firebase_admin.delete_app(self._app)
            self._app = None

    def _verify(self, id_token: str) -> Mapping[str, Any]:
        import firebase_admin
        from firebase_admin import auth, exceptions
        from google.auth.exceptions import GoogleAuthError

        app = self._get_app(firebase_admin)
        try:
            claims: Mapping[str, Any] = auth.verify_id_token(id_token, app=app, check_revoked=True)
        except (auth.InvalidIdTokenError, auth.UserDisabledError, auth.UserNotFoundError, ValueError, RecursionError):
            # The SDK's messages quote the token's claims.
            raise SignInRefused from None
        except (exceptions.FirebaseError, GoogleAuthError, OSError):
            raise _Unreachable from None
        return claims

    def _get_app(self, firebase_admin: Any) -> Any:
        """The SDK's app for the project, under a unique name; the first of several threads makes it."""
        with self._opening:
            if self._app is None:
                options = {"projectId": self._project, "httpTimeout": self._total}
                self._app = firebase_admin.initialize_app(self._certificate(), options, name=f"ygs-{uuid4()}")
            return self._app

    def _certificate(self) -> Any:
        from firebase_admin import credentials

        if self._credentials is None:
            return credentials.ApplicationDefault()
        return credentials.Certificate(dict(self._credentials))

    def _require_unchanged_emulator(self) -> None:
        """The SDK reads the variable for every token; setting it later must not make unsigned tokens valid."""
        if bool(os.environ.get(EMULATOR)) != self._emulator:
            raise Unavailable(N_("{emulator} changed while running: restart"), emulator=EMULATOR)

    def _done(self, work: "asyncio.Future[Mapping[str, Any]]") -> None:
        self._waiting -= 1
        if not work.cancelled():
            work.exception()


class _Unreachable(Exception):
    """Google did not answer. The waiting task counts it, once; the thread may fail long after the timeout."""


def _identity(claims: Mapping[str, Any]) -> Identity:
    details = claims.get("firebase")
    tenant = details.get("tenant") if isinstance(details, Mapping) else None
    method = details.get("sign_in_provider") if isinstance(details, Mapping) else None
    # Anonymous users and custom tokens prove no identity; users of a tenant are not this project's, though the audience
    # is the same.
    if tenant is not None or method not in _METHODS:
        raise SignInRefused
    return Identity(Provider.FIREBASE, str(claims["sub"]))
