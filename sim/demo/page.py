"""What the demonstration page shows, and what a visitor's hands do.

The page is told a whole state several times a second; it decides nothing. Hands act on the world
(drawers, packs, readers, plugs) and never on the controller: what follows, follows through pins,
terminals and sockets as it would on a ward.
"""

import threading
from typing import Any

import msgspec

from cabinet.edge import Published
from cabinet.screens.screen import Screen
from sim.demo import tray
from sim.demo.cabinet import NAME, layout
from sim.demo.hints import hint
from sim.demo.house import COLLEAGUES, House
from sim.demo.robot import Robot
from sim.world import CannotHappen, World
from statemachine.ward.entry import Entry

LINES_KEPT = 60
"""Lines of the log that the page shows."""
SKIP_MINUTES_MAX = 24 * 60
HANDS_MAX = 40
WRISTBANDS_MAX = 12
DARK = "The cabinet has no power: nothing reacts. Bring the power back under Troubles."
SECRET = frozenset({"session.refused"})


class CannotDo(Exception):  # noqa: N818 - an answer for a person
    """The visitor asked for something the world cannot do; with a sentence."""


class _LogLine(msgspec.Struct, kw_only=True):
    seq: int
    time: str
    type: str
    detail: str
    receipt: bool = False


class Page:
    """State for the page, actions from it; safe to call from any thread."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.screen: Screen | None = None
        self.robot = Robot(self)
        self._lines: list[_LogLine] = []
        self._receipt = 0
        self._lock = threading.Lock()
        self._pin = ""
        house.listen(self._published)

    def begin(self) -> None:
        """Look once, for a cabinet that has nothing to say yet."""
        running = self.house.cabinet.running
        if running is not None and self.screen is None:
            self.screen = running.controller.screen(1)

    # --- from the controller -----------------------------------------------------------------

    def _published(self, published: object) -> None:
        assert isinstance(published, Published)
        running = self.house.cabinet.running
        receipt = running.journal.receipt() if running is not None else None
        with self._lock:
            self.screen = published.screens.get(1)
            for line in published.lines:
                self._lines.append(
                    _LogLine(
                        seq=line.ref[1],
                        time=self._clock_text(published.at.lo_s),
                        type=line.entry.TYPE,
                        detail=_detail(line.entry),
                    )
                )
            del self._lines[:-LINES_KEPT]
            if receipt is not None:
                self._receipt = receipt.up[1]

    def _clock_text(self, at_s: int) -> str:
        from datetime import UTC, datetime
        from zoneinfo import ZoneInfo

        from cabinet.screens.words import DEFAULT_ZONE

        return f"{datetime.fromtimestamp(at_s, UTC).astimezone(ZoneInfo(DEFAULT_ZONE)):%H:%M:%S}"

    # --- to the page -------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything the page draws."""
        house = self.house
        power = house.cabinet.running is not None
        with self._lock:
            screen = self.screen if power else None
            lines = [
                {**msgspec.structs.asdict(line), "receipt": line.seq <= self._receipt}
                for line in reversed(self._lines)
            ]
        with house.cabinet.wires.lock:
            drawers, hands = self._drawers(), self._hands()
        state = {
            "clock": self._clock_text(house.timeline.true_s),
            "power": power,
            "screen": msgspec.to_builtins(screen) if screen is not None else None,
            "drawers": drawers,
            "hands": hands,
            "tray": self._tray(),
            "troubles": self._troubles(),
            "stock": self._stock(),
            "log": lines,
            "pharmacy": house.addresses.pharmacy_url,
            "showing": self.robot.running,
            "pin": self._pin,
            "alarm": power and bool(screen is not None and screen.notices),
        }
        state["hint"], state["target"] = hint(state)
        return state

    def _drawers(self) -> list[dict[str, Any]]:
        world = self.house.world
        labels = {pocket.pocket: pocket.product for pocket in self.house.setup.pockets}
        names = {product.product: product for product in self.house.setup.products}
        shown = []
        for number, box in world.by_number.items():
            pockets = []
            for pocket in box.pockets:
                product = names.get(labels.get(pocket) or "")
                pockets.append(
                    {
                        "pocket": pocket,
                        "label": product.generic if product else "empty",
                        "strength": product.strength if product else "",
                        "packs": len(world.contents[pocket]),
                        "lit": world.lit.get(pocket, "off") != "off",
                    }
                )
            state = world.state(number)
            shown.append(
                {
                    "drawer": number,
                    "open": state == "open",
                    "released": state == "released",
                    "pockets": pockets,
                }
            )
        return shown

    def _hands(self) -> list[dict[str, Any]]:
        products = {product.product: product for product in self.house.setup.products}
        shown = []
        for index, (pack, pocket) in enumerate(self.house.visitor.hands[:HANDS_MAX]):
            item = tray.pack(products[pack.product], pack.lot, pack.expires)
            shown.append(
                {
                    "id": f"hand {index}",
                    "index": index,
                    "title": item.title,
                    "detail": f"from {pocket}, {item.detail}",
                    "svg": item.svg,
                    "pocket": pocket,
                }
            )
        return shown

    def _tray(self) -> list[dict[str, Any]]:
        return [msgspec.to_builtins(item) for item in self.items()]

    def items(self) -> list[tray.Item]:
        """Badges, wristbands of the ward's patients, and one stray pack."""
        items = [
            tray.badge(one.badge, f"{one.given} {one.family}", f"{one.privilege}, PIN {one.pin}")
            for one in COLLEAGUES
        ]
        running = self.house.cabinet.running
        if running is not None:
            ward = running.controller.ward
            here = sorted(
                (known.record for known in ward.patients.known.values()),
                key=lambda record: (len(record.bed), record.bed, record.patient),
            )
            items += [
                tray.wristband(patient)
                for patient in here
                if patient.nhs and patient.status == "admitted" and patient.ward == ward.house.ward
            ][:WRISTBANDS_MAX]
        items.append(tray.pack(self.house.setup.products[-1], "STRAY1"))
        return items

    def _stock(self) -> list[dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = {}
        for row in self.house.pharmacy.services.stock(NAME):
            shown = rows.setdefault(
                row.pocket,
                {"pocket": row.pocket, "medicine": row.name, "quantity": None,
                 "maximum": row.maximum or 1},
            )  # fmt: skip # one row
            if row.quantity is not None:
                shown["quantity"] = (shown["quantity"] or 0) + row.quantity
        return [rows[pocket] for pocket in sorted(rows)]

    def _troubles(self) -> list[dict[str, Any]]:
        cabinet, world = self.house.cabinet, self.house.world
        return [
            _trouble("power", "cut the power", "bring the power back", cabinet.running is None),
            _trouble("network", "cut the network", "join the network", not cabinet.plugged_in),
            _trouble("feed", "stop the ePMA", "start the ePMA", not self.house.feed_lives),
            _trouble("reed", "stick the reed of drawer 2", "mend the reed of drawer 2",
                     world.by_number[2].reed_fault is not None),
            _trouble("jam", "jam the lock of drawer 3", "free the lock of drawer 3",
                     world.by_number[3].lock_fault is not None),
            _trouble("scanner", "unplug the scanner", "plug the scanner in",
                     "scanner 1" in world.dead_parts),
        ]  # fmt: skip # one trouble an entry

    # --- from the page -----------------------------------------------------------------------

    def act(self, action: dict[str, Any]) -> None:
        """Do what a visitor did.

        Raises:
            CannotDo: with a sentence for the visitor.
        """
        do = action.get("do")
        handler = getattr(self, f"_do_{do}", None) if isinstance(do, str) else None
        if handler is None:
            raise CannotDo(
                "The page asked for something this demo does not know. Nothing was done."
            )
        try:
            handler(action)
        except CannotHappen as cannot:
            raise CannotDo(str(cannot)) from cannot
        except (LookupError, TypeError, ValueError, OverflowError) as wrong:
            raise CannotDo("That could not be understood. Nothing was done.") from wrong

    def _do_key(self, action: dict[str, Any]) -> None:
        key = str(action["key"])
        if key not in set("0123456789#*ABCD") or len(key) != 1:
            raise CannotDo("There is no such key.")
        self._needs_power()
        self.house.cabinet.press(key)

    def _do_hold(self, action: dict[str, Any]) -> None:
        wanted = str(action["item"])
        item = next((item for item in self.items() if item.id == wanted), None)
        if item is None:
            raise CannotDo("That is not on the tray any more.")
        self._needs_power()
        if item.kind == "badge":
            self._pin = next((one.pin for one in COLLEAGUES if one.badge == item.frame), "")
            self.house.cabinet.badges.present(item.frame)
        else:
            self._scan(item.frame)

    def _do_scan_hand(self, action: dict[str, Any]) -> None:
        index = int(action["index"])
        if index < 0:
            raise ValueError(index)
        pack, _ = self.house.visitor.hands[index]
        products = {product.product: product for product in self.house.setup.products}
        frame = tray.pack_frame(products[pack.product], pack.lot, pack.expires)
        self._needs_power()
        self._scan(frame)

    def _scan(self, frame: str) -> None:
        if "scanner 1" in self.house.world.dead_parts:
            raise CannotDo("The scanner is unplugged: it reads nothing.")
        self.house.cabinet.scanner.scan(frame.encode("ascii"))

    def _needs_power(self) -> None:
        if self.house.cabinet.running is None:
            raise CannotDo(DARK)

    def _do_open(self, action: dict[str, Any]) -> None:
        self._move(int(action["drawer"]), World.pull)

    def _do_close(self, action: dict[str, Any]) -> None:
        self._move(int(action["drawer"]), World.push)

    def _do_force(self, action: dict[str, Any]) -> None:
        self._move(int(action["drawer"]), World.force)

    def _move(self, drawer: int, how: Any) -> None:
        if drawer not in self.house.world.by_number:
            raise CannotDo(f"There is no drawer {drawer}.")
        self.house.cabinet.wires.move(drawer, lambda world: how(world, drawer))

    def _do_take(self, action: dict[str, Any]) -> None:
        pocket = str(action["pocket"])
        if len(self.house.visitor.hands) >= HANDS_MAX:
            raise CannotDo("Your hands are full: put something back, or go to the patient.")
        with self.house.cabinet.wires.lock:
            self.house.world.take(self.house.visitor, 1, _drawer_of(pocket), pocket)
        self.house.keep()

    def _do_back(self, action: dict[str, Any]) -> None:
        pocket = str(action["pocket"])
        visitor = self.house.visitor
        with self.house.cabinet.wires.lock:
            held = [each for each in visitor.hands if each[1] == pocket]
            if not held or not self.house.world.by_number[_drawer_of(pocket)].opened:
                raise CannotDo("Nothing from there is in your hands, or the drawer is closed.")
            visitor.hands.remove(held[-1])
            self.house.world.contents[pocket].insert(0, held[-1][0])
        self.house.keep()

    def _do_bedside(self, _action: dict[str, Any]) -> None:
        self.house.visitor.hands.clear()
        self.house.keep()

    def _do_clock(self, action: dict[str, Any]) -> None:
        minutes = int(action["minutes"])
        if not 1 <= minutes <= SKIP_MINUTES_MAX:
            raise CannotDo("Between one minute and a day can be skipped at once.")
        self.house.timeline.advance(minutes * 60_000)
        if self.house.feed_lives:
            self.house.pharmacy.services.epma_alive()
        self.house.pharmacy.tick()

    def _do_trouble(self, action: dict[str, Any]) -> None:
        on = bool(action["on"])
        cabinet, world = self.house.cabinet, self.house.world
        match action["trouble"]:
            case "power":
                self._power(on=not on)
            case "network":
                cabinet.unplug() if on else cabinet.plug_in()
            case "feed":
                self._feed(on=not on)
            case "reed":
                cabinet.wires.move(
                    2, lambda w: w.break_drawer("reed", 2, "stuck closed" if on else None)
                )
            case "jam":
                cabinet.wires.move(3, lambda w: w.break_drawer("lock", 3, "jammed" if on else None))
            case "scanner":
                if on:
                    world.dead_parts["scanner 1"] = "unplugged"
                    cabinet.scanner.unplug()
                else:
                    world.dead_parts.pop("scanner 1", None)
                    cabinet.scanner.plug()
            case _:
                raise CannotDo("There is no such trouble here.")

    def _power(self, *, on: bool) -> None:
        if on:
            self.house.cabinet.power_on("power")
        else:
            self.house.cabinet.power_off()
            self.screen = None

    def _feed(self, *, on: bool) -> None:
        self.house.feed_lives = on
        if on:
            self.house.start_feed()
        else:
            self.house.stop_feed()

    def _do_show_me(self, _action: dict[str, Any]) -> None:
        self.robot.toggle()


def _drawer_of(pocket: str) -> int:
    """`3-2` is in drawer 3.

    Raises:
        ValueError: there is no such pocket.
    """
    drawer = int(pocket.partition("-")[0])
    if pocket not in layout().get(drawer, ()):
        raise ValueError(pocket)
    return drawer


def _trouble(name: str, do: str, undo: str, on: bool) -> dict[str, Any]:
    return {"id": name, "name": do, "undo": undo, "on": on}


def _detail(entry: Entry) -> str:
    """What of an entry a visitor can follow: ids, as they stand in the log."""
    if entry.TYPE in SECRET:
        return ""
    told = []
    for name in ("drawer", "pocket", "quantity", "reason", "intent"):
        value = getattr(entry, name, None)
        if value not in (None, "", 0):
            told.append(f"{name} {value}")
    return ", ".join(told[:4])
