"""Lines, bodies, heads, genesis: golden bytes, and everything hostile that can be done to them."""

import string
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cabinet.wire import b64
from cabinet.wire.body import BODY_BYTES_MAX, open_body, seal_body
from cabinet.wire.errors import WireError
from cabinet.wire.genesis import make_genesis, open_genesis
from cabinet.wire.head import open_head
from cabinet.wire.line import (
    LINE_BYTES_MAX,
    Signer,
    open_envelope,
    open_line,
    sign_line,
    thumbprint,
    verify,
)
from cabinet.wire.seal import seal, unseal
from statemachine.ward.people import Staff
from tests.wire.small_cabinet import NOON_S, Pen, key

RFC8037_SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")


def up_payload(**changed: Any) -> dict[str, Any]:
    """A well-formed payload of `up`."""
    return {
        "v": 1,
        "log": "up",
        "cab": "ward7-a",
        "ep": 1,
        "seq": 1,
        "prev": "A" * 43,
        "type": "boot",
        "body": "A" * 43,
        "wall": NOON_S,
        "clk": "signed",
        "boot": 1,
        "mono": 0,
        "ack": [1, 0],
        "rel": {},
    } | changed


def code_of(raw: bytes) -> str:
    """Why a line is refused, or `open`."""
    try:
        open_line(raw)
    except WireError as error:
        return error.code
    return "open"


def test_the_thumbprint_is_the_one_that_rfc_8037_publishes() -> None:
    public = Ed25519PrivateKey.from_private_bytes(RFC8037_SECRET).public_key()
    assert thumbprint(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_bytes_of_a_line_are_these_and_no_others() -> None:
    signer = Ed25519PrivateKey.from_private_bytes(RFC8037_SECRET)
    raw = sign_line(signer, "adc-event+jws", up_payload())
    header, payload, _signature = raw.split(b".")
    assert b64.dec(header.decode()) == (
        b'{"alg":"EdDSA","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","typ":"adc-event+jws"}'
    )
    assert b64.dec(payload.decode()) == (
        b'{"ack":[1,0],"body":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","boot":1,'
        b'"cab":"ward7-a","clk":"signed","ep":1,"log":"up","mono":0,'
        b'"prev":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","rel":{},"seq":1,"type":"boot",'
        b'"v":1,"wall":1795435200}'
    )
    line = open_line(raw)
    verify(line.envelope, signer.public_key())
    assert line.place == (1, 1)
    assert line.hash == "1j2BxqErusIus_JBmZfvAK5PvsftWSpnfalqN59fgPs"


def test_a_line_is_at_most_4096_bytes_with_its_line_feed() -> None:
    signer = Signer(key("x"))
    assert code_of(b"A" * (LINE_BYTES_MAX - 1)) == "parts"
    assert code_of(b"A" * LINE_BYTES_MAX) == "size"
    with pytest.raises(WireError) as refused:
        signer.sign("adc-event+jws", up_payload(rel={str(n): 2**52 for n in range(140)}))
    assert refused.value.code == "size"


def test_each_of_the_fifteen_other_spellings_of_a_signature_is_refused() -> None:
    raw = Signer(key("x")).sign("adc-event+jws", up_payload())
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    first = alphabet.index(chr(raw[-1])) & 0b110000
    spellings = [raw[:-1] + alphabet[first | low].encode() for low in range(16)]
    assert raw in spellings
    assert [code_of(one) for one in spellings if one != raw] == ["base64url"] * 15


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw.rpartition(b".")[0],
        lambda raw: raw + b".AA",
        lambda raw: raw[:-1],
        lambda raw: raw + b"=",
        lambda raw: raw + b"\r",
        lambda raw: b" " + raw,
        lambda raw: raw.replace(b".", b"..", 1),
        lambda raw: raw.decode().encode("utf-16"),
        lambda raw: b"\xff" + raw[1:],
        lambda raw: raw[:50] + b"\x00" + raw[51:],
        lambda _raw: b"",
        lambda _raw: b"..",
        lambda _raw: b"{}",
    ],
)
def test_a_line_that_is_cut_padded_or_in_another_encoding_is_refused(damage: Any) -> None:
    raw = Signer(key("x")).sign("adc-event+jws", up_payload())
    assert code_of(damage(raw)) in {"size", "parts", "base64url", "header", "signature"}


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none","kid":"KID","typ":"adc-event+jws"}',
        b'{"alg":"HS256","kid":"KID","typ":"adc-event+jws"}',
        b'{"alg":"Ed25519","kid":"KID","typ":"adc-event+jws"}',
        b'{"alg":"eddsa","kid":"KID","typ":"adc-event+jws"}',
        b'{"kid":"KID","alg":"EdDSA","typ":"adc-event+jws"}',
        b'{"alg":"EdDSA","kid":"KID"}',
        b'{"alg":"EdDSA","kid":"KID","typ":"JWT"}',
        b'{"alg":"EdDSA","kid":"KID","typ":"adc-event+jws","crit":["b64"],"b64":false}',
        b'{"alg":"EdDSA","jwk":{},"kid":"KID","typ":"adc-event+jws"}',
        b'{"alg":"EdDSA", "kid":"KID","typ":"adc-event+jws"}',
        b'{"alg":"EdDSA","kid":"KID","typ":"adc-event+jws"}\n',
        b'{"alg":"EdDSA","alg":"EdDSA","kid":"KID","typ":"adc-event+jws"}',
        b'{"alg":"EdDSA","kid":"../../etc/passwd","typ":"adc-event+jws"}',
        b'{"alg":"EdDSA","kid":"KID","typ":"adc-event+jws","x5u":"http://evil"}',
        b"[]",
        b"",
    ],
)
def test_any_header_but_the_exact_one_is_refused_even_well_signed(header: bytes) -> None:
    private = key("x")
    kid = thumbprint(private.public_key())
    body = b64.enc(b"{}")
    signing_input = f"{b64.enc(header.replace(b'KID', kid.encode()))}.{body}".encode()
    raw = signing_input + b"." + b64.enc(private.sign(signing_input)).encode()
    assert code_of(raw) == "header"


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"v": True},
        {"log": "sideways"},
        {"log": "dn"},
        {"cab": ""},
        {"cab": "a\u00e9"},
        {"cab": "x" * 65},
        {"ep": 0},
        {"seq": 0},
        {"seq": -1},
        {"seq": "1"},
        {"prev": "A" * 42},
        {"prev": "+" * 43},
        {"prev": "A" * 43 + "\u2028"},
        {"type": "Boot"},
        {"type": "boot."},
        {"type": "x" * 65},
        {"body": None},
        {"wall": -1},
        {"clk": "guess"},
        {"ack": [1]},
        {"ack": [1, 0, 0]},
        {"rel": {"x": 1}},
        {"rel": {"01": 1}},
        {"rel": {str(n): 1 for n in range(33)}},
        {"extra": 1},
    ],
)
def test_a_signed_payload_with_a_wrong_field_is_refused_by_its_schema(
    changed: dict[str, Any],
) -> None:
    raw = Signer(key("x")).sign("adc-event+jws", up_payload(**changed))
    assert code_of(raw) == "schema"


