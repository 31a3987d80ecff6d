"""Badge and PIN: what the edge holds, what it costs, what it never tells."""

import threading
import time

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from cabinet.credentials import (
    PIN_DIGITS_MAX,
    Credentials,
    PinFloor,
    PinPad,
    read_verifier,
)
from cabinet.inbox import Inbox
from cabinet.wire.b64 import enc
from cabinet.wire.seal import seal
from statemachine.events import CredentialChecked
from statemachine.ward.people import Credential

FLOOR = PinFloor(memory_kib=8, passes=1)
PEPPER = bytes(range(32))
SALT = "c2FsdHNhbHRzYWx0c2FsdA"
TAG = "dGFndGFndGFndGFndGFndGFndGFndGFndGFndGFndGE"


def digits(text: str) -> bytearray:
    return bytearray(text.encode())


@pytest.fixture
def people(house):
    """The house's own credentials, with its ward."""
    return house.cabinet.credentials, house.cabinet.controller.ward


def right(people, actor: str, pin: str) -> bool:
    credentials, ward = people
    answer = credentials.check(1, actor, digits(pin), ward)
    assert isinstance(answer, CredentialChecked)
    return answer.right


def test_the_right_pin_is_right_and_every_other_is_wrong(people) -> None:
    answers = {
        pin: right(people, "n1", pin) for pin in ("246810", "246811", "24681", "2468100", "")
    }
    assert answers == {"246810": True, "246811": False, "24681": False, "2468100": False, "": False}


def test_the_pin_of_one_person_does_not_open_for_another(people) -> None:
    assert [right(people, actor, "246810") for actor in ("n2", "n1", "nobody", "")] == [
        False,
        True,
        False,
        False,
    ]


def test_digits_are_wiped_after_the_check(people) -> None:
    credentials, ward = people
    held = digits("246810")
    credentials.check(1, "n1", held, ward)
    assert held == bytearray(6)


def test_T2_an_unknown_badge_costs_what_a_wrong_pin_costs(house) -> None:
    dear = PinFloor(memory_kib=8_192, passes=3)
    house.pharmacy.say(house.pharmacy.credential("n1", "B1", "246810", dear))
    house.sync()
    credentials = Credentials(
        cabinet="A",
        key=house.keys.unseal,
        pepper=house.keys.pepper,
        clock=house.cabinet.controller.clock,
        floor=dear,
        post=house.cabinet.inbox.post,
        threaded=False,
    )
    ward = house.cabinet.controller.ward
    took: dict[str, float] = {}
    for actor in ("n1", "nobody"):
        samples = []
        for _ in range(7):
            start = time.perf_counter()
            credentials.check(1, actor, digits("000000"), ward)
            samples.append(time.perf_counter() - start)
        took[actor] = min(samples)
    assert 0.5 < took["n1"] / took["nobody"] < 2.0


def test_a_real_cabinets_floor_refuses_a_verifier_that_is_too_cheap(house) -> None:
    house.cabinet.credentials._floor = PinFloor()
    house.cabinet.credentials._known.clear()
    assert not right((house.cabinet.credentials, house.cabinet.controller.ward), "n1", "246810")


def test_a_withdrawn_credential_and_one_sealed_for_another_person_open_nothing(house) -> None:
    text = Argon2id(salt=b"s" * 16, length=32, iterations=1, lanes=1, memory_cost=8)
    sealed = seal(
        house.keys.unseal.public_key(),
        text.derive_phc_encoded(b"111111").encode(),
        b"credential A n2",
    )
    house.pharmacy.say(
        Credential(actor="n1", badge="B1", sealed=enc(sealed)),
        Credential(actor="n2", badge="B2", sealed="", withdrawn=True),
    )
    house.sync()
    people = house.cabinet.credentials, house.cabinet.controller.ward
    assert [right(people, "n1", "111111"), right(people, "n2", "135791")] == [False, False]


def test_a_changed_credential_counts_at_once(house) -> None:
    people = house.cabinet.credentials, house.cabinet.controller.ward
    assert right(people, "n1", "246810")
    house.pharmacy.say(house.pharmacy.credential("n1", "B1", "999888"))
    house.sync()
    people = house.cabinet.credentials, house.cabinet.controller.ward
    assert [right(people, "n1", pin) for pin in ("246810", "999888")] == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "argon2id",
        f"$argon2i$v=19$m=8,t=1,p=1${SALT}${TAG}",
        f"$argon2id$v=16$m=8,t=1,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=4,t=1,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=0,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=0${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=9${SALT}${TAG}",
        f"$argon2id$v=19$m=9999999,t=1,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=99,p=1${SALT}${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=1$!!${TAG}",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT}$",
        f"$argon2id$v=19$m=8,t=1,p=1${SALT}${TAG}$more",
        "246810",
    ],
)
def test_a_verifier_that_is_malformed_cheap_or_absurd_is_none(text: str) -> None:
    assert read_verifier(text, FLOOR, PEPPER) is None


def test_a_verifier_in_memory_is_keyed_with_the_pepper() -> None:
    text = f"argon2id$v=19$m=8,t=1,p=1${SALT}${TAG}"
    one, other = read_verifier(text, FLOOR, PEPPER), read_verifier(text, FLOOR, bytes(32))
    assert one is not None
    assert other is not None
    assert one.keyed != other.keyed
    assert b"tagtag" not in one.keyed


def test_the_pad_counts_stops_at_twelve_and_never_shows() -> None:
    pad = PinPad()
    counts = [pad.push(digit) for digit in "12345678901234"]
    assert counts == [*range(1, 13), PIN_DIGITS_MAX, PIN_DIGITS_MAX]
    assert repr(pad) == "PinPad(12 digits)"
    assert pad.take() == digits("123456789012")
    assert pad.count == 0
    pad.push("1")
    pad.forget()
    assert pad.take() == bytearray()


def test_with_a_worker_the_answer_comes_through_the_inbox(house) -> None:
    inbox = Inbox()
    credentials = Credentials(
        cabinet="A",
        key=house.keys.unseal,
        pepper=house.keys.pepper,
        clock=house.cabinet.controller.clock,
        floor=FLOOR,
        post=inbox.post,
        threaded=True,
    )
    ward = house.cabinet.controller.ward
    assert credentials.check(1, "n1", digits("246810"), ward) is None
    answer = inbox.take(wait_ms=5_000)
    assert isinstance(answer, CredentialChecked)
    assert (answer.panel, answer.actor, answer.right) == (1, "n1", True)
    credentials.close()
    assert not any(thread.name == "credentials" for thread in threading.enumerate())


def test_T4_a_badge_alone_a_thousand_times_opens_nothing(house) -> None:
    for _ in range(200):
        house.badge("B1")
        house.keys_pressed("#B")
    assert "session.opened" not in house.types()
    assert house.metal.leases == []


def test_T8_no_pin_and_no_hash_of_one_stands_in_the_journals_files(house) -> None:
    house.sign_in()
    written = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    assert b"246810" not in written
    assert b"argon2id" not in written
