"""Routes, use case by use case."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast, get_origin, get_type_hints

from fastapi import APIRouter, Request, Response, params
from fastapi._compat import ModelField
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Cookie, Header, Path
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from starlette.datastructures import QueryParams
from starlette.routing import Match
from starlette.types import Scope

from ygs.entrypoints.http.observability.request_log import PREFIX, route_path

HTTP_NO_CONTENT = 204

Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A route that refuses query parameters it does not know: a mistyped filter would otherwise answer with everything
    there is."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if options.get("status_code") == HTTP_NO_CONTENT:
            # A JSONResponse would name the type of content that is not there.
            options["response_class"] = Response
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """The handler, behind that check."""
        handle = self._handler()
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

    def _handler(self) -> Handler:
        """The handler, without any check of this class."""
        return super().get_route_handler()


class HotRoute(StrictRoute):
    """A route that nearly everybody calls. FastAPI documents it like any other, but its arguments are filled in here:
    FastAPI takes longer to find out what an endpoint needs than some answers take.

    An endpoint may take what dependencies that need no more than the request give, a `Response` whose headers it sets,
    and its whole query as one model; `TypeError` for anything else. It returns a model.
    """

    def _handler(self) -> Handler:
        return _CallPlan.of(self.endpoint, self.dependant.query_params).answer


@dataclass(frozen=True, slots=True)
class _CallPlan:
    """How the arguments of an endpoint are had, by their names."""

    endpoint: Callable[..., Awaitable[BaseModel]]
    dependencies: Mapping[str, Callable[[Request], Awaitable[Any]]]
    response: str | None
    query: "_QueryModel | None"
    adapter: TypeAdapter[Any]

    @classmethod
    def of(cls, endpoint: Callable[..., Any], query: Sequence[ModelField]) -> "_CallPlan":
        """The plan of an endpoint whose query has these fields."""
        hints = get_type_hints(endpoint, include_extras=True)
        adapter = TypeAdapter[Any](hints.pop("return"))
        dependencies = {name: each for name, hint in hints.items() if (each := _dependency(hint))}
        response = next((name for name, hint in hints.items() if hint is Response), None)
        models = [_QueryModel(each) for each in query if _is_model(each.field_info.annotation)]
        model = models[0] if len(models) == 1 else None
        filled = {*dependencies, *([response] if response else []), *([model.name] if model else [])}
        if filled != hints.keys():
            raise TypeError(f"{endpoint.__name__} takes what a hot route cannot give: {hints.keys() - filled}")
        return cls(endpoint, dependencies, response, model, adapter)

    async def answer(self, request: Request) -> Response:
        """Call the endpoint, and answer with what it returns."""
        arguments = {name: await depended(request) for name, depended in self.dependencies.items()}
        if self.query:
            arguments[self.query.name] = self.query.read(request.query_params)
        response = Response(media_type="application/json")
        if self.response:
            arguments[self.response] = response
        response.body = self.adapter.dump_json(await self.endpoint(**arguments), by_alias=True)
        response.headers["content-length"] = str(len(response.body))
        return response


class _QueryModel:
    """A whole query as one model."""

    def __init__(self, field: ModelField) -> None:
        self.name = field.name
        self._field = field
        model = cast(type[BaseModel], field.field_info.annotation)
        lists = (name for name, each in model.model_fields.items() if get_origin(each.annotation) is list)
        self._lists = frozenset(lists)

    def read(self, query: QueryParams) -> BaseModel:
        """The model; `RequestValidationError` as FastAPI raises it."""
        given = {name: query.getlist(name) if name in self._lists else query[name] for name in query}
        model, errors = self._field.validate(given, {}, loc=("query",))
        if errors:
            raise RequestValidationError(errors)
        return cast(BaseModel, model)


def _is_model(annotation: object) -> bool:
    """Whether a type is a pydantic model."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _dependency(hint: Any) -> Callable[[Request], Awaitable[Any]] | None:
    """What gives an argument of this type from the request alone."""
    given = [each.dependency for each in getattr(hint, "__metadata__", ()) if isinstance(each, params.Depends)]
    return cast(Callable[[Request], Awaitable[Any]], given[0]) if given else None


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
