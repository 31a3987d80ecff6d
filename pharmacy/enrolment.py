"""Answering a new cabinet: its request is read, the words are compared, genesis is signed.

The request that `cabinet enrol` prints carries public keys only, so it may travel by any way. What
makes it trustworthy is a person: the words below are computed here from the keys in the request,
and the technician at the cabinet reads the words its display shows. Only when they are the same is
the cabinet enrolled (WIRE 3).
"""

from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cabinet.wire.b64 import dec
from cabinet.wire.errors import WireError
from cabinet.wire.fingerprint import fingerprint
from cabinet.wire.genesis import Jwk
from pharmacy.app import Pharmacy

REQUEST_BYTES_MAX = 8_192


class EnrolmentError(Exception):
    """A request that cannot be answered; the text is a sentence for the pharmacist."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `cabinet enrol` printed.

    Attributes:
        cab: the cabinet's id.
        hal: `real` or `sim`.
        key: its Ed25519 public key.
        seal: its X25519 public key, base64url.
        fingerprint: the words it showed; checked against the keys, never trusted.
    """

    cab: str
    hal: str
    key: Jwk
    seal: str
    fingerprint: str

    @property
    def seal_key(self) -> bytes:
        """The raw X25519 key."""
        return dec(self.seal)

    def words(self) -> str:
        """The fingerprint of the keys in this request."""
        seal = X25519PublicKey.from_public_bytes(self.seal_key)
        return fingerprint(self.key.public_key(), seal)


def read_request(path: Path) -> Request:
    """Read a request.

    Raises:
        EnrolmentError: it is none, or its words are not those of its keys.
    """
    with path.open("rb") as file:
        data = file.read(REQUEST_BYTES_MAX + 1)
    if len(data) > REQUEST_BYTES_MAX:
        raise EnrolmentError(f"{path} is longer than 8,192 bytes: it is no request of a cabinet.")
    try:
        request = msgspec.json.decode(data, type=Request)
        words = request.words()
    except (msgspec.MsgspecError, WireError, ValueError, UnsupportedAlgorithm) as error:
        raise EnrolmentError(
            f"{path} is no request of a cabinet. Nothing was enrolled. `cabinet enrol` prints one."
        ) from error
    if words != request.fingerprint:
        raise EnrolmentError(
            f"The words in {path} are not those of its keys: it was changed on the way. Nothing "
            "was enrolled. Fetch it again from the cabinet."
        )
    return request


def answer(pharmacy: Pharmacy, request: Request, ward: str, folder: Path) -> tuple[Path, Path]:
    """Enrol the cabinet; write its genesis line and this pharmacy's public key.

    Returns:
        Where both were written: what `cabinet enrol --genesis --pharmacy-key` wants.

    Raises:
        ServiceError: the cabinet cannot be enrolled.
        OSError: the files cannot be written.
    """
    genesis = pharmacy.services.enrol_cabinet(
        request.cab,
        ward=ward,
        hal=request.hal,
        public_jwk={"kty": "OKP", "crv": "Ed25519", "x": request.key.x},
        seal_key=request.seal_key,
    )
    folder.mkdir(parents=True, exist_ok=True)
    line, key = folder / "genesis.jws", folder / "pharmacy.pem"
    line.write_bytes(genesis + b"\n")
    key.write_bytes(public_pem(pharmacy))
    return line, key


def public_pem(pharmacy: Pharmacy) -> bytes:
    """The public key that cabinets are given."""
    return pharmacy.office.signer.public_key.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
