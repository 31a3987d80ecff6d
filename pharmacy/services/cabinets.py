"""Cabinets: enrolment, and both ends of their logs as services.

Enrolment is where trust begins: the pharmacist has compared the fingerprint on the cabinet's own
display, and the genesis line says from then on that this key is this cabinet. A simulated cabinet
is refused by a real pharmacy, whatever it is called, and a real one by a demonstration, whose PINs
are cheap to guess (DESIGN 2).
"""

import re
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from cabinet.wire import b64
from cabinet.wire.errors import WireError
from cabinet.wire.genesis import make_genesis, open_genesis
from cabinet.wire.line import thumbprint
from pharmacy.db import CabinetKeyRow, CabinetRow, HeadRow
from pharmacy.ledger import direct, up
from pharmacy.ledger.rebuild import rebuild as rebuild_ledger
from pharmacy.ledger.up import SIGNED_BUT_WRONG, Accepted, BatchError
from pharmacy.services import briefing, consequences
from pharmacy.services.inputs import ServiceError
from pharmacy.services.office import Office, Unit, make_topics
from pharmacy.services.text import ident

_CAB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
NONCE = re.compile(r"[A-Za-z0-9_-]{22}\Z")
EPOCH = 1


def enrol(
    office: Office,
    cab: str,
    *,
    ward: str,
    hal: str,
    public_jwk: Mapping[str, str],
    seal_key: bytes,
) -> bytes:
    """Enrol a cabinet and brief it; see `Services.enrol_cabinet`."""
    key = _checked(office, cab, hal, public_jwk, seal_key)
    ident(ward, "The ward")

    def work(unit: Unit) -> bytes:
        known = unit.session.get(CabinetRow, cab)
        if known is not None:
            return _again(office, known, key)
        genesis = make_genesis(
            office.signer,
            cab=cab,
            ep=EPOCH,
            hal="sim" if hal == "sim" else "real",
            iat=unit.now_s,
            cabinet_key=key,
        )
        _store(unit, cab, ward, hal, key, seal_key, genesis)
        briefing.brief(unit, cab)
        unit.touch("cabinets")
        return genesis

    return office.run(work)


def accept_up(office: Office, cab: str, batch: bytes, nonce: str | None) -> bytes:
    """Accept a batch and return the receipt; see `Services.accept_up`."""
    _accepted, head = take_up(office, cab, batch, nonce)
    return head


def take_up(office: Office, cab: str, batch: bytes, nonce: str | None) -> tuple[Accepted, bytes]:
    """Accept a batch; returns what became of it, and the receipt.

    Raises:
        BatchError: nothing of it was kept.
    """
    _check_nonce(nonce)
    _check_name(cab)

    def work(unit: Unit) -> tuple[Accepted, bytes]:
        accepted = up.accept_up(unit.session, cab, batch, unit.now_s)
        _tell(unit, cab, accepted)
        consequences.follow(unit, cab, accepted.entries)
        unit.session.flush()
        head = direct.head_line(unit.session, office, cab, nonce=nonce, now_s=unit.now_s)
        return accepted, head

    accepted, head = office.run(work)
    if accepted.refused and accepted.stopped is not None:
        raise BatchError(
            accepted.stopped.code,
            f"{accepted.stopped.sentence} Nothing was kept; what is held here is unchanged.",
        )
    return accepted, head


def dn_after(office: Office, cab: str, after_seq: int, nonce: str | None) -> bytes:
    """Return a batch of directives and a head; see `Services.dn_after`."""
    _check_nonce(nonce)
    _check_name(cab)
    with office.read() as session:
        try:
            return direct.dn_after(
                session,
                office,
                cab,
                after_seq=after_seq,
                nonce=nonce,
                now_s=office.clock.now_s(),
            )
        except LookupError:
            raise BatchError(
                "cabinet", "No cabinet of this name is enrolled here. Enrol it first."
            ) from None


def rebuild(office: Office, cab: str) -> None:
    """Make a cabinet's projections again; see `Services.rebuild`."""

    def work(unit: Unit) -> None:
        try:
            rebuild_ledger(unit.session, cab)
        except LookupError:
            raise ServiceError(f"No cabinet {cab} is enrolled here.") from None
        unit.touch("stock")

    office.run(work)


def _check_name(cab: str) -> None:
    if _CAB.fullmatch(cab) is None:
        raise BatchError("cabinet", "This is no cabinet's name. Nothing was kept.")


def _check_nonce(nonce: str | None) -> None:
    if nonce is not None and NONCE.fullmatch(nonce) is None:
        raise BatchError("head", "The nonce is not 22 characters of base64url. Nothing was kept.")


