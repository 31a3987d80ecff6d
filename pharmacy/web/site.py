"""The frame of every page: who is signed in, what was sent, what may be answered.

A page is a plain function `(Visit) -> Response` that runs in a worker thread. Before it runs, the
frame has read a bounded body, checked where a form comes from, found the session and decided
whether it may go on; after it, the frame has put the headers on and turned everything that can go
wrong into a page with a sentence. No page decides any of this itself, so none can forget it.

- Every page needs a session; a form needs the session's CSRF token as well (T20).
- Templates escape everything; scripts and styles come from two files of ours and nowhere else.
- What the browser sends is cleaned and bounded here (T23): ids and forms with invisible characters
  or beyond their size get a sentence, never a traceback.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import anyio.to_thread
import jinja2
import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pharmacy.services import Office, ServiceError, Services, users
from pharmacy.services.text import clean
from pharmacy.web import words
from pharmacy.web.said import said

FORM_BYTES_MAX = 65_536
FORM_FIELDS_MAX = 200
FIELD_CHARS_MAX = 8_000
ID_CHARS_MAX = 128
COOKIE = "adc_session"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers would send forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
MAY = {
    "pharmacist": frozenset({"judge", "tables", "attention", "export"}),
    "technician": frozenset({"attention"}),
    "viewer": frozenset[str](),
}
"""What a role may do beside reading; nobody reads without a session."""

_NUMBER = re.compile(r"[0-9]{1,15}\Z")
_log = structlog.get_logger("pharmacy.web")

Handler = Callable[["Visit"], Response]


class PageError(Exception):
    """A page cannot be shown; status and sentence of what is shown instead."""

    def __init__(self, status: int, title: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.title, self.sentence = status, title, sentence


def not_found(what: str = "Nothing stands at this address.") -> PageError:
    """What is answered where there is nothing to show."""
    return PageError(
        404, "Not found", f"{what} Nothing was changed. Go to the home page and choose from there."
    )


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One request by one signed-in person (or, on the sign-in page, by somebody).

    Attributes:
        form: what a form sent; later fields of one name go before earlier ones.
        fields: every field of the form in order.
        query: what stands behind the `?`.
        secure: whether the request came over TLS.
    """

    site: "Site"
    person: users.SignedIn | None
    path: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    fields: tuple[tuple[str, str], ...]
    cookies: Mapping[str, str]
    secure: bool

    @property
    def office(self) -> Office:
        """Where queries read."""
        return self.site.services.office

    @property
    def services(self) -> Services:
        """What the pharmacy can be asked to do."""
        return self.site.services

    @property
    def by(self) -> str:
        """Who asks."""
        return self.person.user if self.person is not None else ""

    def may(self, what: str) -> bool:
        """Whether this person's role allows it."""
        return self.person is not None and what in MAY.get(self.person.role, frozenset())

    def demand(self, what: str) -> None:
        """Refuse, in a sentence, what the role does not allow.

        Raises:
            PageError: it does not.
        """
        if not self.may(what):
            raise PageError(
                403,
                "Not allowed",
                "Your role does not allow this. Nothing was changed. Ask a pharmacist to do it.",
            )

    def name(self, part: str) -> str:
        """An id out of the address.

        Raises:
            PageError: no id can look like this.
        """
        text = self.names.get(part, "")
        if not text or len(text) > ID_CHARS_MAX or clean(text) != text:
            raise not_found()
        return text

    def number(self, part: str) -> int:
        """A whole number out of the address.

        Raises:
            PageError: it is none.
        """
        text = self.names.get(part, "")
        if _NUMBER.fullmatch(text) is None:
            raise not_found()
        return int(text)

    def asked(self, name: str, default: int | None = None) -> int | None:
        """A whole number out of the query; what is none counts as not asked."""
        text = self.query.get(name, "")
        return int(text) if _NUMBER.fullmatch(text) else default

    def field(self, name: str) -> str:
        """A field of the form, cleaned; empty when it was not sent."""
        return clean(self.form.get(name, ""))

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Render a page."""
        return self.site.render(self, template, status=status, **context)

    def go(self, path: str) -> Response:
        """Send the browser on, after a form."""
        return RedirectResponse(path, status_code=303)


class Site:
    """The pages over one set of services."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(self._filters())

    def render(
        self, visit: Visit | None, template: str, *, status: int, **context: Any
    ) -> Response:
        """Render a template with what every page needs."""
        person = None if visit is None else visit.person
        page = self._templates.get_template(template).render(
            person=person,
            may=(lambda _what: False) if visit is None else visit.may,
            csrf="" if person is None else person.csrf,
            path="" if visit is None else visit.path,
            said=said(visit.query) if visit is not None else None,
            demo=self.services.office.demo,
            now_s=self.services.office.clock.now_s(),
            **context,
        )
        return HTMLResponse(page, status)

    def handler(self, get: Handler | None, post: Handler | None, *, open_to_all: bool) -> Any:
        """Wrap page functions into what the router calls."""

        async def endpoint(request: Request) -> Response:
            work = post if request.method == "POST" else get
            assert work is not None, "The router asks only for methods that a page has."
            response = await self._answer(request, work, open_to_all=open_to_all)
            return with_headers(response, secure=request.url.scheme == "https")

        return endpoint

    async def _answer(self, request: Request, work: Handler, *, open_to_all: bool) -> Response:
        try:
            fields = await _fields(request)
            return await anyio.to_thread.run_sync(
                lambda: self._visited(request, fields, work, open_to_all=open_to_all)
            )
        except PageError as error:
            return self.plain(error)

    def _visited(
        self,
        request: Request,
        fields: tuple[tuple[str, str], ...],
        work: Handler,
        *,
        open_to_all: bool,
    ) -> Response:
        try:
            visit = self._visit(request, fields)
            if visit.person is None and not open_to_all:
                return _to_sign_in(request)
            if visit.person is not None and request.method == "POST" and not open_to_all:
                self._check_csrf(visit)
            if self._must_change_first(visit) and not open_to_all:
                return RedirectResponse("/password", status_code=303)
            try:
                return work(visit)
            except PageError as error:
                return self.plain(error, visit)
            except ServiceError as error:
                return self.plain(PageError(422, "Not done", str(error)), visit)
        except PageError as error:
            return self.plain(error)
        except SQLAlchemyError as error:
            _log.error("page.database", error=type(error).__name__)
            return self.plain(
                PageError(
                    503,
                    "The database does not answer",
                    "Nothing was changed. The cabinets work on without it. Try again in a minute; "
                    "if it stays so, call whoever runs this server.",
                )
            )
        except Exception as error:  # noqa: BLE001 - a page may fail; a traceback reaches nobody
            _log.error("page.fault", path=request.url.path[:80], error=type(error).__name__)
            return self.plain(
                PageError(
                    500,
                    "A fault of ours",
                    "This page could not be made. What was changed before still stands; look "
                    "before doing it again, and tell whoever runs this server when it happened.",
                )
            )

    def _visit(self, request: Request, fields: tuple[tuple[str, str], ...]) -> Visit:
        # A page that refreshes itself is nobody at work: it must not keep a session alive (T20).
        by_itself = request.headers.get("x-refresh") == "1"
        token = request.cookies.get(COOKIE, "")
        person = users.session(self.services.office, token, touch=not by_itself)
        return Visit(
            site=self,
            person=person,
            path=request.url.path,
            names={name: str(value) for name, value in request.path_params.items()},
            query={name: value[:FIELD_CHARS_MAX] for name, value in request.query_params.items()},
            form=dict(fields),
            fields=fields,
            cookies=request.cookies,
            secure=request.url.scheme == "https",
        )

    def _check_csrf(self, visit: Visit) -> None:
        assert visit.person is not None
        if not users.csrf_fits(visit.person, visit.form.get("csrf", "")):
            raise PageError(
                403,
                "Not done",
                "This form was not sent from a page of your present sign-in. Nothing was changed. "
                "Open the page again and send the form from there.",
            )

    def _must_change_first(self, visit: Visit) -> bool:
        """A first-start password serves only to be replaced (V3); a demonstration just asks."""
        person = visit.person
        return (
            person is not None
            and person.must_change
            and not self.services.office.demo
            and visit.path not in {"/password", "/sign-out"}
        )

    def plain(self, error: PageError, visit: Visit | None = None) -> Response:
        """A page with a sentence, for whatever cannot be shown."""
        return self.render(
            visit,
            "plain.html",
            status=error.status,
            title=error.title,
            sentence=error.sentence,
        )

    def _filters(self) -> dict[str, Callable[..., str]]:
        office = self.services.office
        zone = office.zone
        return {
            "moment": lambda at_s: words.moment(zone, at_s),
            "clock": lambda at_s: words.clock(zone, at_s, office.clock.now_s()),
            "iso_day": words.iso_day,
            "ago": lambda at_s: words.elapsed(office.clock.now_s() - at_s),
            "signed": words.signed,
            "unbroken": words.unbroken,
            "clean": clean,
        }


