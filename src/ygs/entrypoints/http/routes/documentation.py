"""The documentation one can try things in: for everybody in development, in production for staff alone.

A browser sends no token when it opens a page, so the page is for anybody and says nothing: it asks for an access token,
and shows what the service answers to it.
"""

import asyncio
from base64 import b64encode
from hashlib import sha256

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from ygs.application.actors import Actor, Permission
from ygs.domain.errors import SignInRefused
from ygs.entrypoints.http.dependencies import Ygs, signed_in

router = APIRouter(include_in_schema=False)

# Of one version, and refused by the browser when it is not just this: staff paste a token into the page.
_LIBRARY = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0"
_STYLE = "sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I"
_BUNDLE = "sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9"
_SCRIPT = """
const form = document.querySelector("form");
async function show(token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const reply = await fetch("openapi.json", { headers });
  form.hidden = reply.ok;
  form.elements.said.value = token ? "직원의 토큰이 아니거나 만료되었습니다. / No token of staff, or an old one." : "";
  if (!reply.ok) return;
  const page = SwaggerUIBundle({ spec: await reply.json(), dom_id: "#documentation", deepLinking: true });
  if (token) page.preauthorizeApiKey("bearer", token);
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(new FormData(form).get("token").trim());
});
show("");
"""
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>ygs</title>
<link rel="stylesheet" href="{_LIBRARY}/swagger-ui.css" integrity="{_STYLE}" crossorigin="anonymous">
</head>
<body>
<form hidden>
<label>직원의 액세스 토큰 / Access token of staff
<input name="token" type="password" autocomplete="off" required></label>
<button>열기 / Open</button>
<output name="said"></output>
</form>
<div id="documentation"></div>
<script src="{_LIBRARY}/swagger-ui-bundle.js" integrity="{_BUNDLE}" crossorigin="anonymous"></script>
<script>{_SCRIPT}</script>
</body>
</html>
"""
_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src {_LIBRARY}/ 'sha256-{b64encode(sha256(_SCRIPT.encode()).digest()).decode()}'",
        # The library writes styles into its elements.
        f"style-src {_LIBRARY}/ 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@router.get("/docs")
async def read_documentation() -> HTMLResponse:
    """The page."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/openapi.json")
async def open_document(request: Request, ygs: Ygs) -> Response:
    """What the page shows, and what clients are generated from. In production 404 as if there were nothing, for who is
    not staff."""
    if ygs.settings.in_production and not await _by_staff(request):
        raise HTTPException(404)
    # The first time it takes half a second to make, in which others are answered.
    document = await asyncio.to_thread(request.app.openapi)
    root = request.scope.get("root_path") or "/"
    return JSONResponse({**document, "servers": [{**document["servers"][0], "url": root}]})


async def _by_staff(request: Request) -> bool:
    try:
        actor: Actor = await signed_in(request)
    except SignInRefused:
        return False
    return Permission.READ_DOCUMENTATION in actor.permissions
