"""Which counts are due; shown by the list of counts and by the home screen."""

from statemachine.turn import Turning
from statemachine.ward import Ward

LISTED_MAX = 99
"""Most counts listed at once: eleven pages of nine."""


def due(ward: Ward) -> tuple[str, ...]:
    """Pockets whose count is due, and, with a product but no book, those that have no origin."""
    pockets = ward.stock.pockets
    return tuple(
        pocket
        for pocket in sorted(pockets)
        if pockets[pocket].pocket.product is not None
        and (pockets[pocket].count_due is not None or pockets[pocket].book is None)
    )[:LISTED_MAX]


def counts_due(turn: Turning) -> tuple[str, ...]:
    """The counts that are due now."""
    return turn.once("counts due", lambda: due(turn.ward))
