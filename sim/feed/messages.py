"""The demo's own messages: templates in `messages/`, filled with what `ward.toml` says.

The shapes are those of real ones: RDE^O11 with TQ1, OMP^O09 with RXO, an ORM^O01 of version 2.3
with the timing in ORC-7, an empty MSH-11 and `""` where a sender deletes. Times are those of the
moment of sending; a dose's clock times are minutes after the demo opened.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pharmacy.hl7.ack import escape
from sim.feed.ward import HERE, WARD_FILE, clock, read, stamp

MARKS = "|^~\\&"
STARTED_S = 3_600
"""Orders began so long before the demo opened, so that a dose due just now belongs to them."""


class OwnMessages:
    """The messages of our own ward.

    Args:
        opened_s: when the demo opened, seconds since 1970.
        path: the feed's file.
    """

    def __init__(self, opened_s: int, path: Path = WARD_FILE) -> None:
        self.opened_s = opened_s
        self._data = read(path)
        self._patients: dict[str, Mapping[str, Any]] = {
            patient["mrn"]: patient for patient in self._data["patient"]
        }
        self._sent = 0

    @property
    def every_s(self) -> int:
        """Seconds between later orders."""
        return int(self._data["later"]["every_s"])

    def admissions(self, now_s: int) -> Iterator[bytes]:
        """ADT^A01 of every patient."""
        for patient in self._data["patient"]:
            yield self._fill("adt_a01", now_s, patient, {})

    def orders(self, now_s: int) -> Iterator[bytes]:
        """Every order that stands when the demo opens."""
        for order in self._data["order"]:
            yield self._order(order, now_s, order["number"])

    def later(self, now_s: int, turn: int) -> bytes:
        """The order that arrives at the `turn`-th interval; its number is new each time round."""
        waiting = self._data["later"]["order"]
        order = waiting[turn % len(waiting)]
        return self._order(order, now_s, f"{order['number']}-{turn // len(waiting) + 1}")

    def heartbeat(self, now_s: int) -> bytes:
        """NMD^N02: the ePMA is alive."""
        return self._fill("nmd_n02", now_s, {}, {})

    def _order(self, order: Mapping[str, Any], now_s: int, number: str) -> bytes:
        drug = self._data["drugs"].get(order["drug"], {})
        times = [clock(self.opened_s, minutes) for minutes in order.get("times", ())]
        values = {
            "number": number,
            "order_control": order.get("control", "NW"),
            "drug": order["drug"],
            "drug_text": order.get("text", drug.get("text", "")),
            "amount": order["amount"],
            "unit": order["unit"],
            "frequency": order["frequency"],
            "times": "~".join(time.replace(":", "") for time in times),
            "times_listed": ",".join(time.replace(":", "") for time in times),
            "starts": stamp(self.opened_s - STARTED_S),
            "priority": order.get("priority", "R"),
            "instructions": order.get("instructions", ""),
            "reason": order.get("reason", ""),
            "route": order.get("route", "PO^oral"),
            "pharmacist": "P2233445^Lindqvist^Mara^^^Ms" if order.get("verified") else "",
        }
        return self._fill(order["shape"], now_s, self._patients[order["mrn"]], values)

    def _fill(
        self, shape: str, now_s: int, patient: Mapping[str, Any], values: Mapping[str, str]
    ) -> bytes:
        self._sent += 1
        template = (HERE / "messages" / f"{shape}.hl7").read_text(encoding="utf-8")
        given = {
            "now": stamp(now_s),
            "control": f"D{now_s}-{self._sent}",
            "ward": self._data["ward"],
            "system": self._data["code_system"],
        }
        for name in ("mrn", "nhs", "family", "given", "title", "born", "gender", "bay", "bed"):
            given[name] = _plain(str(patient.get(name, "")))
        ready = {"times", "times_listed", "route", "pharmacist"}
        given |= {name: v if name in ready else _plain(v) for name, v in values.items()}
        given["allergies"] = "\n".join(_allergies(patient))
        text = template.format_map(given)
        lines = [line for line in text.splitlines() if line]
        codec = "cp1252" if "|8859/1" in lines[0] else "utf-8"
        return ("\r".join(lines) + "\r").encode(codec)


def _plain(text: str) -> str:
    """Text with separators escaped; letters beyond ASCII stay, the message says its charset."""
    return "".join(escape(char, MARKS) if char.isascii() else char for char in text)


def _allergies(patient: Mapping[str, Any]) -> Iterator[str]:
    """AL1 lines; an empty list says none known, no list at all says nothing."""
    if "allergies" not in patient:
        return
    if not patient["allergies"]:
        yield "AL1|1|DA|^No known drug allergies"
    for number, (substance, reaction) in enumerate(patient["allergies"], start=1):
        yield f"AL1|{number}|DA|^{_plain(substance)}|SV|{_plain(reaction)}"
