"""Routes, use case by use case."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Cookie, Header, Path
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from ygs.entrypoints.http.observability.request_log import PREFIX, route_path

HTTP_NO_CONTENT = 204


class StrictRoute(APIRoute):
    """A route that refuses query parameters it does not know: a mistyped filter would otherwise answer with everything
    there is."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if options.get("status_code") == HTTP_NO_CONTENT:
            # A JSONResponse would name the type of content that is not there.
            options["response_class"] = Response
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind that check."""
        handle = super().get_route_handler()
        # The fields of a model of the whole query are plain fields, and no other model is read here.
        elsewhere = (Path, Header, Cookie)
        known = {each.alias for each in get_flat_params(self.dependant) if not isinstance(each.field_info, elsewhere)}

        async def checked(request: Request) -> Response:
            if request.scope["query_string"]:
                unknown = [name for name in request.query_params if name not in known]
                if unknown:
                    raise RequestValidationError(
                        [{"type": "extra_forbidden", "loc": ("query", name)} for name in unknown]
                    )
            return await handle(request)

        return checked


class PrefixRouter(APIRouter):
    """The routes of one use case, tried only for paths below its prefix: FastAPI tries every route there is, one
    after another and then again, and with a hundred that costs a request as much as its answer."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"route_class": StrictRoute, **options})

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether any of the routes is meant."""
        if not route_path(scope).startswith(PREFIX + self.prefix):
            return Match.NONE, {}
        return super().matches(scope)
