"""Routes, use case by use case."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

from ygs.entrypoints.http.observability.request_log import PREFIX


class PrefixRouter(APIRouter):
    """The routes of one use case, tried only for paths below its prefix: FastAPI tries every route there is, one
    after another and then again, and with a hundred that costs a request as much as its answer."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether any of the routes is meant."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if not path.startswith(PREFIX + self.prefix):
            return Match.NONE, {}
        return super().matches(scope)
