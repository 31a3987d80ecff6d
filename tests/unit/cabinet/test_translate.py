"""Readings to events: digits stay at the edge, unknown is not closed."""

import pytest
from immutables import Map

from cabinet.scan import ScanRules
from cabinet.translate import NUMBER_DIGITS_MAX, Translator
from hal.readings import (
    BadgeReading,
    ButtonReading,
    DrawerReading,
    KeyReading,
    LeaseReading,
    PartReading,
    Reading,
    ScanReading,
)
from statemachine.events import (
    BadgeRead,
    BandScanned,
    DrawerSensed,
    EmergencyPressed,
    Event,
    KeyPressed,
    LeaseEnded,
    NumberEntered,
    PackScanned,
    PartReported,
    PinDigits,
    PinEntered,
    ScanUnreadable,
    TicketScanned,
)
from statemachine.instant import Instant
from statemachine.machines import Machines, Session

AT = Instant(lo_s=1, hi_s=2, mono_ms=3, quality="signed")


def standing(state: str) -> Machines:
    return Machines(panels=Map({1: Session(panel=1, state=state)}))


def translated(*readings: Reading, state: str = "home.patients") -> list[Event]:
    translator = Translator(ScanRules(badge_prefix="BADGE-"))
    return [
        event for reading in readings for event in translator.events(reading, AT, standing(state))
    ]


def keys(text: str) -> list[Reading]:
    return [KeyReading(mono_ms=0, panel=1, key=key) for key in text]


def test_keys_are_keys_where_no_digits_are_asked() -> None:
    assert translated(*keys("1A#")) == [KeyPressed(at=AT, panel=1, key=key) for key in "1A#"]


def test_a_pin_is_counted_and_submitted_and_only_its_length_is_told() -> None:
    assert translated(*keys("2468#"), state="signin.pin") == [
        *(PinDigits(at=AT, panel=1, count=count) for count in (1, 2, 3, 4)),
        PinEntered(at=AT, panel=1, count=4),
    ]


def test_leaving_the_pin_pad_forgets_its_digits() -> None:
    translator = Translator(ScanRules())
    for reading in keys("24B6"):
        last = translator.events(reading, AT, standing("signin.pin"))
    assert last == (PinDigits(at=AT, panel=1, count=1),)
    assert translator.take_pin(1) == bytearray(b"6")
    assert translator.take_pin(1) == bytearray()


def test_ok_without_a_digit_is_the_key_ok() -> None:
    for state in ("signin.pin", "count.open"):
        assert translated(*keys("#"), state=state) == [KeyPressed(at=AT, panel=1, key="#")]


def test_a_number_is_collected_at_the_edge_and_submitted_whole() -> None:
    assert translated(*keys("012#"), state="count.open") == [
        NumberEntered(at=AT, panel=1, number=12)
    ]


def test_a_number_is_bounded_shown_and_forgotten() -> None:
    translator = Translator(ScanRules())
    for reading in keys("9" * 30):
        assert translator.events(reading, AT, standing("count.open")) == ()
    assert translator.typed(1) == "9" * NUMBER_DIGITS_MAX
    translator.tidy(standing("home.patients"))
    assert translator.typed(1) == ""


def test_digits_do_not_outlive_the_screen_that_asked_for_them() -> None:
    translator = Translator(ScanRules())
    for reading in keys("246810"):
        translator.events(reading, AT, standing("signin.pin"))
    translator.tidy(standing("signin.badge"))
    assert translator.take_pin(1) == bytearray()


def test_the_shown_digits_are_never_those_of_a_pin() -> None:
    translator = Translator(ScanRules())
    for reading in keys("246810"):
        translator.events(reading, AT, standing("signin.pin"))
    assert translator.typed(1) == ""


@pytest.mark.parametrize(
    ("closed", "locked", "reed", "lock"),
    [
        (True, True, "closed", "locked"),
        (False, False, "open", "unlocked"),
        (None, None, "unknown", "unknown"),
        (None, True, "unknown", "locked"),
    ],
)
def test_a_sensor_that_was_not_read_is_unknown_and_never_closed(
    closed: bool | None, locked: bool | None, reed: str, lock: str
) -> None:
    (event,) = translated(DrawerReading(mono_ms=0, drawer=3, closed=closed, locked=locked))
    assert isinstance(event, DrawerSensed)
    assert (event.drawer, event.reed, event.lock) == (3, reed, lock)


def test_the_rest_of_the_metal_is_told_as_it_is() -> None:
    assert translated(
        LeaseReading(mono_ms=0, drawer=3, intent=9),
        BadgeReading(mono_ms=0, panel=1, badge="B1"),
        ButtonReading(mono_ms=0),
        PartReading(mono_ms=0, part="drawer 3", working=False, reason="line lost"),
        ScanReading(mono_ms=0, panel=1, frame=b"]C0BADGE-B1"),
        ScanReading(mono_ms=0, panel=1, frame=b"]E05012345678900"),
        ScanReading(mono_ms=0, panel=1, frame=b"9434765919"),
        ScanReading(mono_ms=0, panel=1, frame=b"]d2", overlong=True),
    ) == [
        LeaseEnded(at=AT, drawer=3, intent=9),
        BadgeRead(at=AT, panel=1, badge="B1"),
        EmergencyPressed(at=AT),
        PartReported(at=AT, part="drawer 3", working=False, reason="line lost", drawer=3),
        BadgeRead(at=AT, panel=1, badge="B1"),
        PackScanned(at=AT, panel=1, code="05012345678900"),
        BandScanned(at=AT, panel=1, nhs="9434765919"),
        ScanUnreadable(at=AT, panel=1, reason="scan too long"),
    ]


def test_a_bedside_ticket_counts_only_when_its_check_says_whose_it_is() -> None:
    scan = ScanReading(mono_ms=0, panel=1, frame=b"]d1ODC-TICKET:p1.1795420800.sig")
    asked: list[str] = []

    def check(text: str) -> str | None:
        asked.append(text)
        return text.partition(".")[0] if text.endswith(".sig") else None

    translator = Translator(ScanRules(), check)
    machines = standing("home.patients")
    assert translator.events(scan, AT, machines) == (TicketScanned(at=AT, panel=1, patient="p1"),)
    assert asked == ["p1.1795420800.sig"]
    assert translated(scan) == [ScanUnreadable(at=AT, panel=1, reason="code not known")]


@pytest.mark.parametrize(
    ("badge", "reason"),
    [
        ("", "not readable"),
        ("B" * 65, "not readable"),
        ("B\x1b[2J", "control characters in scan"),
        ("B\u0661", "control characters in scan"),
    ],
)
def test_T5_a_card_that_is_no_number_is_refused(badge: str, reason: str) -> None:
    assert translated(BadgeReading(mono_ms=0, panel=1, badge=badge)) == [
        ScanUnreadable(at=AT, panel=1, reason=reason)
    ]


@pytest.mark.parametrize(
    "reading",
    [
        KeyReading(mono_ms=0, panel=2, key="1"),
        ScanReading(mono_ms=0, panel=0, frame=b"x"),
        BadgeReading(mono_ms=0, panel=-1, badge="B1"),
        KeyReading(mono_ms=0, panel=1, key="\u0663"),
        KeyReading(mono_ms=0, panel=1, key="12"),
        Reading(mono_ms=0),
    ],
)
def test_what_no_panel_or_key_of_ours_sent_is_no_event(reading: Reading) -> None:
    assert translated(reading) == []
    assert translated(reading, state="signin.pin") == []
