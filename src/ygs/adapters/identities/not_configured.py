"""Stand-ins for identity providers that are not configured."""

from ygs.domain.errors import N_, NotSetUp
from ygs.ports.authentication import Identity


class NoFirebase:
    """`Firebase` of a service without a Firebase project."""

    async def prove(self, id_token: str) -> Identity:
        """Always raise `NotSetUp`."""
        raise NotSetUp(N_("signing in with Firebase is not set up here: set YGS_FIREBASE_PROJECT"))


class NoKakao:
    """`Kakao` of a service without an application at Kakao."""

    def authorize_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Always raise `NotSetUp`."""
        raise NotSetUp(N_("signing in with Kakao is not set up here: set YGS_KAKAO_CLIENT_ID"))

    async def prove(self, *, code: str, nonce: str, verifier: str) -> Identity:
        """Always raise `NotSetUp`."""
        raise NotSetUp(N_("signing in with Kakao is not set up here: set YGS_KAKAO_CLIENT_ID"))
