"""The network between a cabinet and its pharmacy, as function calls.

The cabinet's side is the product's own sync client; the pharmacy's side its own services, the very
ones behind its HTTP pages. Only the wire between them is left out. Power may fail before or after a
batch is sent, when a scenario armed it.
"""

import json
from urllib.parse import parse_qs

from cabinet.sync.client import SyncSession, dn_path, send_up
from cabinet.sync.http import TransportFailed
from pharmacy.services import Services
from sim.cabinet import SimulatedCabinet
from sim.cuts import Cuts
from sim.oracle import unbase64
from sim.world import PowerCut

LINES_A_BATCH = 256
"""An answer with fewer rows than this was the last one (WIRE 1)."""


class InProcess:
    """Carries bytes from one cabinet to the services and back (cabinet.sync.http.Transport)."""

    def __init__(self, services: Services, cabinet: str, cuts: Cuts) -> None:
        self._services = services
        self._cabinet = cabinet
        self._cuts = cuts

    def post(self, path: str, body: bytes) -> bytes:
        """Post a batch of `up` lines."""
        del path
        types = line_types(body) if self._cuts.armed else []
        self._cuts.look_at_types("before", types, "sent")
        try:
            answer = self._services.accept_up(self._cabinet, body)
        except Exception as refused:  # whatever the pharmacy says no with is no answer here
            raise TransportFailed(f"status {type(refused).__name__}: {refused}") from refused
        self._cuts.look_at_types("after", types, "sent")
        return answer if answer.endswith(b"\n") else answer + b"\n"

    def get(self, path: str) -> bytes:
        """Ask for `dn` lines."""
        asked = parse_qs(path.partition("?")[2])
        try:
            return self._services.dn_after(self._cabinet, int(asked["from"][0]), asked["nonce"][0])
        except Exception as refused:  # as above
            raise TransportFailed(f"status {type(refused).__name__}: {refused}") from refused


def line_types(batch: bytes) -> list[str]:
    """The types of the lines in a batch."""
    lines = [line for line in batch.decode("ascii").splitlines() if line and line[0] != "~"]
    return [str(json.loads(unbase64(line.split(".")[1])).get("type")) for line in lines]


def exchange(services: Services, cabinet: SimulatedCabinet, *, news: bool) -> bool:
    """One round both ways; whether anything moved. A power cut on the way ends it.

    Args:
        services: the pharmacy.
        cabinet: the cabinet.
        news: the pharmacy may have something to say, so ask.
    """
    session: SyncSession = cabinet.parts.sync
    wire = InProcess(services, cabinet.name, cabinet.cuts)
    before = cabinet.moved()
    try:
        if news:
            _fetch(session, wire)
        send_up(session, wire)
    except PowerCut:
        cabinet.cut_power()
        return True
    return cabinet.moved() != before


def _fetch(session: SyncSession, wire: InProcess) -> None:
    """Ask until an answer is no full batch: one question fewer than the patient client asks."""
    while True:
        query = session.next_dn()
        answer = wire.get(dn_path(session.cabinet, query))
        outcome = session.took_dn(query, answer)
        if not outcome.moved or answer.count(b"\n") < LINES_A_BATCH:
            return