def with_headers(response: Response, *, secure: bool) -> Response:
    """Put on what every answer of the pages carries."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _to_sign_in(request: Request) -> Response:
    """Ask who it is; a page that refreshes itself is told so without being sent anywhere."""
    if request.headers.get("x-refresh") == "1":
        return Response(status_code=401)
    if request.method == "POST":
        return RedirectResponse("/sign-in?said=over", status_code=303)
    return RedirectResponse("/sign-in", status_code=303)


async def _fields(request: Request) -> tuple[tuple[str, str], ...]:
    """Read a form, as far as forms of ours can be.

    Raises:
        PageError: it comes from elsewhere, is too long, or is no form.
    """
    if request.method != "POST":
        return ()
    if not _from_our_page(request):
        raise PageError(
            403, "Not done", "This form was sent from another site. Nothing was changed."
        )
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise PageError(415, "Not done", "This is not a form of ours. Nothing was changed.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > FORM_BYTES_MAX:
                raise PageError(
                    413, "Too long", "The form is too long. Nothing was changed. Shorten it."
                )
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=FORM_FIELDS_MAX,
        )
    except ClientDisconnect:
        raise PageError(400, "Not done", "The form was cut off. Nothing was changed.") from None
    except (UnicodeDecodeError, ValueError):
        raise PageError(
            400, "Not done", "The form could not be read. Nothing was changed. Send it again."
        ) from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise PageError(
            400, "Not done", "The form holds what no keyboard types. Nothing was changed."
        )
    if any(len(value) > FIELD_CHARS_MAX for _name, value in pairs):
        raise PageError(
            413,
            "Too long",
            f"A field takes {FIELD_CHARS_MAX:,} characters at most. Nothing was changed.",
        )
    return tuple(pairs)


def _from_our_page(request: Request) -> bool:
    """Browsers say where a form comes from; SameSite and the token stand behind this check."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host", "")
