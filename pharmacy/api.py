"""The cabinets' door over HTTP: `/v1/cabinets/{id}/up` and `/dn` (WIRE 1)."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from pharmacy.services import Services


def routes(services: Services) -> Sequence[BaseRoute]:
    """Return the routes of the cabinets' door."""
    del services
    return []
