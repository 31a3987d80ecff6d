"""Patients: who is here, and one of them."""

from urllib.parse import quote

from starlette.responses import Response

from pharmacy.services.text import clean
from pharmacy.web.reading import patients
from pharmacy.web.site import Visit, not_found

QUERY_MAX = 100


def listed(visit: Visit) -> Response:
    """Patients by ward and bed."""
    query = clean(visit.query.get("q", ""))[:QUERY_MAX]
    everyone = visit.query.get("all") == "1"
    found = patients.listed(visit.office, query, everyone=everyone)
    return visit.page("patients.html", found=found, query=query, everyone=everyone)


def one(visit: Visit) -> Response:
    """One patient with orders and what was removed."""
    view = patients.one(visit.office, visit.name("patient"))
    if view is None:
        raise not_found("No patient of this id is known here.")
    if view.merged_into is not None:
        return visit.go(f"/patients/{quote(view.merged_into)}")
    return visit.page("patient.html", view=view)
