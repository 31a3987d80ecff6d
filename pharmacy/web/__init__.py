"""The pharmacy's pages: what needs a person, stock, orders, patients, messages, tables, logs.

Server-rendered and useful without any script. `site.py` is the frame that no page can leave out
(session, CSRF, bounds, headers, sentences instead of tracebacks); a module of `pages/` for each
part decides what a page does; `reading/` asks the database; `words.py` says how things are written.
One small script replaces the parts of a page that changed, so a stock figure falls within a second
of the drawer closing; without it the same page comes by reload.
"""

from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ExceptionHandler

from pharmacy.services import Services
from pharmacy.web.events import Events
from pharmacy.web.pages import attention, home, log, orders, patients, sign_in, stock, tables
from pharmacy.web.site import Handler, Site, not_found, with_headers

_STATIC = Path(__file__).parent / "static"
_FILES = ("pharmacy.css", "live.js", "icon.svg")
_MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def routes(services: Services) -> Sequence[BaseRoute]:
    """Return the routes of the pages."""
    site = Site(services)

    def route(
        path: str, get: Handler | None, post: Handler | None = None, *, to_all: bool = False
    ) -> Route:
        methods = (["GET"] if get else []) + (["POST"] if post else [])
        endpoint = site.handler(get, post, open_to_all=to_all)
        return Route(path, endpoint, methods=methods)

    door = sign_in.Door(site)
    return [
        route("/sign-in", door.show, door.take, to_all=True),
        route("/sign-out", None, door.leave),
        route("/password", door.show_password, door.change_password),
        route("/", home.show),
        route("/stock", stock.show),
        route("/stock/{cab}", stock.show),
        route("/stock/{cab}/{pocket:path}", stock.pocket),
        route("/orders", orders.listed),
        route("/orders/next", orders.next_one),
        route("/orders/{order}", orders.one, orders.decide),
        route("/patients", patients.listed),
        route("/patients/{patient}", patients.one),
        route("/attention", attention.items),
        route("/attention/{item}", attention.item, attention.close),
        route("/messages", attention.messages),
        route("/messages/{message}", attention.message, attention.again),
        route("/tables", tables.choose),
        route("/tables/drugs", tables.drugs, tables.save_drug),
        route("/tables/frequencies", tables.frequencies, tables.save_frequency),
        route("/log", log.cabinets),
        route("/log/{cab}", log.page),
        route("/log/{cab}/files/{file}", log.file),
        route("/log/{cab}/{log}/{ep}/{seq}", log.line),
        Route("/live", Events(services).stream, methods=["GET"]),
        Route("/static/{file}", _static, methods=["GET"]),
        Route("/favicon.ico", _static, methods=["GET"]),
    ]


def missing_pages(services: Services) -> dict[int, ExceptionHandler]:
    """Return what answers where no route does; cabinets get their JSON, people a sentence."""
    site = Site(services)

    def answer(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        if request.url.path.startswith("/v1/"):
            from pharmacy.api import problem

            return problem(status, "address", "Nothing stands at this address. Nothing was kept.")
        shown = not_found()
        shown.status = status
        return with_headers(site.plain(shown), secure=request.url.scheme == "https")

    return {404: answer, 405: answer}


async def _static(request: Request) -> Response:
    """Our own style, script and icon; there is nothing else to ask for."""
    name = request.path_params.get("file", "icon.svg")
    secure = request.url.scheme == "https"
    if name not in _FILES:
        return with_headers(Response("Nothing stands here.", 404), secure=secure)
    path = _STATIC / name
    response = FileResponse(path, media_type=_MEDIA[path.suffix])
    response.headers["Cache-Control"] = "no-cache"
    return with_headers(response, secure=secure)


__all__ = ["missing_pages", "routes"]