def test_a_signed_payload_that_is_no_strict_json_is_refused() -> None:
    signer = Signer(key("x"))
    twice = b'{"v":1,"v":1}'
    assert code_of(signer.sign_canonical("adc-event+jws", twice)) == "json"


def test_a_changed_byte_anywhere_never_verifies() -> None:
    signer = Signer(key("x"))
    raw = signer.sign("adc-event+jws", up_payload())
    for place in range(len(raw)):
        for other in b"AQ_.":
            changed = raw[:place] + bytes([other]) + raw[place + 1 :]
            if changed == raw:
                continue
            try:
                envelope = open_envelope(changed)
                verify(envelope, signer.public_key)
            except WireError:
                continue
            pytest.fail(f"byte {place} changed to {other} still verifies")


def test_a_line_of_one_purpose_is_not_a_line_of_another() -> None:
    pen = Pen()
    directive, _ = pen.line(Staff(actor="u1"))
    for opener in (open_genesis, open_head):
        with pytest.raises(WireError) as refused:
            opener(directive, pen.signer.public_key)
        assert refused.value.code == "header"
    assert code_of(pen.genesis) == "header"


def test_a_genesis_of_another_pharmacy_does_not_verify() -> None:
    pen = Pen()
    with pytest.raises(WireError) as refused:
        open_genesis(pen.genesis, key("somebody").public_key())
    assert refused.value.code == "signature"
    with pytest.raises(WireError) as schema:
        make_genesis(pen.signer, cab="", ep=1, hal="sim", iat=0, cabinet_key=pen.cabinet.public_key)
    assert schema.value.code == "schema"


def test_a_body_is_known_by_its_digest_and_comes_back() -> None:
    digest, record = seal_body(b'{"a":1}', bytes(16))
    assert digest == "xZYXkfgsepJc71uft68eKyBbBaszwmsd2rrIsv-Qkw0"
    body = open_body(record.encode())
    assert (body.digest, body.salt, body.data) == (digest, bytes(16), b'{"a":1}')


def test_a_body_that_is_changed_cut_or_too_long_is_refused() -> None:
    _, record = seal_body(b'{"a":1}', bytes(16))
    other = seal_body(b'{"a":2}', bytes(16))[1]
    hostile = {
        record.replace("~", "", 1): "parts",
        record + ".AA": "parts",
        record[:60]: "parts",
        record.rpartition(".")[0] + "." + other.rpartition(".")[2]: "body digest",
        record + "=": "base64url",
        "~" + "A" * BODY_BYTES_MAX: "size",
        f"~{record[1:44]}.AAAA.{record.rpartition('.')[2]}": "parts",
    }
    for text, code in hostile.items():
        with pytest.raises(WireError) as refused:
            open_body(text.encode())
        assert refused.value.code == code, text[:80]
    with pytest.raises(WireError) as refused:
        open_body(record.encode() + b"\xff")
    assert refused.value.code == "base64url"
    with pytest.raises(WireError) as long:
        seal_body(b"x" * 50_000, bytes(16))
    assert long.value.code == "size"


def test_what_is_sealed_to_one_cabinet_opens_there_and_nowhere_else() -> None:
    ours, theirs = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    sealed = seal(ours.public_key(), b"verifier", b"credential ward7-a u104")
    assert unseal(ours, sealed, b"credential ward7-a u104") == b"verifier"
    assert b"verifier" not in sealed
    for secret, data, context in (
        (theirs, sealed, b"credential ward7-a u104"),
        (ours, sealed, b"credential ward7-a u105"),
        (ours, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"credential ward7-a u104"),
        (ours, b"", b""),
        (ours, bytes(5000), b""),
    ):
        with pytest.raises(WireError) as refused:
            unseal(secret, data, context)
        assert refused.value.code == "seal"
