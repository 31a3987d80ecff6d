"""The demonstration page's server, on loopback: the page, its state as events, and its hands."""

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sim.demo.page import CannotDo, Page

STATIC = files("sim.demo") / "static"
LOOK_S = 0.1
"""How often the state is looked at; the page is told only what changed."""
ACTION_BYTES_MAX = 1_024
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def build(page: Page) -> Starlette:
    """The application."""

    async def index(_request: Request) -> Response:
        return FileResponse(str(STATIC / "index.html"), headers=HEADERS)

    async def state(_request: Request) -> Response:
        return JSONResponse(await anyio.to_thread.run_sync(page.state), headers=HEADERS)

    async def events(request: Request) -> Response:
        return StreamingResponse(
            _states(request, page), media_type="text/event-stream", headers=HEADERS
        )

    async def do(request: Request) -> Response:
        try:
            action = await _action(request)
            await anyio.to_thread.run_sync(page.act, action)
        except CannotDo as cannot:
            return JSONResponse({"error": str(cannot)}, status_code=409, headers=HEADERS)
        return JSONResponse({}, headers=HEADERS)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/state", state),
            Route("/events", events),
            Route("/do", do, methods=["POST"]),
            Mount("/static", StaticFiles(directory=str(STATIC))),
        ]
    )


async def _action(request: Request) -> dict[str, Any]:
    """The action in a request.

    Raises:
        CannotDo: too long, not JSON, or not from this page.
    """
    if not _is_ours(request):
        raise CannotDo("Only the demonstration page itself may do things here.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > ACTION_BYTES_MAX:
            raise CannotDo("That was too long to be anything a hand can do. Nothing was done.")
    try:
        action = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise CannotDo("That could not be understood. Nothing was done.") from wrong
    if not isinstance(action, dict):
        raise CannotDo("That could not be understood. Nothing was done.")
    return action


def _is_ours(request: Request) -> bool:
    """Whether a request comes from this page: by Host (rebinding), Sec-Fetch-Site and Origin."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin", f"http://{host}")
    site = request.headers.get("sec-fetch-site", "same-origin")
    named = host.rpartition(":")[0] or host
    return (
        named in {"127.0.0.1", "localhost"}
        and origin == f"http://{host}"
        and site in {"same-origin", "none"}
    )


async def _states(request: Request, page: Page) -> AsyncIterator[str]:
    """The state, each time it is another one."""
    last = ""
    while not await request.is_disconnected():
        now = json.dumps(await anyio.to_thread.run_sync(page.state))
        if now != last:
            last = now
            yield f"data: {now}\n\n"
        await asyncio.sleep(LOOK_S)
