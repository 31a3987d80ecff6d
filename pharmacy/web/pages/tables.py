"""The two tables a pharmacist fills; saving a row sends every order that waited for it."""

from starlette.responses import Response

from pharmacy.services import DrugCode, ServiceError
from pharmacy.web import words
from pharmacy.web.pages.fields import read_frequency, whole
from pharmacy.web.reading import tables
from pharmacy.web.site import Visit


def choose(visit: Visit) -> Response:
    """Drug codes are asked about most."""
    return visit.go("/tables/drugs")


def drugs(visit: Visit) -> Response:
    """Local drug code to product."""
    return _drugs(visit, "", 200)


def save_drug(visit: Visit) -> Response:
    """Say which product a code is."""
    visit.demand("tables")
    system, code = visit.form.get("system", ""), visit.form.get("code", "")
    product = visit.form.get("likely", "") or visit.form.get("product", "")
    if not product:
        return _drugs(visit, f"{code}: choose a product first. Nothing was changed.", 422)
    try:
        units = visit.field("units")
        sent = visit.services.map_drug(
            DrugCode(system=system, code=code, text=visit.field("text")[:250]),
            product,
            visit.by,
            units=whole(units, "Units that make one dose", 100) if units else None,
        )
    except ServiceError as error:
        return _drugs(visit, f"{code}: {error}", 422)
    return visit.go(f"/tables/drugs?said=saved&n={sent}")


def frequencies(visit: Visit) -> Response:
    """Frequency text to times."""
    return _frequencies(visit, "", 200)


def save_frequency(visit: Visit) -> Response:
    """Say what a frequency text means."""
    visit.demand("tables")
    text = visit.field("text")
    if len(text) > 250:
        return _frequencies(visit, "A text has at most 250 characters. Nothing was changed.", 422)
    try:
        sent = visit.services.map_frequency(text, read_frequency(visit), visit.by)
    except ServiceError as error:
        return _frequencies(visit, f"{text}: {error}", 422)
    return visit.go(f"/tables/frequencies?said=saved&n={sent}")


def _drugs(visit: Visit, wrong: str, status: int) -> Response:
    return visit.page(
        "drugs.html",
        status=status,
        found=tables.drugs(visit.office),
        wrong=wrong,
        form=dict(visit.form),
    )


def _frequencies(visit: Visit, wrong: str, status: int) -> Response:
    return visit.page(
        "frequencies.html",
        status=status,
        found=tables.frequencies(visit.office),
        wrong=wrong,
        form=dict(visit.form),
        days=list(enumerate(words.DAYS, 1)),
    )
