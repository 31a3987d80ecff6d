"""Other people's verifiers, and our vectors: strangers must agree with us on every line."""

import json
import shutil
import subprocess
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws as joserfc_jws
from joserfc.jwk import OKPKey
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jws as jwcrypto_jws

from cabinet.logcheck import read_key
from cabinet.logtool import log
from cabinet.wire.genesis import jwk_of
from cabinet.wire.line import thumbprint
from tests.wire.make_vectors import ROOT, make

VECTORS = ROOT / "vectors"
FILES = ("up.jws", "dn.jws", "head.jws")


def rows(name: str) -> list[bytes]:
    """The lines of one file of the vectors."""
    return (VECTORS / name).read_bytes().split(b"\n")[:-1]


def key_of(raw: bytes) -> Ed25519PublicKey:
    """The public key that a line's header names."""
    kid = jwt.get_unverified_header(raw.decode())["kid"]
    keys = [read_key(VECTORS / name) for name in ("cabinet.pem", "pharmacy.pem")]
    return {thumbprint(key): key for key in keys}[kid]


ALL = [raw for name in FILES for raw in rows(name)]


def test_the_vectors_are_what_our_code_writes_today(tmp_path: Path) -> None:
    make(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {name: (VECTORS / name).read_bytes() for name in written}
    assert sorted(written) == [
        "bodies.txt",
        "cabinet.pem",
        "dn.jws",
        "head.jws",
        "pharmacy.pem",
        "up.jws",
    ]


def test_pyjwt_verifies_every_line_and_no_changed_one() -> None:
    for raw in ALL:
        key = key_of(raw)
        assert jwt.PyJWS().decode(raw.decode(), key, algorithms=["EdDSA"])
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.PyJWS().decode(damaged(raw), key, algorithms=["EdDSA"])


# The name of the algorithm is the one that every verifier reads today (docs/reference/wire.md).
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")
def test_joserfc_verifies_every_line_and_no_changed_one() -> None:
    for raw in ALL:
        key = OKPKey.import_key({key: str(value) for key, value in jwk_of(key_of(raw)).items()})
        assert joserfc_jws.deserialize_compact(raw, key, algorithms=["EdDSA"]).payload
        with pytest.raises(Exception, match="bad_signature"):
            joserfc_jws.deserialize_compact(damaged(raw), key, algorithms=["EdDSA"])


def test_jwcrypto_verifies_every_line_and_no_changed_one() -> None:
    for raw in ALL:
        key = jwcrypto_jwk.JWK.from_json(json.dumps(jwk_of(key_of(raw))))
        token = jwcrypto_jws.JWS()
        token.deserialize(raw.decode(), key, alg="EdDSA")
        assert token.is_valid
        with pytest.raises(jwcrypto_jws.InvalidJWSSignature):
            jwcrypto_jws.JWS().deserialize(damaged(raw), key, alg="EdDSA")


def damaged(raw: bytes) -> str:
    """The line with another payload under the same signature."""
    header, payload, signature = raw.decode().split(".")
    swapped = "B" if payload[10] != "B" else "C"
    return f"{header}.{payload[:10]}{swapped}{payload[11:]}.{signature}"


def openssl(folder: Path, name: str, bodies: bool = True) -> subprocess.CompletedProcess[str]:
    """Our openssl-only verifier."""
    arguments = [folder / name, folder / "cabinet.pem", folder / "pharmacy.pem"]
    if bodies:
        arguments.append(folder / "bodies.txt")
    return subprocess.run(
        ["bash", str(VECTORS / "verify.sh"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def ours(folder: Path, name: str) -> tuple[int, list[str], str]:
    """`cabinet log verify`: (exit code, lines printed, what it said on stderr)."""
    result = CliRunner().invoke(log, ["verify", str(folder / name)])
    return result.exit_code, result.stdout.splitlines(), result.stderr


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("up.jws", "bodies hold"),
        ("dn.jws", "bodies hold, 2 forgotten"),
        ("head.jws", "bodies hold"),
    ],
)
def test_openssl_alone_and_our_tool_say_the_same_of_every_line(name: str, ending: str) -> None:
    stranger = openssl(VECTORS, name)
    assert stranger.returncode == 0, stranger.stderr
    code, printed, _ = ours(VECTORS, name)
    assert code == 0
    assert stranger.stdout.splitlines()[:-1] == printed[:-1]
    assert len(printed) == len(rows(name)) + 1
    assert stranger.stdout.splitlines()[-1] == ending
    assert printed[-1].endswith(ending)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for path in VECTORS.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path


def replaced(folder: Path, name: str, change: dict[int, bytes | None]) -> None:
    """Change or drop rows of a file by number, from 1."""
    rows = (folder / name).read_bytes().split(b"\n")[:-1]
    kept = [change.get(number, row) for number, row in enumerate(rows, 1)]
    (folder / name).write_bytes(b"".join(row + b"\n" for row in kept if row is not None))


@pytest.mark.parametrize(
    ("attack", "line", "said"),
    [
        ("signature", 4, "signature"),
        ("dropped", 4, "chain"),
        ("swapped", 4, "chain"),
        ("repeated", 5, "chain"),
        ("alias", 4, "spelling"),
        ("header", 4, "header"),
        ("long", 4, "long"),
        ("junk", 4, "three parts"),
    ],
)
def test_T16_every_attack_on_a_file_stops_both_verifiers_at_the_same_line(
    copied: Path, attack: str, line: int, said: str
) -> None:
    rows = (copied / "up.jws").read_bytes().split(b"\n")
    fourth, fifth = rows[3], rows[4]
    changes: dict[str, dict[int, bytes | None]] = {
        "signature": {4: damaged(fourth).encode()},
        "dropped": {4: None},
        "swapped": {4: fifth, 5: fourth},
        "repeated": {5: fourth},
        "alias": {4: alias(fourth)},
        "header": {4: b"e30" + fourth[fourth.index(b".") :]},
        "long": {4: b"A" * 5000},
        "junk": {4: b"not a line"},
    }
    replaced(copied, "up.jws", changes[attack])
    stranger = openssl(copied, "up.jws")
    code, printed, stderr = ours(copied, "up.jws")
    assert (stranger.returncode, code) == (1, 1)
    assert stranger.stdout.splitlines() == printed
    assert len(printed) == line - 1
    assert f"up.jws line {line}: " in stranger.stderr
    assert f"Line {line} of up.jws: " in stderr
    assert said in stderr + stranger.stderr


def alias(raw: bytes) -> bytes:
    """Another spelling of the same signature."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = alphabet.index(raw[-1])
    return raw[:-1] + bytes([alphabet[place ^ 1]])


def test_a_changed_body_stops_both_verifiers_at_its_record(copied: Path) -> None:
    third = (copied / "bodies.txt").read_bytes().split(b"\n")[2]
    replaced(copied, "bodies.txt", {3: third[:-4] + b"AAAA"})
    stranger = openssl(copied, "up.jws")
    code, _, stderr = ours(copied, "up.jws")
    assert (stranger.returncode, code) == (1, 1)
    assert "bodies.txt line 3: the body is not the one" in stranger.stderr
    assert stderr == "Line 3 of bodies.txt: The body is not the one its digest names.\n"


def test_a_log_without_its_bodies_still_holds(copied: Path) -> None:
    (copied / "bodies.txt").write_bytes(b"")
    assert openssl(copied, "dn.jws").stdout.splitlines()[-1] == "bodies hold, 9 forgotten"
    assert ours(copied, "dn.jws")[1][-1] == "9 lines verified; bodies hold, 9 forgotten"


def test_another_cabinets_key_fits_no_line(copied: Path) -> None:
    shutil.copy(copied / "pharmacy.pem", copied / "cabinet.pem")
    assert openssl(copied, "up.jws").returncode == 1
    assert "another cabinet's key" in ours(copied, "up.jws")[2]
