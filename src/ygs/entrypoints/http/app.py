"""The HTTP service: one FastAPI application over one ygs `Application`."""

from fastapi import FastAPI

from ygs.application.vocabulary import AttributeView, vocabulary
from ygs.bootstrap import Application

PREFIX = "/api/v1"


def create(application: Application) -> FastAPI:
    """The service over an open application, whose owner closes it after the service has stopped."""
    app = FastAPI(title="ygs", version="1")

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        """Whether this process answers at all."""
        return {"status": "alive"}

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        """Whether the database answers."""
        async with application.storage.read() as reading:
            await reading.weeks.latest(1)
        return {"status": "ready"}

    @app.get(f"{PREFIX}/vocabulary", operation_id="get_vocabulary")
    async def get_vocabulary() -> list[AttributeView]:
        """Every coded value with its Korean and English label."""
        return vocabulary()

    return app
