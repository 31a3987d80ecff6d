"""Server-sent events: which topics changed, never what changed.

A page asks again for itself and replaces its own parts, so there is one way to draw a page and
nothing can be missed. The stream ends with the session; watching a page is not being at work, so it
does not keep a session alive (T20).
"""

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pharmacy.live import TOPICS, TooManyWatchersError
from pharmacy.services import Services, users
from pharmacy.web.site import COOKIE, with_headers

BEAT_S = 15
"""An empty word so often: proxies keep the line open, and the session is looked at again."""
RETRY_MS = 2000


class Events:
    """The stream of changes."""

    def __init__(self, services: Services) -> None:
        self._office = services.office

    async def stream(self, request: Request) -> Response:
        """Answer the stream of the topics asked for."""
        secure = request.url.scheme == "https"
        token = request.cookies.get(COOKIE, "")
        if not await self._signed_in(token):
            return with_headers(Response("Sign in first.", 401), secure=secure)
        asked = request.query_params.get("topics", "")[:200].split(",")
        topics = frozenset(asked) & frozenset(TOPICS)
        response = StreamingResponse(self._events(topics, token), media_type="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"
        return with_headers(response, secure=secure)

    async def _events(self, topics: frozenset[str], token: str) -> AsyncGenerator[bytes, None]:
        yield b"retry: %d\n\n" % RETRY_MS
        watch = self._office.live.watch(topics, timeout_s=BEAT_S)
        try:
            first = True
            async for changed in watch:
                if changed:
                    yield f"event: changed\ndata: {','.join(sorted(changed))}\n\n".encode()
                elif first:
                    yield b"event: watching\ndata: \n\n"
                elif await self._signed_in(token):
                    yield b": still here\n\n"
                else:
                    yield b"event: over\ndata: \n\n"
                    return
                first = False
        except TooManyWatchersError:
            yield b"event: full\ndata: \n\n"
        finally:
            await watch.aclose()

    async def _signed_in(self, token: str) -> bool:
        found = await asyncio.to_thread(users.session, self._office, token, touch=False)
        return found is not None
