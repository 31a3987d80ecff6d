"""How lines change what the cabinet knows of itself: boots, freshness, confirmed time."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from statemachine.ward.entry import Entry, Stamp
from statemachine.ward.house import Boot, FeedFresh, FeedStale, Heartbeat, House, TimeConfirmed
from statemachine.ward.stock import Setting

WAYS_OF_CHOOSING = ("list", "ticket", "wristband", "number")
"""The ways of choosing a patient that a site may allow here (RULES 3)."""


def fold_house(house: House, entry: Entry, stamp: Stamp) -> House:
    """The chapter after one line; the same chapter when the line is not about the house."""
    how = _FOLDS.get(type(entry))
    return house if how is None else how(house, entry, stamp)


def _boot(house: House, _entry: Boot, stamp: Stamp) -> House:
    return replace(house, boot=stamp.boot)


def _heartbeat(house: House, entry: Heartbeat, _stamp: Stamp) -> House:
    # Heartbeats may overtake each other on the way; what is known never gets older.
    return replace(
        house,
        heard_s=max(entry.at_s, house.heard_s or 0),
        epma_s=max(entry.epma_s, house.epma_s or 0),
    )


def _stale(house: House, entry: FeedStale, _stamp: Stamp) -> House:
    return replace(house, band=entry.band)


def _fresh(house: House, _entry: FeedFresh, _stamp: Stamp) -> House:
    return replace(house, band="normal")


def _time(house: House, _entry: TimeConfirmed, stamp: Stamp) -> House:
    return replace(house, time_confirmed_boot=stamp.boot)


def _setting(house: House, entry: Setting, _stamp: Stamp) -> House:
    if entry.key in ("cabinet", "ward") and isinstance(entry.value, str):
        return replace(house, **{entry.key: entry.value[:64]})
    if entry.key != "choosing" or not isinstance(entry.value, str):
        return house
    words = [word.strip() for word in entry.value.split(",")]
    ways = tuple(way for way in WAYS_OF_CHOOSING if way in words)
    # A setting that leaves no way to choose a patient would lock the cabinet: it is passed over.
    return replace(house, choosing=ways) if ways else house


_FOLDS: Mapping[type[Entry], Callable[[House, Any, Stamp], House]] = {
    Boot: _boot,
    Heartbeat: _heartbeat,
    FeedStale: _stale,
    FeedFresh: _fresh,
    TimeConfirmed: _time,
    Setting: _setting,
}
