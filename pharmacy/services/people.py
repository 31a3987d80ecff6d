"""Ward staff, badges and PINs.

A PIN is never stored, sent or logged. Its Argon2id text is sealed for each cabinet by itself, so a
line that is read on the way, or a stolen card of another cabinet, holds nothing to guess at; at the
pharmacy it rests encrypted, for cabinets that are enrolled later (WIRE 3).
"""

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import select

from cabinet.wire import b64
from cabinet.wire.seal import seal
from pharmacy.db import CabinetRow, CredentialRow, StaffRow
from pharmacy.services import verifier
from pharmacy.services.inputs import ServiceError
from pharmacy.services.office import Office, Unit
from pharmacy.services.text import clean_struct, ident
from statemachine.ward.people import Credential, Staff

PIN_DIGITS_MIN = 6
PIN_DIGITS_MAX = 12


def put_staff(office: Office, staff: Staff) -> None:
    """Tell cabinets of a person; see `Services.put_staff`."""
    ident(staff.actor, "The person's id")
    office.run(lambda unit: _put(unit, clean_struct(staff, "The person")))


def revoke(office: Office, actor: str) -> None:
    """End a person's access; see `Services.revoke`."""

    def work(unit: Unit) -> None:
        _put(unit, msgspec.structs.replace(_known(unit, actor), revoked=True))

    office.run(work)


def set_credential(office: Office, actor: str, badge: str, pin: str, card: str) -> None:
    """Give a badge and a PIN; see `Services.set_credential`."""
    ident(badge, "The badge's number")
    if not (pin.isascii() and pin.isdigit() and PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX):
        raise ServiceError(
            f"A PIN has {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits. It was not set."
        )
    text = verifier.make(pin, office.clock, demo=office.demo)

    def work(unit: Unit) -> None:
        _known(unit, actor)
        session = unit.session
        holder = session.scalar(
            select(CredentialRow.actor).where(
                CredentialRow.badge == badge, CredentialRow.actor != actor
            )
        )
        if holder is not None:
            raise ServiceError(
                "This badge belongs to somebody else. It was not given out again; take it back "
                "first."
            )
        kept = office.keys.close_away(text.encode(), f"credential {actor}")
        row = session.get(CredentialRow, actor)
        if row is None:
            row = CredentialRow(actor=actor)
            session.add(row)
        row.badge, row.verifier, row.card = badge, kept, card
        row.withdrawn, row.set_s = False, unit.now_s
        send_credential(unit, row, text)
        unit.touch("people")

    office.run(work)


def withdraw_credential(office: Office, actor: str) -> None:
    """Take a badge back; see `Services.withdraw_credential`."""

    def work(unit: Unit) -> None:
        row = unit.session.get(CredentialRow, actor)
        if row is None:
            raise ServiceError("This person has no badge. Nothing was changed.")
        row.withdrawn = True
        unit.direct(Credential(actor=actor, badge=row.badge, card=row.card, withdrawn=True))
        unit.touch("people")

    office.run(work)


def send_credential(
    unit: Unit, row: CredentialRow, text: str | None = None, cab: str | None = None
) -> None:
    """Seal a person's verifier for each cabinet (or one) and send it."""
    if text is None:
        text = unit.office.keys.open_again(row.verifier, f"credential {row.actor}").decode()
    query = select(CabinetRow.cab, CabinetRow.seal_key).order_by(CabinetRow.cab)
    if cab is not None:
        query = query.where(CabinetRow.cab == cab)
    for one, seal_key in unit.session.execute(query).all():
        sealed = seal(
            X25519PublicKey.from_public_bytes(seal_key),
            text.encode("ascii"),
            f"credential {one} {row.actor}".encode(),
        )
        unit.direct(
            Credential(actor=row.actor, badge=row.badge, sealed=b64.enc(sealed), card=row.card),
            [one],
        )


def _put(unit: Unit, staff: Staff) -> None:
    text = msgspec.json.encode(staff, order="sorted").decode()
    row = unit.session.get(StaffRow, staff.actor)
    if row is None:
        row = StaffRow(actor=staff.actor, record="")
        unit.session.add(row)
    if row.record == text:
        return
    row.family, row.given, row.record = staff.family, staff.given, text
    row.revoked = staff.revoked
    unit.direct(staff)
    unit.touch("people")


def _known(unit: Unit, actor: str) -> Staff:
    row = unit.session.get(StaffRow, actor)
    if row is None:
        raise ServiceError("Nobody of this id is known here. Nothing was changed.")
    return msgspec.json.decode(row.record, type=Staff)
