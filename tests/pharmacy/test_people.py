"""Staff, badges and PINs reach each cabinet, sealed to it alone (WIRE 3)."""

import pytest

from cabinet.wire import b64
from cabinet.wire.errors import WireError
from cabinet.wire.seal import unseal
from pharmacy.app import Settings, build
from pharmacy.services import ServiceError, verifier
from pharmacy.services.users import DELAY_S_MAX
from statemachine.ward.people import Credential, Staff

NINA = Staff(actor="u1", family="BELL", given="Nina", privileges=("nurse",), wards=("7",))


def said(cabinet, kind):
    return [entry for entry in cabinet.directives() if isinstance(entry, kind)]


def test_a_person_is_told_to_every_cabinet_and_the_same_again_is_not(pharmacy, cabinet_of):
    cabinets = [cabinet_of(pharmacy, cab) for cab in ("A", "B")]
    pharmacy.services.put_staff(NINA)
    pharmacy.services.put_staff(NINA)
    assert [said(cabinet, Staff) for cabinet in cabinets] == [[NINA], [NINA]]


def test_a_revoked_person_is_told_with_the_word_revoked(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    pharmacy.services.put_staff(NINA)
    pharmacy.services.revoke("u1")
    assert [staff.revoked for staff in said(cabinet, Staff)] == [False, True]
    with pytest.raises(ServiceError):
        pharmacy.services.revoke("nobody")


def test_a_pin_opens_at_its_own_cabinet_only_and_stands_nowhere(pharmacy, cabinet_of):
    one, two = cabinet_of(pharmacy, "A"), cabinet_of(pharmacy, "B")
    pharmacy.services.put_staff(NINA)
    pharmacy.services.set_credential("u1", "B1", "246810")
    first, second = (said(cabinet, Credential)[0] for cabinet in (one, two))
    assert (first.actor, first.badge) == ("u1", "B1")
    text = unseal(one.seal_key, b64.dec(first.sealed), b"credential A u1").decode()
    assert verifier.fits("246810", text)
    assert not verifier.fits("246811", text)
    for key, sealed, context in (
        (two.seal_key, first.sealed, b"credential A u1"),
        (one.seal_key, second.sealed, b"credential B u1"),
        (one.seal_key, first.sealed, b"credential A u2"),
    ):
        with pytest.raises(WireError):
            unseal(key, b64.dec(sealed), context)


def test_a_cabinet_enrolled_later_knows_the_same_pin(pharmacy, cabinet_of):
    pharmacy.services.put_staff(NINA)
    pharmacy.services.set_credential("u1", "B1", "246810")
    later = cabinet_of(pharmacy)
    text = unseal(
        later.seal_key, b64.dec(said(later, Credential)[0].sealed), b"credential A u1"
    ).decode()
    assert verifier.fits("246810", text)


@pytest.mark.parametrize("pin", ["", "12345", "1234567890123", "12345a", "\u0661\u0662\u0663456"])
def test_a_pin_that_is_no_pin_is_not_set(pharmacy, cabinet_of, pin):
    cabinet_of(pharmacy)
    pharmacy.services.put_staff(NINA)
    with pytest.raises(ServiceError):
        pharmacy.services.set_credential("u1", "B1", pin)


def test_a_badge_of_somebody_else_is_not_given_out_again(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    for actor in ("u1", "u2"):
        pharmacy.services.put_staff(Staff(actor=actor))
    pharmacy.services.set_credential("u1", "B1", "246810")
    with pytest.raises(ServiceError):
        pharmacy.services.set_credential("u2", "B1", "135791")
    pharmacy.services.withdraw_credential("u1")
    assert [c.withdrawn for c in said(cabinet, Credential)] == [False, True]


def test_a_real_pharmacy_pays_the_full_price_for_a_pin(clock):
    text = verifier.make("246810", clock, demo=False)
    assert text.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_real_pharmacy_refuses_a_simulated_cabinet_and_a_demo_a_real_one(
    url, clock, tmp_path, pharmacy
):
    seal = bytes(range(32))
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64.enc(pharmacy.office.keys.public)}
    with pytest.raises(ServiceError, match="demonstration"):
        pharmacy.services.enrol_cabinet("A", ward="7", hal="real", public_jwk=jwk, seal_key=seal)
    real = build(Settings(database_url=url, keys=tmp_path / "keys", clock=clock))
    try:
        with pytest.raises(ServiceError, match="simulated"):
            real.services.enrol_cabinet("A", ward="7", hal="sim", public_jwk=jwk, seal_key=seal)
        real.services.enrol_cabinet("A", ward="7", hal="real", public_jwk=jwk, seal_key=seal)
    finally:
        real.close()


def test_enrolling_again_gives_the_same_genesis_and_another_key_is_refused(pharmacy, cabinet_of):
    cabinet = cabinet_of(pharmacy)
    assert cabinet.enrol() == cabinet.enrol()
    other = cabinet_of(pharmacy, "B")
    other.cab = "A"
    with pytest.raises(ServiceError, match="another key"):
        other.enrol()


@pytest.mark.parametrize(
    ("cab", "jwk", "seal"),
    [
        ("", None, 32),
        ("a/b", None, 32),
        ("A" * 65, None, 32),
        ("A", {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}, 32),
        ("A", {"kty": "EC", "crv": "Ed25519"}, 32),
        ("A", {}, 32),
        ("A", None, 31),
    ],
)
def test_a_request_that_cannot_be_read_enrols_nobody(pharmacy, cab, jwk, seal):
    right = {"kty": "OKP", "crv": "Ed25519", "x": b64.enc(pharmacy.office.keys.public)}
    with pytest.raises(ServiceError):
        pharmacy.services.enrol_cabinet(
            cab, ward="7", hal="sim", public_jwk=right if jwk is None else jwk,
            seal_key=bytes(seal),
        )  # fmt: skip


def test_the_first_pharmacist_is_made_once_and_must_change_the_password(pharmacy):
    user, password = pharmacy.services.first_user()
    assert pharmacy.services.first_user() is None
    ticket = pharmacy.services.sign_in(user, password)
    assert ticket.must_change
    pharmacy.services.change_password(user, password, "a better password")
    assert pharmacy.services.session(ticket.token) is None
    assert pharmacy.services.sign_in(user, password) is None
    pharmacy.office.clock.advance(DELAY_S_MAX)
    again = pharmacy.services.sign_in(user, "a better password")
    signed_in = pharmacy.services.session(again.token)
    assert (signed_in.user, signed_in.role, signed_in.csrf) == (user, "pharmacist", again.csrf)
    pharmacy.services.sign_out(again.token)
    assert pharmacy.services.session(again.token) is None


def test_guessing_a_password_is_slowed_and_a_try_in_the_delay_is_not_counted(pharmacy, clock):
    pharmacy.services.put_user("pat", name="Pat", role="pharmacist", password="correct horse b")
    for _ in range(3):
        assert pharmacy.services.sign_in("pat", "wrong") is None
    assert pharmacy.services.sign_in("pat", "correct horse b") is None
    clock.advance(1)
    assert pharmacy.services.sign_in("pat", "correct horse b") is not None


def test_a_session_ends_when_idle_and_with_the_working_day(pharmacy, clock):
    pharmacy.services.put_user("pat", name="Pat", role="viewer", password="correct horse b")
    idle = pharmacy.services.sign_in("pat", "correct horse b").token
    clock.advance(3601)
    assert pharmacy.services.session(idle) is None
    busy = pharmacy.services.sign_in("pat", "correct horse b").token
    for _ in range(13):
        assert pharmacy.services.session(busy) is not None
        clock.advance(3300)
    assert pharmacy.services.session(busy) is not None
    clock.advance(600)
    assert pharmacy.services.session(busy) is None


@pytest.mark.parametrize("user", ["", "nobody", "p" * 500, "a\x00b"])
def test_a_stranger_cannot_sign_in(pharmacy, user):
    assert pharmacy.services.sign_in(user, "whatever it is") is None
    assert pharmacy.services.session("x" * 43) is None
