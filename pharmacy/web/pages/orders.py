"""Orders: the list, one order, and a pharmacist's word on it."""

from urllib.parse import quote

from starlette.responses import Response

from pharmacy.services import ServiceError
from pharmacy.web.pages.fields import read_frequency, whole
from pharmacy.web.reading import orders
from pharmacy.web.site import Visit, not_found
from statemachine.ward.orders import FulfilmentSet

PARTS_MAX = 3


def listed(visit: Visit) -> Response:
    """Orders by what they need; not yet seen come first."""
    found = orders.listed(visit.office, visit.query.get("show", ""), visit.asked("page", 1) or 1)
    return visit.page("orders.html", found=found, filters=orders.FILTERS)


def next_one(visit: Visit) -> Response:
    """The order that has waited longest for a pharmacist's eye."""
    order = orders.next_unseen(visit.office)
    before = "verified-next" if visit.query.get("said") == "verified-next" else ""
    if order is None:
        return visit.go(f"/orders?said={before}")
    return visit.go(f"/orders/{quote(order)}?said={before}")


def one(visit: Visit) -> Response:
    """One order with all of it."""
    return _show(visit, "", 200)


def decide(visit: Visit) -> Response:
    """A pharmacist's word: verify, query, reject, stop, or the answer an order waits for."""
    visit.demand("judge")
    order, reason = visit.name("order"), visit.field("reason")
    action = visit.form.get("action", "")
    try:
        said = _decided(visit, order, action, reason)
    except ServiceError as error:
        return _show(visit, str(error), 422)
    if action == "verify-next":
        return visit.go("/orders/next?said=verified-next")
    return visit.go(f"/orders/{quote(order)}?said={said}")


def _decided(visit: Visit, order: str, action: str, reason: str) -> str:
    services, by = visit.services, visit.by
    if action in {"verify", "verify-next"}:
        services.verify(order, by)
        return "verified"
    if action == "complete":
        frequency = read_frequency(visit) if visit.form.get("kind") else None
        done = services.complete_order(order, by, sets=_sets(visit), frequency=frequency)
        return "completed" if done else "still-waiting"
    if action not in {"query", "reject", "stop"}:
        raise ServiceError("The form says nothing to do. Nothing was changed.")
    if not reason:
        raise ServiceError("Write the reason first; the ward will ask. Nothing was changed.")
    if action == "query":
        services.query(order, by, reason)
        return "queried"
    if action == "reject":
        services.reject(order, by, reason)
        return "rejected"
    services.stop(order, by, reason)
    return "stopped"


def _sets(visit: Visit) -> tuple[FulfilmentSet, ...]:
    """What makes one dose, as the form says it; nothing when it was left empty."""
    parts: list[tuple[str, int]] = []
    for place in range(1, PARTS_MAX + 1):
        product = visit.form.get(f"product{place}", "")
        units = visit.field(f"units{place}")
        if not product and not units:
            continue
        if not product:
            raise ServiceError("Choose the product of each number. Nothing was changed.")
        parts.append((product, whole(units, "How many make a dose", 1000)))
    if parts:
        known = {product for product, _name in _view(visit).products}
        if any(product not in known for product, _units in parts):
            raise ServiceError("This product is not on the formulary. Nothing was changed.")
    return (tuple(parts),) if parts else ()


def _view(visit: Visit) -> orders.OrderView:
    view = orders.one(visit.office, visit.name("order"))
    if view is None:
        raise not_found("No order of this id is known here.")
    return view


def _show(visit: Visit, wrong: str, status: int) -> Response:
    return visit.page(
        "order.html",
        status=status,
        view=_view(visit),
        wrong=wrong,
        form=dict(visit.form),
        places=range(1, PARTS_MAX + 1),
    )
