"""Stock: the wall of cabinets, and one pocket over time."""

from starlette.responses import Response

from pharmacy.web import chart
from pharmacy.web.reading import stock
from pharmacy.web.site import Visit, not_found


def show(visit: Visit) -> Response:
    """Every cabinet, or one, with the level of each pocket."""
    cab = visit.name("cab") if visit.names else None
    with visit.office.read() as session:
        walls = stock.walls(session, cab)
    if cab is not None and not walls:
        raise not_found("No cabinet of this name is enrolled here.")
    return visit.page("stock.html", walls=walls, only=cab)


def pocket(visit: Visit) -> Response:
    """A pocket's book as a line over time, with the entries that made it."""
    found = stock.history(visit.office, visit.name("cab"), visit.name("pocket"))
    if found is None:
        raise not_found("This cabinet has no such pocket.")
    points = [(step.wall_s, step.after) for step in reversed(found.steps)]
    known: list[tuple[int, int]] = []
    for at_s, after in points:
        # An entry without a trusted time stands where the one before it stood.
        known.append((at_s if at_s is not None else (known[-1][0] if known else 0), after))
    drawn = chart.draw(
        [point for point in known if point[0]],
        found.earlier,
        visit.office.clock.now_s(),
        found.card.maximum,
    )
    return visit.page("pocket.html", history=found, chart=drawn)
