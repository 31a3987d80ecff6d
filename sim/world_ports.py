"""The small ports of a world as hal knows them: lights, sounder, displays. `World` is the locks."""

from sim.world import LightPattern, SoundPattern, World


class WorldLights:
    """The guiding lights of a world, as hal.ports.Lights."""

    def __init__(self, world: World) -> None:
        self._world = world

    def show(self, pocket: str, pattern: LightPattern) -> None:
        """Light a pocket."""
        self._world.light(pocket, pattern)


class WorldSounder:
    """The beeper of a world, as hal.ports.Sounder."""

    def __init__(self, world: World) -> None:
        self._world = world

    def play(self, pattern: SoundPattern) -> None:
        """Play once."""
        self._world.sound(pattern)


class WorldDisplay:
    """One panel's full display, as hal.ports.Display."""

    def __init__(self, world: World, panel: int, size: tuple[int, int] = (50, 18)) -> None:
        self._world = world
        self._panel = panel
        self._size = size

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""
        return self._size

    def show(self, rows: tuple[str, ...]) -> None:
        """Show exactly these rows."""
        self._world.display(self._panel, rows)
