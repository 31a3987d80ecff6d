"""People in the simulated ward: hands that hold packs, a badge, a PIN in somebody's head.

A person here does nothing by themselves; `sim.play.nurse` presses keys for them and `sim.world`
moves their hands.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pack:
    """One unit of issue with what is printed on it; `lot` and `expires` may be empty."""

    product: str
    lot: str = ""
    expires: str = ""


@dataclass(slots=True)
class Person:
    """Somebody who can stand at a panel.

    Attributes:
        name: the handle of the scenario, or empty for whoever happens to stand there.
        badge: number of their card.
        pin: what they know by heart.
        panel: where they stand.
        hands: packs they hold, oldest first, each with the pocket it came from.
    """

    name: str = ""
    badge: str = ""
    pin: str = ""
    panel: int = 1
    hands: list[tuple[Pack, str]] = field(default_factory=list)
