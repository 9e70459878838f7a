"""Identity providers: Firebase by its ID tokens, and Kakao by OAuth redirect."""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ygs.application.accounts.one_time_tokens import (
    OneTimeTokenText,
    unguessable,
    use_one_time_token,
    write_one_time_token,
)
from ygs.application.rate_limits import ClientAddress, hit_rate_limit, raise_if_limited
from ygs.domain.errors import Conflict, IdTokenUsed, SignInRefused
from ygs.domain.ids import UserId
from ygs.domain.one_time_token import OneTimeToken, OneTimeTokenKind, one_time_token_digest
from ygs.domain.rate_limit import PER_ADDRESS
from ygs.ports.authentication import Firebase, Identity, Kakao, Secrets
from ygs.ports.clock_and_ids import Clock
from ygs.ports.storage import Storage

# Firebase's tokens are valid for an hour; used ones are stored for longer than that, so that none works twice.
_FIREBASE_REMEMBERED = timedelta(hours=2)


class FirebaseProof(BaseModel):
    """A Firebase ID token from the SDK. Each is accepted once; get a fresh one for another try: `getIdToken(true)`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id_token: SecretStr = Field(max_length=8192)


class KakaoStart(BaseModel):
    """The start of a Kakao sign-in. Redirect the person to `authorize_url`, keep `one_time_token` in their browser, and
    send it back with the parameters that Kakao adds to the redirect URL."""

    model_config = ConfigDict(frozen=True)

    authorize_url: str
    one_time_token: str


class KakaoProof(BaseModel):
    """The parameters that Kakao returned, with the one-time token kept in that browser."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one_time_token: OneTimeTokenText
    state: SecretStr = Field(max_length=100)
    code: SecretStr = Field(max_length=512)


@dataclass(frozen=True, slots=True)
class IdentityProviders:
    """Checks proofs of identity. Each proof is accepted once, and only the provider's own user id is trusted."""

    storage: Storage
    clock: Clock
    secrets: Secrets
    firebase: Firebase
    kakao: Kakao

    async def by_firebase(self, proof: FirebaseProof, origin: ClientAddress) -> Identity:
        """Return the identity that a Firebase ID token proves.

        `SignInRefused` for an invalid token, `IdTokenUsed` for a used one. `TooManyAttempts` for a network address
        with too many failures, because each may cost a request to Google.
        """
        token = proof.id_token.get_secret_value()
        now = self.clock.now()
        key = f"firebase:{origin.hashed(self.secrets)}"
        async with self.storage.write() as tx:
            wait = await hit_rate_limit(tx, [(key, PER_ADDRESS)], now)
        raise_if_limited(wait)
        identity = await self.firebase.prove(token)
        # The digest leaves out the signature, because the same one can be encoded in several ways.
        digest = one_time_token_digest(token.rpartition(".")[0])
        async with self.storage.write() as tx:
            if await tx.one_time_tokens.find(digest) is not None:
                raise IdTokenUsed
            used = OneTimeToken(
                digest=digest, kind=OneTimeTokenKind.FIREBASE, expires_at=now + _FIREBASE_REMEMBERED, used_at=now
            )
            try:
                await tx.one_time_tokens.add(used)
            except Conflict:
                # The slower of two concurrent requests with the same token.
                raise IdTokenUsed from None
            await tx.rate_limits.give_back(key)
        return identity

    async def start_kakao(self, origin: ClientAddress, user_id: UserId | None = None) -> KakaoStart:
        """Start a Kakao sign-in. Pass `user_id` when a signed-in user links a Kakao account."""
        now = self.clock.now()
        data = {name: unguessable(self.secrets) for name in ("state", "nonce", "verifier")}
        async with self.storage.write() as tx:
            wait = await hit_rate_limit(tx, [(f"kakao:{origin.hashed(self.secrets)}", PER_ADDRESS)], now)
            if not wait:
                one_time_token = await write_one_time_token(
                    tx, self.secrets, OneTimeTokenKind.KAKAO, at=now, user_id=user_id, data=data
                )
        raise_if_limited(wait)
        return KakaoStart(authorize_url=self.kakao.authorize_url(**data), one_time_token=one_time_token)

    async def by_kakao(self, proof: KakaoProof, user_id: UserId | None = None) -> Identity:
        """Return the identity that a Kakao code proves.

        `SignInRefused` unless the same user started it in the same browser. A failure uses up the one-time token too.
        """
        async with self.storage.write() as tx:
            one_time_token = await use_one_time_token(
                tx, OneTimeTokenKind.KAKAO, proof.one_time_token, at=self.clock.now()
            )
        state = proof.state.get_secret_value().encode("utf-8", "surrogatepass")
        if not compare_digest(one_time_token.data["state"].encode(), state) or one_time_token.user_id != user_id:
            raise SignInRefused
        return await self.kakao.prove(
            code=proof.code.get_secret_value(),
            nonce=one_time_token.data["nonce"],
            verifier=one_time_token.data["verifier"],
        )
