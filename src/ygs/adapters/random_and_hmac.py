"""Random values from the operating system, and HMAC under a key of the service."""

import hashlib
import hmac
import secrets
import string

KEY_BYTES = 32
_CODE_DIGITS = 8


class SystemSecrets:
    """`Secrets` under a key of 32 bytes or more. Under another key, earlier counters and codes are not recognised."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key must have {KEY_BYTES} bytes or more: make one with `openssl rand -hex 32`")
        self._key = key

    def random_bytes(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def code(self) -> str:
        return "".join(secrets.choice(string.digits) for _ in range(_CODE_DIGITS))

    def keyed_hash(self, kind: str, text: str) -> str:
        return hmac.digest(self._key, f"{kind}|{text}".encode(errors="surrogatepass"), hashlib.sha256).hex()
