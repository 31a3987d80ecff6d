"""The inbox: bounded, and no loss is silent."""

import threading

import pytest

from cabinet.inbox import (
    DRAWER_READINGS_MAX,
    INBOX_MAX,
    KEYS_MAX,
    SCANS_MAX,
    Call,
    Inbox,
    InboxFull,
)
from cabinet.losses import LOSS_QUIET_MS, Losses, drawer_of, whereabouts
from hal.readings import ButtonReading, DrawerReading, KeyReading, ScanReading
from statemachine.events import PartReported
from statemachine.instant import Instant


def scan(number: int, panel: int = 1) -> ScanReading:
    return ScanReading(mono_ms=number, panel=panel, frame=b"%d" % number)


def drain(inbox: Inbox) -> list[object]:
    items = []
    while (item := inbox.take()) is not None:
        items.append(item)
    return items


def drawer_named(name: str) -> None:
    raise ValueError(name)


def at(mono_ms: int) -> Instant:
    return Instant(lo_s=1, hi_s=2, mono_ms=mono_ms, quality="signed")


def test_things_are_taken_in_the_order_they_came() -> None:
    inbox = Inbox()
    readings = [scan(1), KeyReading(mono_ms=2, panel=1, key="5"), ButtonReading(mono_ms=3)]
    for reading in readings:
        inbox.report(reading)
    assert drain(inbox) == readings


def test_F15_a_flood_of_scans_keeps_the_newest_and_the_keypad_works_on() -> None:
    inbox = Inbox()
    key = KeyReading(mono_ms=0, panel=1, key="7")
    inbox.report(key)
    for number in range(100):
        inbox.report(scan(number))
    inbox.report(scan(7, panel=2))
    kept = [scan(number) for number in range(100 - SCANS_MAX, 100)]
    assert inbox.take_losses() == {"scanner 1": 100 - SCANS_MAX}
    assert inbox.take_losses() == {}
    assert drain(inbox) == [key, *kept, scan(7, panel=2)]


def test_F15_a_flood_is_told_once_a_minute_and_over_after_a_quiet_minute() -> None:
    losses = Losses()
    told = [
        losses.judge({"scanner 1": 40}, at(0)),
        losses.judge({"scanner 1": 3}, at(30_000)),
        losses.judge({}, at(31_000)),
        losses.judge({}, at(30_000 + LOSS_QUIET_MS)),
        losses.judge({}, at(200_000)),
    ]
    reason = "40 readings dropped: more came than can be taken"
    assert told == [
        (PartReported(at=at(0), part="scanner 1", working=False, reason=reason),),
        (),
        (),
        (PartReported(at=at(90_000), part="scanner 1", working=True),),
        (),
    ]


def test_of_too_many_keys_the_newest_are_dropped_and_counted() -> None:
    inbox = Inbox()
    keys = [KeyReading(mono_ms=number, panel=1, key="1") for number in range(KEYS_MAX + 5)]
    for key in keys:
        inbox.report(key)
    assert drain(inbox) == keys[:KEYS_MAX]
    assert inbox.take_losses() == {"keypad 1": 5}


def test_a_chattering_drawer_keeps_its_newest_readings_and_is_reported() -> None:
    inbox = Inbox()
    for number in range(DRAWER_READINGS_MAX + 10):
        inbox.report(DrawerReading(mono_ms=number, drawer=3, closed=bool(number % 2), locked=True))
    last = drain(inbox)[-1]
    assert isinstance(last, DrawerReading)
    assert last.mono_ms == DRAWER_READINGS_MAX + 9
    assert inbox.take_losses() == {"drawer 3": 10}
    assert drawer_of("drawer 3") == 3


def test_I14_a_full_inbox_refuses_what_the_cabinet_posts_and_counts_what_metal_reports() -> None:
    inbox = Inbox()
    for _ in range(INBOX_MAX):
        inbox.post(Call(lambda: None))
    with pytest.raises(InboxFull):
        inbox.post(Call(lambda: None))
    inbox.report(ButtonReading(mono_ms=1))
    assert (len(inbox), inbox.take_losses()) == (INBOX_MAX, {"inbox": 1})


def test_taking_waits_for_a_reading_from_another_thread() -> None:
    inbox = Inbox()
    reading = scan(1)
    thread = threading.Thread(target=inbox.report, args=(reading,))
    thread.start()
    assert inbox.take(wait_ms=5_000) == reading
    thread.join()


def test_an_error_is_logged_by_type_and_place_and_never_by_its_words() -> None:
    with pytest.raises(ValueError, match="SMITH") as caught:
        drawer_named("SMITH, John")
    said = whereabouts(caught.value)
    assert said.startswith("ValueError at test_inbox.py:")
    assert "SMITH" not in said
    assert whereabouts(KeyError("x")) == "KeyError"


@pytest.mark.parametrize("part", ["drawer", "drawer x", "scanner 1", "drawers 1", ""])
def test_only_drawers_have_a_drawer_number(part: str) -> None:
    assert drawer_of(part) is None
