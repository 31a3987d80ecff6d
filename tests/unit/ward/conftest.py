"""Folding lines in tests: a log that numbers its own lines."""

from collections.abc import Callable

import pytest

from statemachine.ward import Ward
from statemachine.ward.changes import changes
from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.fold import fold
from statemachine.ward.stock import Change


class Logs:
    """A ward and the two logs it comes from; 23-Nov-2026 08:00 unless said."""

    def __init__(self) -> None:
        self.ward = Ward()
        self.wall_s = 1_795_420_800
        self.mono_ms = 60_000
        self.boot = 1
        self.moved: list[Change] = []

    def say(self, *entries: Entry) -> Ward:
        """Fold entries, each as the next line of its log; keep the changes each one makes."""
        for entry in entries:
            stamp = self.stamp(entry.LOG)
            self.moved += changes(entry, stamp, self.ward.stock.pockets)
            self.ward = fold(self.ward, entry, stamp)
        return self.ward

    def stamp(self, log: str) -> Stamp:
        up = log == "up"
        epoch, seq = self.ward.up if up else self.ward.dn
        return Stamp(
            line=(epoch, seq + 1),
            wall_lo_s=self.wall_s,
            wall_hi_s=self.wall_s,
            mono_ms=self.mono_ms if up else 0,
            boot=self.boot if up else 0,
        )


@pytest.fixture
def logs() -> Logs:
    return Logs()


@pytest.fixture
def new_logs() -> Callable[[], Logs]:
    return Logs