def _checked(
    office: Office, cab: str, hal: str, public_jwk: Mapping[str, str], seal_key: bytes
) -> Ed25519PublicKey:
    if _CAB.fullmatch(cab) is None:
        raise ServiceError(
            "A cabinet's id is 1 to 64 letters, digits, dots, hyphens or underscores. Nothing was "
            "enrolled."
        )
    if hal not in {"sim", "real"}:
        raise ServiceError("A cabinet's hardware is `sim` or `real`. Nothing was enrolled.")
    if hal == "sim" and not office.demo:
        raise ServiceError(
            "This cabinet is simulated and this pharmacy is not a demonstration. It was not "
            "enrolled: a simulated cabinet must never move real stock."
        )
    if hal == "real" and office.demo:
        raise ServiceError(
            "This pharmacy is a demonstration and this cabinet is real. It was not enrolled: a "
            "demonstration's PINs are cheap to guess. Start the pharmacy without --demo."
        )
    key = _ed25519(public_jwk)
    if key is None or len(seal_key) != 32:
        raise ServiceError(
            "The cabinet's keys cannot be read: an Ed25519 JWK and 32 bytes of X25519 are needed. "
            "Nothing was enrolled. Show the cabinet's fingerprint again and repeat the enrolment."
        )
    return key


def _ed25519(jwk: Mapping[str, str]) -> Ed25519PublicKey | None:
    if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(b64.dec(jwk.get("x", "")))
    except (ValueError, WireError):
        return None


def _again(office: Office, known: CabinetRow, key: Ed25519PublicKey) -> bytes:
    genesis = open_genesis(known.genesis, office.signer.public_key)
    if genesis.payload.key.public_key().public_bytes_raw() != key.public_bytes_raw():
        raise ServiceError(
            f"A cabinet {known.cab} with another key is enrolled already. Nothing was changed. If "
            "its card was replaced, take the old cabinet out of service first."
        )
    return known.genesis


def _store(
    unit: Unit,
    cab: str,
    ward: str,
    hal: str,
    key: Ed25519PublicKey,
    seal_key: bytes,
    genesis: bytes,
) -> None:
    opened = open_genesis(genesis, unit.office.signer.public_key)
    session = unit.session
    session.add(
        CabinetRow(
            cab=cab,
            ward=ward,
            hal=hal,
            ep=EPOCH,
            genesis=genesis,
            genesis_hash=opened.hash,
            seal_key=seal_key,
            enrolled_s=unit.now_s,
        )
    )
    session.flush()
    session.add(
        CabinetKeyRow(
            kid=thumbprint(key), cab=cab, public=key.public_bytes_raw(), added_s=unit.now_s
        )
    )
    for log in ("up", "dn"):
        session.add(HeadRow(cab=cab, log=log, ep=EPOCH, seq=0, hash=opened.hash))
    session.flush()
    make_topics(session, [f"dn:{cab}"])


def _tell(unit: Unit, cab: str, accepted: Accepted) -> None:
    """Touch pages, and put before a person what a person must see."""
    if accepted.appended:
        unit.touch("log", "cabinets")
    if accepted.stock:
        unit.touch("stock")
    for fork in accepted.forks[:1]:
        unit.touch("cabinets")
        unit.attend(
            "alarm",
            f"fork:{cab}",
            f"Cabinet {cab} sent a line {fork.line.payload.seq} that contradicts the one held "
            "here. Both are kept as evidence, the stock counts only the one held. The card may "
            "have been copied or restored: go to the cabinet.",
            subject=cab,
        )
    for seq, line_type in accepted.unknown[:16]:
        unit.attend(
            "alarm",
            f"type:{cab}:{line_type}",
            f"Cabinet {cab} writes lines of a kind ({line_type}) that this server does not know "
            f"(first seen: {seq}). They are kept. Update the server.",
            subject=cab,
        )
    if accepted.beyond is not None:
        unit.attend(
            "alarm",
            f"behind:{cab}",
            f"Cabinet {cab} has applied directive {accepted.beyond[1]}, which this server never "
            "signed: this database is older than the cabinet. It was restored from a backup, or "
            "two servers run on copies. The cabinet refuses what is said from here; its own "
            "record is whole. Stop prescribing from this server and restore the newest backup.",
            subject=cab,
        )
    stopped = accepted.stopped
    if stopped is not None and stopped.code in SIGNED_BUT_WRONG:
        unit.attend(
            "alarm",
            f"stuck:{cab}",
            f"A line that cabinet {cab} signed cannot be accepted: {stopped.sentence} Nothing of "
            "it was kept, and the cabinet cannot send what comes after it. It works on; its stock "
            "here stands still. Have it looked at.",
            subject=cab,
        )
    elif accepted.appended:
        unit.settle(f"stuck:{cab}")


def all_cabinets(unit: Unit) -> list[str]:
    """Return every cabinet's id."""
    return list(unit.session.scalars(select(CabinetRow.cab).order_by(CabinetRow.cab)))
