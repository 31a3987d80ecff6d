"""Home: what needs a person now, each with its one next action."""

from starlette.responses import Response

from pharmacy.web.reading import attention
from pharmacy.web.site import Visit


def show(visit: Visit) -> Response:
    """Everything that waits; what waits for nobody is one line at the end."""
    groups = attention.groups(visit.office)
    return visit.page(
        "home.html",
        groups=[group for group in groups if group.count],
        quiet=[group.none for group in groups if not group.count],
        total=sum(group.count for group in groups),
    )
