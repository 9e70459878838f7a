"""Push messages by Firebase Cloud Messaging, with Firebase's SDK."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

from ygs.ports.channels import Refused, TryAgain
from ygs.ports.message_senders import Address, PersonalMessage

TOTAL_SECONDS = 10.0
_AT_ONCE = 8
# An undelivered message is dropped by the service after this time: what it says is old news by then.
KEPT_FOR = timedelta(days=2)


class FirebasePushSender:
    """`MessageSender` to the tokens of devices, for one Firebase project.

    `credentials`: the service account as Google gives it, as a dict; with None the machine's own (ADC). The SDK blocks,
    so it runs in threads.
    """

    def __init__(
        self, project: str, credentials: Mapping[str, Any] | None = None, *, total: float = TOTAL_SECONDS
    ) -> None:
        self._project = project
        self._credentials = credentials
        self._total = total
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="firebase-push")
        self._app: Any = None
        self._opening = threading.Lock()

    async def send(self, to: Address, message: PersonalMessage) -> int | None:
        """Send one push message; the service's own status is returned only with a refusal."""
        work = asyncio.get_running_loop().run_in_executor(self._threads, self._send, to.value, message)
        try:
            async with asyncio.timeout(self._total):
                # Cancelled when it is late: one that waits for a thread is then never begun.
                await work
        except TimeoutError:
            raise TryAgain("no_answer") from None
        return None

    async def close(self) -> None:
        """Release the threads and the SDK's app, without waiting for Google."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._app is not None:
            import firebase_admin

            # In a thread: it ends a client of its own by `asyncio.run`.
            await asyncio.to_thread(firebase_admin.delete_app, self._app)
            self._app = None

    def _send(self, token: str, message: PersonalMessage) -> None:
        from firebase_admin import exceptions, messaging
        from google.auth.exceptions import GoogleAuthError

        app = self._get_app()
        # The SDK's errors quote the request.
        try:
            messaging.send(_push(token, message), app=app)
        except (messaging.UnregisteredError, messaging.SenderIdMismatchError) as error:
            raise Refused("device_gone", _status(error), gone=True) from None
        except exceptions.InvalidArgumentError as error:
            raise Refused("message_refused", _status(error)) from None
        except exceptions.FirebaseError as error:
            raise TryAgain("push_failed", _status(error), _wait(error)) from None
        except (GoogleAuthError, OSError):
            raise TryAgain("no_answer") from None

    def _get_app(self) -> Any:
        """The SDK's app for the project, under a unique name; the first of several threads makes it."""
        import firebase_admin
        from firebase_admin import credentials

        with self._opening:
            if self._app is None:
                account = dict(self._credentials) if self._credentials is not None else None
                certificate = credentials.Certificate(account) if account else credentials.ApplicationDefault()
                options = {"projectId": self._project, "httpTimeout": self._total}
                self._app = firebase_admin.initialize_app(certificate, options, name=f"ygs-push-{uuid4()}")
            return self._app


def _push(token: str, message: PersonalMessage) -> Any:
    """A message that replaces an earlier copy of itself on the device."""
    from firebase_admin import messaging

    push = messaging.Message(
        notification=messaging.Notification(title=message.title, body=message.text),
        data={"type": message.type.value, "link": message.link},
        android=messaging.AndroidConfig(ttl=KEPT_FOR, notification=messaging.AndroidNotification(tag=message.id)),
        apns=messaging.APNSConfig(headers={"apns-collapse-id": message.id}),
    )
    # As an argument it makes the SDK warn that installation ids will replace tokens, which apps do not have yet.
    push.token = token
    return push


def _status(error: Any) -> int | None:
    response = error.http_response
    return None if response is None else int(response.status_code)


def _wait(error: Any) -> timedelta | None:
    seconds = "" if error.http_response is None else error.http_response.headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() and len(seconds) < 7 else None
