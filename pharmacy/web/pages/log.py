"""The signed logs: what a cabinet wrote and was told, forks, and files for a verifier."""

from starlette.responses import Response, StreamingResponse

from pharmacy.web.reading import log as reading
from pharmacy.web.reading.log import FILES
from pharmacy.web.site import Visit, not_found

_MEDIA = {".jws": "text/plain; charset=us-ascii", ".txt": "text/plain; charset=us-ascii",
          ".pem": "application/x-pem-file"}  # fmt: skip


def cabinets(visit: Visit) -> Response:
    """Every cabinet with the state of its logs."""
    return visit.page("cabinets.html", cabinets=reading.cabinets(visit.office))


def page(visit: Visit) -> Response:
    """A page of one log."""
    log = "dn" if visit.query.get("log") == "dn" else "up"
    kind = visit.query.get("type", "")
    ep, seq = visit.asked("ep"), visit.asked("before")
    before = None if seq is None else (1 if ep is None else ep, seq)
    # A type of line is a word of ours; anything else finds nothing and is asked of nobody.
    plain = kind if kind.isascii() and kind.isprintable() and len(kind) <= 64 else "none"
    view = reading.page(visit.office, visit.name("cab"), log, plain, before)
    if view is None:
        raise not_found("No cabinet of this name is enrolled here.")
    return visit.page("log.html", view=view, log=log, kind=plain, files=FILES, first=before is None)


def line(visit: Visit) -> Response:
    """One line with all that is signed in it."""
    cab, log = visit.name("cab"), visit.names["log"]
    if log not in {"up", "dn"}:
        raise not_found()
    place = (visit.number("ep"), visit.number("seq"))
    if place[0] >= 2**31:
        raise not_found("No such line is held here.")
    view = reading.one(visit.office, cab, log, place)
    if view is None:
        raise not_found("No such line is held here.")
    return visit.page("line.html", view=view, cab=cab)


def file(visit: Visit) -> Response:
    """One file for a verifier."""
    visit.demand("export")
    name = visit.names["file"]
    if name not in FILES:
        raise not_found()
    rows = reading.export(visit.office, visit.name("cab"), name)
    if rows is None:
        raise not_found("No cabinet of this name is enrolled here.")
    media = _MEDIA[name[name.index(".") :]]
    response = StreamingResponse(rows, media_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
